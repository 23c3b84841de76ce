"""Domains.

Sources: SDK 11.6.0, models CreateDomainRequest (which fields each scope and protocol needs, and
which it must not have), UpdateDomainRequest, ListDomainsRequest, GetDomainResponseBodyData.
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
    "caCertIdentifier": "ca_cert_identifier",
    "clientCACert": "client_ca_cert",
    "http2Option": "http2_option",
    "mTLSEnabled": "mtls_enabled",
    "tlsCipherSuitesConfig": "cipher_suites",
}
_FILTERS = {
    "gatewayType": "gateway_type",
    "domainScope": "scope",
    "resourceGroupId": "resource_group_id",
}
_SCOPES = ("Dedicated", "Serverless")
# Fields that a domain of the scope Serverless must not have.
_DEDICATED = (
    "protocol",
    "certIdentifier",
    "caCertIdentifier",
    "clientCACert",
    "mTLSEnabled",
    "http2Option",
    "tlsMin",
    "tlsMax",
    "tlsCipherSuitesConfig",
)
_HTTP2 = ("", "GlobalConfig", "Open", "Close")
_CERTIFICATE_SECONDS = 365 * 86400  # of each certificate; the sandbox has no product for them
_TLS = ("TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")


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
    """ListDomains: of a gateway, those of its APIs."""
    rows = call.select(call.state.domains, _FILTERS, "nameLike")
    if "gatewayId" in call.params:
        bound = _domains_of(call, call.params.text("gatewayId"))
        rows = [row for row in rows if row.domain_id in bound]
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


def _domains_of(call: Call, gateway_id: str) -> set[str]:
    """Return the ids of the domains that the APIs of a gateway are under."""
    ids = set()
    for api in call.state.http_apis.values():
        if api.gateway_id == gateway_id:
            ids.update(items_of(api.deploy_config, "customDomainIds"))
    return ids


def _changed(call: Call, domain: Domain) -> Domain:
    changes = {**changes_of(call.body, _FIELDS), "updated": call.now}
    changed = domain.model_copy(update=changes)
    check_choice("domainScope", changed.scope, _SCOPES)
    if changed.scope == "Serverless":
        _check_serverless(call)
        return changed.model_copy(update={"protocol": ""})
    check_choice("protocol", changed.protocol, ("HTTP", "HTTPS"))
    if changed.protocol == "HTTPS":
        _check_https(call, changed)
        if changed.cert_identifier != domain.cert_identifier:
            end = call.now + _CERTIFICATE_SECONDS
            return changed.model_copy(update={"certificate_end": end})
    return changed


def _check_serverless(call: Call) -> None:
    for name in _DEDICATED:
        if call.body.get(name) is not None:
            raise invalid(name, "It is not allowed in the scope Serverless.")
    required(call.body, "forceHttps")


def _check_https(call: Call, domain: Domain) -> None:
    if not domain.cert_identifier:
        raise invalid("certIdentifier", "HTTPS needs a certificate.")
    required(call.body, "forceHttps")
    if domain.mtls_enabled and not domain.client_ca_cert:
        raise invalid("clientCACert", "mTLSEnabled needs the CA of the clients' certificates.")
    check_choice("http2Option", domain.http2_option, _HTTP2)
    lowest = _tls_version("tlsMin", domain.tls_min or _TLS[0])
    if domain.tls_max and _tls_version("tlsMax", domain.tls_max) < lowest:
        raise invalid("tlsMax", "It is less than tlsMin.")


def _tls_version(name: str, text: str) -> int:
    """Return the position of a version of TLS, also of one that is written like ``TLSv1.2``."""
    version = text.replace("TLSv", "TLS ")
    check_choice(name, version, _TLS)
    return _TLS.index(version)


def _shape(call: Call, domain: Domain) -> Answer:
    return {
        "domainId": domain.domain_id,
        "name": domain.name,
        "protocol": domain.protocol or None,
        "certIdentifier": domain.cert_identifier or None,
        # SDK 11.6.0, GetDomainResponseBodyData, spells it so; the unit is that of other times.
        "notAfterTimstamp": milliseconds(domain.certificate_end) or None,
        "forceHttps": domain.force_https,
        "tlsMin": domain.tls_min or None,
        "tlsMax": domain.tls_max or None,
        "domainScope": domain.scope,
        "caCertIdentifier": domain.ca_cert_identifier or None,
        "clientCACert": domain.client_ca_cert or None,
        "http2Option": domain.http2_option or None,
        "mTLSEnabled": domain.mtls_enabled,
        "tlsCipherSuitesConfig": dict(domain.cipher_suites) or None,
        "createFrom": "Console",
        "default": False,
        "resourceGroupId": shown_group(call, domain.domain_id, domain),
        "statisticsInfo": {"totalCount": len(_users(call, domain))},
        "createTimestamp": milliseconds(domain.created),
        "updatetimestamp": milliseconds(domain.updated),
    }
