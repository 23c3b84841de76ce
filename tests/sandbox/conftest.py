"""The sandbox for tests: a running one for what is on the wire, and a cloud without a network, on the test's clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.rpc import Rpc

from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.keyring import Identity
from dashlink_sandbox.process import Sandbox
from dashlink_sandbox.services import SERVICES
from dashlink_sandbox.transitions import is_settled
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.request import WireRequest

_VERSIONS = {service.product: service.version for service in SERVICES}


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    """A running sandbox, empty."""
    running.cloud.reset()
    yield running
    running.cloud.reset()


@pytest.fixture
def rpc(sandbox: Sandbox) -> Rpc:
    """The first account's way to call it, signing as the provider does."""
    return Rpc(sandbox.url, sandbox.env["ALICLOUD_ACCESS_KEY"], sandbox.env["ALICLOUD_SECRET_KEY"])


@pytest.fixture
def settle(sandbox: Sandbox) -> Callable[[], None]:
    """Waits until nothing is under way any more."""

    def wait() -> None:
        end = time.monotonic() + 20
        while not is_settled(sandbox.state):
            assert time.monotonic() < end, "the cloud did not settle"
            time.sleep(0.02)

    return wait


@dataclass
class Bench:
    """A cloud without a network, an account that calls it, and the time."""

    cloud: Cloud
    clock: list[float]
    account: int = 0
    region: str = "cn-beijing"

    def __call__(self, product: str, action: str, **params: str) -> dict[str, Any]:
        """Call ``action`` of ``product``; the region is this bench's unless it is given."""
        query = {"RegionId": self.region, **params}
        request = WireRequest("POST", "/", {**query, "Action": action, "Version": _VERSIONS[product]}, {})
        account = self.cloud.catalog.accounts[self.account]
        return self.cloud.perform(request, Identity(account, account.arn), "127.0.0.1")

    def refused(self, product: str, action: str, **params: str) -> str:
        """The code with which the cloud refuses the call."""
        with pytest.raises(ApiError) as caught:
            self(product, action, **params)
        return caught.value.code

    def later(self, seconds: float = 60.0) -> None:
        """Let time go by."""
        self.clock[0] += seconds

    def vpc(self, cidr: str = "10.20.0.0/16") -> str:
        vpc_id = str(self("Vpc", "CreateVpc", CidrBlock=cidr)["VpcId"])
        self.later()
        return vpc_id

    def vswitch(self, vpc_id: str, zone: str = "cn-beijing-h", cidr: str = "10.20.1.0/24") -> str:
        return str(self("Vpc", "CreateVSwitch", VpcId=vpc_id, ZoneId=zone, CidrBlock=cidr)["VSwitchId"])

    def group(self, vpc_id: str) -> str:
        return str(self("Ecs", "CreateSecurityGroup", VpcId=vpc_id)["SecurityGroupId"])

    def endpoint(self, vpc_id: str, service: str = "com.aliyuncs.dashscope", **params: str) -> str:
        named = "ServiceId" if service.startswith("epsrv-") else "ServiceName"
        made = self("Privatelink", "CreateVpcEndpoint", VpcId=vpc_id, **{named: service}, **params)
        self.later()
        return str(made["EndpointId"])

    def other_account(self) -> Bench:
        """The same cloud, called by the second account."""
        return Bench(self.cloud, self.clock, 1, self.region)


@pytest.fixture
def bench() -> Bench:
    clock = [1_800_000_000.0]
    return Bench(Cloud(clock=lambda: clock[0]), clock)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A state file that is not there yet."""
    return tmp_path / "cloud" / "state.json"
