"""Domains.

Sources: SDK 11.6.0, models CreateDomainRequest, UpdateDomainRequest, GetDomainResponseBodyData.
DatabaseError.RecordNotFound: the alicloud provider (81c43b6, 2026-08-21). Other codes are
unverified.
"""

from __future__ import annotations

import re
from functools import partial

from dashlink_sandbox.gateways import Domain
from dashlink_sandbox.services.apig.answers import (
    changes_of,
    check_unique_name,
    conflict,
    items_of,
    listed,
    milliseconds,
    new_record,
    ok,
    required,
)
from dashlink_sandbox.services.apig.late import shown_group
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.wire.errors import check_choice, invalid

_NAME = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
_FIELDS = {
    "protocol": "protocol",
    "certIdentifier": "cert_identifier",
    "forceHttps": "force_https",
    "tlsMin": "tls_min",
    "tlsMax": "tls_max",
    "domainScope": "scope",
}


def create(call: Call) -> Answer:
    """CreateDomain: names are unique within a gateway type."""
    name = required(call.body, "name")
    kind = call.body.get("gatewayType") or "API"
    if _NAME.fullmatch(name) is None:
        raise invalid("name", "It is not a domain name.")
    siblings = [row for row in call.own(call.state.domains) if row.gateway_type == kind]
    message = f"The account has the domain {name} already."
    check_unique_name(siblings, name, "DomainExisted", message)
    blank = Domain(domain_id=call.new_id("d"), name=name, gateway_type=kind, **new_record(call))
    call.state.domains[blank.domain_id] = _changed(call, blank)
    return ok({"domainId": blank.domain_id})


def describe(call: Call) -> Answer:
    """GetDomain."""
    return ok(_shape(call, _requested(call)))


def list_domains(call: Call) -> Answer:
    """ListDomains."""
    rows = call.select(call.state.domains, {"gatewayType": "gateway_type"}, "nameLike")
    return listed(call, rows, partial(_shape, call))


def update(call: Call) -> Answer:
    """UpdateDomain."""
    domain = _changed(call, _requested(call))
    call.state.domains[domain.domain_id] = domain
    return ok()


def delete(call: Call) -> Answer:
    """DeleteDomain: refused while an API uses it."""
    domain = _requested(call)
    users = _users(call, domain)
    if users:
        message = f"The domain {domain.name} is used by {', '.join(users)}."
        raise conflict("DomainInUse", message)
    del call.state.domains[domain.domain_id]
    return ok()


def find_domain(call: Call, domain_id: str) -> Domain:
    """Return the caller's domain with this id.

    Raises:
        ApiError: DatabaseError.RecordNotFound.
    """
    return call.find(call.state.domains, domain_id, "DatabaseError.RecordNotFound", "domain")


def _requested(call: Call) -> Domain:
    return find_domain(call, call.params.required("domainId"))


def _users(call: Call, domain: Domain) -> list[str]:
    """Return the names of the APIs under the domain, sorted."""
    names = []
    for api in call.state.http_apis.values():
        if domain.domain_id in items_of(api.deploy_config, "customDomainIds"):
            names.append(api.name)
    return sorted(names)


def _changed(call: Call, domain: Domain) -> Domain:
    changes = {**changes_of(call.body, _FIELDS), "updated": call.now}
    changed = domain.model_copy(update=changes)
    check_choice("protocol", changed.protocol, ("HTTP", "HTTPS"))
    if changed.protocol == "HTTPS" and not changed.cert_identifier:
        raise invalid("certIdentifier", "HTTPS needs a certificate.")
    return changed


def _shape(call: Call, domain: Domain) -> Answer:
    return {
        "domainId": domain.domain_id,
        "name": domain.name,
        "protocol": domain.protocol,
        "certIdentifier": domain.cert_identifier or None,
        "forceHttps": domain.force_https,
        "tlsMin": domain.tls_min or None,
        "tlsMax": domain.tls_max or None,
        "domainScope": domain.scope or None,
        "createFrom": "Console",
        "default": False,
        "resourceGroupId": shown_group(call, domain.domain_id, domain),
        "statisticsInfo": {"totalCount": len(_users(call, domain))},
        "createTimestamp": milliseconds(domain.created),
        "updatetimestamp": milliseconds(domain.updated),
    }
