"""An endpoint in the VPC of another stack, whose ids are outputs and unknown at preview."""

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

# In place of your other stack: a StackReference returns its ids as outputs, too.
landing_zone = vpc.Network("landing-zone", vpc_name="landing-zone", cidr_block="10.50.0.0/16")
vswitches = {}
for zone, block in BLOCKS.items():
    vswitch = vpc.Switch(
        zone, vswitch_name=zone, vpc_id=landing_zone.id, zone_id=zone, cidr_block=block
    )
    vswitches[zone] = vswitch.id

# The VPC and the vSwitches are not changed; the security group is new, for the endpoint only.
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
