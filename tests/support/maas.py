"""Huawei MaaS of a sandbox, called from a VPC with a way out and from one without."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from support import clouds
from support.rpc import Rpc
from support.sandbox_admin import console
from support.waiting import wait_for

from dashlink_sandbox import Sandbox
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.inside.way_out import ADMIN_ADDRESS

_VPC = "2016-04-28"
MAINLAND = "https://api.modelarts-maas.com"
HONG_KONG = "https://api-ap-southeast-1.modelarts-maas.com"
SERVICES_HOST = "maas-cn-southwest-2.modelarts-maas.com"
SERVICE_ID = "937cabe5-d673-47f1-9e7c-2b4de06f0001"
SERVICE_URL = f"https://{SERVICES_HOST}/v1/infers/{SERVICE_ID}"


class Caller:
    """Requests from a VPC with a way out (0) or without one (1), with the sandbox's key.

    ``source`` is the public address that MaaS sees.
    """

    def __init__(self, cloud: Sandbox, vpc_ids: list[str]) -> None:
        self.cloud = cloud
        self.vpc_ids = vpc_ids
        self.key = cloud.api_key
        self.source = ADMIN_ADDRESS

    @classmethod
    @contextmanager
    def start(cls, dialect: Dialect | None = None) -> Iterator[Caller]:
        """Start a sandbox with two VPCs and a single service of MaaS."""
        with Sandbox(dialect=dialect or Dialect.default()) as cloud:
            vpc_ids = []
            for number in (70, 71):
                vpc_id = clouds.create_vpc(cloud, f"10.{number}.0.0/16")
                clouds.create_vswitches(cloud, vpc_id, {clouds.ZONES[0]: f"10.{number}.0.0/20"})
                vpc_ids.append(vpc_id)
            console(cloud, "way-out", vpc_id=vpc_ids[0], enabled=True)
            caller = cls(cloud, vpc_ids)
            model = {"name": "my-model", "strict": True, "context": 50, "tokens": 0}
            caller.set("service", service_id=SERVICE_ID, host=SERVICES_HOST, model=model)
            yield caller

    def set(self, what: str, **fields: Any) -> None:
        """Set a key, a model, a service or a front of MaaS by the admin API."""
        console(self.cloud, f"maas-{what}", **fields)

    def proxy(self, vpc: int = 0) -> str:
        """Return the proxy into a VPC."""
        return self.cloud.proxy.replace("http://", f"http://{self.vpc_ids[vpc]}:x@")

    def get(self, url: str, vpc: int = 0) -> httpx.Response:
        """Send a GET."""
        return self.send("GET", url, vpc=vpc)

    def post(self, url: str, body: Any, **options: Any) -> httpx.Response:
        """Send a POST with a JSON body, or with bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", url, content=content, **options)

    def send(self, method: str, url: str, *, vpc: int = 0, **options: Any) -> httpx.Response:
        """Send a request; a refusal of the proxy is a response with status 502."""
        options.setdefault("headers", {"Authorization": f"Bearer {self.key}"})
        verify = ssl.create_default_context(cafile=str(self.cloud.ca_file))
        with httpx.Client(proxy=self.proxy(vpc), verify=verify, trust_env=False) as client:
            try:
                return client.request(method, url, **options)
            except httpx.ProxyError as error:
                return httpx.Response(502, text=str(error))


def chat(model: str, text: str = "hello world", **options: Any) -> dict[str, Any]:
    """Return the body of a chat request."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **options}


def chunks_of(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the chunks of a stream, which must end with [DONE]."""
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def create_way_out(cloud: Sandbox, network: clouds.Network) -> str:
    """Create a NAT gateway, an EIP and SNAT entries for a network; return the public address."""
    rpc = Rpc.from_env(cloud.url, cloud.env)
    place = {"RegionId": clouds.REGION, "VpcId": network.vpc_id}
    created = rpc(_VPC, "CreateNatGateway", VSwitchId=network.vswitch_ids[0], **place)
    gateway_id, (table_id,) = created["NatGatewayId"], created["SnatTableIds"]["SnatTableId"]
    wait_for(
        lambda: cloud.state.nat_gateways[gateway_id].status == "Available", f"{gateway_id} runs"
    )
    eip = rpc(_VPC, "AllocateEipAddress", RegionId=clouds.REGION)
    rpc(
        _VPC,
        "AssociateEipAddress",
        RegionId=clouds.REGION,
        AllocationId=eip["AllocationId"],
        InstanceId=gateway_id,
        InstanceType="Nat",
    )
    wait_for(
        lambda: cloud.state.eips[eip["AllocationId"]].status == "InUse", f"{gateway_id} has an EIP"
    )
    for vswitch_id in network.vswitch_ids:
        entry = rpc(
            _VPC,
            "CreateSnatEntry",
            RegionId=clouds.REGION,
            SnatTableId=table_id,
            SourceVSwitchId=vswitch_id,
            SnatIp=eip["EipAddress"],
        )
        entry_id = entry["SnatEntryId"]
        wait_for(
            lambda entry_id=entry_id: cloud.state.snat_entries[entry_id].status == "Available",
            f"{entry_id} works",
        )
    return str(eip["EipAddress"])
