"""Error codes of the AI gateway's API, and what the client does about them."""

from __future__ import annotations

import pytest

from dashlink.cloud.apig import ApigApi, is_gone
from dashlink.cloud.credentials import Account
from dashlink.errors import CloudError


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


class Refusing:
    """An API that refuses some actions, and records all."""

    def __init__(self, **codes):
        self.codes = codes
        self.paths = []

    def roa(self, purpose, action, method, path, *, query=None, body=None):
        self.paths.append((action, path))
        if action in self.codes:
            raise CloudError("refused", code=self.codes[action])
        return {}


@pytest.fixture
def client(monkeypatch):
    """A function that returns a client of an API that refuses some actions."""

    def of(**codes):
        api = ApigApi(Account("cn-beijing", credentials=None))
        monkeypatch.setattr(api, "_api", Refusing(**codes))
        return api

    return of


BATCH = "BatchDeleteConsumerAuthorizationRule"
ONE = "RemoveConsumerAuthorizationRule"
GRANT = "CreateConsumerAuthorizationRules"
QUERY = "QueryConsumerAuthorizationRules"


def test_a_rule_that_is_gone_stops_no_removal_of_others(client):
    gone = {BATCH: "DatabaseError.RecordNotFound"}
    api = client(**gone, **{ONE: "NotFound.ConsumerAuthorizationRuleNotFound"})
    api.withdraw(["car-1", "car-2"])
    rules = "/v1/authorization-rules"
    assert api._api.paths == [(BATCH, rules), (ONE, f"{rules}/car-1"), (ONE, f"{rules}/car-2")]


@pytest.mark.parametrize(
    ("code", "granted"),
    [("", True), ("Conflict.ConsumerAuthorizationForbidden", False)],
    ids=["new", "existing"],
)
def test_an_existing_rule_is_reported_not_raised(client, code, granted):
    api = client(**({GRANT: code} if code else {}))
    assert api.authorize([{"consumerId": "cs-1"}]) is granted


@pytest.mark.parametrize("action", [BATCH, GRANT, QUERY], ids=str)
def test_other_refusals_of_rules_are_errors(client, action):
    api = client(**{action: "Forbidden.NoPermission"})
    calls = {
        BATCH: lambda: api.withdraw(["car-1"]),
        GRANT: lambda: api.authorize([{}]),
        QUERY: lambda: api.authorizations(api_id="api-1"),
    }
    with pytest.raises(CloudError, match="refused"):
        calls[action]()


def test_an_api_that_is_gone_has_no_rules(client):
    api = client(**{QUERY: "DatabaseError.RecordNotFound"})
    assert api.authorizations(api_id="api-1") == []
