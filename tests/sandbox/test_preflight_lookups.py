"""The preflight's lookups in a running sandbox, of what the official SDKs have created there."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from alibabacloud_apig20240327 import models as apig_models
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from support import official
from support.clouds import (
    REGION,
    create_endpoint,
    create_gateway,
    create_group,
    create_name,
    create_network,
    create_vpc,
    create_vswitches,
    open_port,
)
from support.gateways import create_consumer, create_domain
from support.waiting import wait_for

from dashlink.cloud.credentials import resolve_account
from dashlink.network.existing_group import ExistingRule
from dashlink.preflight import cloud as preflight_cloud
from dashlink.preflight import find
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.lookups import ExistingConsumer
from dashlink.settings import StackSettings

SERVICE = "com.aliyuncs.dashscope"
TAGS = {"made-by": "dashlink", "dashlink-project": "shop", "dashlink-stack": "dev"}


@pytest.fixture
def lookups(sandbox, monkeypatch):
    """Lookups with the account and the API hosts of the sandbox's environment."""
    for name, value in sandbox.env.items():
        monkeypatch.setenv(name, value)
    return CloudLookups(resolve_account({"region": REGION}))


def test_a_private_zone_is_found_by_its_exact_name_and_vpc(sandbox, rpc, lookups):
    network = create_network(sandbox)
    create_name(sandbox, network, "models.example", "gateway.example", "*")
    zone = lookups.private_zone("models.example", network.vpc_id)
    assert zone is not None
    assert zone.tags == {}
    assert lookups.private_zone("example", network.vpc_id) is None
    assert lookups.private_zone("models.example", "vpc-other") is None
    tags = {"ResourceType": "ZONE", "ResourceId.1": zone.zone_id}
    for number, (key, value) in enumerate(TAGS.items(), 1):
        tags |= {f"Tag.{number}.Key": key, f"Tag.{number}.Value": value}
    rpc("2018-01-01", "TagResources", **tags)
    assert lookups.private_zone("models.example", network.vpc_id).tags == TAGS


def test_endpoints_of_the_vpc_are_found_with_their_tags(sandbox, lookups):
    network = create_network(sandbox)
    endpoint_id = create_endpoint(sandbox, network)
    (endpoint,) = lookups.endpoints(network.vpc_id, SERVICE)
    assert (endpoint.endpoint_id, endpoint.tags) == (endpoint_id, {})
    rows = []
    for key, value in TAGS.items():
        rows.append(privatelink_models.TagResourcesRequestTag(key=key, value=value))
    request = privatelink_models.TagResourcesRequest(
        region_id=REGION, resource_type="vpcendpoint", resource_id=[endpoint_id], tag=rows
    )
    official.privatelink(sandbox).tag_resources(request)
    (endpoint,) = lookups.endpoints(network.vpc_id, SERVICE)
    assert endpoint.tags == TAGS
    assert lookups.endpoints("vpc-other", SERVICE) == ()


def test_endpoints_of_every_vpc_are_found_on_every_page(sandbox, lookups, monkeypatch):
    monkeypatch.setattr(preflight_cloud, "_ENDPOINTS_PAGE_SIZE", 1)
    created = {create_endpoint(sandbox, create_network(sandbox)) for _ in range(3)}
    found = lookups.endpoints(None, SERVICE)
    assert {endpoint.endpoint_id for endpoint in found} == created
    assert {endpoint.endpoint_id for endpoint in lookups.endpoints(None, None)} == created
    assert all(endpoint.service_id.startswith("epsrv-") for endpoint in found)


def test_domains_and_consumers_are_found_by_their_exact_names(sandbox, lookups):
    domain_id = create_domain(sandbox, "models.example.internal")
    consumer_id = create_consumer(sandbox, "search-team", description="dashlink: shop-dev")
    assert lookups.domain("models.example.internal") == domain_id
    assert lookups.domain("example.internal") is None
    expected = ExistingConsumer(consumer_id, "dashlink: shop-dev")
    wait_for(lambda: lookups.consumer("search-team") == expected, "the consumer is listed")
    assert lookups.consumer("search") is None


def test_gateways_are_listed_with_their_tags(sandbox, lookups):
    network = create_network(sandbox)
    tags = [{"key": key, "value": value} for key, value in TAGS.items()]
    create_gateway(sandbox, network, tag=tags)
    create_gateway(sandbox, network, "plain")
    assert sorted(map(len, lookups.gateway_tags())) == [0, len(TAGS)]
    assert TAGS in lookups.gateway_tags()


def test_apis_of_every_type_of_gateway_are_listed(sandbox, lookups):
    body = {"name": "orders", "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    request = apig_models.CreateHttpApiRequest().from_map(body)
    api_id = official.apig(sandbox).create_http_api(request).body.data.http_api_id
    assert (api_id, "orders") in [(api.api_id, api.name) for api in lookups.model_apis()]


def test_rules_have_their_kind_of_source(sandbox, lookups):
    network = create_network(sandbox)
    rows = []
    for source in ({"source_group_id": network.group_id}, {"ipv_6source_cidr_ip": "2001:db8::/32"}):
        row = ecs_models.AuthorizeSecurityGroupRequestPermissions(
            ip_protocol="tcp", port_range="443/443", policy="accept", priority="1", **source
        )
        rows.append(row)
    request = ecs_models.AuthorizeSecurityGroupRequest(
        region_id=REGION, security_group_id=network.group_id, permissions=rows
    )
    official.ecs(sandbox).authorize_security_group(request)
    rules = lookups.security_group(network.group_id).rules
    block = IPv4Network("10.20.0.0/16")
    assert set(rules) == {
        ExistingRule("tcp", "80/80", "accept", 1, block),
        ExistingRule("tcp", "443/443", "accept", 1, block),
        ExistingRule("tcp", "443/443", "accept", 1, None, network.group_id),
        ExistingRule("tcp", "443/443", "accept", 1),
    }


def test_a_group_that_opens_443_to_another_range_is_refused(sandbox, lookups):
    vpc_id = create_vpc(sandbox, "10.50.0.0/16")
    blocks = {"cn-beijing-h": "10.50.1.0/24", "cn-beijing-k": "10.50.2.0/24"}
    vswitch_ids = create_vswitches(sandbox, vpc_id, blocks)
    group_id = create_group(sandbox, vpc_id)
    network = {"vpc_id": vpc_id, "zones": list(blocks), "vswitch_ids": vswitch_ids}
    settings = StackSettings.model_validate(
        {
            "network": {**network, "security_group_id": group_id},
            "endpoints": {"dashscope": {"service": SERVICE}},
        }
    )
    open_port(sandbox, group_id, 443, "10.99.0.0/16")
    (fault,) = find(settings, lookups, REGION, "shop-dev").faults
    assert str(fault) == (
        "network.security_group_id: the existing security group does not let the VPC "
        "(10.50.0.0/16) connect on TCP 443. Add an ingress rule to it: accept, TCP, port 443/443, "
        "from 10.50.0.0/16; or correct the clients in `network.ingress`."
    )
    open_port(sandbox, group_id, 443, "10.50.0.0/16")
    findings = find(settings, lookups, REGION, "shop-dev")
    assert (findings.faults, findings.warnings) == ((), ())


def test_a_way_out_is_found_with_all_that_it_has(sandbox, rpc, settle, lookups):
    vpc = "2016-04-28"
    network = create_network(sandbox)
    place = {"VpcId": network.vpc_id, "VSwitchId": network.vswitch_ids[0]}
    created = rpc(vpc, "CreateNatGateway", RegionId=REGION, NatType="Enhanced", **place)
    gateway_id = created["NatGatewayId"]
    eip = rpc(vpc, "AllocateEipAddress", RegionId=REGION)
    assert lookups.eip(eip["AllocationId"]).instance_id == ""
    settle()
    ids = {"AllocationId": eip["AllocationId"], "InstanceId": gateway_id, "InstanceType": "Nat"}
    rpc(vpc, "AssociateEipAddress", RegionId=REGION, **ids)
    settle()
    (table_id,) = created["SnatTableIds"]["SnatTableId"]
    entry = {"SnatTableId": table_id, "SnatIp": eip["EipAddress"], "SnatEntryName": "mine"}
    rpc(vpc, "CreateSnatEntry", RegionId=REGION, SourceVSwitchId=place["VSwitchId"], **entry)
    gateway = lookups.nat_gateway(gateway_id)
    assert (gateway.vpc_id, gateway.network_type) == (network.vpc_id, "internet")
    assert (gateway.snat_table_ids, gateway.addresses) == ((table_id,), (eip["EipAddress"],))
    assert lookups.nat_gateways(network.vpc_id) == (gateway,)
    (found,) = lookups.snat_entries(gateway_id)
    assert (found.name, found.vswitch_id) == ("mine", place["VSwitchId"])
    assert lookups.eip(eip["AllocationId"]).instance_id == gateway_id


def test_an_absent_way_out_is_none(sandbox, lookups):
    network = create_network(sandbox)
    assert lookups.nat_gateway("ngw-nothing") is None
    assert lookups.eip("eip-nothing") is None
    assert lookups.nat_gateways(network.vpc_id) == ()
    assert lookups.snat_entries("ngw-nothing") == ()
