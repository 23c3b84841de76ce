"""A client of the sandbox's admin API: faults, limits, console operations, inspection."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from dashlink_sandbox import Sandbox

_without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(cloud: Sandbox, method: str, path: str, body: Any = None) -> Any:
    """Call ``path`` below ``/_sandbox/`` with a JSON body; return the JSON response.

    Raises:
        urllib.error.HTTPError: If the sandbox refuses the call.
    """
    data = None
    if body is not None:
        data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "X-Sandbox-Token": cloud.admin_token}
    url = f"{cloud.url}/_sandbox/{path}"
    request = urllib.request.Request(url, data, headers, method=method)
    with _without_proxy.open(request, timeout=30) as response:
        return json.load(response)


def console(cloud: Sandbox, operation: str, **body: Any) -> None:
    """Do in the sandbox what only the cloud's console can do."""
    call(cloud, "POST", f"console/{operation}", body)


def set_zone_status(cloud: Sandbox, endpoint_id: str, zone_id: str, status: str) -> None:
    """Disconnect or reconnect a zone of an endpoint: ``Disconnected`` or ``Connected``."""
    console(cloud, "zone-status", endpoint_id=endpoint_id, zone_id=zone_id, status=status)


def inject_fault(cloud: Sandbox, **fault: Any) -> None:
    """Inject a fault: see `dashlink_sandbox.faults.Fault`."""
    call(cloud, "POST", "faults", fault)


def limit_calls(cloud: Sandbox, product: str, calls_per_second: float) -> None:
    """Throttle a product."""
    call(cloud, "POST", "limits", {"product": product, "calls_per_second": calls_per_second})
