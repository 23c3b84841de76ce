"""Slb 2014-05-15: Classic Load Balancers with a private address, and zones; no listeners."""

from __future__ import annotations

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.slb import load_balancers
from dashlink_sandbox.services.tags import Tags

_TAGS = Tags({"instance": "load_balancers"})

SERVICE = Service(
    "Slb",
    "2014-05-15",
    {
        "CreateLoadBalancer": load_balancers.create,
        "DescribeLoadBalancerAttribute": load_balancers.describe,
        "DescribeLoadBalancers": load_balancers.list_load_balancers,
        "SetLoadBalancerName": load_balancers.rename,
        "DeleteLoadBalancer": load_balancers.delete,
        "DescribeAvailableResource": load_balancers.list_available,
        "DescribeZones": load_balancers.list_zones,
        "TagResources": _TAGS.tag,
        "UntagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
    },
)
