"""The official SDKs, configured for a sandbox as their documentation says.

They are readers that dashlink does not use: tests compare what it creates with what they read.
"""

from __future__ import annotations

from typing import Any

from alibabacloud_apig20240327.client import Client as ApigClient
from alibabacloud_eas20210701.client import Client as EasClient
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_modelstudio20260210.client import Client as ModelStudioClient
from alibabacloud_privatelink20200415.client import Client as PrivatelinkClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428.client import Client as VpcClient

from dashlink_sandbox import Sandbox


def config(cloud: Sandbox, **other: Any) -> Config:
    """The SDKs' configuration for ``cloud``, with the account of its `env`."""
    values = {
        "access_key_id": cloud.env["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        "access_key_secret": cloud.env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        "endpoint": cloud.url.removeprefix("http://"),
        "protocol": "http",
        "region_id": "cn-beijing",
    }
    return Config(**(values | other))


def vpc(cloud: Sandbox, **other: Any) -> VpcClient:
    return VpcClient(config(cloud, **other))


def ecs(cloud: Sandbox, **other: Any) -> EcsClient:
    return EcsClient(config(cloud, **other))


def eas(cloud: Sandbox, **other: Any) -> EasClient:
    return EasClient(config(cloud, **other))


def privatelink(cloud: Sandbox, **other: Any) -> PrivatelinkClient:
    return PrivatelinkClient(config(cloud, **other))


def model_studio(cloud: Sandbox, **other: Any) -> ModelStudioClient:
    return ModelStudioClient(config(cloud, **other))


def apig(cloud: Sandbox, **other: Any) -> ApigClient:
    return ApigClient(config(cloud, **other))
