"""Dedicated gateways of PAI-EAS and their links by dashlink's provider, in several clouds."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from pulumi.runtime.proto import provider_pb2
from support import clouds
from support.provider import engine_for, refused, unsealed
from support.sandbox_admin import console, inject_fault

from dashlink_sandbox import Dialect, Sandbox
from dashlink_sandbox.eas import AclEntry

NONE = provider_pb2.DiffResponse.DIFF_NONE
GATEWAY = "EasGateway$dashlink:eas:EasGateway"
LINK = "EasGatewayLink$dashlink:eas:EasGatewayLink"
EXISTING = "ExistingEasGateway$dashlink:eas:ExistingEasGateway"
TAGS = [{"key": "dashlink-project", "value": "shop"}, {"key": "dashlink-stack", "value": "dev"}]
OTHER_TAGS = [{"key": "dashlink-stack", "value": "other"}]
ZONE = clouds.ZONES[0]
ENTRY = {"cidr": "10.0.0.0/8", "comment": "office"}
OTHER_ENTRY = {"cidr": "172.16.0.0/12", "comment": ""}


@pytest.fixture(
    scope="module", params=["the default", "the other answers"], ids=["default", "other-answers"]
)
def served(request):
    choices = {}
    if request.param != "the default":
        choices = {"eas-gateway-hosts": "owner", "eas-acl-default": "listed"}
    with Sandbox(dialect=Dialect.of(choices)) as cloud, engine_for(cloud) as engine:
        yield cloud, engine


@pytest.fixture(scope="module")
def network(served):
    """Two VPCs of the region: id, vSwitch in a supported zone."""
    cloud, _ = served
    rows = []
    for number in (81, 82):
        vpc_id = clouds.create_vpc(cloud, f"10.{number}.0.0/16")
        blocks = {ZONE: f"10.{number}.0.0/20", "cn-beijing-a": f"10.{number}.16.0/20"}
        rows.append((vpc_id, clouds.create_vswitches(cloud, vpc_id, blocks)))
    return rows


def inputs_of(name, **more):
    return {"name": name, "instanceType": "2c4g", "tags": TAGS, **more}


def row_of(cloud, created):
    return cloud.state.eas_gateways[created.id]


@contextmanager
def written(cloud, created):
    """Change a gateway's record, as somebody in the console does."""
    gateway_id = created.id.partition("/")[0]
    with cloud.cloud._lock:
        draft = cloud.cloud.draft()
        yield draft.eas_gateways[gateway_id]
        cloud.cloud.replace(draft)


@pytest.fixture(scope="module")
def gateway(served):
    """A gateway that links of these tests belong to."""
    _, engine = served
    return engine.create(GATEWAY, inputs_of("linked"))


@pytest.fixture
def link(served, network, gateway):
    """Create links of the gateway, and delete them at the end."""
    _, engine = served
    created = []

    def create(number=0, **more):
        vpc_id, vswitch_ids = network[number]
        inputs = {"gatewayId": gateway.id, "vpcId": vpc_id, "vswitchId": vswitch_ids[ZONE], **more}
        created.append(engine.create(LINK, inputs))
        return created[-1], inputs

    yield create
    for one in created:
        engine.delete(one)


def test_a_gateway_runs_when_it_is_created(served):
    cloud, engine = served
    created = engine.create(GATEWAY, inputs_of("first", replicas=3))
    state, row = unsealed(created.properties), row_of(cloud, created)
    assert (state["status"], state["internetDomain"]) == ("Running", "")
    assert state["vpcDomain"] == row.intranet_domain
    assert (row.charge_type, row.internet, row.intranet, row.replicas) == (
        *("PostPaid", False, True, 3),
    )
    assert row.tags == {"dashlink-project": "shop", "dashlink-stack": "dev"}
    assert engine.diff(engine.refresh(created), inputs_of("first", replicas=3)).changes == NONE


CHANGES = {
    "name": "renamed",
    "instanceType": "8c16g",
    "replicas": 4,
    "internet": True,
    "intranet": False,
    "sslRedirection": True,
    "isDefault": True,
    "internetAcl": [ENTRY, OTHER_ENTRY],
    "domains": [{"domain": "llm.example.com", "type": "internet", "certificateId": "14731"}],
    "tags": [{"key": "team", "value": "a"}],
    "timeoutSeconds": 60,
}


@pytest.mark.parametrize("field", CHANGES, ids=str)
def test_every_field_is_changed_in_place_and_back(served, field):
    _, engine = served
    before = inputs_of(f"changed-{field}")
    created = engine.create(GATEWAY, before)
    after = {**before, field: CHANGES[field]}
    diff = engine.diff(created, after)
    assert (diff.diffs, list(diff.replaces)) == ([field], [])
    updated = engine.update(created, after)
    refreshed = engine.refresh(updated)
    assert engine.diff(refreshed, after).changes == NONE
    assert unsealed(updated.properties) == unsealed(refreshed.properties)
    back = engine.refresh(engine.update(refreshed, before))
    assert engine.diff(back, before).changes == NONE
    assert back.id == created.id


def test_the_names_are_those_of_the_cloud(served):
    cloud, engine = served
    created = engine.create(GATEWAY, inputs_of("named", internet=True))
    state, row = unsealed(created.properties), row_of(cloud, created)
    assert state["internetDomain"] == row.internet_domain
    assert (row.owner in state["vpcDomain"]) == bool(row.host_label)


def test_a_resource_group_is_sent_once(served):
    cloud, engine = served
    inputs = inputs_of("grouped", resourceGroup="eas-r-1")
    created = engine.create(GATEWAY, inputs)
    assert row_of(cloud, created).resource_name == "eas-r-1"
    diff = engine.diff(engine.refresh(created), inputs_of("grouped", resourceGroup="eas-r-2"))
    assert list(diff.replaces) == ["resourceGroup"]


def test_the_internet_list_is_complete_where_it_is_written(served):
    cloud, engine = served
    inputs = inputs_of("listed", internet=True, internetAcl=[OTHER_ENTRY, ENTRY])
    created = engine.create(GATEWAY, inputs)
    assert {entry.entry for entry in row_of(cloud, created).internet_acl} == {
        *("10.0.0.0/8", "172.16.0.0/12"),
    }
    assert engine.diff(engine.refresh(created), inputs).changes == NONE
    with written(cloud, created) as row:
        row.internet_acl = [
            AclEntry(entry="10.0.0.0/8", comment="another"),
            AclEntry(entry="1.1.1.1/32"),
        ]
    refreshed = engine.refresh(created)
    assert engine.diff(refreshed, inputs).diffs == ["internetAcl"]
    engine.update(refreshed, inputs)
    entries = {entry.entry: entry.comment for entry in row_of(cloud, created).internet_acl}
    assert entries == {"10.0.0.0/8": "office", "172.16.0.0/12": ""}


def test_a_list_that_is_not_written_stays(served):
    cloud, engine = served
    inputs = inputs_of("unlisted", internet=True)
    created = engine.create(GATEWAY, inputs)
    with written(cloud, created) as row:
        row.internet_acl = [AclEntry(entry="1.1.1.1/32")]
    refreshed = engine.refresh(created)
    assert engine.diff(refreshed, inputs).changes == NONE
    engine.update(refreshed, {**inputs, "replicas": 3})
    assert [entry.entry for entry in row_of(cloud, created).internet_acl] == ["1.1.1.1/32"]


def test_drift_of_a_gateway_shows_and_is_undone(served):
    cloud, engine = served
    domains = [{"domain": "own.example.com", "type": "intranet"}]
    inputs = inputs_of("drifts", domains=domains)
    created = engine.create(GATEWAY, inputs)
    with written(cloud, created) as row:
        row.replicas, row.tags, row.domains = 5, {"somebody": "else"}, {}
    refreshed = engine.refresh(created)
    assert sorted(engine.diff(refreshed, inputs).diffs) == ["domains", "replicas", "tags"]
    engine.update(refreshed, inputs)
    row = row_of(cloud, created)
    assert (row.replicas, list(row.domains)) == (2, ["own.example.com"])
    assert row.tags == {"dashlink-project": "shop", "dashlink-stack": "dev"}


def test_what_a_killed_run_left_is_adopted(served):
    _, engine = served
    first = engine.create(GATEWAY, inputs_of("left"))
    again = engine.create(GATEWAY, inputs_of("left", replicas=3))
    assert again.id == first.id
    assert engine.diff(engine.refresh(again), inputs_of("left", replicas=3)).changes == NONE


def test_a_gateway_left_without_tags_is_adopted(served):
    cloud, engine = served
    first = engine.create(GATEWAY, inputs_of("untagged"))
    with written(cloud, first) as row:
        row.tags = {}
    assert engine.create(GATEWAY, inputs_of("untagged")).id == first.id
    assert row_of(cloud, first).tags["dashlink-project"] == "shop"


def test_a_lost_answer_makes_no_second_gateway(served):
    cloud, engine = served
    inject_fault(cloud, kind="crash", product="eas", action="CreateGateway")
    created = engine.create(GATEWAY, inputs_of("lost"))
    named = [row.gateway_id for row in cloud.state.eas_gateways.values() if row.name == "lost"]
    assert named == [created.id]
    assert row_of(cloud, created).tags["dashlink-project"] == "shop"


def test_a_lost_answer_of_a_link_is_no_error(served, link, gateway):
    cloud, _ = served
    inject_fault(cloud, kind="crash", product="eas", action="CreateGatewayIntranetLinkedVpc")
    created, inputs = link()
    assert list(row_of(cloud, gateway).linked) == [inputs["vpcId"]]
    assert unsealed(created.properties)["status"] == "Running"


@pytest.mark.parametrize("action", ["AttachGatewayDomain", "DetachGatewayDomain"], ids=str)
def test_a_lost_answer_of_a_domain_is_no_error(served, action):
    cloud, engine = served
    before = inputs_of(f"domain-{action}")
    after = {**before, "domains": [{"domain": f"{action.lower()}.example.com", "type": "intranet"}]}
    if action.startswith("Detach"):
        before, after = after, before
    created = engine.create(GATEWAY, before)
    inject_fault(cloud, kind="crash", product="eas", action=action)
    updated = engine.refresh(engine.update(created, after))
    assert engine.diff(updated, after).changes == NONE


LIST_ACTIONS = [
    "CreateAclPolicy",
    "DeleteAclPolicy",
    "CreateGatewayIntranetLinkedVpcPeer",
    "DeleteGatewayIntranetLinkedVpcPeer",
]


@pytest.mark.parametrize("action", LIST_ACTIONS, ids=str)
def test_a_lost_answer_of_a_list_is_no_error(served, link, network, action):
    cloud, engine = served
    lists = {"acl": [ENTRY], "peers": [{"vpcId": network[1][0], "region": "cn-beijing"}]}
    created, inputs = link(**lists)
    after = {**inputs, "acl": [OTHER_ENTRY], "peers": []}
    if action.startswith("Create"):
        created, after = engine.update(created, after), {**after, "peers": lists["peers"]}
        after["acl"] = [ENTRY]
    inject_fault(cloud, kind="crash", product="eas", action=action)
    updated = engine.refresh(engine.update(created, after))
    assert engine.diff(updated, after).changes == NONE


def test_a_name_of_another_owner_is_refused(served):
    cloud, engine = served
    first = engine.create(GATEWAY, inputs_of("theirs"))
    error = refused(engine.create, GATEWAY, inputs_of("theirs", replicas=9) | {"tags": OTHER_TAGS})
    assert "the account has an EAS gateway theirs already" in error
    assert first.id in error
    assert row_of(cloud, first).replicas == 2


def test_an_imported_gateway_is_no_difference(served):
    _, engine = served
    domains = [{"domain": "imported.example.com", "type": "internet", "certificateId": "1"}]
    inputs = inputs_of("imported", internet=True, internetAcl=[ENTRY], domains=domains)
    created = engine.create(GATEWAY, inputs)
    read = engine.import_(GATEWAY, created.id)
    assert {**unsealed(read.inputs), "timeoutSeconds": 0} == {
        **unsealed(created.inputs),
        "timeoutSeconds": 0,
    }


def test_a_deleted_gateway_is_gone(served):
    cloud, engine = served
    created = engine.create(GATEWAY, inputs_of("deleted"))
    engine.delete(created)
    assert created.id not in cloud.state.eas_gateways
    assert engine.read(created).id == ""
    engine.delete(created)


def test_a_failed_gateway_is_reported(served):
    cloud, engine = served
    created = engine.create(GATEWAY, inputs_of("fails"))
    with written(cloud, created) as row:
        row.status = "Failed"
    error = refused(engine.update, created, inputs_of("fails", replicas=3))
    assert "the EAS gateway is Failed" in error


def test_a_link_has_an_address_in_its_vswitch(served, link, gateway):
    cloud, engine = served
    created, inputs = link()
    state = unsealed(created.properties)
    assert state["status"] == "Running"
    assert state["address"].startswith("10.81.")
    assert state["securityGroupId"].startswith("sg-")
    assert engine.diff(engine.refresh(created), inputs).changes == NONE
    assert created.id == f"{inputs['gatewayId']}/{inputs['vpcId']}"
    assert list(row_of(cloud, gateway).linked) == [inputs["vpcId"]]


def test_lists_of_a_link_are_changed_in_place(served, link, network, gateway):
    cloud, engine = served
    created, inputs = link()
    peers = [{"vpcId": network[1][0], "region": "cn-beijing"}]
    after = {**inputs, "peers": peers, "acl": [ENTRY]}
    diff = engine.diff(created, after)
    assert (sorted(diff.diffs), list(diff.replaces)) == (["acl", "peers"], [])
    updated = engine.refresh(engine.update(created, after))
    assert engine.diff(updated, after).changes == NONE
    linked = row_of(cloud, gateway).linked[inputs["vpcId"]]
    assert [peer.vpc_id for peer in linked.peers] == [network[1][0]]
    assert [entry.entry for entry in linked.acl] == ["10.0.0.0/8"]
    with written(cloud, created) as row:
        row.linked[inputs["vpcId"]].peers = []
        row.linked[inputs["vpcId"]].acl = []
    drifted = engine.refresh(updated)
    assert sorted(engine.diff(drifted, after).diffs) == ["acl", "peers"]
    restored = engine.refresh(engine.update(drifted, after))
    assert engine.diff(restored, after).changes == NONE


def test_a_link_is_replaced_by_another_vswitch(served, link):
    _, engine = served
    created, inputs = link()
    diff = engine.diff(created, {**inputs, "vswitchId": "vsw-other", "authoritativeDns": True})
    assert sorted(diff.replaces) == ["authoritativeDns", "vswitchId"]
    assert diff.deleteBeforeReplace


def test_a_link_that_a_killed_run_left_is_adopted(served, link):
    _, engine = served
    created, inputs = link()
    again = engine.create(LINK, inputs)
    assert again.id == created.id
    error = refused(engine.create, LINK, {**inputs, "authoritativeDns": True})
    assert "is linked otherwise" in error


def test_a_link_deleted_by_somebody_is_gone(served, link):
    cloud, engine = served
    created, inputs = link()
    with written(cloud, created) as row:
        del row.linked[inputs["vpcId"]]
    assert engine.read(created).id == ""


def test_a_zone_without_links_is_refused_before(served, gateway, network):
    cloud, engine = served
    vpc_id, vswitch_ids = network[0]
    inputs = {"gatewayId": gateway.id, "vpcId": vpc_id, "vswitchId": vswitch_ids["cn-beijing-a"]}
    before = cloud.state.eas_gateways[gateway.id].linked
    error = refused(engine.create, LINK, {**inputs, "zoneId": "cn-beijing-a"})
    assert "links are not supported in the zone cn-beijing-a" in error
    assert ZONE in error
    assert cloud.state.eas_gateways[gateway.id].linked == before


def test_an_imported_link_is_no_difference(served, link, network):
    _, engine = served
    created, inputs = link(acl=[ENTRY], peers=[{"vpcId": network[1][0], "region": "cn-beijing"}])
    read = engine.import_(LINK, created.id)
    imported = unsealed(read.inputs)
    for name, value in inputs.items():
        assert imported[name] == value, name
    assert "not the id of a link" in refused(engine.import_, LINK, "gw-1")


def test_an_existing_gateway_is_read_and_not_changed(served, link, gateway):
    cloud, engine = served
    created, inputs = link(authoritativeDns=True)
    before = cloud.state.eas_gateways[gateway.id]
    existing = engine.create(EXISTING, {"gatewayId": gateway.id})
    state = unsealed(existing.properties)
    (linked,) = state["linkedVpcs"]
    assert (state["kind"], state["name"]) == ("managed", "linked")
    assert (linked["vpcId"], linked["authoritativeDns"]) == (inputs["vpcId"], True)
    assert linked["address"] == unsealed(created.properties)["address"]
    engine.delete(existing)
    assert cloud.state.eas_gateways[gateway.id] == before


def test_a_gateway_of_the_alb_kind_is_recognized(served, network):
    cloud, engine = served
    vpc_id, vswitch_ids = network[0]
    body = {"name": "alb", "region": "cn-beijing", "vpc_id": vpc_id}
    console(cloud, "eas-gateway", **body, vswitch_ids=[vswitch_ids[ZONE]])
    (gateway_id,) = (
        row.gateway_id for row in cloud.state.eas_gateways.values() if row.kind == "application"
    )
    state = unsealed(engine.create(EXISTING, {"gatewayId": gateway_id}).properties)
    assert (state["kind"], state["linkedVpcs"]) == ("application", [])
    assert "not a fully managed gateway" in refused(engine.import_, GATEWAY, gateway_id)


def test_a_gateway_that_does_not_exist_is_reported(served):
    _, engine = served
    error = refused(engine.create, EXISTING, {"gatewayId": "gw-nothing"})
    assert "gw-nothing: the EAS gateway does not exist" in error
