"""Checks of model services of PAI-EAS: status, addresses, the answer of a gateway, its VPCs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import urllib3

from dashlink.check.eas_gateways import check_gateway_of_service
from dashlink.check.findings import Finding, Findings
from dashlink.check.reader import Reader
from dashlink.check.stack import REPAIR, DeployedStack
from dashlink.clients.outputs import EasServiceOutputs
from dashlink.clients.targets import eas_fault
from dashlink.cloud.connections import connections_to

STATUS, ADDRESSES, ANSWER = "status", "addresses", "answer"
_RUNNING = "Running"
_DEDICATED = "PrivateGateway"
# SDK models of 2026-07: of these, a service leaves by itself.
_CHANGING = ("Creating", "Starting", "Pending", "Waiting", "Scaling", "Updating", "HotUpdate")
_UPDATING = ("Scaling", "Updating", "HotUpdate")  # the instances of before answer meanwhile


def check_service(
    stack: DeployedStack, key: str, outputs: EasServiceOutputs, timeout_seconds: float
) -> list[Finding]:
    """Check one service from outside.

    Args:
        stack: The stack.
        key: Name of the service in the settings.
        outputs: Its outputs.
        timeout_seconds: Time limit of the request to its address on the internet.
    """
    found = Findings(f"eas_services.{key}")
    runs = False
    region = outputs.region or stack.region
    with found.reading(STATUS, ADDRESSES):
        runs = _check_status(found, stack.reader.in_region(region), outputs)
    _check_answer(found, outputs, timeout_seconds, runs=runs)
    base_url = outputs.base_urls.get("predict", "")
    for row in outputs.gateways:
        if row.kind == _DEDICATED:
            by_vpc = any(base_url.startswith(url.rstrip("/")) for url in row.vpc_urls)
            check_gateway_of_service(found, stack, region, row.gateway_id, by_vpc=by_vpc)
    return found.rows


def _check_status(found: Findings, reader: Reader, outputs: EasServiceOutputs) -> bool:
    """Check status and addresses; return whether the service can answer."""
    data = reader.eas.service(outputs.name)
    if data is None:
        problem = f"there is no service {outputs.name} in {reader.region}"
        advice = "`pulumi up --refresh` deploys it again; an existing one: write another `name`."
        found.failed(STATUS, problem, advice)
        found.not_checked(ADDRESSES, problem)
        return False
    status = str(data.get("Status"))
    runs = status in (_RUNNING, *_UPDATING)
    advice = f"Look at its events in the console of PAI. {data.get('Message') or ''}".strip()
    if status == "Stopped":
        advice = "Start it in the console of PAI."
    elif status in _CHANGING:
        advice = "Wait for it, and check again."
    if runs:
        found.ok(STATUS, f"{outputs.name} is {status}")
    else:
        found.failed(STATUS, f"{outputs.name} is {status}", advice)
    actual = _urls(reader.eas.endpoints(outputs.name) or {})
    missing = sorted(set(_expected(outputs)) - actual)
    advice = f"`pulumi up --refresh` writes the outputs; an address that must stay: {REPAIR}"
    if outputs.base_urls:
        found.require(ADDRESSES, "it no longer has", missing, "as in the outputs", advice)
    else:
        problem = "it has no address of the kind that clients use"
        found.failed(ADDRESSES, problem, "Write the other `access` in the settings.")
    return runs


def _expected(outputs: EasServiceOutputs) -> list[str]:
    urls: list[str] = []
    for row in outputs.gateways:
        urls += (*row.vpc_urls, *row.internet_urls)
    return urls


def _urls(endpoints: dict[str, Any]) -> set[str]:
    urls: set[str] = set()
    for row in endpoints.get("Endpoints") or ():
        urls.update(row.get("IntranetEndpoints") or ())
        urls.update(row.get("InternetEndpoints") or ())
    return urls


def _check_answer(
    found: Findings, outputs: EasServiceOutputs, timeout_seconds: float, *, runs: bool
) -> None:
    """Send a request without a token to an address on the internet; 401 is the right answer."""
    urls: list[str] = []
    for row in outputs.gateways:
        urls += row.internet_urls
    if not urls:
        return found.not_checked(ANSWER, "it has no address on the internet: use --from-inside")
    if not runs:
        return found.not_checked(ANSWER, "the service does not run")
    parts = urlsplit(urls[0])
    pool = connections_to(parts.scheme, parts.netloc)
    url = f"{urls[0].rstrip('/')}/v1/models"
    try:
        answer = pool.request("GET", url, timeout=timeout_seconds)
    except urllib3.exceptions.HTTPError as error:
        reason = f"this machine does not reach {parts.netloc} ({type(error).__name__})"
        return found.not_checked(ANSWER, reason)
    if "Proxy-Status" in answer.headers:
        return found.not_checked(ANSWER, f"a proxy does not reach {parts.netloc}")
    problem, advice = eas_fault(answer.status, bool(answer.data))
    return found.judge(ANSWER, problem, f"{parts.netloc} answers {answer.status}", advice)
