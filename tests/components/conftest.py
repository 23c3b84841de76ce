"""`deploy(program)` runs a program under Pulumi's mocks and gives back what it declared: plain records for plain asserts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi.runtime
import pytest

# What the cloud would add to a resource, by type. Everything else an output holds is what went in.
_COMPUTED: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
    "alicloud:vpc/network:Network": lambda name, inputs: {"cidrBlock": inputs.get("cidrBlock", "10.90.0.0/16")},
    "alicloud:privatelink/vpcEndpoint:VpcEndpoint": lambda name, inputs: {
        "endpointDomain": f"ep-{name}.dashscope.cn-beijing.privatelink.aliyuncs.com"
    },
    "dashlink:endpoint:EndpointConnection": lambda name, inputs: {
        "connectionStatus": "Connected",
        "endpointDomain": f"{inputs['endpointId']}.dashscope.cn-beijing.privatelink.aliyuncs.com",
        "serviceId": "epsrv-1",
        "serviceName": "com.aliyuncs.dashscope",
        "zones": {
            zone: {"domain": f"ep-{zone}.dashscope", "address": f"10.20.0.{number}"}
            for number, zone in enumerate(inputs["zones"], 2)
        },
    },
}


@dataclass(frozen=True)
class Declared:
    """One resource as it was registered."""

    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    provider: str
    protect: bool
    resource_id: str


@dataclass
class Deployed:
    """All that a program declared, and the value that it returned."""

    resources: list[Declared] = field(default_factory=list)
    result: Any = None

    def of(self, type_suffix: str) -> dict[str, Declared]:
        """The resources whose type ends in ``type_suffix``, by logical name."""
        return {item.name: item for item in self.resources if item.type.endswith(type_suffix)}

    def one(self, type_suffix: str) -> Declared:
        """The only resource of that type."""
        (found,) = self.of(type_suffix).values()
        return found


class _Recorder(pulumi.runtime.Mocks):
    def __init__(self, deployed: Deployed) -> None:
        self._deployed = deployed

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        request = args.register_request
        identity = args.resource_id or f"{args.name}-id"
        self._deployed.resources.append(
            Declared(
                type=args.typ,
                name=args.name,
                inputs=dict(args.inputs),
                parent=request.parent if request else "",
                provider=args.provider or "",
                protect=bool(request and request.protect),
                resource_id=identity,
            )
        )
        return identity, {**args.inputs, **_COMPUTED.get(args.typ, lambda name, inputs: {})(args.name, args.inputs)}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"a component asked the cloud: {args.token}")


@pytest.fixture
def deploy() -> Callable[..., Deployed]:
    """Run ``program`` to its end (every output awaited) and return what it declared.

    What ``program`` returns may hold outputs anywhere; ``result`` has their values. An error in the program, or in an
    ``apply`` of it, is raised here.
    """

    def run(program: Callable[[], Any], *, preview: bool = False) -> Deployed:
        deployed = Deployed()
        pulumi.runtime.set_mocks(_Recorder(deployed), project="shop", stack="dev", preview=preview)

        @pulumi.runtime.test
        def wrapped() -> Any:
            def keep(value: Any) -> None:
                deployed.result = value

            return pulumi.Output.from_input(program()).apply(keep)

        wrapped()
        return deployed

    return run
