"""Checks from a machine in the VPC: everything that clients dial, step by step."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

from dashlink.check.findings import Finding, Findings, is_selected
from dashlink.clients.outputs import EasServiceOutputs, ModelApiOutputs, Outputs
from dashlink.clients.probe import Target, probe_target
from dashlink.clients.targets import api_target, eas_target, endpoint_target, maas_target

_PARALLEL_PROBES = 8
_NO_BASE_URL = "the service has no address of the kind that clients use"

Probe = Callable[[], list[Finding]]


def check_inside(
    outputs: Outputs, only: str | None = None, timeout_seconds: float = 5.0
) -> list[Finding]:
    """Connect to everything that the outputs name; no key or token is sent.

    Args:
        outputs: Outputs of the stack.
        only: A section (``endpoints``) or a subject (``endpoints.dashscope``); None for all.
        timeout_seconds: Time limit of each step.
    """
    probes = []
    for subject, check in _probes(outputs, timeout_seconds):
        if is_selected(subject, only):
            probes.append(check)
    findings: list[Finding] = []
    with ThreadPoolExecutor(max_workers=_PARALLEL_PROBES) as pool:
        for rows in pool.map(_run, probes):
            findings += rows
    return findings


def subjects_inside(outputs: Outputs) -> list[str]:
    """Return the subjects that are checked from inside, in order."""
    return list(dict.fromkeys(subject for subject, _ in _probes(outputs, 1.0)))


def _run(check: Probe) -> list[Finding]:
    return check()


def _probes(outputs: Outputs, timeout: float) -> Iterator[tuple[str, Probe]]:
    for name, endpoint in sorted(outputs.endpoints.items()):
        subject = f"endpoints.{name}"
        yield subject, partial(_steps, subject, "", endpoint_target(endpoint), timeout)
    for name, api in sorted(outputs.model_apis.items()):
        yield f"model_apis.{name}", partial(_api, f"model_apis.{name}", api, outputs, timeout)
    for name, service in sorted(outputs.eas_services.items()):
        yield f"eas_services.{name}", partial(_eas, f"eas_services.{name}", service, timeout)
    for name, maas in sorted(outputs.maas_services.items()):
        subject = f"maas_services.{name}"
        protocol, url = next(iter(maas.base_urls.items()))
        yield subject, partial(_steps, subject, "", maas_target(protocol, url), timeout)


def _steps(subject: str, prefix: str, target: Target, timeout: float) -> list[Finding]:
    """Run the steps of one target as findings; ``prefix`` is before the name of each check."""
    rows = []
    for step in probe_target(target, timeout):
        state = "not checked" if step.state == "skipped" else step.state
        check = f"{prefix}{step.step}"
        rows.append(Finding(subject, check, state, step.message, step.advice, step.milliseconds))
    return rows


def _api(subject: str, api: ModelApiOutputs, outputs: Outputs, timeout: float) -> list[Finding]:
    """Probe a Model API under each of its domains."""
    found = Findings(subject)
    for domain in sorted(api.domains):
        prefix = "" if len(api.domains) == 1 else f"{domain} "
        target = api_target(api, domain, _gateway_addresses(outputs))
        if target is None:
            reason = "the Model API has no route that takes a plain POST"
            found.not_checked(f"{prefix}http", reason)
        else:
            found.rows += _steps(subject, prefix, target, timeout)
    return found.rows


def _gateway_addresses(outputs: Outputs) -> set[str]:
    """Return the addresses of the gateway's load balancers as this machine resolves them."""
    gateway = outputs.gateway
    addresses: set[str] = set()
    if gateway is None:
        return addresses
    for name in (*gateway.addresses, *gateway.internet_addresses):
        try:
            rows = socket.getaddrinfo(name, None, socket.AF_INET)
        except OSError:
            continue
        addresses.update(str(row[4][0]) for row in rows)
    return addresses


def _eas(subject: str, service: EasServiceOutputs, timeout: float) -> list[Finding]:
    base_url = service.base_urls.get("predict")
    if base_url is None:
        found = Findings(subject)
        found.not_checked("http", _NO_BASE_URL)
        return found.rows
    internet_urls: list[str] = []
    for row in service.gateways:
        internet_urls += row.internet_urls
    hosts = {urlsplit(url).hostname for url in internet_urls}
    is_public = urlsplit(base_url).hostname in hosts
    return _steps(subject, "", eas_target(base_url, is_private=not is_public), timeout)
