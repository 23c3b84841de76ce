"""Access lists and custom domains of dedicated gateways.

Sources, beside those of the package: repository aliyun/alibabacloud-sdk, eas-20210701/main.tea
(2026-08), models of CreateAclPolicy, DeleteAclPolicy, ListAclPolicy (without VpcId the list of the
internet; both lists are shown by ListAclPolicy) and of AttachGatewayDomain, DetachGatewayDomain,
ListGatewayDomains (Type intranet or internet; the message of AttachGatewayDomain reads "update",
so that a second one replaces the certificate: unverified). Codes are unverified.
"""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

from dashlink_sandbox.eas import AclEntry, EasGateway, GatewayDomain
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.eas.common import conflict, find_gateway
from dashlink_sandbox.wire.errors import check_choice, invalid, missing, not_found

_EVERYWHERE = AclEntry(entry="0.0.0.0/0", comment="default")  # examples of ListAclPolicy
_TYPES = ("intranet", "internet")


def open_list(call: Call) -> list[AclEntry]:
    """Return the list of a new way in: what the dialect's cloud writes there itself."""
    return [_EVERYWHERE] if call.dialect["eas-acl-default"] == "listed" else []


def add_entries(call: Call) -> Answer:
    """CreateAclPolicy."""
    row = _requested(call)
    entries = _list_of(row, call)
    known = {entry.entry for entry in entries}
    for entry in _entries(call):
        if entry.entry in known:
            raise conflict("AclPolicyExists", f"The list has {entry.entry} already.")
        known.add(entry.entry)
        entries.append(entry)
    return {"GatewayId": row.gateway_id, "Message": "Successfully add acl policy for gateway"}


def remove_entries(call: Call) -> Answer:
    """DeleteAclPolicy."""
    row = _requested(call)
    removed = {entry.entry for entry in _entries(call)}
    entries = _list_of(row, call)
    absent = removed - {entry.entry for entry in entries}
    if absent:
        raise not_found("AclPolicyNotFound", f"The list has no {min(absent)}.")
    entries[:] = [entry for entry in entries if entry.entry not in removed]
    return {"GatewayId": row.gateway_id, "Message": "Successfully delete acl policy for gateway"}


def list_entries(call: Call) -> Answer:
    """ListAclPolicy: the lists of one VPC, or of the internet and every VPC."""
    row = _requested(call)
    only = call.params.text("VpcId")
    by_vpc = []
    for linked in row.linked.values():
        if only in ("", linked.vpc_id):
            by_vpc.append({"VpcId": linked.vpc_id, "AclPolicyList": _shape(linked.acl)})
    answer: Answer = {"GatewayId": row.gateway_id, "IntranetVpcAclPolicyList": by_vpc}
    if not only:
        answer["InternetAclPolicyList"] = [{"AclPolicyList": _shape(row.internet_acl)}]
    return answer


def attach_domain(call: Call) -> Answer:
    """AttachGatewayDomain."""
    row = _requested(call)
    sent = _domain(call)
    for other in call.state.eas_gateways.values():
        if other.gateway_id != row.gateway_id and sent.domain in other.domains:
            raise conflict("DomainExists", f"{sent.domain} is attached to {other.gateway_id}.")
    row.domains[sent.domain] = sent
    message = f"Successfully update custom endpoint for gateway {row.gateway_id}"
    return {"GatewayId": row.gateway_id, "Message": message}


def detach_domain(call: Call) -> Answer:
    """DetachGatewayDomain."""
    row = _requested(call)
    sent = _domain(call)
    old = row.domains.get(sent.domain)
    if old is None or old.type != sent.type:
        raise not_found("DomainNotFound", f"{sent.domain} is not attached.")
    del row.domains[sent.domain]
    message = f"Successfully delete custom endpoint for gateway {row.gateway_id}"
    return {"GatewayId": row.gateway_id, "Message": message}


def list_domains(call: Call) -> Answer:
    """ListGatewayDomains."""
    rows = []
    for domain in _requested(call).domains.values():
        created = timestamp(domain.created)
        shape = {"Domain": domain.domain, "Type": domain.type, "CreateTime": created}
        if domain.certificate_id:
            shape["CertificateId"] = domain.certificate_id
            shape["CertificateStatus"] = "Succeeded"
        rows.append({**shape, "UpdateTime": created})
    return {"CustomDomains": rows, "Message": "Successfully get custom domains"}


def _requested(call: Call) -> EasGateway:
    region, gateway_id = call.params.required("ClusterId"), call.params.required("GatewayId")
    return find_gateway(call, region, gateway_id)


def _list_of(row: EasGateway, call: Call) -> list[AclEntry]:
    vpc_id = call.params.text("VpcId")
    if not vpc_id:
        return row.internet_acl
    if vpc_id not in row.linked:
        raise not_found("LinkedVpcNotFound", f"{vpc_id} is not linked.")
    return row.linked[vpc_id].acl


def _entries(call: Call) -> list[AclEntry]:
    rows = _json(call, "AclPolicyList")
    entries = []
    for row in rows if isinstance(rows, list) else ():
        try:
            IPv4Network(str(row.get("Entry")))
        except ValueError as error:
            raise invalid("Entry") from error
        entries.append(AclEntry(entry=row["Entry"], comment=str(row.get("Comment") or "")))
    if not entries:
        raise missing("AclPolicyList")
    return entries


def _domain(call: Call) -> GatewayDomain:
    row = _json(call, "CustomDomain")
    if not isinstance(row, dict) or not row.get("Domain"):
        raise missing("CustomDomain")
    check_choice("Type", str(row.get("Type")), _TYPES)
    return GatewayDomain(
        domain=str(row["Domain"]).lower(),
        type=row["Type"],
        certificate_id=str(row.get("CertificateId") or ""),
        created=call.now,
    )


def _json(call: Call, name: str) -> Any:
    try:
        return json.loads(call.params.required(name))
    except ValueError as error:
        raise invalid(name) from error


def _shape(entries: list[AclEntry]) -> list[Answer]:
    return [{"Entry": entry.entry, "Comment": entry.comment} for entry in entries]
