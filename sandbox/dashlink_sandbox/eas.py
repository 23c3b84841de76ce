"""Records of PAI-EAS: model services, dedicated gateways, and the VPCs that these are linked to."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from dashlink_sandbox.records import Record, Tagged

SUFFIX = ".pai-eas.aliyuncs.com"
"""End of the names of all gateways."""
ROUTE_SECONDS = 0.3
"""Time after which a gateway has the route of a service that has become Running."""


class EasService(Tagged):
    """A model service.

    ``config`` is the service JSON by its primary keys, without the token, and ``written`` the same
    in the spelling that was sent. ``labelled``: it once had tags. ``status``: Creating,
    Updating, Running, Stopping, Stopped, Starting, Failed, Deleting. ``ready`` is the time from
    which the gateway knows the service; an update keeps it.
    """

    service_id: str
    name: str
    region: str
    token: str
    config: dict[str, Any] = Field(default_factory=dict)
    written: dict[str, Any] = Field(default_factory=dict)
    labelled: bool = False
    workspace_id: str = ""
    status: str = "Creating"
    since: float = 0.0
    ready: float = 0.0
    updated: float = 0.0

    @property
    def gateway_id(self) -> str:
        """The dedicated gateway; empty for the shared one."""
        return str((self.config.get("networking") or {}).get("gateway") or "")


class AclEntry(Record):
    """A block of addresses that a dedicated gateway lets in."""

    entry: str
    comment: str = ""


class PeerVpc(Record):
    """A VPC in which the name of a linked VPC's gateway resolves too."""

    vpc_id: str
    region: str
    status: str = "Running"


class LinkedVpc(Record):
    """A VPC from which a dedicated gateway is reached: its interface there, its DNS, its list.

    ``status``: Creating, Running. A list without entries lets everything in.
    """

    vpc_id: str
    vswitch_id: str
    address: str
    account_id: str = ""
    security_group_id: str = ""
    authoritative_dns: bool = False
    status: str = "Running"
    since: float = 0.0
    peers: list[PeerVpc] = Field(default_factory=list)
    acl: list[AclEntry] = Field(default_factory=list)


class GatewayDomain(Record):
    """A custom domain of a dedicated gateway. ``type``: intranet or internet."""

    domain: str
    type: str
    certificate_id: str = ""
    created: float = 0.0


class EasGateway(Tagged):
    """A dedicated gateway.

    ``kind``: ``managed``, or ``application`` for one on a load balancer of its own (ALB).
    ``status``: Creating, Waiting (while type or number of nodes change), Running, Deleting.
    ``internet_status``: empty where it never was on the internet; Creating, Running, Deleting,
    Deleted. ``host_label`` is the first label of its names, without ``-vpc``; empty: its id.
    """

    gateway_id: str
    name: str
    region: str
    kind: Literal["managed", "application"] = "managed"
    resource_name: str = ""
    instance_type: str = "2c4g"
    replicas: int = 2
    charge_type: str = "PostPaid"
    internet: bool = False
    intranet: bool = True
    internet_status: str = ""
    ssl_redirection: bool = False
    is_default: bool = False
    status: str = "Creating"
    since: float = 0.0
    updated: float = 0.0
    host_label: str = ""
    vpc_id: str = ""
    vswitch_ids: list[str] = Field(default_factory=list)
    linked: dict[str, LinkedVpc] = Field(default_factory=dict)
    internet_acl: list[AclEntry] = Field(default_factory=list)
    domains: dict[str, GatewayDomain] = Field(default_factory=dict)

    @property
    def internet_domain(self) -> str:
        """The name on the internet."""
        return f"{self.host_label or self.gateway_id}.{self.region}{SUFFIX}"

    @property
    def intranet_domain(self) -> str:
        """The name in linked VPCs."""
        return f"{self.host_label or self.gateway_id}-vpc.{self.region}{SUFFIX}"

    @property
    def serves(self) -> bool:
        """Whether it answers requests."""
        return self.status in ("Running", "Waiting")


def shared_domain(owner: str, region: str, *, vpc: bool) -> str:
    """The name of the shared gateway for an account: on the internet, or within VPCs."""
    return f"{owner}{'.vpc' if vpc else ''}.{region}{SUFFIX}"
