"""What the gateway's engine tests stand on: a VPC and an AI gateway by the official SDKs, so that nothing waits."""

from __future__ import annotations

from alibabacloud_apig20240327 import models as apig_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official
from support.trouble import until

ZONES = ("cn-beijing-h", "cn-beijing-k")
DOMAIN = "models.example.internal"
STUDIO_KEY, SPARE_KEY, CONSUMER_KEY = (
    "sk-studio-0123456789abcdef",
    "sk-spare-0123456789abcdef",
    "sk-search-team-0123456789",
)


def ground(cloud):
    """The settings of a network and a gateway that exist."""
    vpc = official.vpc(cloud)
    created = vpc.create_vpc(
        vpc_models.CreateVpcRequest(region_id="cn-beijing", cidr_block="10.50.0.0/16")
    )
    vpc_id = created.body.vpc_id
    until(lambda: cloud.state.vpcs[vpc_id].status == "Available", 10)
    vswitch_ids = {}
    for number, zone in enumerate(ZONES):
        request = vpc_models.CreateVSwitchRequest(
            region_id="cn-beijing",
            vpc_id=vpc_id,
            zone_id=zone,
            cidr_block=f"10.50.{16 * number}.0/20",
        )
        vswitch_ids[zone] = vpc.create_vswitch(request).body.v_switch_id
    zones = [{"zoneId": zone, "vSwitchId": vswitch} for zone, vswitch in vswitch_ids.items()]
    request = apig_models.CreateGatewayRequest().from_map(
        {
            "name": "shared",
            "gatewayType": "AI",
            "chargeType": "POSTPAY",
            "spec": "aigw.small.x1",
            "vpcId": vpc_id,
            "zoneConfig": {"selectOption": "Manual", "zones": zones},
            "networkAccessConfig": {"type": "Intranet"},
            "logConfig": {"sls": {"enable": True}},
        }
    )
    gateway_id = official.apig(cloud).create_gateway(request).body.data.gateway_id
    until(lambda: cloud.state.gateways[gateway_id].status == "Running", 10)
    return {
        "alicloud:region": "cn-beijing",
        "dashlink:private_only": True,
        "dashlink:network": {"vpc_id": vpc_id, "zones": list(ZONES), "vswitch_ids": vswitch_ids},
        "dashlink:gateway": {"id": gateway_id},
        "dashlink:domains": {DOMAIN: {"scheme": "http"}},
        "dashlink:ai_services": {
            "studio": {
                "base_url": "https://studio.example.com/compatible-mode/v1",
                "vendor": "qwen",
            }
            | {"api_keys": [{"config": "studioKey"}]},
            "spare": {"base_url": "https://spare.example.com/v1", "vendor": "qwen"},
        },
    }


def with_secrets(stack):
    """Put the secrets that the settings refer to into the stack."""
    stack.keep_secret("studioKey", STUDIO_KEY)
    stack.keep_secret("spareKey", SPARE_KEY)
    stack.keep_secret("searchTeamKey", CONSUMER_KEY)


def api(scene, path, **more):
    """A Model API of the settings, on one service unless it says otherwise."""
    way = {} if {"by_model", "by_weight"} & set(more) else {"service": "studio"}
    return {"scene": scene, "domains": [DOMAIN], "base_path": path, **way, **more}


def settled(stack):
    """Nothing to do, and nothing in the cloud that the state does not know."""
    assert stack.plan() == {}
    stack.refresh()
    assert stack.plan() == {}


def nothing_of_ours_left(cloud):
    """Of what the stack made on the gateway nothing is left."""
    left = cloud.state
    kinds = (
        left.http_apis,
        left.ai_services,
        left.domains,
        left.consumers,
        left.authorization_rules,
    )
    assert [sorted(kind) for kind in (*kinds, left.private_zones)] == [[], [], [], [], [], []]
