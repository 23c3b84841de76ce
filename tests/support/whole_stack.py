"""Settings of one stack that has something of every kind, for checks of a deployed stack.

An existing VPC with an endpoint that is adopted and a connection of a workspace; an endpoint with a
private name and one without; an AI gateway with domains, a consumer and two Model APIs; a service
of PAI-EAS; one VPC in another region over CEN, one over a peering; a way out to a service of MaaS.
"""

from __future__ import annotations

from typing import Any

from alibabacloud_modelstudio20260210 import models as studio_models
from support import official
from support.clouds import (
    REGION,
    ZONES,
    Network,
    create_endpoint,
    create_network,
    create_vswitches,
    open_port,
)
from support.rpc import Rpc
from support.sandbox_admin import console
from support.stacks import Stack
from support.waiting import wait_for

from dashlink_sandbox import Sandbox

FAR = "cn-shanghai"
FAR_CIDR, PEERED_CIDR = "10.30.0.0/16", "10.40.0.0/16"
FAR_ZONES = {"cn-shanghai-m": "10.30.1.0/24", "cn-shanghai-n": "10.30.2.0/24"}
PLAIN_DOMAIN, TLS_DOMAIN = "models.example.internal", "secure.example.internal"
WILDCARD = "*.any.example.internal"
SPARE = "10.20.1.200"
MAAS = "https://api.modelarts-maas.com"
_VPC = "2016-04-28"


def create_surroundings(cloud: Sandbox) -> dict[str, Any]:
    """Create what the stack adopts and connects; return its settings."""
    network = create_network(cloud)
    adopted = create_endpoint(cloud, network)
    draft = cloud.cloud.draft()
    draft.private_zones.clear()  # the stack itself names its endpoints
    cloud.cloud.replace(draft)
    workspace_id, host, addresses = _connect_workspace(cloud, network)
    console(cloud, "upstream", host=SPARE, vpc_id=network.vpc_id)
    connected = {"shanghai": _far_vpc(cloud), "peered": _peered_vpc(cloud)}
    for one in connected.values():
        for port in (80, 443):
            open_port(cloud, network.group_id, port, one["cidr"])
    workspace = {
        "workspace_id": workspace_id,
        "host": host,
        "addresses": addresses,
    }
    return {
        "alicloud:region": REGION,
        "dashlink:network": {
            "vpc_id": network.vpc_id,
            "zones": list(ZONES),
            "vswitch_ids": dict(zip(ZONES, network.vswitch_ids, strict=True)),
            "connected_vpcs": connected,
            "egress": {},
        },
        "dashlink:maas_services": {
            "huawei": {"base_url": MAAS, "models": ["deepseek-v3.2"]},
        },
        "dashlink:endpoints": {
            "dashscope": {"service": "com.aliyuncs.dashscope"},
            "direct": {"service": "com.aliyuncs.dashscope", "private_name": "none"},
            "adopted": {"id": adopted, "private_name": "none"},
            "studio": {"workspace": workspace},
        },
        "dashlink:eas_services": {
            "qwen": {
                "deploy": {
                    "image": "registry.example.com/vllm:1",
                    "command": "serve",
                    "port": 8000,
                    "instance_type": "ecs.gn7i-c8g1.2xlarge",
                }
            },
            "linked": {
                "deploy": {
                    "image": "registry.example.com/vllm:1",
                    "command": "serve",
                    "port": 8000,
                    "instance_type": "ecs.gn7i-c8g1.2xlarge",
                    "gateway": "dedicated",
                }
            },
        },
        "dashlink:eas_gateways": {"dedicated": {}},
        **_gateway_settings(),
    }


def _gateway_settings() -> dict[str, Any]:
    studio = {"endpoint": "dashscope", "api_keys": [{"config": "studioKey"}]}
    spare = {
        "vendor": "custom",
        "base_url": f"http://{SPARE}/v1",
        "private_address": True,
        "api_keys": [{"config": "studioKey"}],
    }
    chat = {
        "scene": "text",
        "domains": [PLAIN_DOMAIN, TLS_DOMAIN],
        "base_path": "/chat",
        "service": "studio",
        "consumers": ["team"],
    }
    free = {
        "scene": "text",
        "domains": [PLAIN_DOMAIN, WILDCARD],
        "base_path": "/open",
        "service": "studio",
        "fallbacks": [{"service": "spare"}],
    }
    return {
        "dashlink:gateway": {},
        "dashlink:domains": {
            PLAIN_DOMAIN: {"scheme": "http"},
            TLS_DOMAIN: {"certificate_id": "1234567-cn-hangzhou"},
            WILDCARD: {"scheme": "http"},
        },
        "dashlink:ai_services": {"studio": studio, "spare": spare},
        "dashlink:consumers": {"team": {"api_keys": [{"config": "teamKey"}]}},
        "dashlink:model_apis": {"chat": chat, "open": free},
    }


def set_secrets(stack: Stack, cloud: Sandbox) -> None:
    """Set the secrets that the settings refer to."""
    stack.set_secret("dashlink:studioKey", cloud.api_key)
    stack.set_secret("dashlink:teamKey", "sk-team-0123456789abcdef")


def _connect_workspace(cloud: Sandbox, network: Network) -> tuple[str, str, list[str]]:
    """Create a workspace with a private connection; return its id, its host and its addresses."""
    request = studio_models.CreateWorkspaceRequest(workspace_name="shop")
    workspace = official.model_studio(cloud).create_workspace(request).body.workspace
    before = set(cloud.state.endpoints)
    console(
        cloud,
        "workspace",
        label=workspace.api_host.partition(".")[0],
        vpc_id=network.vpc_id,
        vswitch_ids=list(network.vswitch_ids),
        security_group_id=network.group_id,
    )
    (endpoint_id,) = set(cloud.state.endpoints) - before
    endpoint = cloud.state.endpoints[endpoint_id]
    host = cloud.state.endpoint_services[endpoint.service_id].private_domain
    addresses = [zone.eni_ip for zone in endpoint.zones.values()]
    return str(workspace.workspace_id), host, addresses


def _create_vpc(cloud: Sandbox, region: str, cidr: str) -> str:
    rpc = Rpc.from_env(cloud.url, cloud.env)
    vpc_id = str(rpc(_VPC, "CreateVpc", RegionId=region, CidrBlock=cidr)["VpcId"])
    wait_for(lambda: cloud.state.vpcs[vpc_id].status == "Available", f"{vpc_id} is available")
    return vpc_id


def _far_vpc(cloud: Sandbox) -> dict[str, Any]:
    vpc_id = _create_vpc(cloud, FAR, FAR_CIDR)
    rpc = Rpc.from_env(cloud.url, cloud.env)
    vswitch_ids = {}
    for zone, block in FAR_ZONES.items():
        params = {"RegionId": FAR, "VpcId": vpc_id, "ZoneId": zone, "CidrBlock": block}
        vswitch_ids[zone] = rpc(_VPC, "CreateVSwitch", **params)["VSwitchId"]
    return {"vpc_id": vpc_id, "region": FAR, "cidr": FAR_CIDR, "vswitch_ids": vswitch_ids}


def _peered_vpc(cloud: Sandbox) -> dict[str, Any]:
    vpc_id = _create_vpc(cloud, REGION, PEERED_CIDR)
    create_vswitches(cloud, vpc_id, {ZONES[0]: "10.40.1.0/24"})
    return {
        "vpc_id": vpc_id,
        "region": REGION,
        "cidr": PEERED_CIDR,
        "over": "peering",
        "account_id": cloud.cloud.catalog.accounts[0].id,
    }
