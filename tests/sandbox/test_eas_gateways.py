"""Dedicated gateways of PAI-EAS by Alibaba's own SDK: paths, parameters and answers of the API."""

from __future__ import annotations

import pytest
from alibabacloud_eas20210701 import models
from support import clouds, official
from support.sandbox_admin import console
from support.waiting import wait_for
from Tea.exceptions import TeaException

from dashlink_sandbox import Sandbox

REGION = clouds.REGION
ENTRY = {"Entry": "10.0.0.0/8", "Comment": "office"}


@pytest.fixture(scope="module")
def cloud():
    with Sandbox() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def eas(cloud):
    return official.eas(cloud)


@pytest.fixture(scope="module")
def networks(cloud):
    """Two VPCs: id, and vSwitches by zone."""
    rows = []
    for number in (61, 62):
        vpc_id = clouds.create_vpc(cloud, f"10.{number}.0.0/16")
        blocks = {clouds.ZONES[0]: f"10.{number}.0.0/20", "cn-beijing-a": f"10.{number}.16.0/20"}
        rows.append((vpc_id, clouds.create_vswitches(cloud, vpc_id, blocks)))
    return rows


@pytest.fixture
def create(eas):
    """Create running gateways; they are deleted with the cloud."""

    def created(**body):
        answer = eas.create_gateway(models.CreateGatewayRequest().from_map(body)).body
        assert answer.cluster_id == REGION
        wait_for(lambda: status(eas, answer.gateway_id) == "Running", "it runs")
        return answer.gateway_id

    return created


@pytest.fixture(scope="module")
def linked(eas, networks):
    """A gateway that is linked to the first VPC."""
    answer = eas.create_gateway(models.CreateGatewayRequest(name="linked")).body
    wait_for(lambda: status(eas, answer.gateway_id) == "Running", "it runs")
    link(eas, answer.gateway_id, networks[0], clouds.ZONES[0])
    wait_for(lambda: links(eas, answer.gateway_id)[0].status == "Running", "it is linked")
    return answer.gateway_id


def status(eas, gateway_id):
    return eas.describe_gateway(REGION, gateway_id).body.status


def link(eas, gateway_id, network, zone, **more):
    vpc_id, vswitch_ids = network
    request = models.CreateGatewayIntranetLinkedVpcRequest(
        vpc_id=vpc_id, v_switch_id=vswitch_ids[zone], **more
    )
    return eas.create_gateway_intranet_linked_vpc(REGION, gateway_id, request).body


def links(eas, gateway_id):
    body = eas.list_gateway_intranet_linked_vpc(REGION, gateway_id).body
    return body.intranet_linked_vpc_list


def change(eas, gateway_id, **body):
    request = models.UpdateGatewayRequest().from_map(body)
    eas.update_gateway(gateway_id, REGION, request)
    wait_for(lambda: status(eas, gateway_id) == "Running", "it runs again")
    return eas.describe_gateway(REGION, gateway_id).body


def test_a_gateway_is_private_unless_it_is_asked_for(cloud, eas, create):
    gateway_id = create()
    body = eas.describe_gateway(REGION, gateway_id).body
    assert (body.instance_type, body.replicas) == ("2c4g", 2)
    assert cloud.state.eas_gateways[gateway_id].charge_type == "PostPaid"
    assert (body.internet_enabled, body.is_default) == (False, False)
    assert body.intranet_domain.endswith(f"-vpc.{REGION}.pai-eas.aliyuncs.com")
    assert body.internet_domain == ""


def test_an_update_changes_what_it_has(eas, create):
    gateway_id = create(Name="first", Replicas=3)
    body = change(eas, gateway_id, InstanceType="8c16g", EnableInternet=True, IsDefault=True)
    assert (body.gateway_name, body.instance_type, body.replicas) == ("first", "8c16g", 3)
    assert (body.is_default, body.internet_enabled) == (True, True)
    assert body.internet_domain == f"{gateway_id}.{REGION}.pai-eas.aliyuncs.com"
    body = change(eas, gateway_id, EnableInternet=False, EnableSSLRedirection=True)
    assert (body.internet_domain, body.instance_type) == ("", "8c16g")


def test_there_is_one_default_gateway(eas, create):
    first, second = create(), create()
    change(eas, first, IsDefault=True)
    change(eas, second, IsDefault=True)
    assert not eas.describe_gateway(REGION, first).body.is_default


def test_gateways_are_listed_by_name(eas, create):
    gateway_id = create(Name="searched")
    body = eas.list_gateway(models.ListGatewayRequest(gateway_name="searched")).body
    assert [row.gateway_id for row in body.gateways] == [gateway_id]
    assert body.total_count == 1


def test_the_alb_kind_has_no_node_type_and_no_links(cloud, eas, networks):
    vpc_id, vswitch_ids = networks[0]
    ids = list(vswitch_ids.values())
    console(cloud, "eas-gateway", name="alb", region=REGION, vpc_id=vpc_id, vswitch_ids=ids)
    rows = eas.list_gateway(models.ListGatewayRequest(gateway_name="alb")).body.gateways
    assert [row.instance_type for row in rows] == [""]
    with pytest.raises(TeaException, match="GatewayStatusConflict"):
        link(eas, rows[0].gateway_id, networks[0], clouds.ZONES[0])


def test_a_link_has_an_address_in_its_vswitch(eas, linked, networks):
    (row,) = links(eas, linked)
    assert (row.vpc_id, row.v_switch_id) == (networks[0][0], networks[0][1][clouds.ZONES[0]])
    assert row.ip.startswith("10.61.")
    assert row.security_group_id.startswith("sg-")


@pytest.mark.parametrize(
    ("network", "zone", "code"),
    [
        (1, "cn-beijing-a", "InvalidParameter.VSwitchId"),
        (0, clouds.ZONES[0], "LinkedVpcExists"),
    ],
    ids=["zone-without-links", "linked-already"],
)
def test_a_link_is_refused(eas, linked, networks, network, zone, code):
    with pytest.raises(TeaException, match=code):
        link(eas, linked, networks[network], zone)


def test_a_vswitch_of_another_vpc_is_refused(eas, linked, networks):
    mixed = (networks[1][0], networks[0][1])
    with pytest.raises(TeaException, match=r"InvalidParameter\.VSwitchId"):
        link(eas, linked, mixed, clouds.ZONES[0])


def test_the_zones_for_links_are_listed(eas, linked):
    zones = eas.list_gateway_intranet_supported_zone(linked, REGION).body.zones
    assert clouds.ZONES[0] in zones
    assert "cn-beijing-a" not in zones


def test_peers_are_added_and_removed(eas, linked, networks):
    peer = {"Region": REGION, "VpcId": networks[1][0]}
    body = {"VpcId": networks[0][0], "PeerVpcs": [peer]}
    request = models.CreateGatewayIntranetLinkedVpcPeerRequest().from_map(body)
    eas.create_gateway_intranet_linked_vpc_peer(REGION, linked, request)
    listed = models.ListGatewayIntranetLinkedVpcPeerRequest(vpc_id=networks[0][0])
    (row,) = eas.list_gateway_intranet_linked_vpc_peer(REGION, linked, listed).body.peer_vpc_list
    assert [(one.vpc_id, one.region) for one in row.peer_vpcs] == [(networks[1][0], REGION)]
    with pytest.raises(TeaException, match="PeerVpcExists"):
        eas.create_gateway_intranet_linked_vpc_peer(REGION, linked, request)
    request = models.DeleteGatewayIntranetLinkedVpcPeerRequest().from_map(body)
    eas.delete_gateway_intranet_linked_vpc_peer(REGION, linked, request)
    body = eas.list_gateway_intranet_linked_vpc_peer(REGION, linked, listed).body
    assert body.peer_vpc_list == []


@pytest.mark.parametrize("of_vpc", [True, False], ids=["vpc", "internet"])
def test_access_lists_are_added_to_and_removed_from(eas, linked, networks, of_vpc):
    target = {"VpcId": networks[0][0]} if of_vpc else {}
    body = {**target, "AclPolicyList": [ENTRY]}

    def listed():
        request = models.ListAclPolicyRequest().from_map(target)
        answer = eas.list_acl_policy(REGION, linked, request).body
        (row,) = answer.intranet_vpc_acl_policy_list if of_vpc else answer.internet_acl_policy_list
        return [(one.entry, one.comment) for one in row.acl_policy_list]

    eas.create_acl_policy(REGION, linked, models.CreateAclPolicyRequest().from_map(body))
    assert listed() == [("10.0.0.0/8", "office")]
    eas.delete_acl_policy(REGION, linked, models.DeleteAclPolicyRequest().from_map(body))
    assert listed() == []
    with pytest.raises(TeaException, match="AclPolicyNotFound"):
        eas.delete_acl_policy(REGION, linked, models.DeleteAclPolicyRequest().from_map(body))


def test_domains_are_attached_once(eas, linked, create):
    domain = {"Domain": "llm.example.com", "Type": "intranet", "CertificateId": "14731"}
    request = models.AttachGatewayDomainRequest().from_map({"CustomDomain": domain})
    eas.attach_gateway_domain(REGION, linked, request)
    (row,) = eas.list_gateway_domains(REGION, linked).body.custom_domains
    assert (row.domain, row.type, row.certificate_id) == ("llm.example.com", "intranet", "14731")
    with pytest.raises(TeaException, match="DomainExists"):
        eas.attach_gateway_domain(REGION, create(), request)
    request = models.DetachGatewayDomainRequest().from_map({"CustomDomain": domain})
    eas.detach_gateway_domain(REGION, linked, request)
    assert eas.list_gateway_domains(REGION, linked).body.custom_domains == []


def test_a_gateway_with_links_is_not_deleted(eas, create, networks):
    gateway_id = create()
    link(eas, gateway_id, networks[1], clouds.ZONES[0], enable_authoritative_dns=True)
    assert links(eas, gateway_id)[0].authoritative_dns_enabled
    with pytest.raises(TeaException, match="GatewayInUse"):
        eas.delete_gateway(REGION, gateway_id)
    request = models.DeleteGatewayIntranetLinkedVpcRequest(vpc_id=networks[1][0])
    eas.delete_gateway_intranet_linked_vpc(REGION, gateway_id, request)
    eas.delete_gateway(REGION, gateway_id)

    def is_gone():
        try:
            return status(eas, gateway_id) == "Deleted"
        except TeaException as error:
            return error.code == "InvalidGateway.NotFound"

    wait_for(is_gone, "it is gone")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"InstanceType": "32c64g"}, "InvalidParameter.InstanceType"),
        ({"ChargeType": "Free"}, "InvalidParameter.ChargeType"),
        ({"Replicas": 0}, "InvalidParameter.Replicas"),
    ],
    ids=["type", "charge", "nodes"],
)
def test_a_gateway_with_wrong_values_is_refused(create, body, code):
    with pytest.raises(TeaException, match=code):
        create(**body)
