"""`PrivateEndpoint` with a connection of a Model Studio workspace."""

from __future__ import annotations

from dashlink.clients.outputs import EndpointOutputs
from dashlink.endpoint.component import PrivateEndpoint, PrivateEndpointArgs
from dashlink.endpoint.settings import EndpointSettings

HOST = "llm-34o9-vpc-2ze1.cn-beijing.maas.aliyuncs.com"


def connection(vpc_id="vpc-2ze1", **workspace):
    workspace = {"workspace_id": "ws-ac3e", "host": HOST, **workspace}
    return PrivateEndpoint(
        "studio",
        PrivateEndpointArgs(
            settings=EndpointSettings(workspace=workspace),
            region="cn-beijing",
            vpc_id=vpc_id,
            vswitch_ids={"cn-beijing-h": "vsw-h", "cn-beijing-k": "vsw-k"},
            security_group_ids=["sg-1"],
            tags={"team": "search"},
        ),
    )


def test_a_connection_is_no_resource_and_has_all_base_urls(deploy):
    deployed = deploy(lambda: connection().outputs)
    children = [row for row in deployed.resources if not row.type.endswith(":PrivateEndpoint")]
    assert children == []
    outputs = EndpointOutputs.model_validate(deployed.result)
    assert (outputs.endpoint_id, outputs.endpoint_domain) == (None, None)
    assert (outputs.workspace_id, outputs.host, outputs.scheme) == ("ws-ac3e", HOST, "https")
    assert outputs.base_urls["openai"] == f"https://{HOST}/compatible-mode/v1"
    assert outputs.base_urls["dashscope"] == f"https://{HOST}/api/v1"
    assert any("no API reads it" in text for text in outputs.unverified)


def test_further_vpcs_get_records_of_the_addresses(deploy):
    far = {"vpc_id": "vpc-2ze9", "region": "cn-shanghai"}
    addresses = ["10.20.1.7", "10.20.2.7"]
    deployed = deploy(lambda: connection(attach_to=[far], addresses=addresses).outputs)
    zone = deployed.one("pvtz/zone:Zone").inputs
    assert (zone["zoneName"], zone["tags"]) == (HOST, {"team": "search"})
    records = deployed.of(":ZoneRecord").values()
    assert sorted(row.inputs["value"] for row in records) == addresses
    assert {(row.inputs["rr"], row.inputs["type"]) for row in records} == {("@", "A")}
    attached = deployed.one(":ZoneAttachment").inputs["vpcs"]
    assert attached == [{"vpcId": "vpc-2ze9", "regionId": "cn-shanghai"}]
    assert deployed.result["addresses"] == addresses


def test_a_host_of_another_vpc_is_a_warning(deploy):
    warnings = deploy(lambda: connection("vpc-2ze2").warnings).result
    assert len(warnings) == 1
    assert "another VPC than vpc-2ze2" in warnings[0]
