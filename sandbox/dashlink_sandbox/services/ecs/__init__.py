"""Ecs 2014-05-26: security groups with rules, prefix lists, zones and offers; no instances."""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.ecs import groups, inventory, permissions, prefix_lists
from dashlink_sandbox.services.tags import Tags
from dashlink_sandbox.services.vpc import zones

_TAGS = Tags({"securitygroup": "security_groups"})

SERVICE = Service(
    "Ecs",
    "2014-05-26",
    {
        "CreateSecurityGroup": groups.create,
        "DescribeSecurityGroups": groups.list_groups,
        "DescribeSecurityGroupAttribute": permissions.describe,
        "ModifySecurityGroupAttribute": groups.modify,
        "ModifySecurityGroupPolicy": groups.modify_policy,
        "DeleteSecurityGroup": groups.delete,
        "AuthorizeSecurityGroup": partial(permissions.authorize, direction="ingress"),
        "AuthorizeSecurityGroupEgress": partial(permissions.authorize, direction="egress"),
        "RevokeSecurityGroup": partial(permissions.revoke, direction="ingress"),
        "RevokeSecurityGroupEgress": partial(permissions.revoke, direction="egress"),
        "ModifySecurityGroupRule": partial(permissions.modify, direction="ingress"),
        "ModifySecurityGroupEgressRule": partial(permissions.modify, direction="egress"),
        "CreatePrefixList": prefix_lists.create,
        "DescribePrefixListAttributes": prefix_lists.describe,
        "DescribePrefixLists": prefix_lists.list_lists,
        "DescribePrefixListAssociations": prefix_lists.list_associations,
        "ModifyPrefixList": prefix_lists.modify,
        "DeletePrefixList": prefix_lists.delete,
        "DescribeRegions": zones.list_regions,
        "DescribeZones": inventory.list_zones,
        "DescribeAvailableResource": inventory.list_available,
        "DescribeInstanceTypes": inventory.list_instance_types,
        "DescribeInstanceTypeFamilies": inventory.list_families,
        "TagResources": _TAGS.tag,
        "UntagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "JoinResourceGroup": _TAGS.move,
    },
)
