"""`dashlink verify` asks for offers of services of new endpoints only."""

from __future__ import annotations

from types import SimpleNamespace

from dashlink.endpoint.settings import EndpointSettings
from dashlink.verify.account import endpoint_findings

HOST = "llm-34o9-vpc-1.cn-beijing.maas.aliyuncs.com"
ZONES = ("cn-beijing-h", "cn-beijing-k")


class Requests:
    """Answers that the cloud offers a service, and records what was requested."""

    def __init__(self):
        self.requested = []

    def endpoint_services(self, **parameters):
        self.requested.append(parameters["ServiceName"])
        row = {"ServiceName": parameters["ServiceName"], "ServiceId": "epsrv-1", "Zones": ZONES}
        answer = {"Services": [row]}
        return SimpleNamespace(refusal=None, data=answer, request_id="r-1", code="")


def test_only_new_endpoints_are_asked_about():
    endpoints = {
        "adopted": EndpointSettings(id="ep-1", private_name="service"),
        "new": EndpointSettings(service="com.aliyuncs.dashscope"),
        "studio": EndpointSettings(workspace={"workspace_id": "ws-1", "host": HOST}),
    }
    settings = SimpleNamespace(endpoints=endpoints, network=SimpleNamespace(zones=ZONES))
    requests = Requests()
    subject = SimpleNamespace(settings=settings, requests=requests, region="cn-beijing")
    findings = list(endpoint_findings(subject))
    assert requests.requested == ["com.aliyuncs.dashscope"]
    assert [finding.subject for finding in findings] == ["endpoints.new"]
