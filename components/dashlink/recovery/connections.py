"""Look-ups of connections between VPCs: CEN, transit routers and their attachments, peerings.

Fields of the answers: SDK cbn 1.4.0 and vpcpeer 2.0.5. Ids: section "Import" of the page of each
resource of the alicloud provider v1.285.0 (website/docs/r); those of attachments are
resource_alicloud_cen_transit_router_*_attachment.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.recovery.desired import Found, Inputs
from dashlink.recovery.ownership import is_going, owned
from dashlink.recovery.reads import Reads

_ATTACHMENTS = "TransitRouterAttachments"


def cens(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """CEN instances of the name with the stack's tags."""
    name = inputs.text("cenInstanceName")
    for row in owned(reads.cens(), inputs, name="Name", named=name):
        yield Found(row["CenId"], row["CenId"])


def routers(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The transit router of the CEN instance in the region: there is at most one."""
    cen_id = inputs.text("cenId")
    for row in reads.routers(cen_id):
        region = row.get("TransitRouterRegionId") or row.get("RegionId")
        if region == inputs.region and not is_going(row):
            yield Found(row["TransitRouterId"], f"{cen_id}:{row['TransitRouterId']}")


def vpc_attachments(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The attachment of the VPC to the transit router."""
    vpc_id = inputs.text("vpcId")
    return _attachments(reads, inputs, "ListTransitRouterVpcAttachments", "VpcId", vpc_id)


def peer_attachments(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The connection of two transit routers."""
    peer_id = inputs.text("peerTransitRouterId")
    action = "ListTransitRouterPeerAttachments"
    return _attachments(reads, inputs, action, "PeerTransitRouterId", peer_id)


def _attachments(
    reads: Reads, inputs: Inputs, action: str, field: str, other_id: str
) -> Iterator[Found]:
    """Attachments of the transit router whose other end is in ``field`` of a row."""
    cen_id, router_id = inputs.text("cenId"), inputs.text("transitRouterId")
    for row in reads.cbn(action, _ATTACHMENTS, CenId=cen_id, RegionId=inputs.region):
        ends = (row.get("TransitRouterId"), row.get(field))
        if ends == (router_id, other_id) and not is_going(row):
            attachment_id = row["TransitRouterAttachmentId"]
            yield Found(attachment_id, f"{cen_id}:{attachment_id}")


def associations(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The association of the attachment with the table."""
    return _links(reads, inputs, "Associations")


def propagations(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The propagation of the attachment's routes to the table."""
    return _links(reads, inputs, "Propagations")


def _links(reads: Reads, inputs: Inputs, kind: str) -> Iterator[Found]:
    attachment_id = inputs.text("transitRouterAttachmentId")
    table_id = inputs.text("transitRouterRouteTableId")
    action, rows = f"ListTransitRouterRouteTable{kind}", f"TransitRouter{kind}"
    for row in reads.cbn(action, rows, TransitRouterRouteTableId=table_id):
        if row.get("TransitRouterAttachmentId") == attachment_id and not is_going(row):
            yield Found(f"{attachment_id} in {table_id}", f"{attachment_id}:{table_id}")


def peerings(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """Peerings of the two VPCs with the name."""
    vpc_id, accepting_id = inputs.text("vpcId"), inputs.text("acceptingVpcId")
    rows = []
    for row in reads.peerings(vpc_id):
        ends = ((row.get("Vpc") or {}).get("VpcId"), (row.get("AcceptingVpc") or {}).get("VpcId"))
        if ends == (vpc_id, accepting_id):
            rows.append(row)
    name = inputs.text("peerConnectionName")
    for row in owned(rows, inputs, name="Name", named=name, tagged_later=True):
        yield Found(row["InstanceId"], row["InstanceId"])


def accepters(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """No acceptance is lost: the provider accepts again what is accepted."""
    del reads, inputs
    return iter(())
