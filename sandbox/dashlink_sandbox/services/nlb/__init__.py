"""Nlb 2022-04-30: load balancers with private addresses, and zones; no listeners."""

from __future__ import annotations

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.nlb import load_balancers
from dashlink_sandbox.services.tags import Tags

_TAGS = Tags({"loadbalancer": "load_balancers"}, nested=False)

SERVICE = Service(
    "Nlb",
    "2022-04-30",
    {
        "CreateLoadBalancer": load_balancers.create,
        "GetLoadBalancerAttribute": load_balancers.describe,
        "ListLoadBalancers": load_balancers.list_load_balancers,
        "UpdateLoadBalancerAttribute": load_balancers.update,
        "DeleteLoadBalancer": load_balancers.delete,
        "GetJobStatus": load_balancers.describe_job,
        "DescribeZones": load_balancers.list_zones,
        "TagResources": _TAGS.tag,
        "UntagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "MoveResourceGroup": _TAGS.move,
    },
)
