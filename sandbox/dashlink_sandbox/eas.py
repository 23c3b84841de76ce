"""Records of PAI-EAS: model services, dedicated gateways, and the VPCs that these are linked to."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from dashlink_sandbox.records import Record, Tagged

SUFFIX = ".pai-eas.aliyuncs.com"
"""End of the names of all gateways."""
ROUTE_SECONDS = 0.3
"""Time after which a gateway has the route of a service that has become Running."""


class EasService(Tagged):
    """A model service.

    ``config`` is the service JSON by its primary keys, without the token. ``status``: Creating,
    Updating, Running, Stopping, Stopped, Starting, Failed, Deleting. ``ready`` is the time from
    which the gateway knows the service; an update keeps it.
    """

    service_id: str
    name: str
    region: str
    token: str
    config: dict[str, Any] = Field(default_factory=dict)
    workspace_id: str = ""
    status: str = "Creating"
    since: float = 0.0
    ready: float = 0.0
    updated: float = 0.0

    @property
    def gateway_id(self) -> str:
        """The dedicated gateway; empty for the shared one."""
        return str((self.config.get("networking") or {}).get("gateway") or "")


class LinkedVpc(Record):
    """A VPC from which a dedicated gateway is reached: its interface there, and its DNS."""

    vpc_id: str
    vswitch_id: str
    address: str
    authoritative_dns: bool = False
    status: str = "Running"


class EasGateway(Tagged):
    """A fully managed dedicated gateway. ``status``: Creating, Running, Deleting."""

    gateway_id: str
    name: str
    region: str
    instance_type: str = "2c4g"
    replicas: int = 2
    charge_type: str = "PostPaid"
    internet: bool = False
    intranet: bool = True
    is_default: bool = False
    status: str = "Creating"
    since: float = 0.0
    linked: dict[str, LinkedVpc] = Field(default_factory=dict)

    @property
    def internet_domain(self) -> str:
        """The name on the internet, in the form that live programs use."""
        return f"{self.gateway_id}.{self.region}{SUFFIX}"

    @property
    def intranet_domain(self) -> str:
        """The name in linked VPCs, in the form that live programs use."""
        return f"{self.gateway_id}-vpc.{self.region}{SUFFIX}"


def shared_domain(owner: str, region: str, *, vpc: bool) -> str:
    """The name of the shared gateway for an account: on the internet, or within VPCs."""
    return f"{owner}{'.vpc' if vpc else ''}.{region}{SUFFIX}"
