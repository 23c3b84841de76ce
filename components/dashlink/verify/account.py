"""Questions that reading answers: services, zones, error codes, keys and routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashlink.clients.outputs import ModelApiOutputs
from dashlink.cloud.apig import is_gone
from dashlink.endpoint.settings import EndpointSettings
from dashlink.gateway.model_api.routes import catalog_routes, differences, listed_routes
from dashlink.provider.gateway.model_api_routes import read_routes
from dashlink.verify.findings import Finding, not_asked
from dashlink.verify.requests import Answer
from dashlink.verify.subject import PAGE_SIZE, Subject

_NOT_DEPLOYED = "the stack is not deployed: run `up` first"
# Ids of the API's form that no account has.
_MISSING: Mapping[str, tuple[str, str]] = {
    "GetGateway": ("gateways", "gw-000000000000dashlink"),
    "GetService": ("services", "svc-00000000000dashlink"),
    "GetHttpApi": ("http-apis", "api-00000000000dashlink"),
    "GetDomain": ("domains", "d-0000000000000dashlink"),
    "GetConsumer": ("consumers", "cs-000000000000dashlink"),
}


def endpoint_findings(subject: Subject) -> Iterator[Finding]:
    """Yield whether each new endpoint's service is offered to the account, and in its zones."""
    for name, endpoint in sorted(subject.settings.endpoints.items()):
        if endpoint.id is not None or endpoint.workspace is not None:
            continue  # it exists, whether the cloud offers its service or not
        answer = subject.requests.endpoint_services(
            ServiceName=endpoint.service,
            ServiceId=endpoint.service_id,
            ServiceRegionId=endpoint.service_region,
        )
        yield _offered(subject, f"endpoints.{name}", endpoint, answer)


def _offered(subject: Subject, where: str, endpoint: EndpointSettings, answer: Answer) -> Finding:
    question = "Does the cloud offer the service to this account, in the zones of the endpoint?"
    used = endpoint.service or endpoint.service_id or ""
    if answer.refusal is not None:
        return not_asked(where, question, str(answer.refusal), used=used)
    zones = _zones_of(answer, endpoint)
    wanting = [
        zone
        for zone in endpoint.zones or subject.settings.network.zones
        if zone not in (zones or ())
    ]
    outcome: Any = "confirmed"
    text = f"offered in {', '.join(zones or ())}"
    if zones is None:
        outcome = "contradicted"
        text = (
            f"not offered in {endpoint.service_region or subject.region}: the cloud may have moved "
            'new connections to another procedure (README, "What is proven")'
        )
    elif wanting:
        outcome = "contradicted"
        text = f"not offered in {', '.join(wanting)}; {text}"
    return _read(where, question, outcome, text, answer, used=used)


def _zones_of(answer: Answer, endpoint: EndpointSettings) -> list[str] | None:
    for row in answer.data.get("Services", ()):
        if endpoint.service in (None, row["ServiceName"]) and endpoint.service_id in (
            None,
            row["ServiceId"],
        ):
            return sorted(row.get("Zones", ()))
    return None


def code_findings(subject: Subject) -> Iterator[Finding]:
    """Yield with which code the API answers for a resource that does not exist."""
    question = "With which code does the API answer for a resource that does not exist?"
    for action, (collection, missing_id) in _MISSING.items():
        answer = subject.requests.read(action, collection, missing_id)
        used = "NotFound.*, DatabaseError.RecordNotFound"
        if answer.is_accepted:
            text = "it answered as if the resource existed"
            yield _read(action, question, "contradicted", text, answer, used=used)
        elif not answer.code or answer.code.startswith(("Forbidden", "NoPermission")):
            yield not_asked(action, question, str(answer.refusal), used=used)
        else:
            outcome = "confirmed" if is_gone(answer.code) else "contradicted"
            yield _read(action, question, outcome, answer.code, answer, used=used)


def key_findings(subject: Subject) -> Iterator[Finding]:
    """Yield how the API returns the keys of an AI service; no key is in the answer."""
    question = "Does the API return the keys of an AI service in full, masked, or not at all?"
    used = "read in each of these forms"
    for service_id in subject.service_ids:
        answer = subject.requests.read("GetService", "services", service_id)
        keys = answer.data.get("aiServiceConfig", {}).get("apiKeys") or ()
        if answer.is_accepted and keys:
            text = "masked" if all("*" in key for key in keys) else "in full"
            yield _read("keys of AI services", question, "confirmed", text, answer, used=used)
            return
    reason = "no AI service of the gateway returns a key"
    if subject.services.refusal is not None:
        reason = str(subject.services.refusal)
    elif not subject.service_ids:
        reason = "the gateway has no AI service yet"
    yield not_asked("keys of AI services", question, reason, used=used)


def route_findings(subject: Subject) -> Iterator[Finding]:
    """Yield whether each deployed Model API has the built-in routes of dashlink's catalog."""
    question = "Does the Model API have the built-in routes of dashlink's catalog?"
    deployed = subject.outputs.model_apis if subject.outputs is not None else {}
    for name, settings in sorted(subject.settings.model_apis.items()):
        where = f"model_apis.{name}"
        used = ", ".join(map(str, catalog_routes(settings)))
        if name not in deployed:
            yield not_asked(where, question, _NOT_DEPLOYED, used=used)
            continue
        answer = _routes(subject, deployed[name])
        if answer.refusal is not None:
            yield not_asked(where, question, str(answer.refusal), used=used)
            continue
        read = read_routes(answer.data.get("items", ()), settings.base_path)
        listed = [route.model_dump() for route in read]
        routes = listed_routes(settings, listed)
        text = "; ".join(differences(settings, routes))
        if text:
            yield _read(where, question, "contradicted", text, answer, used=used)
        else:
            yield _read(where, question, "confirmed", f"{len(routes)} routes", answer, used=used)


def _routes(subject: Subject, api: ModelApiOutputs) -> Answer:
    return subject.requests.read(
        "ListHttpApiRoutes",
        "http-apis",
        api.api_id,
        "routes",
        gatewayId=subject.gateway_id,
        pageNumber=1,
        pageSize=PAGE_SIZE,
    )


def _read(
    where: str, question: str, outcome: Any, text: str, answer: Answer, *, used: str
) -> Finding:
    return Finding(
        subject=where,
        question=question,
        outcome=outcome,
        answer=text,
        used=used,
        request_ids=(answer.request_id,) if answer.request_id else (),
        codes=(answer.code,) if answer.code else (),
    )
