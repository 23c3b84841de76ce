"""Retries of requests: where they can help, a bounded number of times, and one line where not."""

from __future__ import annotations

import pytest

from dashlink.cloud.retry import ApiError, call
from dashlink.errors import CloudError


def refused(code, status, message="Something is wrong."):
    body = {
        "Code": code,
        "Message": message,
        "RequestId": "REQ-1",
        "AccessKeySecret": "never shown",
    }
    return ApiError(status, body)


class Scripted:
    """A request that raises its errors one after another, then succeeds."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.attempts = 0
        self.pauses = []

    def __call__(self):
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def run(self):
        return call("look", self, pause=self.pauses.append)


@pytest.mark.parametrize(
    "error",
    [
        refused("Throttling.User", 400),
        refused("ServiceUnavailable", 503),
        refused("Conflict.LockFailed", 409),
        refused("InternalError", 500),
        ConnectionResetError("connection reset by peer"),
    ],
    ids=lambda error: getattr(error, "code", "") or type(error).__name__,
)
def test_a_transient_error_is_retried(error):
    scripted = Scripted(error, error)
    assert scripted.run() == "done"
    assert (scripted.attempts, len(scripted.pauses)) == (3, 2)


def test_a_refusal_is_not_retried_and_has_code_and_request_id():
    scripted = Scripted(refused("InvalidParameter", 400, "The zone is wrong."))
    with pytest.raises(CloudError) as caught:
        scripted.run()
    assert scripted.attempts == 1
    assert (caught.value.code, caught.value.request_id) == ("InvalidParameter", "REQ-1")
    assert (
        str(caught.value) == "cannot look: The zone is wrong. [InvalidParameter, request id REQ-1]"
    )


@pytest.mark.parametrize(
    ("code", "status", "attempts"),
    [("Throttling", 400, 30), ("Conflict.LockFailed", 409, 30), ("InternalError", 500, 6)],
    ids=["throttled", "locked", "failing"],
)
def test_retries_end_later_where_the_cloud_says_to_wait(code, status, attempts):
    scripted = Scripted(*[refused(code, status) for _ in range(50)])
    with pytest.raises(CloudError, match=rf"^cannot look: .*\[{code}, request id REQ-1\]$"):
        scripted.run()
    assert scripted.attempts == attempts
    assert max(scripted.pauses) <= 20


def test_an_unreachable_cloud_is_reported_in_one_line():
    scripted = Scripted(*[ConnectionRefusedError("refused") for _ in range(50)])
    with pytest.raises(CloudError) as caught:
        scripted.run()
    assert str(caught.value) == (
        "cannot look: the cloud cannot be reached (ConnectionRefusedError). "
        "Check the network and proxies."
    )
