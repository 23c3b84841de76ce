"""Checks of the AI gateway: its status, domains, AI services, consumers and Model APIs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dashlink.check.findings import Finding, Findings
from dashlink.check.stack import REPAIR, DeployedStack
from dashlink.clients.outputs import GatewayOutputs, ModelApiOutputs
from dashlink.cloud.words import (
    CHANGED_SINCE,
    DEPLOYED,
    HEALTHY,
    INTERNET,
    INTRANET,
    RUNNING,
    UNHEALTHY,
)
from dashlink.gateway.ai_gateway import LONGEST_NAME
from dashlink.naming import physical_name
from dashlink.provider.gateway.rights import consumer_of, rules_on

STATUS, ADDRESSES, ENVIRONMENT = "status", "addresses", "environment"
DOMAIN, CERTIFICATE = "domain", "certificate"
SERVICE, HEALTH = "service", "health"
API, DEPLOYMENT, DOMAINS, SERVICES = "API", "deployment", "domains", "services"
AUTHENTICATION, RIGHTS, CONSUMER = "authentication", "rights", "consumer"
_AGAIN = "`pulumi up --refresh` creates it again."
_SOON_DAYS = 30

Json = Mapping[str, Any]


def check_gateway(stack: DeployedStack, outputs: GatewayOutputs) -> list[Finding]:
    """Check that the gateway runs, with the addresses and the environment of the outputs."""
    found = Findings("gateway")
    with found.reading(STATUS, ADDRESSES, ENVIRONMENT):
        data = _gateway(stack, outputs)
        if data is None:
            problem = f"there is no gateway {outputs.gateway_id}"
            found.failed(STATUS, problem, _AGAIN)
            found.not_checked(ADDRESSES, problem)
            found.not_checked(ENVIRONMENT, problem)
            return found.rows
        status = str(data.get("status"))
        problem = ""
        if status != RUNNING:
            problem = f"{outputs.gateway_id} is {status}"
        advice = "Wait for it, or look at it in the console of the AI gateway."
        found.judge(STATUS, problem, f"{outputs.gateway_id} is {status}", advice)
        missing = _missing_addresses(outputs, data)
        advice = f"Clients dial this address. {REPAIR}"
        found.require(ADDRESSES, "it no longer has", missing, "as in the outputs", advice)
        expected = {outputs.environment_id}
        for row in data.get("environments") or ():
            expected.discard(str(row.get("environmentId")))
        advice = "Its Model APIs are deployed there. `pulumi up --refresh` deploys them again."
        problem = "it no longer has the environment"
        found.require(ENVIRONMENT, problem, expected, outputs.environment_id, advice)
    return found.rows


def _gateway(stack: DeployedStack, outputs: GatewayOutputs) -> Json | None:
    gateway_id = outputs.gateway_id
    return stack.reader.once(("gateway", gateway_id), lambda: stack.reader.apig.gateway(gateway_id))


def _missing_addresses(outputs: GatewayOutputs, data: Json) -> list[str]:
    """Return the addresses of the outputs that the gateway does not have, by their networks."""
    missing = {INTRANET: [*outputs.addresses], INTERNET: [*outputs.internet_addresses]}
    for row in data.get("loadBalancers") or ():
        expected = missing.get(str(row.get("addressType")), [])
        if row.get("address") in expected:
            expected.remove(str(row.get("address")))
    return missing[INTRANET] + missing[INTERNET]


def check_domain(stack: DeployedStack, name: str) -> list[Finding]:
    """Check that a domain exists, and its certificate."""
    found = Findings(f"domains.{name}")
    settings = stack.settings.domains[name]
    apig = stack.reader.apig
    with found.reading(DOMAIN, CERTIFICATE):
        domain_id = settings.id
        if domain_id is None:
            domain_id = str((apig.domain_named(name) or {}).get("domainId") or "")
        data = None
        if domain_id:
            data = apig.domain(domain_id)
        if data is None:
            problem = f"the account has no domain {settings.id or name} of AI gateways"
            found.failed(DOMAIN, problem, _AGAIN)
            if settings.scheme == "https":
                found.not_checked(CERTIFICATE, problem)
            return found.rows
        found.ok(DOMAIN, str(data.get("domainId")))
        if settings.scheme == "https":
            _check_certificate(found, data, datetime.now(UTC))
    return found.rows


def _check_certificate(found: Findings, data: Json, now: datetime) -> None:
    """Check a domain's certificate by its end (SDK 11.6.0: notAfterTimstamp, milliseconds)."""
    identifier = data.get("certIdentifier")
    if not identifier:
        problem = "the domain has no certificate"
        found.failed(CERTIFICATE, problem, f"Write `certificate_id` in the settings. {REPAIR}")
        return
    end = data.get("notAfterTimstamp")
    if not end:
        found.not_checked(CERTIFICATE, f"the API returns no end of {identifier}")
        return
    until = datetime.fromtimestamp(int(end) / 1000, UTC)
    days = (until - now).days
    problem = ""
    if until <= now:
        problem = f"{identifier} has expired on {until:%Y-%m-%d}"
    fine = f"{identifier} is valid until {until:%Y-%m-%d}"
    if days < _SOON_DAYS:
        fine += f": renew it, {days} days are left"
    advice = "Renew it in Certificate Management Service, and write its id in `certificate_id`."
    found.judge(CERTIFICATE, problem, fine, advice)


def check_service(stack: DeployedStack, gateway_id: str, key: str) -> list[Finding]:
    """Check that an AI service exists on the gateway, and is healthy as the API reports it."""
    found = Findings(f"ai_services.{key}")
    with found.reading(SERVICE, HEALTH):
        rows = stack.reader.once(
            ("services", gateway_id), lambda: list(stack.reader.apig.services(gateway_id))
        )
        own = [row for row in rows if is_of_key(stack, str(row.get("name")), key)]
        if not own:
            problem = f"{gateway_id} has no AI service of this name"
            if any(len(str(row.get("name"))) == LONGEST_NAME for row in rows):
                found.not_checked(SERVICE, f"{problem} in full, and its name may be shortened")
            else:
                found.failed(SERVICE, problem, _AGAIN)
            found.not_checked(HEALTH, problem)
            return found.rows
        found.ok(SERVICE, str(own[0].get("serviceId")))
        _check_health(found, own[0])
    return found.rows


def _check_health(found: Findings, row: Json) -> None:
    status = row.get("healthStatus")
    if status == HEALTHY:
        found.ok(HEALTH, f"the gateway reports {status}")
    elif status == UNHEALTHY:
        addresses = ", ".join(map(str, row.get("unhealthyEndpoints") or ()))
        problem = f"the gateway reports {status}: {addresses}".removesuffix(": ")
        advice = "Requests go to the next fallback: check the service at its address, and its key."
        found.failed(HEALTH, problem, advice)
    else:
        found.not_checked(HEALTH, f"the gateway reports {status or 'no health'}")


def is_of_key(stack: DeployedStack, name: str, key: str) -> bool:
    """Return whether a name in the cloud is that of a resource of the stack.

    Args:
        stack: The stack; its project is not in the outputs.
        name: The name, ``<project>-<stack>-<key>``.
        key: Name of the resource in the settings.
    """
    return name.endswith(f"-{physical_name(stack.outputs.stack, key)}")


def check_consumer(stack: DeployedStack, key: str) -> list[Finding]:
    """Check that a consumer exists, and is enabled as the settings have it."""
    found = Findings(f"consumers.{key}")
    settings = stack.settings.consumers[key]
    with found.reading(CONSUMER):
        row = _consumer(stack, key)
        if row is None:
            found.failed(CONSUMER, f"the account has no consumer {settings.name or key}", _AGAIN)
            return found.rows
        problem = ""
        if settings.enabled and row.get("enable") is False:
            problem = f"{row.get('consumerId')} is disabled: its keys are refused"
        advice = f"Enable it in the console. {REPAIR}"
        found.judge(CONSUMER, problem, str(row.get("consumerId")), advice)
    return found.rows


def _consumer(stack: DeployedStack, key: str) -> Json | None:
    name = stack.settings.consumers[key].name or key
    return stack.reader.once(("consumer", name), lambda: stack.reader.apig.consumer_named(name))


def check_api(
    stack: DeployedStack, gateway: GatewayOutputs, key: str, outputs: ModelApiOutputs
) -> list[Finding]:
    """Check that a Model API is deployed as in the outputs, with the rights of its consumers."""
    found = Findings(f"model_apis.{key}")
    checks = [API, DEPLOYMENT, DOMAINS, SERVICES]
    if outputs.auth is not None:
        checks += [AUTHENTICATION, RIGHTS]
    with found.reading(*checks):
        data = stack.reader.apig.model_api(outputs.api_id)
        if data is None:
            problem = f"there is no API {outputs.api_id}"
            found.failed(API, problem, _AGAIN)
            for check in checks[1:]:
                found.not_checked(check, problem)
            return found.rows
        found.ok(API, f"{outputs.name} ({outputs.api_id})")
        _check_deployment(found, gateway, data)
        configs = list(data.get("deployConfigs") or ())
        _check_domains(found, outputs, configs)
        _check_services(found, stack, outputs, configs)
        if outputs.auth is not None:
            _check_rights(found, stack, gateway, outputs, data)
    return found.rows


def _check_deployment(found: Findings, gateway: GatewayOutputs, data: Json) -> None:
    status = ""
    for row in data.get("environments") or ():
        if row.get("environmentId") == gateway.environment_id:
            status = str(row.get("deployStatus") or "")
    problem = ""
    if status not in (DEPLOYED, CHANGED_SINCE):
        problem = f"it is {status or 'not deployed'} in {gateway.environment_id}"
    advice = "Deploy it in the console of the AI gateway, or change it in the settings and `up`."
    found.judge(DEPLOYMENT, problem, f"{status} in {gateway.environment_id}", advice)


def _check_domains(found: Findings, outputs: ModelApiOutputs, configs: Iterable[Json]) -> None:
    actual = set()
    for config in configs:
        for row in config.get("customDomainInfos") or ():
            actual.add(row.get("name"))
    missing = sorted(set(outputs.domains) - actual)
    fine = ", ".join(sorted(outputs.domains))
    found.require(DOMAINS, "it is not served under", missing, fine, REPAIR)


def _check_services(
    found: Findings, stack: DeployedStack, outputs: ModelApiOutputs, configs: Iterable[Json]
) -> None:
    """Check that each service of the API is one of the outputs, and exists."""
    rows: list[Json] = []
    for config in configs:
        rows += config.get("serviceConfigs") or ()
    foreign = []
    for row in rows:
        name = str(row.get("name") or "")
        if not any(is_of_key(stack, name, key) for key in outputs.services):
            foreign.append(name or str(row.get("serviceId")))
    problem = ""
    if not rows:
        problem = "it has no service"
    elif foreign and all(len(name) < LONGEST_NAME for name in foreign):
        problem = f"it sends requests to {', '.join(foreign)}, not to {', '.join(outputs.services)}"
    elif foreign:
        found.not_checked(SERVICES, f"the names {', '.join(foreign)} may be shortened")
        return
    found.judge(SERVICES, problem, ", ".join(outputs.services), REPAIR)


def _check_rights(
    found: Findings,
    stack: DeployedStack,
    gateway: GatewayOutputs,
    outputs: ModelApiOutputs,
    data: Json,
) -> None:
    problem = ""
    if not data.get("enableAuth"):
        problem = "it takes requests without a key"
    found.judge(AUTHENTICATION, problem, str(outputs.auth), REPAIR)
    rules = rules_on(stack.reader.apig, outputs.api_id, gateway.environment_id)
    allowed = {consumer_of(rule) for rule in rules}
    missing = []
    for key in outputs.consumers:
        if key not in stack.settings.consumers:
            continue
        row = _consumer(stack, key)
        if row is not None and str(row.get("consumerId")) not in allowed:
            missing.append(key)
    fine = f"{', '.join(outputs.consumers) or 'no consumer'} may call it"
    found.require(RIGHTS, "it may not be called by", missing, fine, REPAIR)
