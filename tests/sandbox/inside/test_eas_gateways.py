"""Dedicated gateways of PAI-EAS as seen from VPCs: names, routes, access lists, custom domains."""

from __future__ import annotations

import httpx
import pytest
from support import clouds
from support.sandbox_admin import console

from dashlink_sandbox import Dialect, Sandbox
from dashlink_sandbox.eas import (
    AclEntry,
    EasGateway,
    EasService,
    GatewayDomain,
    LinkedVpc,
    PeerVpc,
)

OWNER = "1000000000000001"
TOKEN = "token-of-the-service"
HOST = "gw-1-vpc.cn-beijing.pai-eas.aliyuncs.com"
ADDRESS = "10.70.0.30"


def start(**choices):
    return Sandbox(dialect=Dialect.of({name.replace("_", "-"): choices[name] for name in choices}))


@pytest.fixture(scope="module")
def cloud():
    with start() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def vpc_ids(cloud):
    return networks_of(cloud)


def networks_of(cloud):
    """Three VPCs; the second has a route to the first."""
    created = []
    for number in (70, 71, 72):
        vpc_id = clouds.create_vpc(cloud, f"10.{number}.0.0/16")
        clouds.create_vswitches(cloud, vpc_id, {clouds.ZONES[0]: f"10.{number}.0.0/20"})
        created.append(vpc_id)
    console(cloud, "peer", vpc_ids=created[:2])
    return created


def plant(cloud, vpc_ids, domains=(), **changes):
    """A gateway that is linked to the first VPC, with a service."""
    draft = cloud.cloud.draft()
    values = {"vpc_id": vpc_ids[0], "vswitch_id": "vsw-1", "address": ADDRESS, **changes}
    draft.eas_gateways["gw-1"] = EasGateway(
        gateway_id="gw-1",
        name="own",
        region="cn-beijing",
        owner=OWNER,
        status="Running",
        linked={vpc_ids[0]: LinkedVpc(**values)},
        domains={name: GatewayDomain(domain=name, type="intranet") for name in domains},
    )
    config = {"metadata": {"name": "own", "instance": 1}, "networking": {"gateway": "gw-1"}}
    draft.eas_services["own"] = EasService(
        service_id="own",
        name="own",
        region="cn-beijing",
        owner=OWNER,
        token=TOKEN,
        config=config,
        status="Running",
        ready=1.0,
    )
    cloud.cloud.replace(draft)


def get(cloud, vpc_id, host=HOST, header=None):
    proxy = cloud.proxy.replace("http://", f"http://{vpc_id}:@")
    headers = {"Authorization": TOKEN, **({"Host": header} if header else {})}
    with httpx.Client(proxy=proxy, trust_env=False) as client:
        return client.get(f"http://{host}/api/predict/own/v1/models", headers=headers)


def cause(answer):
    assert answer.status_code == 502
    return answer.headers["X-Sandbox-Cause"]


def test_the_name_resolves_in_linked_vpcs_alone(cloud, vpc_ids):
    plant(cloud, vpc_ids)
    assert get(cloud, vpc_ids[0]).status_code == 200
    for vpc_id in vpc_ids[1:]:
        assert cause(get(cloud, vpc_id)) == f"no such name in {vpc_id}: gw-1 is not linked to it"


def test_a_peer_knows_the_name_and_needs_a_route(cloud, vpc_ids):
    peers = [PeerVpc(vpc_id=vpc_id, region="cn-beijing") for vpc_id in vpc_ids[1:]]
    plant(cloud, vpc_ids, peers=peers)
    assert get(cloud, vpc_ids[1]).status_code == 200
    assert f"to which {vpc_ids[2]} has no route" in cause(get(cloud, vpc_ids[2]))


def test_authoritative_dns_serves_every_vpc_with_a_route(cloud, vpc_ids):
    plant(cloud, vpc_ids, authoritative_dns=True)
    assert get(cloud, vpc_ids[1]).status_code == 200
    assert "has no route" in cause(get(cloud, vpc_ids[2]))


def test_a_link_that_is_created_has_no_name_yet(cloud, vpc_ids):
    plant(cloud, vpc_ids, status="Creating", since=2e9)
    assert "its link Creating" in cause(get(cloud, vpc_ids[0]))


def test_an_access_list_has_blocks_of_clients(cloud, vpc_ids):
    peers = [PeerVpc(vpc_id=vpc_ids[1], region="cn-beijing")]
    plant(cloud, vpc_ids, peers=peers, acl=[AclEntry(entry="10.70.0.0/16")])
    assert get(cloud, vpc_ids[0]).status_code == 200
    assert get(cloud, vpc_ids[1]).status_code == 403
    plant(cloud, vpc_ids, peers=peers, acl=[AclEntry(entry="0.0.0.0/0", comment="default")])
    assert get(cloud, vpc_ids[1]).status_code == 200


def test_another_cloud_opens_no_connection_for_others():
    with start(eas_acl_refusal="closed") as cloud:
        vpc_ids = networks_of(cloud)
        plant(cloud, vpc_ids, acl=[AclEntry(entry="192.168.0.0/16")])
        assert "access list" in cause(get(cloud, vpc_ids[0]))


def test_a_custom_domain_serves_the_same_services(cloud, vpc_ids):
    plant(cloud, vpc_ids, domains=["llm.example.com"])
    assert get(cloud, vpc_ids[0], ADDRESS, "llm.example.com").status_code == 200
    assert get(cloud, vpc_ids[0], ADDRESS, "other.example.com").status_code == 404


def test_only_the_ports_of_http_are_open(cloud, vpc_ids):
    plant(cloud, vpc_ids)
    assert "listens on 80 and 443" in cause(get(cloud, vpc_ids[0], f"{HOST}:8080"))
