"""Changes of consumers, authorizations and resource groups that show late, on a fake clock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import Environment, HttpApi
from dashlink_sandbox.keyring import Identity
from dashlink_sandbox.services.apig.late import LATE_SECONDS
from dashlink_sandbox.wire.request import WireRequest


class Apig:
    """A cloud without a network, called with APIG's requests, and its clock."""

    def __init__(self, file: Path | None = None, dialect: Dialect | None = None) -> None:
        self.now = 1_800_000_000.0
        self.cloud = Cloud(file, clock=lambda: self.now, dialect=dialect)
        self.account = self.cloud.catalog.accounts[0]

    def __call__(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        headers = {"x-acs-version": "2024-03-27"}
        text = json.dumps(body).encode() if body is not None else b""
        request = WireRequest(method, path, query, headers, text)
        identity = Identity(self.account, self.account.arn)
        return self.cloud.perform(request, identity, "127.0.0.1").get("data")

    def later(self) -> None:
        """Advance the clock until changes show."""
        self.now += LATE_SECONDS

    def consumer(self, name: str) -> str:
        return str(self("POST", "/v1/consumers", {"name": name})["consumerId"])

    def listed(self) -> dict[str, str]:
        """The descriptions of the consumers that a list shows, by name."""
        items = self("GET", "/v1/consumers")["items"]
        return {row["name"]: row["description"] for row in items}

    def rules(self, **query: str) -> list[str]:
        items = self("GET", "/v1/authorization-rules", **query)["items"]
        return [row["consumerAuthorizationRuleId"] for row in items]

    def api(self) -> str:
        """The id of an API in an environment, both without a gateway."""
        draft = self.cloud.draft()
        owned = {"owner": self.account.id, "resource_group_id": "rg-acfmsandboxfirst"}
        draft.http_apis["api-1"] = HttpApi(http_api_id="api-1", name="one", type="LLM", **owned)
        draft.environments["env-1"] = Environment(
            environment_id="env-1", gateway_id="gw-1", name="one", alias="one", **owned
        )
        self.cloud.replace(draft)
        return "api-1"

    def authorize(self, consumer_id: str) -> str:
        resource = {"resourceId": self.api(), "environmentId": "env-1"}
        rule = {"consumerId": consumer_id, "resourceType": "LLM", "resourceIdentifier": resource}
        created = self("POST", "/v1/authorization-rules", {"authorizationRules": [rule]})
        return str(created["consumerAuthorizationRuleIds"][0])


@pytest.fixture
def apig() -> Apig:
    return Apig()


def test_a_new_consumer_is_listed_late_and_read_at_once(apig):
    consumer_id = apig.consumer("team-a")
    assert apig.listed() == {}
    assert apig("GET", f"/v1/consumers/{consumer_id}")["name"] == "team-a"
    apig.later()
    assert apig.listed() == {"team-a": ""}


def test_a_changed_consumer_is_listed_as_it_was(apig):
    consumer_id = apig.consumer("team-a")
    apig.later()
    apig("PUT", f"/v1/consumers/{consumer_id}", {"description": "first"})
    apig("PUT", f"/v1/consumers/{consumer_id}", {"description": "second"})
    assert apig.listed() == {"team-a": ""}
    apig.later()
    assert apig.listed() == {"team-a": "second"}


def test_a_deleted_consumer_is_listed_for_a_while(apig):
    consumer_id = apig.consumer("team-a")
    apig.later()
    apig("DELETE", f"/v1/consumers/{consumer_id}")
    assert apig.listed() == {"team-a": ""}
    apig.later()
    assert apig.listed() == {}


def test_a_consumer_deleted_before_it_is_listed_never_is(apig):
    apig("DELETE", f"/v1/consumers/{apig.consumer('team-a')}")
    assert apig.listed() == {}
    apig.later()
    assert apig.listed() == {}


def test_a_name_is_taken_before_it_is_listed(apig):
    apig.consumer("team-a")
    with pytest.raises(Exception, match=r"Conflict\.ConsumerNameDuplicate"):
        apig.consumer("team-a")


def test_an_authorization_shows_late_and_ends_late(apig):
    consumer_id = apig.consumer("team-a")
    rule_id = apig.authorize(consumer_id)
    assert apig.rules(consumerId=consumer_id) == []
    apig.later()
    assert apig.rules(consumerId=consumer_id) == [rule_id]
    apig("DELETE", f"/v1/authorization-rules/{rule_id}")
    assert apig.rules(consumerId=consumer_id) == [rule_id]
    apig.later()
    assert apig.rules(consumerId=consumer_id) == []


def test_a_move_to_another_resource_group_shows_late(apig):
    api_id = apig.api()
    query = {"ResourceId": api_id, "ResourceGroupId": "rg-acfmsandboxother"}
    path = f"/move-resource-group?{urlencode(query)}".partition("?")[0]
    query |= {"ResourceType": "HttpApi", "Service": "APIG"}
    apig("POST", path, **query)
    shown = []
    for _ in range(2):
        shown.append(apig("GET", f"/v1/http-apis/{api_id}")["resourceGroupId"])
        apig.later()
    assert shown == ["rg-acfmsandboxfirst", "rg-acfmsandboxother"]


def test_late_changes_survive_a_restart(tmp_path):
    file = tmp_path / "cloud.json"
    first = Apig(file)
    first.consumer("team-a")
    second = Apig(file)
    assert second.listed() == {}
    second.later()
    assert second.listed() == {"team-a": ""}


def test_in_some_dialects_changes_show_at_once():
    apig = Apig(dialect=Dialect.of({"late-records": "at-once"}))
    consumer_id = apig.consumer("team-a")
    assert apig.listed() == {"team-a": ""}
    assert apig.rules(consumerId=consumer_id) == []
    rule_id = apig.authorize(consumer_id)
    assert apig.rules(consumerId=consumer_id) == [rule_id]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        pytest.param("removed", [], id="removed"),
        pytest.param("kept", ["car"], id="kept"),
        pytest.param("refused", None, id="refused"),
    ],
)
@pytest.mark.parametrize("deleted", ["api", "consumer"], ids=str)
def test_authorizations_of_what_is_deleted(answer, left, deleted):
    choices = {"authorizations-of-deleted": answer, "late-records": "at-once"}
    apig = Apig(dialect=Dialect.of(choices))
    consumer_id = apig.consumer("team-a")
    apig.authorize(consumer_id)
    path = "/v1/http-apis/api-1" if deleted == "api" else f"/v1/consumers/{consumer_id}"
    if left is None:
        with pytest.raises(Exception, match=r"Conflict\.ConsumerAuthorizationRuleExisted"):
            apig("DELETE", path)
        return
    apig("DELETE", path)
    found = apig.rules(consumerId=consumer_id)
    assert [rule_id.partition("-")[0] for rule_id in found] == left
