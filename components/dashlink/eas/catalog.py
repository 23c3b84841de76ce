"""Facts about PAI-EAS, each with its source."""

from __future__ import annotations

from typing import Final

NAME_PATTERN: Final = r"[a-z0-9_]{3,63}"
"""Names of services: lower-case letters, digits and underscores, 3 to 63 ("JSON deployment", help
centre, 2026; the lengths are second-hand)."""
RESERVED_PORTS: Final = (8080, 9090)
"""Ports that a container must not use ("JSON deployment", 2026)."""
LARGEST_BODY: Final = "1 MB"
"""The largest request through a gateway ("Appendix: Service status codes and common errors",
2025-11)."""
SHARED_GATEWAY: Final = "DefaultGateway"
"""EndpointType of the shared gateway in DescribeServiceEndpoints (SDK 2026-08)."""
GATEWAY_KINDS: Final = ("PrivateGateway", SHARED_GATEWAY)
"""EndpointTypes whose URLs clients use, in the order of preference (SDK 2026-08)."""
SHARED_GATEWAY_ADVICE: Final = (
    "Write `gateway` of a dedicated one, e.g. a name in `eas_gateways`: the shared gateway has "
    "limits that its users share (1,000 requests a second for a service) and no access list."
)
"""Limits: "Call over the internet or intranet through the shared gateway" (2026-06-24)."""
BALANCED_PORT: Final = 8080
"""The port that a listener of an NLB must not have ("NLB access", help centre, 2026-05)."""
BALANCER_ZONES: Final = 2
"""Zones that an NLB needs at least ("NLB access", 2026-05)."""
NOTE_BODY: Final = f"A gateway refuses requests above {LARGEST_BODY}."
NOTE_SHARED: Final = (
    "The shared gateway accepts 1,000 requests a second for a service (10,000 for a group), and "
    "its VPC address works in every VPC of the region alone."
)
"""Limits: "Call over the internet or intranet through the shared gateway" (2026-06-24)."""
NOTE_IDLE: Final = (
    "The shared gateway closes connections that are idle for 180 seconds: let clients end theirs "
    "before."
)
"""Measured by a live program (2026-10-08: 186 s); no document states it."""
NOTE_DEDICATED: Final = (
    "The VPC address of a dedicated gateway resolves in VPCs that are linked to it, and in their "
    "peer VPCs. A service behind it does not scale from zero."
)
NOTE_WEB: Final = (
    "A web application (`enable_webservice`) has addresses of another form, which the API does not "
    "list: see the console."
)
NOTE_FAR: Final = (
    "The service is in {region}: the shared gateway's VPC address works there alone, also over "
    "connected VPCs. Use `access: internet`, or a dedicated gateway with this VPC as a peer."
)
"""Source of both: "Call over the internet or intranet through the shared gateway" (2026-06-24)."""
UNVERIFIED_INTERNET: Final = (
    "`internet: false` sends networking.disable_internet_endpoint, whose effect is not documented"
)
UNVERIFIED_SCALING: Final = (
    "`autoscaling.qps` is sent as autoscaler.{spelling}; two spellings are documented: write "
    "`autoscaling.spelling` if the cloud ignores this one"
)
UNVERIFIED_NLB: Final = "the keys of `nlb` in the service JSON are second-hand"
PROTOCOL_PATHS: Final = {"openai": "/v1", "anthropic": ""}
"""What SDKs expect after the service's URL; Anthropic's append /v1 themselves."""
