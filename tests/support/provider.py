"""The engine of tests: a provider in this process, and requests in the engine's order."""

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
    created = struct_pb2.Struct()
    created.update(values)
    return created


def plain(message):
    """Return properties with their seals."""
    return json_format.MessageToDict(message)


def unsealed(message):
    """Return properties without their seals at any depth."""
    return _without_seals(plain(message))


def _without_seals(value):
    if rpc.is_rpc_secret(value):
        return _without_seals(value["value"])
    if isinstance(value, dict):
        return {name: _without_seals(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_seals(item) for item in value]
    return value


def sealed_names(message):
    return {name for name, value in plain(message).items() if rpc.is_rpc_secret(value)}


def with_seals(values, *names):
    """Return properties with the named ones sealed, as the engine sends secrets."""
    return {
        name: rpc.wrap_rpc_secret(value) if name in names else value
        for name, value in values.items()
    }


@dataclass(frozen=True)
class Created:
    """What the engine stores of a resource."""

    urn: str
    id: str
    inputs: struct_pb2.Struct
    properties: struct_pb2.Struct


class Engine:
    """The engine's side of the protocol, for gateway resources."""

    def __init__(self, stub, provider, messages):
        self.stub = stub
        self.provider = provider
        self.messages = messages

    def check(self, resource, inputs):
        return self.stub.Check(provider_pb2.CheckRequest(urn=urn_of(resource), news=struct(inputs)))

    def create(self, resource, inputs, name="it"):
        """Check, then create with the checked inputs."""
        urn = urn_of(resource, name)
        checked = self.stub.Check(provider_pb2.CheckRequest(urn=urn, news=struct(inputs)))
        assert not checked.failures
        answer = self.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs))
        return Created(urn, answer.id, checked.inputs, answer.properties)

    def preview_create(self, resource, inputs):
        request = provider_pb2.CreateRequest(
            urn=urn_of(resource), properties=self.check(resource, inputs).inputs, preview=True
        )
        return self.stub.Create(request)

    def read(self, created):
        """Read as a refresh does."""
        request = provider_pb2.ReadRequest(
            id=created.id, urn=created.urn, inputs=created.inputs, properties=created.properties
        )
        return self.stub.Read(request)

    def refresh(self, created):
        read = self.read(created)
        return Created(created.urn, created.id, read.inputs, read.properties)

    def import_(self, resource, identity):
        """Read without inputs, as an import does."""
        return self.stub.Read(provider_pb2.ReadRequest(id=identity, urn=urn_of(resource)))

    def diff(self, created, inputs):
        """Return the difference between the stored inputs and a program's new ones."""
        checked = self.stub.Check(
            provider_pb2.CheckRequest(urn=created.urn, news=struct(inputs), olds=created.inputs)
        )
        request = provider_pb2.DiffRequest(
            id=created.id,
            urn=created.urn,
            olds=created.properties,
            old_inputs=created.inputs,
            news=checked.inputs,
        )
        return self.stub.Diff(request)

    def update(self, created, inputs, *, preview=False):
        checked = self.stub.Check(
            provider_pb2.CheckRequest(urn=created.urn, news=struct(inputs), olds=created.inputs)
        )
        request = provider_pb2.UpdateRequest(
            id=created.id,
            urn=created.urn,
            olds=created.properties,
            old_inputs=created.inputs,
            news=checked.inputs,
            preview=preview,
        )
        return Created(
            created.urn, created.id, checked.inputs, self.stub.Update(request).properties
        )

    def delete(self, created):
        request = provider_pb2.DeleteRequest(
            id=created.id, urn=created.urn, properties=created.properties, old_inputs=created.inputs
        )
        self.stub.Delete(request)

    def cancel(self):
        self.stub.Cancel(empty_pb2.Empty())


def urn_of(resource, name="it"):
    return (
        f"urn:pulumi:dev::shop::dashlink:gateway:ModelGateway$dashlink:gateway:{resource}::{name}"
    )


def refused(call, *arguments):
    """Return the error of a call that the provider refuses: one line."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments)
    error = caught.value.details()
    assert "\n" not in error
    assert "mistake in dashlink" not in error
    return error


@contextmanager
def engine_for(cloud):
    """Serve a provider for a cloud, and yield an engine that calls it."""
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
