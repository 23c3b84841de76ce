"""Whether a service gets requests: health checks, and the ejection of services that fail.

A service here is one node. Its health check is made when a request arrives for it: one probe, which
counts for every interval that has passed since the last one. The first probe decides at once; later
ones need as many in a row as the thresholds state. Outlier detection counts requests by interval:
where the share of failures reaches the threshold, the service is ejected, the k-th time for k times
the base ejection time; after an interval without an ejection k decreases. In a panic, that is where
the healthy share of the nodes does not exceed the panic threshold, an unhealthy service gets
requests all the same.

Sources: SDK 11.6.0, UpdateServiceRequest (healthCheckConfig, outlierDetectionConfig: the ejection
time k x base_ejection_time and the panic; healthyPanicThreshold) and ServiceHealthCheck. Envoy,
"Health checking" and "Outlier detection" (envoyproxy.io, 2026): the first check decides, a failure
is no connection or a status of 500 and above, and a threshold of 0 turns panics off. Unverified:
the defaults of intervals and thresholds.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dashlink_sandbox.gateways import AiService

FIRST_FAILURE_STATUS = 500  # from here on a response counts as a failure
_INTERVAL_SECONDS = 10.0
_THRESHOLD = 3
_BASE_EJECTION_SECONDS = 30.0
_FAILURE_PERCENT = 80
_WHOLE = 100

Probe = Callable[[AiService], Awaitable[bool]]


@dataclass
class _Checked:
    """The latest probes of a service."""

    since: float
    healthy: bool
    in_a_row: int = 0


@dataclass
class _Observed:
    """The requests to a service in the current interval, and its ejections."""

    since: float
    requests: int = 0
    failures: int = 0
    ejections: int = 0
    ejected_until: float = 0.0


@dataclass
class ServiceHealth:
    """The health of all services, by service id."""

    clock: Callable[[], float] = time.monotonic
    checked: dict[str, _Checked] = field(default_factory=dict)
    observed: dict[str, _Observed] = field(default_factory=dict)

    async def refusal(self, service: AiService, probe: Probe) -> str:
        """Why a service gets no request now; empty where it gets one.

        Args:
            service: The service.
            probe: Makes one health check.
        """
        healthy = await self._is_healthy(service, probe)
        if service.healthy_panic_threshold > 0:
            return ""
        if not healthy:
            return f"the health check of {service.name} fails"
        if self._is_ejected(service):
            return f"{service.name} is ejected after failures"
        return ""

    def note(self, service: AiService, *, failed: bool) -> None:
        """Count a request to a service."""
        if not service.outlier_detection.get("enable"):
            return
        observed = self._current(service)
        observed.requests += 1
        observed.failures += failed

    def unhealthy(self) -> set[str]:
        """The ids of the services whose last health check failed."""
        return {service_id for service_id, row in self.checked.items() if not row.healthy}

    async def _is_healthy(self, service: AiService, probe: Probe) -> bool:
        check = service.health_check
        if not check.get("enable"):
            self.checked.pop(service.service_id, None)
            return True
        row = self.checked.get(service.service_id)
        if row is None:
            row = _Checked(self.clock(), await probe(service))
            self.checked[service.service_id] = row
            return row.healthy
        interval = float(check.get("interval") or _INTERVAL_SECONDS)
        passed = int((self.clock() - row.since) // interval)
        if not passed:
            return row.healthy
        row.since += passed * interval
        if await probe(service) == row.healthy:
            row.in_a_row = 0
            return row.healthy
        row.in_a_row += passed
        name = "unhealthyThreshold" if row.healthy else "healthyThreshold"
        if row.in_a_row >= int(check.get(name) or _THRESHOLD):
            row.healthy = not row.healthy
            row.in_a_row = 0
        return row.healthy

    def _is_ejected(self, service: AiService) -> bool:
        if not service.outlier_detection.get("enable"):
            self.observed.pop(service.service_id, None)
            return False
        return self.clock() < self._current(service).ejected_until

    def _current(self, service: AiService) -> _Observed:
        """What is observed in the current interval; the last one is evaluated when it has ended."""
        config = service.outlier_detection
        row = self.observed.setdefault(service.service_id, _Observed(self.clock()))
        interval = float(config.get("interval") or _INTERVAL_SECONDS)
        passed = int((self.clock() - row.since) // interval)
        if not passed:
            return row
        percent = int(config.get("failurePercentageThreshold") or _FAILURE_PERCENT)
        if row.requests and row.failures * _WHOLE >= percent * row.requests:
            row.ejections += 1
            base = float(config.get("baseEjectionTime") or _BASE_EJECTION_SECONDS)
            row.ejected_until = row.since + interval + row.ejections * base
        elif row.since >= row.ejected_until:
            row.ejections = max(row.ejections - passed, 0)
        row.since += passed * interval
        row.requests = row.failures = 0
        return row
