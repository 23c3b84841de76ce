"""Official SDK clients for an account: one function for each product.

The SDKs' modules are large and are imported when a client is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashlink.cloud.credentials import Account

if TYPE_CHECKING:
    from alibabacloud_apig20240327.client import Client as ApigClient
    from alibabacloud_ecs20140526.client import Client as EcsClient
    from alibabacloud_privatelink20200415.client import Client as PrivatelinkClient
    from alibabacloud_vpc20160428.client import Client as VpcClient

_CONNECT_MILLISECONDS = 10_000
_READ_MILLISECONDS = 30_000


def vpc(account: Account) -> VpcClient:
    """A client of VPC 2016-04-28."""
    from alibabacloud_vpc20160428.client import Client  # noqa: PLC0415 - large

    return Client(_config(account, "vpc"))


def ecs(account: Account) -> EcsClient:
    """A client of ECS 2014-05-26."""
    from alibabacloud_ecs20140526.client import Client  # noqa: PLC0415 - large

    return Client(_config(account, "ecs"))


def privatelink(account: Account) -> PrivatelinkClient:
    """A client of PrivateLink 2020-04-15."""
    from alibabacloud_privatelink20200415.client import Client  # noqa: PLC0415 - large

    return Client(_config(account, "privatelink"))


def apig(account: Account) -> ApigClient:
    """A client of APIG 2024-03-27."""
    from alibabacloud_apig20240327.client import Client  # noqa: PLC0415 - large

    return Client(_config(account, "apig"))


def _config(account: Account, product: str) -> Any:
    from alibabacloud_tea_openapi.models import Config  # noqa: PLC0415 - only with a client

    return Config(
        credential=account.credentials,
        region_id=account.region,
        endpoint=account.host(product),
        protocol=account.protocol,
        connect_timeout=_CONNECT_MILLISECONDS,
        read_timeout=_READ_MILLISECONDS,
        user_agent="dashlink",
    )
