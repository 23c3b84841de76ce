"""The program without dashlink: the same VPC, endpoint and private name as raw resources."""

import pulumi
from pulumi_alicloud import ecs, privatelink, pvtz, vpc

ZONES = {"cn-beijing-h": "10.20.112.0/20", "cn-beijing-k": "10.20.160.0/20"}
CIDR = "10.20.0.0/16"

network = vpc.Network("vpc", vpc_name="raw-vpc", cidr_block=CIDR)
vswitches = {}
for zone, block in ZONES.items():
    vswitches[zone] = vpc.Switch(
        zone, vswitch_name=f"raw-{zone}", vpc_id=network.id, zone_id=zone, cidr_block=block
    )
group = ecs.SecurityGroup(
    "group", security_group_name="raw-endpoint", vpc_id=network.id, inner_access_policy="Drop"
)
for port in (80, 443):
    ecs.SecurityGroupRule(
        f"port-{port}",
        security_group_id=group.id,
        type="ingress",
        ip_protocol="tcp",
        nic_type="intranet",
        port_range=f"{port}/{port}",
        cidr_ip=CIDR,
    )
endpoint = privatelink.VpcEndpoint(
    "endpoint",
    vpc_endpoint_name="raw-endpoint",
    vpc_id=network.id,
    service_name="com.aliyuncs.dashscope",
    security_group_ids=[group.id],
)
for zone, vswitch in vswitches.items():
    privatelink.VpcEndpointZone(zone, endpoint_id=endpoint.id, zone_id=zone, vswitch_id=vswitch.id)
private_zone = pvtz.Zone("zone", zone_name="vpc-cn-beijing.dashscope.aliyuncs.com")
pvtz.ZoneRecord(
    "record", zone_id=private_zone.id, rr="@", type="CNAME", value=endpoint.endpoint_domain, ttl=15
)
pvtz.ZoneAttachment(
    "attachment",
    zone_id=private_zone.id,
    vpcs=[pvtz.ZoneAttachmentVpcArgs(vpc_id=network.id, region_id="cn-beijing")],
)
pulumi.export("endpoint_domain", endpoint.endpoint_domain)
