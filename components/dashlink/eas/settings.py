"""Settings of a model service of PAI-EAS: one that exists, or one to deploy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from dashlink.types import Secret, SettingsModel


class EasStorage(SettingsModel):
    """Files that are mounted into the containers, e.g. a model."""

    mount_path: str = Field(pattern=r"^/\S*$")
    """Path in the containers."""
    oss: str = Field(pattern=r"^oss://\S+$")
    """Folder in OSS of the same region."""
    read_only: bool = True
    """Whether the containers can only read it."""


class EasAutoscaling(SettingsModel):
    """Bounds of the number of instances, and what it depends on."""

    min_instances: int = Field(ge=0)
    """Least number of instances; at least 1 behind a dedicated gateway."""
    max_instances: int = Field(ge=1)
    """Greatest number of instances."""
    qps: int = Field(ge=1)
    """Requests a second that one instance serves."""


class EasDeployment(SettingsModel):
    """What is deployed: an image with a command, or a processor with a model."""

    image: str | None = None
    """Image of the container."""
    command: str | None = None
    """Command of the container, one line."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Port on which the container answers HTTP; not 8080 or 9090."""
    environment: Mapping[str, str] = Field(default_factory=dict)
    """Environment variables of the container; no secrets."""
    processor: str | None = None
    """Processor, instead of an image."""
    model_path: str | None = None
    """Model of the processor (`oss://…`)."""
    instances: int = Field(default=1, ge=0)
    """Number of instances."""
    instance_type: str | None = None
    """ECS type of the instances in the public resource pool, e.g. `ecs.gn7i-c8g1.2xlarge`."""
    resource: str | None = Field(default=None, pattern=r"^eas-r-[0-9A-Za-z]+$")
    """Dedicated resource group (`eas-r-…`), instead of an instance type."""
    cpu: int | None = Field(default=None, ge=1)
    """CPU cores of an instance, of a resource group."""
    memory_mb: int | None = Field(default=None, ge=1)
    """Memory of an instance in MB, of a resource group."""
    gpu: int | None = Field(default=None, ge=0)
    """GPUs of an instance, of a resource group."""
    storage: tuple[EasStorage, ...] = ()
    """Files that are mounted into the containers."""
    gateway: str | None = Field(default=None, pattern=r"^gw-[0-9A-Za-z-]+$")
    """Dedicated gateway (`gw-…`); default: the shared one."""
    internet: bool = True
    """Whether the service has an address on the internet; `false` is not verified."""
    in_vpc: bool = False
    """Give the instances an interface in the stack's VPC, for what they call; clients reach the
    service through its gateway without it."""
    rate_limit: int | None = Field(default=None, ge=0)
    """Requests a second that one instance accepts; more are answered 429. 0: no limit."""
    keepalive_ms: int | None = Field(default=None, ge=1)
    """Longest time of a request in ms; a longer one is answered 408."""
    max_queue_size: int | None = Field(default=None, ge=1)
    """Requests that wait for one instance; more are answered 450."""
    autoscaling: EasAutoscaling | None = None
    """Bounds of the number of instances."""
    extra: Mapping[str, Any] = Field(default_factory=dict)
    """Further keys of the service JSON, merged over the others; objects are merged key by key."""


class EasServiceSettings(SettingsModel):
    """A model service; without `deploy` it exists, and nothing of it is changed."""

    name: str | None = None
    """Name of the service in its region; required without `deploy`, whose default is
    `<project>_<stack>_<key>`."""
    deploy: EasDeployment | None = None
    """What to deploy; without it the service exists."""
    workspace_id: str | None = None
    """PAI workspace of a deployed service."""
    token: Secret | None = None
    """Token of a deployed service, `{config: key}`; default: the cloud generates one."""
    access: Literal["vpc", "internet"] = "vpc"
    """Which address clients use."""
    protocols: tuple[Literal["openai", "anthropic"], ...] = ("openai",)
    """Protocols of the model server, for the URLs."""
    default_model: str | None = None
    """Model that client files name: one of the server's /v1/models."""
    probe: bool = True
    """Wait until the service answers, where it can be reached from the machine that deploys."""
    timeout_seconds: int = Field(default=1800, ge=1)
    """Time limit of the wait until it runs, in seconds."""
