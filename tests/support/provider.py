"""Our provider as the engine talks to it: a gRPC server in this process, and requests in the engine's order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from dashlink.provider.server import Provider

REGION = "cn-beijing"


def struct(values):
    made = struct_pb2.Struct()
    made.update(values)
    return made


def plain(message):
    """Properties with their seals."""
    return json_format.MessageToDict(message)


def unsealed(message):
    """Properties without their seals, which may be anywhere."""
    return _bare(plain(message))


def _bare(value):
    if rpc.is_rpc_secret(value):
        return _bare(value["value"])
    if isinstance(value, dict):
        return {name: _bare(item) for name, item in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def sealed_names(message):
    return {name for name, value in plain(message).items() if rpc.is_rpc_secret(value)}


def with_seals(values, *names):
    """Inputs whose named properties are secrets, as the engine hands them over."""
    return {
        name: rpc.wrap_rpc_secret(value) if name in names else value
        for name, value in values.items()
    }


@dataclass(frozen=True)
class Created:
    """What the engine keeps of a resource."""

    urn: str
    id: str
    inputs: struct_pb2.Struct
    properties: struct_pb2.Struct


class Engine:
    """The engine's side of the protocol for the gateway's kinds."""

    def __init__(self, stub, provider, messages):
        self.stub = stub
        self.provider = provider
        self.messages = messages

    def check(self, kind, inputs):
        return self.stub.Check(provider_pb2.CheckRequest(urn=urn_of(kind), news=struct(inputs)))

    def create(self, kind, inputs, name="it"):
        """Check, then create with what the check has answered."""
        urn = urn_of(kind, name)
        checked = self.stub.Check(provider_pb2.CheckRequest(urn=urn, news=struct(inputs)))
        assert not checked.failures
        answer = self.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs))
        return Created(urn, answer.id, checked.inputs, answer.properties)

    def preview_create(self, kind, inputs):
        request = provider_pb2.CreateRequest(
            urn=urn_of(kind), properties=self.check(kind, inputs).inputs, preview=True
        )
        return self.stub.Create(request)

    def read(self, made):
        """As a refresh does."""
        request = provider_pb2.ReadRequest(
            id=made.id, urn=made.urn, inputs=made.inputs, properties=made.properties
        )
        return self.stub.Read(request)

    def refresh(self, made):
        read = self.read(made)
        return Created(made.urn, made.id, read.inputs, read.properties)

    def import_(self, kind, identity):
        """Read without inputs: an import."""
        return self.stub.Read(provider_pb2.ReadRequest(id=identity, urn=urn_of(kind)))

    def diff(self, made, inputs):
        """What the engine is told of a program's new inputs."""
        checked = self.stub.Check(
            provider_pb2.CheckRequest(urn=made.urn, news=struct(inputs), olds=made.inputs)
        )
        request = provider_pb2.DiffRequest(
            id=made.id,
            urn=made.urn,
            olds=made.properties,
            old_inputs=made.inputs,
            news=checked.inputs,
        )
        return self.stub.Diff(request)

    def update(self, made, inputs, *, preview=False):
        checked = self.stub.Check(
            provider_pb2.CheckRequest(urn=made.urn, news=struct(inputs), olds=made.inputs)
        )
        request = provider_pb2.UpdateRequest(
            id=made.id,
            urn=made.urn,
            olds=made.properties,
            old_inputs=made.inputs,
            news=checked.inputs,
            preview=preview,
        )
        return Created(made.urn, made.id, checked.inputs, self.stub.Update(request).properties)

    def delete(self, made):
        request = provider_pb2.DeleteRequest(
            id=made.id, urn=made.urn, properties=made.properties, old_inputs=made.inputs
        )
        self.stub.Delete(request)

    def cancel(self):
        self.stub.Cancel(empty_pb2.Empty())


def urn_of(kind, name="it"):
    return f"urn:pulumi:dev::shop::dashlink:gateway:ModelGateway$dashlink:gateway:{kind}::{name}"


def refused(call, *arguments):
    """The one line with which the provider says no."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments)
    said = caught.value.details()
    assert "\n" not in said
    assert "mistake in dashlink" not in said
    return said


@contextmanager
def engine_for(cloud):
    """A provider for ``cloud``, and the engine that talks to it."""
    messages = []
    provider = Provider("0.1.0", lambda urn, text: messages.append(text))
    server = grpc.server(ThreadPoolExecutor(max_workers=16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in cloud.env.items():
            environment.setenv(name, value)
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=struct({"region": REGION})))
        yield Engine(stub, provider, messages)
    channel.close()
    server.stop(grace=None).wait()
