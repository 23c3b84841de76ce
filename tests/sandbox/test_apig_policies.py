"""APIG's policies, tags and resource groups, by the official SDK."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.clouds import create_gateway
from support.gateways import Place, create_domain, refused
from support.waiting import wait_for

CONFIG = json.dumps({"qps": 10})


def _create(place: Place, **changed: Any) -> str:
    body = {"name": place.new_name("policy"), "class_name": "RateLimit", "config": CONFIG}
    request = models.CreatePolicyRequest(**{**body, **changed})
    return place.apig.create_policy(request).body.data.policy_id


def _attach(place: Place, policy_id: str, resource_id: str, **changed: str) -> str:
    fields = {
        "policy_id": policy_id,
        "attach_resource_id": resource_id,
        "attach_resource_type": "HttpApi",
        "environment_id": place.environment_id,
        "gateway_id": place.gateway_id,
    }
    request = models.CreatePolicyAttachmentRequest(**{**fields, **changed})
    return place.apig.create_policy_attachment(request).body.data.policy_attachment_id


def test_a_policy_reads_as_written_and_as_changed(place):
    policy_id = _create(place, name="first", description="for tests")

    def read() -> tuple[str, ...]:
        policy = place.apig.get_policy(policy_id).body.data
        return policy.name, policy.class_name, policy.config, policy.description

    assert read() == ("first", "RateLimit", CONFIG, "for tests")
    changed = models.UpdatePolicyRequest(name="second", config="{}", description="changed")
    place.apig.update_policy(policy_id, changed)
    assert read() == ("second", "RateLimit", "{}", "changed")


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"name": ""}, "IsEmpty", "name"),
        ({"class_name": ""}, "IsEmpty", "className"),
        ({"class_name": "Colour"}, "WithValue", "className"),
        ({"config": ""}, "IsEmpty", "config"),
        ({"config": "{"}, "WithValue", "config"),
    ],
    ids=str,
)
def test_each_invalid_field_of_a_policy_is_refused(place, changed, reason, field):
    with refused(f"InvalidParameter.{reason}", field=field):
        _create(place, **changed)


def test_a_policy_is_attached_listed_and_detached(place):
    api_id = place.serve().api_id
    policy_id = _create(place)
    attachment_id = _attach(place, policy_id, api_id)
    attachment = place.apig.get_policy_attachment(attachment_id).body.data
    assert (attachment.policy_id, attachment.attach_resource_id) == (policy_id, api_id)
    assert attachment.attach_resource_type == "HttpApi"
    assert attachment.environment_id == place.environment_id
    request = models.ListPoliciesRequest(attach_resource_id=api_id)
    (listed,) = place.apig.list_policies(request).body.data.items
    assert listed.policy_id == policy_id
    assert attachment.config == CONFIG
    with refused("Conflict.PolicyInUse", 409):
        place.apig.delete_policy(policy_id)
    place.apig.delete_policy_attachment(attachment_id)
    place.apig.delete_policy(policy_id)


def test_policies_are_listed_by_what_they_are_attached_to(place):
    rate, block = _create(place), _create(place, class_name="IpAccessControl")
    _attach(place, rate, "api-listed")
    attachment_id = _attach(place, block, "d-listed", attach_resource_type="Domain")

    def listed(**filters: Any) -> list[str]:
        request = models.ListPoliciesRequest(gateway_id=place.gateway_id, **filters)
        rows = place.apig.list_policies(request).body.data.items
        return [row.policy_id for row in rows if row.policy_id in (rate, block)]

    assert listed() == [rate, block]
    assert listed(environment_id=place.environment_id) == [rate, block]
    assert listed(attach_resource_type="Domain") == [block]
    assert listed(attach_resource_id="api-listed") == [rate]
    assert listed(environment_id="env-absent") == []
    request = models.ListPoliciesRequest(attach_resource_id="d-listed", with_attachments=True)
    (policy,) = place.apig.list_policies(request).body.data.items
    (attachment,) = policy.attachments
    assert attachment.policy_attachment_id == attachment_id
    assert attachment.attach_resource_type == "Domain"


def test_the_class_of_a_policy_decides_what_it_is_attached_to(place):
    policy_id = _create(place)
    for kind in ("Gateway", "Nothing"):
        with refused("InvalidParameter.WithValue", field="attachResourceType"):
            _attach(place, policy_id, place.gateway_id, attach_resource_type=kind)


@pytest.mark.parametrize(
    ("name", "field"),
    [("environment_id", "environmentId"), ("gateway_id", "gatewayId")],
    ids=["environment", "gateway"],
)
def test_an_attachment_needs_an_environment_and_a_gateway(place, name, field):
    policy_id = _create(place)
    with refused("InvalidParameter.IsEmpty", field=field):
        _attach(place, policy_id, "api-1", **{name: ""})


def test_an_absent_policy_is_not_found(place):
    with refused("NotFound.PolicyNotFound", 404):
        place.apig.get_policy("p-absent")
    with refused("NotFound.PolicyNotFound", 404):
        place.apig.delete_policy("p-absent")
    with refused("NotFound.PolicyNotFound", 404):
        place.apig.update_policy("p-absent", models.UpdatePolicyRequest(config="{}"))
    with refused("NotFound.PolicyNotFound", 404):
        _attach(place, "p-absent", "api-absent")


def test_an_absent_attachment_is_not_found(place):
    for call in (place.apig.get_policy_attachment, place.apig.delete_policy_attachment):
        with refused("NotFound.PolicyAttachmentNotFound", 404):
            call("pa-absent")


def _tags(place: Place, *ids: str) -> list[tuple[str, str, str]]:
    request = models.ListTagResourcesRequest(resource_type="gateway", resource_id=list(ids))
    rows = place.apig.list_tag_resources(request).body.tag_resources
    return [(row.resource_id, row.tag_key, row.tag_value) for row in rows]


def _tag(place: Place, *ids: str, **tags: str) -> None:
    rows = [models.TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()]
    resources = {"resource_type": "gateway", "resource_id": list(ids)}
    place.apig.tag_resources(models.TagResourcesRequest(**resources, tag=rows))


def _untag(place: Place, *ids: str, **tags: Any) -> None:
    resources = {"resource_type": "gateway", "resource_id": list(ids)}
    place.apig.untag_resources(models.UntagResourcesRequest(**resources, **tags))


def test_tags_are_set_listed_and_removed(place):
    one = create_gateway(place.cloud, place.network, place.new_name("tagged"))
    two = create_gateway(place.cloud, place.network, place.new_name("tagged"))
    _tag(place, one, two, stack="dev", team="a")
    _tag(place, two, team="b")
    assert _tags(place, one, two) == [
        (one, "stack", "dev"),
        (one, "team", "a"),
        (two, "stack", "dev"),
        (two, "team", "b"),
    ]
    stack, team = place.apig.get_gateway(two).body.data.tags
    assert (stack.key, stack.value, team.key, team.value) == ("stack", "dev", "team", "b")
    _untag(place, one, two, tag_key=["stack"])
    assert _tags(place, one, two) == [(one, "team", "a"), (two, "team", "b")]
    _untag(place, one, all=True)
    assert _tags(place, one, two) == [(two, "team", "b")]


def test_gateways_are_found_by_their_tags(place):
    ids = []
    for team in ("a", "b"):
        gateway_id = create_gateway(place.cloud, place.network, place.new_name("found"))
        _tag(place, gateway_id, purpose="search", owner=team)
        ids.append(gateway_id)

    def listed(**tag: str) -> list[str]:
        row = models.ListTagResourcesRequestTag(**tag)
        request = models.ListTagResourcesRequest(resource_type="gateway", tag=[row])
        rows = place.apig.list_tag_resources(request).body.tag_resources
        return [resource.resource_id for resource in rows if resource.tag_key == "owner"]

    assert listed(key="purpose") == ids
    assert listed(key="owner", value="b") == ids[1:]
    row = models.ListGatewaysRequestTag(key="owner", value="a")
    gateways = place.apig.list_gateways(models.ListGatewaysRequest(tag=[row])).body.data.items
    assert [gateway.gateway_id for gateway in gateways] == ids[:1]
    with refused("InvalidParameter.BothEmpty"):
        request = models.ListTagResourcesRequest(resource_type="gateway")
        place.apig.list_tag_resources(request)


def test_tags_are_listed_in_pages(place):
    gateway_id = create_gateway(place.cloud, place.network, place.new_name("pages"))
    tags = {f"key-{number:03}": "x" for number in range(60)}
    _tag(place, gateway_id, **tags)
    resources = {"resource_type": "gateway", "resource_id": [gateway_id]}
    keys, token = [], ""
    for _ in range(2):
        request = models.ListTagResourcesRequest(next_token=token, **resources)
        page = place.apig.list_tag_resources(request).body
        keys += [row.tag_key for row in page.tag_resources]
        token = page.next_token
    assert keys == list(tags)
    assert not token


def test_an_absent_resource_is_not_tagged(place):
    with refused("NotFound.ResourceNotFound", 404):
        _tag(place, place.gateway_id, "gw-absent", stack="dev")
    assert _tags(place, place.gateway_id) == []


@pytest.mark.parametrize("kind", ["HttpApi", ""], ids=["another type", "no type"])
def test_only_gateways_have_tags(place, kind):
    api_id = place.serve().api_id
    code = "InvalidParameter.UnsupportedTagResourceType"
    resource = {"resource_type": kind, "resource_id": [api_id]}
    row = models.TagResourcesRequestTag(key="stack", value="dev")
    with refused(code):
        place.apig.tag_resources(models.TagResourcesRequest(**resource, tag=[row]))
    with refused(code):
        place.apig.untag_resources(models.UntagResourcesRequest(**resource, all=True))
    with refused(code):
        place.apig.list_tag_resources(models.ListTagResourcesRequest(**resource))
    with refused("NotFound.ResourceNotFound", 404):
        _tag(place, api_id, stack="dev")


def test_a_domain_is_moved_to_another_resource_group(place):
    domain_id = create_domain(place.cloud, f"{place.new_name('moved')}.example.com")

    def move(group: str) -> None:
        request = models.ChangeResourceGroupRequest(
            resource_group_id=group, resource_id=domain_id, resource_type="Domain", service="APIG"
        )
        assert place.apig.change_resource_group(request).body.request_id

    def group() -> str:
        domain = place.apig.get_domain(domain_id, models.GetDomainRequest()).body.data
        return str(domain.resource_group_id)

    first = group()
    move("rg-acfmsandboxother")
    assert group() == first
    wait_for(lambda: group() == "rg-acfmsandboxother", "the move shows")
    with refused("InvalidResourceGroup.NotFound", 404):
        move("rg-absent")


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("gateway", "InvalidParameter.WithValue", 400),
        ("Domain", "NotFound.ResourceNotFound", 404),
    ],
    ids=["another case", "another type"],
)
def test_a_move_names_the_type_of_the_resource(place, kind, code, status):
    resource = {"resource_id": place.gateway_id, "resource_type": kind}
    request = models.ChangeResourceGroupRequest(resource_group_id="rg-acfmsandboxother", **resource)
    with refused(code, status):
        place.apig.change_resource_group(request)


@pytest.mark.parametrize("group", ["rg-acfmsandboxfirst", "rg-acfmsandboxother"], ids=str)
def test_a_resource_is_created_in_the_named_resource_group(place, group):
    served = place.serve(resourceGroupId=group)
    api = place.apig.get_http_api(served.api_id, models.GetHttpApiRequest()).body.data
    assert api.resource_group_id == group
