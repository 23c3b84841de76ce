"""Error codes of the AI gateway's API that mean a resource does not exist."""

from __future__ import annotations

import pytest

from dashlink.cloud.apig import is_gone


@pytest.mark.parametrize(
    ("code", "gone"),
    [
        ("NotFound.ConsumerNotFound", True),
        ("DatabaseError.RecordNotFound", True),
        ("Error.DatabaseError.RecordNotFound", True),
        ("Conflict.GatewayIsDeleted", True),
        ("Conflict.LockFailed", False),
        ("InvalidParameter.IsEmpty", False),
    ],
    ids=str,
)
def test_only_codes_of_missing_resources_mean_gone(code, gone):
    assert is_gone(code) == gone
