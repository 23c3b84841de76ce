"""pvtz 2018-01-01: PrivateZones with their records and VPCs, and the resolver's rules."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, Service
from dashlink_sandbox.services.pvtz import (
    authorizations,
    host_sync,
    records,
    resolver_endpoints,
    resolver_rules,
    zones,
)
from dashlink_sandbox.services.tags import Tags

_TAGS = Tags({"zone": "private_zones"}, nested=False)


def _describe_service(_call: Call) -> Answer:
    """DescribeUserServiceStatus: every account of the sandbox has the product."""
    return {"Status": "OPENED"}


SERVICE = Service(
    "pvtz",
    "2018-01-01",
    {
        "AddZone": zones.create,
        "DescribeZones": zones.list_zones,
        "DescribeZoneInfo": zones.describe,
        "UpdateZoneRemark": zones.update_remark,
        "SetProxyPattern": zones.set_proxy_pattern,
        "BindZoneVpc": zones.bind,
        "DeleteZone": zones.delete,
        "UpdateSyncEcsHostTask": host_sync.update,
        "DescribeSyncEcsHostTask": host_sync.describe,
        "AddUserVpcAuthorization": authorizations.add,
        "DescribeUserVpcAuthorizations": authorizations.list_authorizations,
        "DeleteUserVpcAuthorization": authorizations.delete,
        "AddZoneRecord": records.create,
        "DescribeZoneRecords": records.list_records,
        "UpdateZoneRecord": records.update,
        "UpdateRecordRemark": records.update_remark,
        "SetZoneRecordStatus": records.set_status,
        "DeleteZoneRecord": records.delete,
        "AddResolverEndpoint": resolver_endpoints.create,
        "DescribeResolverEndpoint": resolver_endpoints.describe,
        "DescribeResolverEndpoints": resolver_endpoints.list_endpoints,
        "UpdateResolverEndpoint": resolver_endpoints.update,
        "DeleteResolverEndpoint": resolver_endpoints.delete,
        "DescribeResolverAvailableZones": resolver_endpoints.list_zones,
        "AddResolverRule": resolver_rules.create,
        "DescribeResolverRule": resolver_rules.describe,
        "DescribeResolverRules": resolver_rules.list_rules,
        "UpdateResolverRule": resolver_rules.update,
        "BindResolverRuleVpc": resolver_rules.bind,
        "DeleteResolverRule": resolver_rules.delete,
        "DescribeUserServiceStatus": _describe_service,
        "TagResources": _TAGS.tag,
        "UnTagResources": _TAGS.untag,
        "UntagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "MoveResourceGroup": _TAGS.move,
    },
)
