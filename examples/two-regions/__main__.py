"""Private access to Model Studio in Beijing from VPCs in Beijing and Shanghai."""

import pulumi
import pulumi_alicloud as alicloud

from dashlink import (
    EndpointSettings,
    Network,
    NetworkArgs,
    NetworkSettings,
    PrivateEndpoint,
    PrivateEndpointArgs,
)

# Region of the VPC -> its network and its endpoint.
PLACES = {
    "cn-beijing": (
        NetworkSettings(cidr="10.20.0.0/16", zones=["cn-beijing-h", "cn-beijing-k"]),
        EndpointSettings(service="com.aliyuncs.dashscope"),
    ),
    "cn-shanghai": (
        NetworkSettings(cidr="10.21.0.0/16", zones=["cn-shanghai-l", "cn-shanghai-m"]),
        EndpointSettings(
            service="com.aliyuncs.dashscope",
            service_region="cn-beijing",
            cross_region_bandwidth_mbps=100,
        ),
    ),
}

for region, (network_settings, endpoint_settings) in PLACES.items():
    provider = alicloud.Provider(region, region=region)
    options = pulumi.ResourceOptions(provider=provider)
    network = Network(f"models-{region}", NetworkArgs(settings=network_settings), options)
    endpoint = PrivateEndpoint(
        f"dashscope-{region}",
        PrivateEndpointArgs(
            settings=endpoint_settings,
            region=region,
            vpc_id=network.vpc_id,
            vswitch_ids=network.vswitch_ids,
            security_group_ids=[network.security_group_id],
        ),
        options,
    )
    pulumi.export(region, endpoint.outputs)
