"""The preflight's checks of dedicated gateways of PAI-EAS, against the sandbox."""

from __future__ import annotations

import pytest
from support import clouds

from dashlink.cloud.credentials import resolve_account
from dashlink.eas.gateway_settings import EasGatewaySettings
from dashlink.eas.settings import EasDeployment, EasServiceSettings
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import find
from dashlink.preflight.cloud import CloudLookups
from dashlink.settings import StackSettings
from dashlink_sandbox import Sandbox
from dashlink_sandbox.eas import EasGateway, LinkedVpc, PeerVpc

OWNER = "1000000000000001"
OURS = {"dashlink-project": "shop", "dashlink-stack": "dev"}
CLOSED = "cn-beijing-a"  # a zone without links in the sandbox


@pytest.fixture(scope="module")
def cloud():
    with Sandbox() as cloud, pytest.MonkeyPatch.context() as environment:
        for name, value in cloud.env.items():
            environment.setenv(name, value)
        yield cloud


@pytest.fixture(scope="module")
def networks(cloud):
    """Two VPCs, each with a vSwitch in a zone that takes links and in one that takes none."""
    rows = []
    for number in (91, 92):
        vpc_id = clouds.create_vpc(cloud, f"10.{number}.0.0/16")
        blocks = {clouds.ZONES[0]: f"10.{number}.0.0/20", CLOSED: f"10.{number}.16.0/20"}
        rows.append((vpc_id, clouds.create_vswitches(cloud, vpc_id, blocks)))
    return rows


@pytest.fixture
def found(cloud, networks):
    """Return what the preflight finds in a stack on the first network, with these gateways."""

    def check(existing=(), zones=clouds.ZONES[:1], services=None, **general):
        draft = cloud.cloud.draft()
        draft.eas_gateways.clear()
        for row in existing:
            draft.eas_gateways[row.gateway_id] = row
        cloud.cloud.replace(draft)
        vpc_id, vswitch_ids = networks[0]
        names = {zone: vswitch_ids[zone] for zone in zones}
        network = NetworkSettings(vpc_id=vpc_id, zones=zones, vswitch_ids=names)
        settings = StackSettings(network=network, eas_services=services or {}, **general)
        lookups = CloudLookups(resolve_account({"region": clouds.REGION}))
        findings = find(settings, lookups, clouds.REGION, "shop-dev")
        return [str(one) for one in (*findings.faults, *findings.warnings)]

    return check


def gateway(gateway_id="gw-1", **more):
    values = {"name": "own", "region": clouds.REGION, "owner": OWNER, "status": "Running", **more}
    return EasGateway(gateway_id=gateway_id, **values)


def linked(vpc_id, **more):
    link = LinkedVpc(vpc_id=vpc_id, vswitch_id="vsw-1", address="10.9.9.9", **more)
    return gateway(linked={vpc_id: link})


ADOPTED = {"own": EasGatewaySettings(id="gw-1")}


def test_an_existing_gateway_that_is_linked_fits(found, networks):
    assert found([linked(networks[0][0])], eas_gateways=ADOPTED, private_only=True) == []


def test_a_peer_or_authoritative_dns_fits_too(found, networks):
    peer = PeerVpc(vpc_id=networks[0][0], region=clouds.REGION)
    assert found([linked(networks[1][0], peers=[peer])], eas_gateways=ADOPTED) == []
    assert found([linked(networks[1][0], authoritative_dns=True)], eas_gateways=ADOPTED) == []


def test_an_existing_gateway_that_is_not_linked_is_a_warning(found, networks):
    (warning,) = found([linked(networks[1][0])], eas_gateways=ADOPTED)
    assert warning.startswith("eas_gateways.own.id: the gateway's name does not resolve in the")


@pytest.mark.parametrize(
    ("existing", "problem"),
    [
        ([], "no such EAS gateway in cn-beijing for this account (got gw-1)"),
        ([gateway(status="Failed")], "the gateway is Failed (got gw-1)"),
        ([gateway(internet=True)], "the gateway is on the internet, in a private stack"),
    ],
    ids=["missing", "failed", "public"],
)
@pytest.mark.parametrize("by", ["eas_gateways.own.id", "eas_services.own.deploy.gateway"], ids=str)
def test_an_existing_gateway_that_does_not_fit_is_a_fault(found, existing, problem, by):
    deploy = EasDeployment(image="i", instance_type="ecs.c7.large", gateway="gw-1")
    services = {"own": EasServiceSettings(deploy=deploy)}
    if by.startswith("eas_gateways"):
        (fault,) = found(existing, eas_gateways=ADOPTED, private_only=True)
    else:
        (fault,) = found(existing, services=services, private_only=True)
    assert fault.startswith(f"{by}: {problem}")


def test_a_name_of_another_owner_is_a_fault(found):
    named = {"own": EasGatewaySettings(name="own")}
    assert found([gateway(tags=OURS)], eas_gateways=named) == []
    (fault,) = found([gateway(tags={"team": "a"})], eas_gateways=named)
    assert fault.startswith("eas_gateways.own.name: another owner has the gateway gw-1")


def test_a_zone_without_links_is_a_fault_if_it_can_be_asked(found):
    new = {"own": EasGatewaySettings()}
    zones = (CLOSED, clouds.ZONES[0])
    assert found([], zones, eas_gateways=new) == []
    (fault,) = found([gateway()], zones, eas_gateways=new)
    assert fault.startswith("eas_gateways.own.links.0.zone: a zone that takes no links")
    assert clouds.ZONES[0] in fault


@pytest.mark.parametrize(
    ("vpc", "vswitch", "problem"),
    [
        (1, (1, clouds.ZONES[0]), None),
        (1, (1, CLOSED), "a zone that takes no links of EAS gateways (got cn-beijing-a)"),
        (1, (0, clouds.ZONES[0]), "a vSwitch of"),
        (1, None, "no such vSwitch (got vsw-nothing)"),
    ],
    ids=["fits", "zone", "other-vpc", "missing"],
)
def test_a_link_of_another_vpc_is_checked_by_its_vswitch(found, networks, vpc, vswitch, problem):
    vswitch_id = "vsw-nothing"
    if vswitch is not None:
        vswitch_id = networks[vswitch[0]][1][vswitch[1]]
    link = {"vpc_id": networks[vpc][0], "vswitch_id": vswitch_id}
    new = {"own": EasGatewaySettings(links=(link,))}
    faults = found([gateway()], eas_gateways=new)
    if problem is None:
        assert faults == []
    else:
        assert faults[0].startswith(f"eas_gateways.own.links.0.vswitch_id: {problem}")
