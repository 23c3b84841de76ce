"""Fixtures of the sandbox: a running server, and a cloud without a network on a fake clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.provider import Engine, engine_for
from support.provider_cases import CASES, BaseGateway, Case, base_gateway
from support.rpc import Rpc
from support.waiting import wait_for

from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.keyring import Identity
from dashlink_sandbox.nat_transitions import is_settled_way_out
from dashlink_sandbox.process import Sandbox
from dashlink_sandbox.services import SERVICES
from dashlink_sandbox.state import State
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
    """An empty, running sandbox."""
    running.cloud.reset()
    yield running
    running.cloud.reset()


@pytest.fixture
def rpc(sandbox: Sandbox) -> Rpc:
    """An RPC client with the first account's key, which signs as the provider does."""
    return Rpc.from_env(sandbox.url, sandbox.env)


@pytest.fixture
def settle(sandbox: Sandbox) -> Callable[[], None]:
    """A function that waits until no transition is in progress."""

    def wait() -> None:
        wait_for(lambda: _is_settled(sandbox.state), "the cloud settles")

    return wait


def _is_settled(state: State) -> bool:
    return is_settled(state) and is_settled_way_out(state)


@dataclass
class Bench:
    """A cloud without a network, the account that calls it, and a fake clock.

    Attributes:
        clock: One element: seconds since the epoch.
        account: The index of the calling account.
        region: The RegionId of calls that do not pass one.
    """

    cloud: Cloud
    clock: list[float]
    account: int = 0
    region: str = "cn-beijing"

    def __call__(self, product: str, action: str, **params: str) -> dict[str, Any]:
        """Call ``action`` of ``product`` and return the response."""
        envelope = {"Action": action, "Version": _VERSIONS[product], "RegionId": self.region}
        request = WireRequest("POST", "/", {**envelope, **params}, {})
        account = self.cloud.catalog.accounts[self.account]
        return self.cloud.perform(request, Identity(account, account.arn), "127.0.0.1")

    def column(self, product: str, action: str, path: str, **params: str) -> list[Any]:
        """Return one field of the rows in a response, e.g. at ``Vpcs.Vpc.VpcId``."""
        *outer, field = path.split(".")
        rows: Any = self(product, action, **params)
        for name in outer:
            rows = rows[name]
        return [row[field] for row in rows]

    def refused(self, product: str, action: str, **params: str) -> str:
        """Return the error code of a call that must fail."""
        with pytest.raises(ApiError) as caught:
            self(product, action, **params)
        return caught.value.code

    def later(self, seconds: float = 60.0) -> None:
        """Advance the clock."""
        self.clock[0] += seconds

    def vpc(self, cidr: str = "10.20.0.0/16") -> str:
        vpc_id = str(self("Vpc", "CreateVpc", CidrBlock=cidr)["VpcId"])
        self.later()
        return vpc_id

    def vswitch(self, vpc_id: str, zone: str = "cn-beijing-h", cidr: str = "10.20.1.0/24") -> str:
        params = {"VpcId": vpc_id, "ZoneId": zone, "CidrBlock": cidr}
        return str(self("Vpc", "CreateVSwitch", **params)["VSwitchId"])

    def group(self, vpc_id: str) -> str:
        return str(self("Ecs", "CreateSecurityGroup", VpcId=vpc_id)["SecurityGroupId"])

    def endpoint(self, vpc_id: str, service: str = "com.aliyuncs.dashscope", **params: str) -> str:
        key = "ServiceId" if service.startswith("epsrv-") else "ServiceName"
        params = {"VpcId": vpc_id, key: service, **params}
        endpoint_id = str(self("Privatelink", "CreateVpcEndpoint", **params)["EndpointId"])
        self.later()
        return endpoint_id

    def other_account(self) -> Bench:
        """Return a bench on the same cloud for the second account."""
        return Bench(self.cloud, self.clock, 1, self.region)


@pytest.fixture
def bench() -> Bench:
    clock = [1_800_000_000.0]
    return Bench(Cloud(clock=lambda: clock[0]), clock)


@pytest.fixture(scope="module")
def place() -> Iterator[Any]:
    """A gateway in a network of its own, in a sandbox for the tests of one module."""
    from support.gateways import running_gateway  # takes more than a second

    with running_gateway() as base:
        yield base


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    """The path of a state file that does not exist yet."""
    return tmp_path / "cloud" / "state.json"


@pytest.fixture(scope="module")
def base() -> Iterator[BaseGateway]:
    """A gateway in a cloud of its own, for the provider's tests of one module."""
    with base_gateway() as created:
        yield created


@pytest.fixture(scope="module")
def engine(base: BaseGateway) -> Iterator[Engine]:
    """The engine's side of the provider protocol, in the cloud of `base`."""
    with engine_for(base.cloud) as engine:
        yield engine


@pytest.fixture
def case(resource: str, base: BaseGateway) -> Case:
    """The case of a gateway resource, created for the gateway of `base`."""
    return CASES[resource](base)
