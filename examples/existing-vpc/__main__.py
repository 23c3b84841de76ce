"""An endpoint in a VPC that is made elsewhere: its ids are outputs, unknown until they are there."""

import pulumi
from pulumi_alicloud import vpc

from dashlink import (
    EndpointSettings,
    Network,
    NetworkArgs,
    NetworkSettings,
    PrivateEndpoint,
    PrivateEndpointArgs,
)

REGION = "cn-beijing"
BLOCKS = {"cn-beijing-h": "10.50.1.0/24", "cn-beijing-k": "10.50.2.0/24"}

# Stands for your other stack: a StackReference gives its ids in the same way.
landing_zone = vpc.Network("landing-zone", vpc_name="landing-zone", cidr_block="10.50.0.0/16")
vswitches = {
    zone: vpc.Switch(
        zone, vswitch_name=zone, vpc_id=landing_zone.id, zone_id=zone, cidr_block=block
    ).id
    for zone, block in BLOCKS.items()
}

# The VPC and the vSwitches are used as they are; the security group is new, for the endpoint alone.
network = Network(
    "models",
    NetworkArgs(
        settings=NetworkSettings(vpc_id=landing_zone.id, zones=list(BLOCKS), vswitch_ids=vswitches)
    ),
)
endpoint = PrivateEndpoint(
    "dashscope",
    PrivateEndpointArgs(
        settings=EndpointSettings(service="com.aliyuncs.dashscope"),
        region=REGION,
        vpc_id=network.vpc_id,
        vswitch_ids=network.vswitch_ids,
        security_group_ids=[network.security_group_id],
    ),
)
pulumi.export("openai_base_url", endpoint.outputs["base_urls"]["openai"])
