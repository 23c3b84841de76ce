"""Domains. Sources: SDK 11.6.0, models CreateDomainRequest, UpdateDomainRequest, GetDomainResponseBodyData.

Codes are unverified.
"""

from __future__ import annotations

import re
from typing import Any

from dashlink_sandbox.gateways import Domain
from dashlink_sandbox.services.apig.answers import bad, birth, conflict, find, listed, millis, ok, own, required
from dashlink_sandbox.services.base import Answer, Call

_NAME = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")


def create(call: Call) -> Answer:
    """CreateDomain: a name comes once for each gateway type."""
    body = call.body
    name, kind = required(body, "name"), body.get("gatewayType") or "API"
    if _NAME.fullmatch(name) is None:
        raise bad("name", "It is no domain name.")
    if any(row.name == name and row.gateway_type == kind for row in own(call, call.state.domains)):
        raise conflict("DomainExisted", f"The account has the domain {name} already.")
    domain = _changed(call, Domain(domain_id=call.new_id("d"), name=name, gateway_type=kind, **birth(call)))
    call.state.domains[domain.domain_id] = domain
    return ok({"domainId": domain.domain_id})


def describe(call: Call) -> Answer:
    """GetDomain."""
    return ok(_shape(call, _the_domain(call)))


def list_domains(call: Call) -> Answer:
    """ListDomains."""
    text = call.params.text
    rows = [
        row
        for row in own(call, call.state.domains)
        if text("nameLike") in row.name and text("gatewayType", row.gateway_type) == row.gateway_type
    ]
    return listed(call, [_shape(call, row) for row in rows])


def update(call: Call) -> Answer:
    """UpdateDomain."""
    domain = _changed(call, _the_domain(call))
    call.state.domains[domain.domain_id] = domain
    return ok()


def delete(call: Call) -> Answer:
    """DeleteDomain: refused while an API is served under it."""
    domain = _the_domain(call)
    users = _users(call, domain)
    if users:
        raise conflict("DomainInUse", f"The domain {domain.name} is used by {', '.join(users)}.")
    del call.state.domains[domain.domain_id]
    return ok()


def _users(call: Call, domain: Domain) -> list[str]:
    return sorted(
        api.name
        for api in call.state.http_apis.values()
        if domain.domain_id in (api.deploy_config.get("customDomainIds") or ())
    )


def _the_domain(call: Call) -> Domain:
    domain_id = call.params.required("domainId")
    return find(call, call.state.domains, domain_id, "NotFound.DomainNotFound", "domain")


def _changed(call: Call, domain: Domain) -> Domain:
    body = call.body
    changes: dict[str, Any] = {"updated": call.now}
    for field, name in (
        ("protocol", "protocol"),
        ("cert_identifier", "certIdentifier"),
        ("force_https", "forceHttps"),
        ("tls_min", "tlsMin"),
        ("tls_max", "tlsMax"),
        ("scope", "domainScope"),
    ):
        if body.get(name) is not None:
            changes[field] = body[name]
    changed = domain.model_copy(update=changes)
    if changed.protocol not in ("HTTP", "HTTPS"):
        raise bad("protocol", "It must be HTTP or HTTPS.")
    if changed.protocol == "HTTPS" and not changed.cert_identifier:
        raise bad("certIdentifier", "HTTPS needs a certificate.")
    return changed


def _shape(call: Call, row: Domain) -> Answer:
    return {
        "domainId": row.domain_id,
        "name": row.name,
        "protocol": row.protocol,
        "certIdentifier": row.cert_identifier or None,
        "forceHttps": row.force_https,
        "tlsMin": row.tls_min or None,
        "tlsMax": row.tls_max or None,
        "domainScope": row.scope or None,
        "createFrom": "Console",
        "default": False,
        "resourceGroupId": row.resource_group_id,
        "statisticsInfo": {"totalCount": len(_users(call, row))},
        "createTimestamp": millis(row.created),
        "updatetimestamp": millis(row.updated),
    }
