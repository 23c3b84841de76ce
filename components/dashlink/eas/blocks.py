"""Nested settings of a deployment: storage, scaling, checks, limits, load balancers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashlink.types import SettingsModel


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
    spelling: Literal["strategies", "scaleStrategies"] = "strategies"
    """How the service JSON has `qps`: two spellings are documented, and neither is verified."""


class EasHealthCheck(SettingsModel):
    """A check of the container: by HTTP with `path`, by a command, else by a TCP connection.

    Without a time or a number, the cloud's own is used.
    """

    path: str | None = Field(default=None, pattern=r"^/\S*$")
    """Path that answers a status of 200 to 399."""
    command: tuple[str, ...] = ()
    """Command that ends with 0, instead of a request."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Port; default: that of the container."""
    initial_delay_seconds: int | None = Field(default=None, ge=0)
    """Time before the first check, in seconds; default: the cloud's."""
    period_seconds: int | None = Field(default=None, ge=1)
    """Time between two checks, in seconds; default: the cloud's."""
    timeout_seconds: int | None = Field(default=None, ge=1)
    """Time limit of a check, in seconds; default: the cloud's."""
    success_threshold: int | None = Field(default=None, ge=1)
    """Checks that succeed before the container counts as healthy; default: the cloud's."""
    failure_threshold: int | None = Field(default=None, ge=1)
    """Checks that fail before the container counts as unhealthy; default: the cloud's."""


class EasRollingUpdate(SettingsModel):
    """How instances are replaced in an update: each a number, or a share such as `2%`."""

    max_surge: int | str | None = None
    """Instances above the desired number; the cloud's default is 2%."""
    max_unavailable: int | str | None = None
    """Instances below the desired number; the cloud's default is 1 in a resource group, else 0."""


class EasGatewayLimits(SettingsModel):
    """Limits of the gateway for the whole service; more requests are answered 429."""

    requests_per_second: int | None = Field(default=None, ge=1)
    """Requests a second."""
    concurrent_requests: int | None = Field(default=None, ge=1)
    """Requests at the same time; not behind a gateway of kind ALB."""


class EasBalancer(SettingsModel):
    """A listener of a network load balancer (NLB) in front of the instances."""

    id: str = Field(default="default", pattern=r"^(default|nlb-[0-9A-Za-z]+)$")
    """Load balancer: `nlb-…` in the stack's VPC, or `default` for one that PAI-EAS manages."""
    port: int = Field(ge=1, le=65535)
    """Port of the listener; not 8080."""
    internet: bool = False
    """Whether the load balancer is on the internet."""
