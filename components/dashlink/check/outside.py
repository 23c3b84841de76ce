"""All checks of a stack from outside, subject by subject, with requests of several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from dashlink.check import connections, eas, eas_gateways, egress, endpoints, gateway, zones
from dashlink.check.findings import Finding, is_selected
from dashlink.check.stack import DeployedStack

_PARALLEL_CHECKS = 8

Check = Callable[[], list[Finding]]


def check_outside(
    stack: DeployedStack, only: str | None = None, timeout_seconds: float = 5.0
) -> list[Finding]:
    """Check a stack by its account, which is only read.

    Args:
        stack: The stack.
        only: A section (``endpoints``) or a subject (``endpoints.dashscope``); None for all.
        timeout_seconds: Time limit of each request to a service of PAI-EAS.
    """
    checks = []
    for subject, check in _checks(stack, timeout_seconds):
        if is_selected(subject, only):
            checks.append(check)
    with ThreadPoolExecutor(max_workers=_PARALLEL_CHECKS) as pool:
        findings: list[Finding] = []
        for rows in pool.map(_run, checks):
            findings += rows
    return findings


def subjects_outside(stack: DeployedStack) -> list[str]:
    """Return the subjects of a stack that are checked from outside, in order."""
    return list(dict.fromkeys(subject for subject, _ in _checks(stack, 1.0)))


def _run(check: Check) -> list[Finding]:
    return check()


def _checks(stack: DeployedStack, timeout_seconds: float) -> Iterator[tuple[str, Check]]:
    outputs = stack.outputs
    for name, connected in sorted(outputs.connected_vpcs.items()):
        check = partial(connections.check_connection, stack, name, connected)
        yield f"network.connected_vpcs.{name}", check
    if outputs.egress is not None:
        yield "network.egress", partial(egress.check_egress, stack, outputs.egress)
    for name, settings, endpoint in stack.endpoints():
        subject = f"endpoints.{name}"
        yield subject, partial(endpoints.check_endpoint, stack, name, settings, endpoint)
        private_name = zones.endpoint_name(stack, settings, endpoint)
        yield subject, partial(zones.check_name, stack, subject, private_name)
    if outputs.gateway is not None:
        yield from _gateway_checks(stack)
    for name, service in sorted(outputs.eas_services.items()):
        check = partial(eas.check_service, stack, name, service, timeout_seconds)
        yield f"eas_services.{name}", check
    for name, dedicated in sorted(outputs.eas_gateways.items()):
        check = partial(eas_gateways.check_dedicated, stack, name, dedicated)
        yield f"eas_gateways.{name}", check
    for name, maas in sorted(outputs.maas_services.items()):
        yield f"maas_services.{name}", partial(egress.check_sources, stack, name, maas)


def _gateway_checks(stack: DeployedStack) -> Iterator[tuple[str, Check]]:
    outputs = stack.outputs.gateway
    if outputs is None:
        return
    yield "gateway", partial(gateway.check_gateway, stack, outputs)
    for name, domain in sorted(stack.settings.domains.items()):
        subject = f"domains.{name}"
        yield subject, partial(gateway.check_domain, stack, name)
        if domain.name_by == "private-zone":
            private_name = zones.domain_name(stack, name, domain)
            yield subject, partial(zones.check_name, stack, subject, private_name)
    for name in sorted(stack.settings.ai_services):
        check = partial(gateway.check_service, stack, outputs.gateway_id, name)
        yield f"ai_services.{name}", check
    for name in sorted(stack.settings.consumers):
        yield f"consumers.{name}", partial(gateway.check_consumer, stack, name)
    for name, api in sorted(stack.outputs.model_apis.items()):
        yield f"model_apis.{name}", partial(gateway.check_api, stack, outputs, name, api)
