"""Inputs, outputs and contract of `AiService`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from dashlink.resources.blocks import HealthCheck, OutlierDetection
from dashlink.resources.contract import (
    CREATE_ONLY,
    SERVER_DEFAULT,
    WRITE_ONLY,
    Contract,
    ResourceModel,
    SecretText,
)
from dashlink.resources.models.verified_word import VerifiedWord

MAX_API_KEYS = 10
"""Largest number of API keys of a service (ROS, ALIYUN::APIG::Service, ros-cdk-apig 1.15.0)."""


class EasInputs(ResourceModel):
    """Model service of PAI-EAS."""

    workspace_id: Annotated[str, Field(alias="workspaceId")]
    """Id of the PAI workspace."""
    service_id: Annotated[str | None, Field(alias="serviceId")] = None
    """Id of the EAS service (`eas-m-…`)."""
    service_name: Annotated[str, Field(alias="serviceName")]
    """Name of the EAS service."""
    endpoint_type: Annotated[str, Field(alias="endpointType")]
    """How the gateway reaches the service, in the API's spelling."""


class BedrockInputs(ResourceModel):
    """Models of AWS Bedrock."""

    region: Annotated[str, Field(alias="awsRegion")]
    """AWS region."""
    access_key: Annotated[SecretText, Field(alias="awsAccessKey"), WRITE_ONLY]
    """AWS access key id."""
    secret_key: Annotated[SecretText, Field(alias="awsSecretKey"), WRITE_ONLY]
    """AWS secret key."""


class VertexInputs(ResourceModel):
    """Models of Google Vertex AI."""

    project_id: Annotated[str, Field(alias="vertexProjectId")]
    """Google Cloud project."""
    region: Annotated[str, Field(alias="vertexRegion")]
    """Google Cloud region."""
    auth_key: Annotated[SecretText, Field(alias="vertexAuthKey"), WRITE_ONLY]
    """Key of the service account, JSON."""
    auth_service: Annotated[str | None, Field(alias="vertexAuthServiceName")] = None
    """Name of the gateway's service that issues access tokens."""


class AiServiceInputs(ResourceModel):
    """Inputs of `AiService`."""

    gateway_id: Annotated[str, Field(alias="gatewayId"), CREATE_ONLY]
    """Id of the gateway (`gw-…`)."""
    name: Annotated[str, Field(alias="name"), CREATE_ONLY]
    """Name, unique on the gateway."""
    vendor: Annotated[str, Field(alias="aiServiceConfig.provider")]
    """Vendor, in the API's spelling."""
    address: Annotated[str | None, Field(alias="aiServiceConfig.address")] = None
    """Base URL; not for PAI-EAS, Bedrock and Vertex."""
    protocols: Annotated[tuple[str, ...], Field(alias="aiServiceConfig.protocols")] = ()
    """Protocols of the service, in the API's spelling."""
    compatible_protocols: Annotated[
        tuple[str, ...], Field(alias="aiServiceConfig.compatibleProtocols")
    ] = ()
    """Further protocols in which the gateway offers the service, in the API's spelling."""
    api_keys: Annotated[
        tuple[SecretText, ...], Field(alias="aiServiceConfig.apiKeys", max_length=MAX_API_KEYS)
    ] = ()
    """API keys of the service, at most 10."""
    default_model: Annotated[str | None, Field(alias="aiServiceConfig.defaultModelName")] = None
    """Model for requests that name none."""
    eas: Annotated[EasInputs | None, Field(alias="aiServiceConfig.paiEASServiceConfig")] = None
    """Model service of PAI-EAS."""
    bedrock: Annotated[
        BedrockInputs | None, Field(alias="aiServiceConfig.bedrockServiceConfig")
    ] = None
    """Models of AWS Bedrock."""
    vertex: Annotated[VertexInputs | None, Field(alias="aiServiceConfig.vertexServiceConfig")] = (
        None
    )
    """Models of Google Vertex AI."""
    health_check: HealthCheck | None = None
    """Active health check of the addresses."""
    outlier_detection: OutlierDetection | None = None
    """Ejection of addresses whose real requests fail."""
    verify: Annotated[bool, WRITE_ONLY] = False
    """Let the gateway send a chat completion to the service before it creates it."""
    resource_group_id: Annotated[str | None, Field(alias="resourceGroupId"), SERVER_DEFAULT] = None
    """Resource group (`rg-…`)."""


class AiServiceState(ResourceModel):
    """Outputs of `AiService` that come from the cloud."""

    service_id: str
    """Id of the service (`svc-…`)."""
    verified: tuple[VerifiedWord, ...] = ()
    """Words of the API that the cloud has accepted instead of others that it refused."""


AI_SERVICE: Final = Contract("dashlink:gateway:AiService", AiServiceInputs, AiServiceState)
