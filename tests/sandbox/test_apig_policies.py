"""Policies of their own, tags and resource groups of the gateway's product, by the official SDK."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import Place, make_domain, make_gateway, refused, standing

CONFIG = json.dumps({"qps": 10})


@pytest.fixture(scope="module")
def place():
    with standing() as made:
        yield made


def _make(place: Place, name: str = "", **changed: Any) -> str:
    asked = {"name": name or place.new_name("policy"), "class_name": "RateLimit", "config": CONFIG, **changed}
    return place.apig.create_policy(models.CreatePolicyRequest(**asked)).body.data.policy_id


def _attach(place: Place, policy_id: str, resource_id: str) -> str:
    request = models.CreatePolicyAttachmentRequest(
        policy_id=policy_id,
        attach_resource_id=resource_id,
        attach_resource_type="HttpApi",
        environment_id=place.environment_id,
        gateway_id=place.gateway_id,
    )
    return place.apig.create_policy_attachment(request).body.data.policy_attachment_id


def test_a_policy_reads_as_it_was_written_and_as_it_was_changed(place):
    policy_id = _make(place, "first", description="for tests")
    seen = []
    for _ in range(2):
        found = place.apig.get_policy(policy_id).body.data
        seen.append((found.name, found.class_name, found.config, found.description))
        changed = models.UpdatePolicyRequest(name="second", config="{}", description="changed")
        place.apig.update_policy(policy_id, changed)
    assert seen == [("first", "RateLimit", CONFIG, "for tests"), ("second", "RateLimit", "{}", "changed")]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": ""}, "Missingname"),
        ({"class_name": ""}, "MissingclassName"),
        ({"config": ""}, "Missingconfig"),
        ({"config": "{"}, "InvalidParameter.config"),
    ],
)
def test_a_policy_is_refused_for_each_rule_that_it_breaks(place, changed, code):
    request = models.CreatePolicyRequest(**{"name": "x", "class_name": "RateLimit", "config": CONFIG, **changed})
    with refused(code):
        place.apig.create_policy(request)


def test_a_policy_is_attached_found_and_detached(place):
    api_id = place.serve().api_id
    policy_id = _make(place)
    attachment_id = _attach(place, policy_id, api_id)
    found = place.apig.get_policy_attachment(attachment_id).body.data
    assert (found.policy_id, found.attach_resource_id, found.attach_resource_type, found.environment_id) == (
        policy_id,
        api_id,
        "HttpApi",
        place.environment_id,
    )
    listed = place.apig.list_policies(models.ListPoliciesRequest(attach_resource_id=api_id)).body.data.items
    assert [row.policy_id for row in listed] == [policy_id]
    with refused("Conflict.PolicyInUse", 409):
        place.apig.delete_policy(policy_id)
    place.apig.delete_policy_attachment(attachment_id)
    place.apig.delete_policy(policy_id)


def test_policies_that_are_not_there_are_not_found(place):
    for ask in (
        lambda: place.apig.get_policy("p-absent"),
        lambda: place.apig.delete_policy("p-absent"),
        lambda: place.apig.update_policy("p-absent", models.UpdatePolicyRequest(config="{}")),
        lambda: _attach(place, "p-absent", "api-absent"),
    ):
        with refused("NotFound.PolicyNotFound", 404):
            ask()
    for ask in (place.apig.get_policy_attachment, place.apig.delete_policy_attachment):
        with refused("NotFound.PolicyAttachmentNotFound", 404):
            ask("pa-absent")


def _tags(place: Place, *ids: str) -> list[tuple[str, str, str]]:
    request = models.ListTagResourcesRequest(resource_type="gateway", resource_id=list(ids))
    rows = place.apig.list_tag_resources(request).body.tag_resources
    return [(row.resource_id, row.tag_key, row.tag_value) for row in rows]


def _tag(place: Place, *ids: str, **tags: str) -> None:
    rows = [models.TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()]
    request = models.TagResourcesRequest(resource_type="gateway", resource_id=list(ids), tag=rows)
    place.apig.tag_resources(request)


def _untag(place: Place, *ids: str, **what: Any) -> None:
    request = models.UntagResourcesRequest(resource_type="gateway", resource_id=list(ids), **what)
    place.apig.untag_resources(request)


def test_tags_are_put_on_found_and_taken_off(place):
    one, two = (make_gateway(place.cloud, place.network, place.new_name("tagged")) for _ in range(2))
    _tag(place, one, two, stack="dev", team="a")
    _tag(place, two, team="b")
    assert _tags(place, one, two) == [
        (one, "stack", "dev"),
        (one, "team", "a"),
        (two, "stack", "dev"),
        (two, "team", "b"),
    ]
    found = place.apig.get_gateway(two).body.data.tags
    assert [(row.key, row.value) for row in found] == [("stack", "dev"), ("team", "b")]
    _untag(place, one, two, tag_key=["stack"])
    assert _tags(place, one, two) == [(one, "team", "a"), (two, "team", "b")]
    _untag(place, one, all=True)
    assert _tags(place, one, two) == [(two, "team", "b")]


def test_what_is_not_there_gets_no_tag(place):
    with refused("NotFound.ResourceNotFound", 404):
        _tag(place, place.gateway_id, "gw-absent", stack="dev")
    assert _tags(place, place.gateway_id) == []


def test_a_domain_is_moved_to_another_resource_group(place):
    domain_id = make_domain(place.cloud, f"{place.new_name('moved')}.example.com")

    def move(group: str) -> None:
        request = models.ChangeResourceGroupRequest(
            resource_group_id=group, resource_id=domain_id, resource_type="domain", service="apig"
        )
        assert place.apig.change_resource_group(request).body.request_id

    move("rg-acfmsandboxother")
    found = place.apig.get_domain(domain_id, models.GetDomainRequest()).body.data
    assert found.resource_group_id == "rg-acfmsandboxother"
    with refused("InvalidResourceGroup.NotFound", 404):
        move("rg-absent")


@pytest.mark.parametrize("group", ["rg-acfmsandboxfirst", "rg-acfmsandboxother"])
def test_what_is_made_is_in_the_resource_group_that_it_names(place, group):
    served = place.serve(resourceGroupId=group)
    found = place.apig.get_http_api(served.api_id, models.GetHttpApiRequest()).body.data
    assert found.resource_group_id == group
