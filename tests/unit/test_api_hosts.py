"""API hosts: the catalog agrees with the official SDKs in every region that they name."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327.client import Client as ApigClient
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_modelstudio20260210.client import Client as ModelStudioClient
from alibabacloud_privatelink20200415.client import Client as PrivatelinkClient
from alibabacloud_tea_openapi.utils_models import Config
from alibabacloud_vpc20160428.client import Client as VpcClient

from dashlink.cloud.catalog import PRODUCTS

CLIENTS = {
    "vpc": VpcClient,
    "ecs": EcsClient,
    "privatelink": PrivatelinkClient,
    "apig": ApigClient,
    "modelstudio": ModelStudioClient,
}


def official_client(product, region):
    return CLIENTS[product](Config(region_id=region))


@pytest.mark.parametrize("product", CLIENTS, ids=str)
def test_hosts_are_those_of_the_official_sdk(product):
    named = official_client(product, "cn-beijing")._endpoint_map or {}
    for region in (*named, "cn-beijing", "cn-shanghai", "cn-hangzhou", "ap-southeast-1"):
        expected = official_client(product, region)._endpoint
        assert PRODUCTS[product].host(region) == expected, region


def test_every_product_of_the_catalog_is_compared():
    assert sorted(PRODUCTS) == sorted([*CLIENTS, "pvtz", "eas", "eas-tags", "cbn", "vpcpeer"])


def test_both_versions_of_pai_eas_have_one_host():
    hosts = {PRODUCTS[name].host("cn-shanghai") for name in ("eas", "eas-tags")}
    assert hosts == {"pai-eas.cn-shanghai.aliyuncs.com"}


def test_private_zones_have_one_host_in_all_regions():
    hosts = {PRODUCTS["pvtz"].host(region) for region in ("cn-beijing", "eu-central-1", "")}
    assert hosts == {"pvtz.aliyuncs.com"}


@pytest.mark.parametrize("product", ["cbn", "vpcpeer"], ids=str)
def test_connections_have_one_host_in_all_regions(product):
    hosts = {PRODUCTS[product].host(region) for region in ("cn-beijing", "eu-central-1", "")}
    assert hosts == {f"{product}.aliyuncs.com"}


@pytest.mark.parametrize("product", CLIENTS, ids=str)
def test_no_region_of_the_catalog_is_listed_twice(product):
    listed = " ".join(PRODUCTS[product].irregular_hosts.values()).split()
    assert len(listed) == len(set(listed))
