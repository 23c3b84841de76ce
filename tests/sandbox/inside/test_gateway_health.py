"""Health checks and outlier detection: which services of a gateway get requests."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import Place, fallback
from support.waiting import wait_for

from dashlink_sandbox.gateways import AiService
from dashlink_sandbox.inside.gateway.health import ServiceHealth

CHECK = {"enable": True, "protocol": "HTTP", "httpPath": "/health", "expectedStatuses": ["200"]}
EVERY = {"interval": 10, "unhealthyThreshold": 2, "healthyThreshold": 2}
OUTLIERS = {
    "enable": True,
    "interval": 10,
    "baseEjectionTime": 30,
    "failurePercentageThreshold": 50,
}


class Watched:
    """The health of one service, with a clock and the outcome of its next probes."""

    def __init__(self, **service: Any) -> None:
        self.now = 0.0
        self.works = True
        self.health = ServiceHealth(clock=lambda: self.now)
        self.service = AiService(service_id="svc-1", gateway_id="gw-1", name="one", **service)

    def later(self, seconds: float) -> Watched:
        self.now += seconds
        return self

    def serves(self) -> bool:
        async def probe(_service: AiService) -> bool:
            return self.works

        return asyncio.run(self.health.refusal(self.service, probe)) == ""

    def request(self, *, failed: bool) -> None:
        self.health.note(self.service, failed=failed)


@pytest.mark.parametrize("works", [True, False], ids=["works", "fails"])
def test_the_first_check_decides_at_once(works):
    watched = Watched(health_check={**CHECK, **EVERY})
    watched.works = works
    assert watched.serves() is works
    assert watched.health.unhealthy() == (set() if works else {"svc-1"})


def test_checks_in_a_row_end_and_resume_the_requests():
    watched = Watched(health_check={**CHECK, **EVERY})
    assert watched.serves()
    watched.works = False
    assert watched.later(9).serves()
    assert watched.later(1).serves()
    assert not watched.later(10).serves()
    watched.works = True
    assert not watched.later(10).serves()
    assert watched.later(10).serves()


def test_a_check_between_failures_starts_the_count_again():
    watched = Watched(health_check={**CHECK, **EVERY})
    outcomes = []
    for watched.works in (True, False, True, False):
        outcomes.append(watched.serves())
        watched.later(10)
    assert outcomes == [True] * 4


def test_one_probe_counts_for_all_intervals_that_have_passed():
    watched = Watched(health_check={**CHECK, **EVERY})
    assert watched.serves()
    watched.works = False
    assert not watched.later(25).serves()


def test_a_service_without_a_check_is_healthy():
    watched = Watched(health_check={**CHECK, "enable": False})
    watched.works = False
    assert watched.serves()


def test_in_a_panic_an_unhealthy_service_gets_requests():
    watched = Watched(health_check=CHECK, healthy_panic_threshold=0.5)
    watched.works = False
    assert watched.serves()


def _fail(watched: Watched, failures: int, successes: int = 0) -> None:
    for failed in [True] * failures + [False] * successes:
        watched.request(failed=failed)
    watched.later(10)


def test_a_failing_service_is_ejected_for_longer_each_time():
    watched = Watched(outlier_detection=OUTLIERS)
    _fail(watched, 3)
    assert not watched.serves()
    assert not watched.later(29).serves()
    assert watched.later(1).serves()
    _fail(watched, 1)
    assert not watched.later(59).serves()
    assert watched.later(1).serves()


@pytest.mark.parametrize(
    ("failures", "successes", "serves"),
    [(1, 1, False), (1, 2, True), (0, 3, True), (0, 0, True)],
    ids=["half", "a third", "none", "no request"],
)
def test_the_share_of_failures_decides(failures, successes, serves):
    watched = Watched(outlier_detection=OUTLIERS)
    _fail(watched, failures, successes)
    assert watched.serves() is serves


def test_intervals_without_failures_shorten_the_next_ejection():
    watched = Watched(outlier_detection=OUTLIERS)
    _fail(watched, 1)
    assert not watched.serves()
    assert watched.later(30).serves()
    _fail(watched, 0, 1)
    assert watched.serves()
    _fail(watched, 1)
    assert watched.later(30).serves()


def test_failures_without_detection_eject_nothing():
    watched = Watched()
    _fail(watched, 5)
    assert watched.serves()


def _server(place: Place, name: str, **changes: Any) -> str:
    """Create a service at a model server of its own in the VPC."""
    host = f"{name}.vpc.example"
    place.console("upstream", host=host, vpc_id=place.network.vpc_id)
    service_id = place.service(host, provider="openai", address=f"http://{host}/v1")
    request = models.UpdateServiceRequest().from_map(changes)
    place.apig.update_service(service_id, request)
    return service_id


def test_a_service_whose_check_passes_gets_requests(place):
    served = place.serve({"serviceId": _server(place, "well", healthCheckConfig=CHECK)})
    assert place.chat(served).status == 200


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("status", {"expectedStatuses": ["204"]}),
        ("path", {"httpPath": "/no/such/path"}),
    ],
    ids=["status", "path"],
)
def test_a_service_whose_check_fails_gets_no_request(place, name, check):
    service_id = _server(place, name, healthCheckConfig={**CHECK, **check})
    served = place.serve({"serviceId": service_id}, policies=[fallback(place.service("studio"))])
    host = f"{name}.vpc.example"
    assert place.chat(served).status == 200
    tried = [(host, "qwen-plus", 0), ("studio", "qwen-plus", 200)]
    assert place.last(served).attempts == tried
    assert all(
        request.host != host or request.method == "GET" for request in place.cloud.inside.requests
    )
    read = place.apig.get_service(service_id).body.data
    assert (read.health_status, read.unhealthy_endpoints) == ("Unhealthy", [host])


def test_a_check_by_tcp_needs_a_connection_alone(place):
    check = {"enable": True, "protocol": "TCP"}
    service_id = _server(place, "tcp", healthCheckConfig=check)
    served = place.serve({"serviceId": service_id})
    assert place.chat(served).status == 200
    place.console("upstream", host="lost.vpc.example", failing=-1)
    lost = place.service(
        "lost.vpc.example", provider="openai", address="http://lost.vpc.example/v1"
    )
    place.apig.update_service(
        lost, models.UpdateServiceRequest().from_map({"healthCheckConfig": check})
    )
    refused = place.chat(place.serve({"serviceId": lost}))
    assert refused.refusal == (503, "upstream_unreachable")
    assert "the health check of lost.vpc.example fails" in refused.json["error"]["message"]


def test_a_service_is_ejected_after_failures_over_http(place):
    outliers = {**OUTLIERS, "interval": 1, "baseEjectionTime": 600}
    service_id = _server(place, "outlier", outlierDetectionConfig=outliers)
    served = place.serve({"serviceId": service_id})
    place.console("upstream", host="outlier.vpc.example", vpc_id=place.network.vpc_id, failing=503)

    def is_ejected() -> bool:
        answer = place.chat(served)
        assert answer.status == 503
        return "is ejected after failures" in answer.text

    wait_for(is_ejected, "the service is ejected")
    place.console("upstream", host="outlier.vpc.example", vpc_id=place.network.vpc_id)
    assert place.chat(served).status == 503
