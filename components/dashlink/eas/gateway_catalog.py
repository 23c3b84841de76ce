"""Facts about dedicated gateways of PAI-EAS, each with its source."""

from __future__ import annotations

from typing import Final

ID_PATTERN: Final = r"gw-[0-9A-Za-z-]+"
"""Ids of gateways (SDK models of EAS, 2026-08: examples)."""
LONGEST_NAME: Final = 64
"""Length of the names that dashlink gives; no source has the cloud's limit."""
ACL_ADVICE: Final = "Write `internet_acl` with the blocks of its clients."
NOTE_NAMES: Final = (
    "The gateway's name resolves in linked VPCs and their peers alone, and everywhere with "
    "`authoritative_dns`; the network from a peer to the link is yours."
)
""""Fully-managed dedicated gateway" (Alibaba Cloud, 2026-06-25)."""
NOTE_APPLICATION: Final = (
    "An ALB gateway: VPC, access control and certificates are those of its load balancer, which is "
    "billed as ALB; `keepalive_ms` has no effect."
)
""""Call services through a dedicated gateway" (2025-12-26); "JSON deployment" (2026)."""
UNVERIFIED_KIND: Final = (
    "whether the gateway is fully managed or of the ALB kind: no answer of the API has the kind, "
    "and its signs disagree"
)
UNVERIFIED_APPLICATION: Final = (
    "that the gateway is of the ALB kind: it is taken from the filter GatewayType, whose values no "
    "document lists"
)
UNVERIFIED_ACL: Final = (
    "what a client gets that the access list does not have, a status or no connection: not "
    "documented"
)
"""403 is in no table of "Service status codes and common errors" (2025-11)."""
