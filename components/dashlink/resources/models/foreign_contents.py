"""Inputs, outputs and contract of `ForeignContents`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator

from dashlink.resources.contract import CREATE_ONLY, Contract, ResourceModel


def _sorted(values: tuple[str, ...]) -> tuple[str, ...]:
    """Sort texts whose order has no meaning, so that another order is no change."""
    return tuple(sorted(values))


_Texts = Annotated[tuple[str, ...], AfterValidator(_sorted)]


def rule_text(
    *, source: str, ports: str, protocol: str, policy: str, priority: int, direction: str
) -> str:
    """Return a rule of a security group as one line: `ingress accept tcp 443/443 10.0.0.0/8 1`.

    Args:
        source: Range, security group or prefix list of the other side.
        ports: First and last port, `443/443`.
        protocol: Protocol in any case.
        policy: `accept` or `drop` in any case.
        priority: 1 to 100.
        direction: `ingress` or `egress`.
    """
    return f"{direction} {policy.lower()} {protocol.lower()} {ports} {source} {priority}"


class ZoneContentsInputs(ResourceModel):
    """What a private zone of the stack contains."""

    zone_id: str
    """Id of the private zone."""
    hosts: _Texts = ()
    """Records of the stack by host and type, with any value: `@ CNAME`."""
    record_ids: _Texts = ()
    """Further records of the stack, by their ids."""


class ForeignContentsInputs(ResourceModel):
    """Inputs of `ForeignContents`."""

    region: Annotated[str, CREATE_ONLY]
    """Region of the security group."""
    security_group_id: str | None = None
    """Security group that the stack has created; default: none."""
    rules: _Texts = ()
    """Its rules, each as `rule_text` writes it."""
    private_zones: tuple[ZoneContentsInputs, ...] = ()
    """Private zones that the stack has created."""
    endpoint_ids: _Texts = ()
    """Endpoints that the stack has created without a policy."""
    keep_foreign: bool = False
    """Remove nothing, and report nothing as a change."""
    foreign_rules: _Texts = ()
    """Left empty by programs: the rules of others, which a refresh lists and an update removes."""
    foreign_records: _Texts = ()
    """Left empty by programs: the records of others, as above."""
    foreign_policies: _Texts = ()
    """Left empty by programs: policies of these endpoints, as above."""


class ForeignContentsState(ResourceModel):
    """Outputs of `ForeignContents` that come from the cloud."""

    foreign_ids: tuple[str, ...] = ()
    """Ids of the listed rules, records and endpoints: an update removes no others."""


FOREIGN_CONTENTS: Final = Contract(
    "dashlink:network:ForeignContents", ForeignContentsInputs, ForeignContentsState
)
