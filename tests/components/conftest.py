"""`deploy(program)` runs a program under Pulumi's mocks and returns the resources it declares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi.runtime
import pytest
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor

_ROUTER_TABLES = "alicloud:cen/getTransitRouterRouteTables:getTransitRouterRouteTables"
# Outputs that the cloud adds, by type of the resource. All other outputs equal the inputs.
_COMPUTED: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
    "alicloud:vpc/network:Network": lambda name, inputs: {
        "cidrBlock": inputs.get("cidrBlock", "10.90.0.0/16"),
        "routeTableId": f"vtb-{name}",
    },
    "alicloud:vpc/natGateway:NatGateway": lambda name, inputs: {"snatTableIds": "stb-1"},
    "alicloud:ecs/eipAddress:EipAddress": lambda name, inputs: {"ipAddress": "203.0.113.10"},
    "alicloud:cen/transitRouter:TransitRouter": lambda name, inputs: {
        "transitRouterId": f"tr-{name}"
    },
    "alicloud:cen/transitRouterVpcAttachment:TransitRouterVpcAttachment": lambda name, inputs: {
        "transitRouterAttachmentId": f"tr-attach-{name}"
    },
    "alicloud:cen/transitRouterPeerAttachment:TransitRouterPeerAttachment": lambda name, inputs: {
        "transitRouterAttachmentId": f"tr-attach-{name}"
    },
    "alicloud:privatelink/vpcEndpoint:VpcEndpoint": lambda name, inputs: {
        "endpointDomain": f"ep-{name}.dashscope.cn-beijing.privatelink.aliyuncs.com"
    },
    "dashlink:gateway:GatewayAddresses": lambda name, inputs: {
        "defaultEnvironmentId": inputs.get("environmentId") or "env-1",
        "intranetAddresses": ["nlb-1.cn-beijing.nlb.aliyuncsslb.com"],
        "internetAddresses": [],
        "vpcId": "vpc-1",
    },
    "dashlink:eas:EasService": lambda name, inputs: {"serviceId": "eas-m-1", "status": "Running"},
    "dashlink:eas:EasAddresses": lambda name, inputs: {
        "foundServiceId": "eas-m-1",
        "status": "Running",
        "accessToken": "token-of-the-service",
        "gateways": [
            {
                "kind": "DefaultGateway",
                "gatewayId": "default",
                "vpcUrls": [f"http://1.vpc.cn-beijing.pai-eas.aliyuncs.com/{inputs['name']}"],
                "internetUrls": [],
            }
        ],
    },
    "dashlink:eas:EasGateway": lambda name, inputs: {
        "status": "Running",
        "vpcDomain": "gw-1-vpc.cn-beijing.pai-eas.aliyuncs.com",
        "internetDomain": "gw-1.cn-beijing" if inputs.get("internet") else "",
    },
    "dashlink:eas:EasGatewayLink": lambda name, inputs: {
        "status": "Running",
        "address": "10.20.0.30",
        "securityGroupId": "sg-1",
    },
    "dashlink:eas:ExistingEasGateway": lambda name, inputs: {
        "kind": "application",
        "status": "Running",
        "name": "theirs",
        "vpcDomain": "",
        "internetDomain": "",
        "linkedVpcs": [],
    },
    "dashlink:endpoint:EndpointConnection": lambda name, inputs: {
        "connectionStatus": "Connected",
        "endpointDomain": f"{inputs['endpointId']}.dashscope.cn-beijing.privatelink.aliyuncs.com",
        "serviceId": "epsrv-1",
        "serviceName": "com.aliyuncs.dashscope",
        "zones": {
            zone: {"domain": f"ep-{zone}.dashscope", "address": f"10.20.0.{number}"}
            for number, zone in enumerate(inputs["zoneIds"], 2)
        },
    },
}


@dataclass(frozen=True)
class Declared:
    """A resource as the program registered it."""

    type: str
    name: str
    inputs: dict[str, Any]
    urn: str
    parent: str
    provider: str
    protect: bool
    deleted_first: bool
    resource_id: str


@dataclass
class Deployed:
    """The resources that a program declared, and the value that it returned."""

    resources: list[Declared] = field(default_factory=list)
    with_outputs: set[str] = field(default_factory=set)
    result: Any = None

    def of(self, type_suffix: str) -> dict[str, Declared]:
        """The resources whose type ends in ``type_suffix``, by logical name."""
        return {item.name: item for item in self.resources if item.type.endswith(type_suffix)}

    def one(self, type_suffix: str) -> Declared:
        """The only resource of that type."""
        (resource,) = self.of(type_suffix).values()
        return resource


class _Mocks(pulumi.runtime.Mocks):
    def __init__(self, outputs: Mapping[str, Mapping[str, Any]]) -> None:
        self._outputs = outputs

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        computed = _COMPUTED.get(args.typ, lambda name, inputs: {})(args.name, args.inputs)
        computed |= self._outputs.get(args.name, {})
        return args.resource_id or f"{args.name}-id", {**args.inputs, **computed}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        if args.token == _ROUTER_TABLES:
            table = {"transitRouterRouteTableId": f"vtb-of-{args.args['transitRouterId']}"}
            return {"id": "tables", "tables": [table]}
        raise AssertionError(f"a component called the cloud: {args.token}")


class _Monitor(MockMonitor):
    """Pulumi's mock monitor, which also records each registration."""

    def __init__(self, deployed: Deployed, mocks: _Mocks) -> None:
        super().__init__(mocks)
        self._deployed = deployed

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        answer = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self._record(request, request.object, request.protect, answer.id)
        return answer

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        answer = super().ReadResource(request)
        self._record(request, request.properties, False, request.id)
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self._deployed.with_outputs.add(request.urn)
        return super().RegisterResourceOutputs(request)

    def _record(self, request: Any, inputs: Any, protect: bool, identity: str) -> None:
        self._deployed.resources.append(
            Declared(
                type=request.type,
                name=request.name,
                inputs=dict(rpc.deserialize_properties(inputs)),
                urn=self.make_urn(request.parent, request.type, request.name),
                parent=request.parent,
                provider=request.provider,
                protect=protect,
                deleted_first=getattr(request, "deleteBeforeReplace", False),
                resource_id=identity,
            )
        )


@pytest.fixture
def loop() -> Iterator[None]:
    """Event loop for Pulumi's runtime: after `asyncio.run` in another test the thread has none.

    A program that fails leaves tasks behind. They end here and log nothing: a log in the middle of
    `ast.parse`, when they are collected, breaks it (CPython 3.11, bpo-106905).
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.set_exception_handler(lambda loop, context: None)
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def deploy(loop: None) -> Callable[..., Deployed]:
    """Run a program to its end and return the resources that it declares.

    The program may return a value with outputs at any depth; ``result`` has their values. An error
    in the program, or in an ``apply``, is raised here. ``outputs`` are further outputs that the
    cloud adds, by logical name.
    """

    def run(
        program: Callable[[], Any],
        *,
        preview: bool = False,
        outputs: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Deployed:
        deployed = Deployed()
        mocks = _Mocks(outputs or {})
        monitor = _Monitor(deployed, mocks)
        pulumi.runtime.set_mocks(
            mocks, project="shop", stack="dev", preview=preview, monitor=monitor
        )

        @pulumi.runtime.test
        def wrapped() -> Any:
            def keep(value: Any) -> None:
                deployed.result = value

            return pulumi.Output.from_input(program()).apply(keep)

        wrapped()
        return deployed

    return run
