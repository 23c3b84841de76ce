"""Access lists, peers and domains of dedicated gateways: read, and made equal to the inputs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, TypeVar

from dashlink.errors import CloudError
from dashlink.resources.models.eas_gateway import AclEntryInputs, CustomDomainInputs
from dashlink.resources.models.eas_gateway_link import PeerVpcInputs

if TYPE_CHECKING:
    from dashlink.cloud.credentials import Account
    from dashlink.cloud.eas_gateways import EasGatewayApi

_T = TypeVar("_T")


def eas_gateways(account: Account) -> EasGatewayApi:
    """Return a client. Its modules are large and are imported here, not when the plugin starts."""
    from dashlink.cloud.eas_gateways import EasGatewayApi  # noqa: PLC0415 - above

    return EasGatewayApi(account)


def in_order_of(written: Collection[_T] | None, current: Iterable[_T]) -> tuple[_T, ...]:
    """Return the current items; in the order of the inputs where they are the same items."""
    items = tuple(current)
    if written is not None and len(items) == len(written) and set(items) == set(written):
        return tuple(written)
    return items


def read_acl(api: EasGatewayApi, gateway_id: str, vpc_id: str | None) -> tuple[AclEntryInputs, ...]:
    """Return the access list of a linked VPC, or of the internet; sorted by block."""
    entries = []
    for row in api.acl(gateway_id, vpc_id):
        entries.append(AclEntryInputs(cidr=row["Entry"], comment=row.get("Comment") or ""))
    return tuple(sorted(entries, key=lambda entry: entry.cidr))


def write_acl(
    api: EasGatewayApi,
    gateway_id: str,
    vpc_id: str | None,
    desired: Collection[AclEntryInputs] | None,
) -> None:
    """Make an access list equal to the inputs; None leaves it.

    New blocks are added before old ones are removed, so that no client loses its access between.
    """
    if desired is None:
        return
    current = read_acl(api, gateway_id, vpc_id)
    desired_cidrs = {entry.cidr for entry in desired}
    current_cidrs = {entry.cidr for entry in current}
    added = [entry for entry in desired if entry.cidr not in current_cidrs]
    removed = [entry for entry in current if entry.cidr not in desired_cidrs]
    recommented = set(desired) - set(current) - set(added)

    def change(
        send: Callable[..., None], entries: Collection[AclEntryInputs], *, there: bool
    ) -> None:
        def is_done() -> bool:
            current = {entry.cidr for entry in read_acl(api, gateway_id, vpc_id)}
            return all((entry.cidr in current) is there for entry in entries)

        if entries:
            rows = [_acl_row(entry) for entry in entries]
            _send(lambda: send(gateway_id, vpc_id, rows), is_done)

    change(api.add_to_acl, added, there=True)
    change(api.remove_from_acl, removed, there=False)
    for entry in recommented:
        change(api.remove_from_acl, [entry], there=False)
        change(api.add_to_acl, [entry], there=True)


def read_peers(api: EasGatewayApi, gateway_id: str, vpc_id: str) -> tuple[PeerVpcInputs, ...]:
    """Return the peer VPCs of a linked VPC, sorted by id."""
    peers = []
    for row in api.peers(gateway_id, vpc_id):
        peers.append(PeerVpcInputs(vpc_id=row["VpcId"], region=str(row.get("Region") or "")))
    return tuple(sorted(peers, key=lambda peer: peer.vpc_id))


def write_peers(
    api: EasGatewayApi, gateway_id: str, vpc_id: str, desired: Collection[PeerVpcInputs]
) -> None:
    """Make the peer VPCs of a linked VPC equal to the inputs."""
    current = read_peers(api, gateway_id, vpc_id)
    removed = [peer for peer in current if peer not in desired]
    added = [peer for peer in desired if peer not in current]

    def change(send: Callable[..., None], peers: Collection[PeerVpcInputs], *, there: bool) -> None:
        def is_done() -> bool:
            current = read_peers(api, gateway_id, vpc_id)
            return all((peer in current) is there for peer in peers)

        if peers:
            rows = [_peer_row(peer) for peer in peers]
            _send(lambda: send(gateway_id, vpc_id, rows), is_done)

    change(api.remove_peers, removed, there=False)
    change(api.add_peers, added, there=True)


def read_domains(api: EasGatewayApi, gateway_id: str) -> tuple[CustomDomainInputs, ...]:
    """Return the custom domains of a gateway, sorted by name."""
    domains = []
    for row in api.domains(gateway_id):
        certificate_id = row.get("CertificateId") or None
        domains.append(
            CustomDomainInputs(
                domain=row["Domain"], type=row["Type"], certificate_id=certificate_id
            )
        )
    return tuple(sorted(domains, key=lambda domain: (domain.domain, domain.type)))


def write_domains(
    api: EasGatewayApi, gateway_id: str, desired: Collection[CustomDomainInputs]
) -> None:
    """Make the custom domains of a gateway equal to the inputs."""
    current = read_domains(api, gateway_id)
    names = {(domain.domain, domain.type) for domain in desired}
    for domain in current:
        if (domain.domain, domain.type) not in names:
            _detach(api, gateway_id, domain)
    for domain in desired:
        if domain in current:
            continue
        row: dict[str, str] = {"Domain": domain.domain, "Type": domain.type}
        if domain.certificate_id is not None:
            row["CertificateId"] = domain.certificate_id
        api.attach_domain(gateway_id, row)


def _detach(api: EasGatewayApi, gateway_id: str, domain: CustomDomainInputs) -> None:
    row = {"Domain": domain.domain, "Type": domain.type}
    _send(
        lambda: api.detach_domain(gateway_id, row),
        lambda: domain not in read_domains(api, gateway_id),
    )


def _send(request: Callable[[], None], is_done: Callable[[], bool]) -> None:
    """Send a change; a refusal is no error where an earlier attempt, without an answer, did it."""
    try:
        request()
    except CloudError:
        if not is_done():
            raise


def _acl_row(entry: AclEntryInputs) -> dict[str, str]:
    return {"Entry": entry.cidr, "Comment": entry.comment}


def _peer_row(peer: PeerVpcInputs) -> dict[str, str]:
    return {"Region": peer.region, "VpcId": peer.vpc_id}
