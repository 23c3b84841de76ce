"""The cloud's products: API version, request style, and the API hosts of each region.

Sources: the official SDKs alibabacloud_vpc20160428 7.2.2, alibabacloud_ecs20140526 7.11.8,
alibabacloud_privatelink20200415 4.0.9, alibabacloud_apig20240327 11.6.0 (`Client.__init__`, read
2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Style = Literal["RPC", "ROA"]


@dataclass(frozen=True)
class Product:
    """A product with an OpenAPI.

    Attributes:
        code: Product code, the first label of its regular API host: ``vpc``.
        version: API version, a date.
        style: ``RPC`` (an action with parameters) or ``ROA`` (a method and a path).
        irregular_hosts: API host -> the regions, separated by spaces, that use it.
        label: First label of the regular API host where it is not the code; else empty.
        only_host: The API host of all regions, of a product that is the same in all; else empty.
    """

    code: str
    version: str
    style: Style
    irregular_hosts: Mapping[str, str] = field(default_factory=dict)
    only_host: str = ""
    label: str = ""

    def host(self, region: str) -> str:
        """Return the public API host for ``region``, without a scheme."""
        if self.only_host:
            return self.only_host
        for host, regions in self.irregular_hosts.items():
            if region in regions.split():
                return host
        return f"{self.label or self.code}.{region}.aliyuncs.com"


_VPC = Product(
    "vpc",
    "2016-04-28",
    "RPC",
    {
        "vpc.aliyuncs.com": (
            "ap-northeast-2-pop cn-beijing-finance-pop cn-beijing-gov-1 cn-beijing-nu16-b01 "
            "cn-fujian cn-haidian-cm12-c01 cn-hangzhou cn-hangzhou-bj-b01 cn-hangzhou-finance "
            "cn-hangzhou-internal-prod-1 cn-hongkong-finance-pop cn-north-2-gov-1 "
            "cn-shanghai-et2-b01 cn-shanghai-finance-1 cn-shanghai-inner cn-shenzhen-finance-1 "
            "cn-shenzhen-inner cn-shenzhen-st4-d01 cn-shenzhen-su18-b01 cn-wuhan cn-yushanfang "
            "cn-zhangbei cn-zhangbei-na61-b01 rus-west-1-pop"
        ),
        "vpc-nebula.cn-qingdao-nebula.aliyuncs.com": (
            "cn-edge-1 cn-huhehaote-nebula-1 cn-qingdao-nebula cn-zhengzhou-nebula-1"
        ),
        "vpc-pre.cn-hangzhou.aliyuncs.com": (
            "cn-hangzhou-internal-test-1 cn-hangzhou-internal-test-3 cn-hangzhou-test-306 "
            "cn-shanghai-et15-b01 cn-shanghai-internal-test-1"
        ),
        "vpc-inner-pre.cn-hangzhou.aliyuncs.com": "cn-hangzhou-internal-test-2",
        "vpc.cn-zhangjiakou.aliyuncs.com": "cn-zhangjiakou-na62-a01",
        "vpc-nebula.cn-shenzhen-cloudstone.aliyuncs.com": "eu-west-1-oxs",
    },
)
_ECS = Product(
    "ecs",
    "2014-05-26",
    "RPC",
    {
        "ecs-cn-hangzhou.aliyuncs.com": (
            "cn-beijing-nu16-b01 cn-fujian cn-haidian-cm12-c01 cn-hangzhou cn-hangzhou-bj-b01 "
            "cn-hangzhou-internal-prod-1 cn-hangzhou-internal-test-1 cn-hangzhou-internal-test-2 "
            "cn-hangzhou-internal-test-3 cn-hangzhou-test-306 cn-shanghai-et15-b01 "
            "cn-shanghai-et2-b01 cn-shanghai-finance-1 cn-shanghai-internal-test-1 "
            "cn-shenzhen-finance-1 cn-shenzhen-st4-d01 cn-shenzhen-su18-b01 cn-zhangbei-na61-b01"
        ),
        "ecs.aliyuncs.com": (
            "ap-northeast-2-pop cn-beijing-finance-pop cn-beijing-gov-1 cn-hangzhou-finance "
            "cn-hongkong-finance-pop cn-north-2-gov-1 cn-shanghai-inner cn-shenzhen-inner "
            "cn-wuhan cn-yushanfang cn-zhangbei rus-west-1-pop"
        ),
        "ecs.cn-qingdao-nebula.aliyuncs.com": (
            "cn-edge-1 cn-huhehaote-nebula-1 cn-zhengzhou-nebula-1"
        ),
        "ecs.cn-zhangjiakou.aliyuncs.com": "cn-zhangjiakou-na62-a01",
        "ecs.cn-shenzhen-cloudstone.aliyuncs.com": "eu-west-1-oxs",
    },
)
_PRIVATELINK = Product("privatelink", "2020-04-15", "RPC")
_APIG = Product("apig", "2024-03-27", "ROA")
# terraform-provider-alicloud v1.285.0 uses this host for every region; the SDK
# alibabacloud_pvtz20180101 1.5.0 names it for the 14 regions that it lists.
_PVTZ = Product("pvtz", "2018-01-01", "RPC", only_host="pvtz.aliyuncs.com")
# SDK alibabacloud_eas20210701 (2026-08): the hosts of 28 regions have this form. Tags have their
# own version (terraform-provider-alicloud v1.285.0, resource_alicloud_pai_service.go).
_EAS = Product("eas", "2021-07-01", "ROA", label="pai-eas")
_EAS_TAGS = Product("eas-tags", "2021-07-02", "RPC", label="pai-eas")
# terraform-provider-alicloud v1.285.0 (connectivity/endpoint.go) has one host for all regions.
_CBN = Product("cbn", "2017-09-12", "RPC", only_host="cbn.aliyuncs.com")
_VPCPEER = Product("vpcpeer", "2022-01-01", "RPC", only_host="vpcpeer.aliyuncs.com")
_MODEL_STUDIO = Product("modelstudio", "2026-02-10", "ROA")

_ALL = (_VPC, _ECS, _PRIVATELINK, _APIG, _PVTZ, _EAS, _EAS_TAGS, _CBN, _VPCPEER, _MODEL_STUDIO)
PRODUCTS: Mapping[str, Product] = {product.code: product for product in _ALL}
"""Product by its code."""
