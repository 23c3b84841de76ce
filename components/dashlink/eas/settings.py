"""Settings of a model service of PAI-EAS: one that exists, or one to deploy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from dashlink.clients.safe_text import ModelName
from dashlink.eas.blocks import (
    EasAutoscaling,
    EasBalancer,
    EasGatewayLimits,
    EasHealthCheck,
    EasRollingUpdate,
    EasStorage,
)
from dashlink.types import Secret, SettingsModel


class EasDeployment(SettingsModel):
    """What is deployed: an image with a command, or a processor with a model."""

    image: str | None = None
    """Image of the container."""
    command: str | None = None
    """Command of the container, one command; default: the image's."""
    script: str | None = None
    """Script of the container, instead of a command; it may have several lines."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Port on which the container answers HTTP; not 8080 or 9090."""
    environment: Mapping[str, str] = Field(default_factory=dict)
    """Environment variables of the container; no secrets."""
    secret_environment: Mapping[str, Secret] = Field(default_factory=dict)
    """Environment variables of the container whose values are secrets, each `{config: key}`."""
    docker_auth: Secret | None = None
    """Login of a private registry of images, `{config: key}`: `user:password`, or its base64
    text."""
    startup_check: EasHealthCheck | None = None
    """When the container has started; the other checks begin then."""
    liveness_check: EasHealthCheck | None = None
    """When the container is restarted."""
    readiness_check: EasHealthCheck | None = None
    """When the container gets requests."""
    processor: str | None = None
    """Processor, instead of an image."""
    model_path: str | None = None
    """Model of the processor (`oss://…`)."""
    instances: int = Field(default=1, ge=0)
    """Number of instances."""
    instance_type: str | None = None
    """ECS type of the instances in the public resource pool, e.g. `ecs.gn7i-c8g1.2xlarge`."""
    spot_price_limit: float | None = Field(default=None, gt=0)
    """Highest price of a preemptible instance in USD an hour; default: instances that stay."""
    resource: str | None = Field(default=None, pattern=r"^eas-r-[0-9A-Za-z]+$")
    """Dedicated resource group (`eas-r-…`), instead of an instance type."""
    quota_id: str | None = Field(default=None, pattern=r"^quota[0-9A-Za-z-]+$")
    """Resource quota (`quota…`), e.g. of Lingjun, instead of an instance type."""
    quota_type: str | None = None
    """Type of the quota's resources, e.g. `Lingjun`."""
    cpu: int | None = Field(default=None, ge=1)
    """CPU cores of an instance, of a resource group or a quota."""
    memory_mb: int | None = Field(default=None, ge=1)
    """Memory of an instance in MB, of a resource group or a quota."""
    gpu: int | None = Field(default=None, ge=0)
    """GPUs of an instance, of a resource group or a quota."""
    shm_size_gb: int | None = Field(default=None, ge=1)
    """Shared memory of an instance in GB, e.g. for several GPUs; default: the cloud's."""
    storage: tuple[EasStorage, ...] = ()
    """Folders of OSS that are mounted into the containers."""
    gateway: str | None = Field(default=None, min_length=1)
    """Dedicated gateway: its id (`gw-…`) or its name in `eas_gateways`; default: the shared
    one."""
    internet: bool = True
    """Whether the service has an address on the internet; `false` is not verified."""
    in_vpc: bool = False
    """Give the instances an interface in the stack's VPC, for what they call; clients reach the
    service through its gateway without it."""
    vpc_zones: tuple[str, ...] = ()
    """Zones of the network whose vSwitches the instances use, with `in_vpc`; default: the first
    one, or all with `nlb`."""
    nlb: tuple[EasBalancer, ...] = ()
    """Listeners of network load balancers, beside the gateway; need `in_vpc` in two zones."""
    rate_limit: int | None = Field(default=None, ge=0)
    """Requests a second that one instance accepts; more are answered 429. 0: no limit. Default: the
    cloud's.
    """
    keepalive_ms: int | None = Field(default=None, ge=1)
    """Longest time of a request in ms; a longer one is answered 408. Default: the cloud's."""
    max_queue_size: int | None = Field(default=None, ge=1)
    """Requests that wait for one instance; more are answered 450. Default: the cloud's."""
    gateway_limits: EasGatewayLimits | None = None
    """Limits of the gateway for the whole service."""
    rolling_update: EasRollingUpdate | None = None
    """How instances are replaced in an update: numbers, or shares such as `2%`; default: the
    cloud's.
    """
    termination_grace_seconds: int | None = Field(default=None, ge=1)
    """Time that an instance has to end, in seconds; default: 30, the cloud's."""
    autoscaling: EasAutoscaling | None = None
    """Bounds of the number of instances; default: it does not change."""
    extra: Mapping[str, Any] = Field(default_factory=dict)
    """Further keys of the service JSON, merged over the others; objects are merged key by key."""


class EasServiceSettings(SettingsModel):
    """A model service; without `deploy` it exists, and nothing of it is changed."""

    name: str | None = None
    """Name of the service in its region: 3 to 63 lower-case letters, digits and underscores;
    required without `deploy`. Default: `<project>_<stack>_<key>`.
    """
    region: str | None = None
    """Region of a service that exists; default: the stack's. A service is deployed in the stack's
    region."""
    deploy: EasDeployment | None = None
    """What to deploy; without it the service exists."""
    workspace_id: str | None = None
    """PAI workspace of a deployed service; default: the account's."""
    token: Secret | None = None
    """Token of a deployed service, `{config: key}`; default: the cloud generates one."""
    access: Literal["vpc", "internet"] = "vpc"
    """Address that clients use."""
    protocols: tuple[Literal["openai", "anthropic"], ...] = ("openai",)
    """Protocols of the model server, for the URLs."""
    default_model: ModelName | None = None
    """Model that client files name: one of the server's /v1/models."""
    probe: bool = True
    """Wait until the service answers, where it can be reached from the machine that deploys."""
    timeout_seconds: int = Field(default=1800, ge=1)
    """Time limit of the wait until it runs, in seconds."""
