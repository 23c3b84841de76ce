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
    "Write `gateway` of a dedicated one: the shared gateway has limits that its users share (1,000 "
    "requests a second for a service) and no access list."
)
"""Limits: "Call over the internet or intranet through the shared gateway" (2026-06-24)."""
UNVERIFIED_INTERNET: Final = (
    "`internet: false` sends networking.disable_internet_endpoint, whose effect is not documented"
)
UNVERIFIED_SCALING: Final = (
    "`autoscaling.qps` is sent as autoscaler.strategies.qps; a second spelling is documented too"
)
PROTOCOL_PATHS: Final = {"openai": "/v1", "anthropic": ""}
"""What SDKs expect after the service's URL; Anthropic's append /v1 themselves."""
