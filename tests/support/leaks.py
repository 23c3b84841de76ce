"""Searches everything that the engine stores or shows of a resource for its secrets in plain."""

from __future__ import annotations

import json

import pulumi
import pulumi.runtime
from google.protobuf import json_format
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import provider_pb2
from pydantic.alias_generators import to_camel
from support.provider import refused, struct, urn_of

SECRET = "canary-0123456789abcdef"


def open_text(value):
    """Return the JSON of properties without what is sealed in them."""
    return json.dumps(without_sealed(value))


def without_sealed(value):
    if rpc.is_rpc_secret(value):
        return "sealed"
    if isinstance(value, dict):
        return {name: without_sealed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_sealed(item) for item in value]
    return value


def leaks_of_provider(engine, resource, inputs, name, changed):
    """What the provider answers or logs in plain, by the name of the request.

    Args:
        engine: The engine's side of the protocol.
        resource: Name of the resource.
        inputs: Properties of the resource with `SECRET` in every secret.
        name: Logical name of the resource.
        changed: Properties to update.
    """
    created = engine.create(resource, inputs, name)
    required = next(iter(inputs))
    broken = engine.check(resource, {**inputs, required: ["invalid"]})
    assert broken.failures
    desired = {**inputs, **changed}
    updated = engine.update(created, desired)
    messages = {
        "check": engine.check(resource, inputs),
        "failed check": broken,
        "preview of a creation": engine.preview_create(resource, inputs),
        "creation: inputs": created.inputs,
        "creation: outputs": created.properties,
        "refresh": engine.read(created),
        "import": engine.import_(resource, created.id),
        "diff": engine.diff(created, desired),
        "preview of an update": engine.update(created, desired, preview=True).properties,
        "update": updated.properties,
    }
    texts = {}
    for request, message in messages.items():
        texts[request] = open_text(json_format.MessageToDict(message))
    texts["log"] = json.dumps(engine.messages)
    engine.delete(updated)
    return {request for request, text in texts.items() if SECRET in text}


def leaks_of_refused_creation(engine, resource, inputs, name):
    """Whether the error of a creation that the cloud refuses has a secret."""
    return {"error"} if SECRET in refused(engine.create, resource, inputs, name) else set()


def leaks_of_schema(schema, resource, inputs):
    """The properties with `SECRET` that the schema does not declare as secret, by path."""
    properties = schema["resources"][f"dashlink:gateway:{resource}"]["inputProperties"]
    return set(unmarked_properties(inputs, properties, schema["types"]))


def unmarked_properties(value, properties, types, path="schema"):
    for name, item in value.items():
        declared = properties[name]
        if SECRET in json.dumps(item) and not declared.get("secret"):
            yield f"{path}.{name}"
        reference = declared.get("$ref") or declared.get("items", {}).get("$ref")
        if reference is not None:
            nested = types[reference.removeprefix("#/types/")]["properties"]
            for one in item if isinstance(item, list) else [item]:
                yield from unmarked_properties(one, nested, types, f"{path}.{name}")


class Registrations(MockMonitor):
    """Pulumi's mock monitor, which keeps the requests of a program."""

    def __init__(self):
        super().__init__(EchoMocks())
        self.requests = []

    def RegisterResource(self, request):  # noqa: N802 - the protocol's name
        self.requests.append(request)
        return super().RegisterResource(request)


class EchoMocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return f"{args.name}-id", args.inputs

    def call(self, args):
        raise AssertionError(args.token)


def leaks_of_program(declare, secret_properties):
    """What the program of a user sends to the engine in plain.

    Args:
        declare: Declares one resource.
        secret_properties: Its properties (camelCase) with `SECRET`.
    """
    monitor = Registrations()
    pulumi.runtime.set_mocks(EchoMocks(), project="shop", stack="dev", monitor=monitor)
    pulumi.runtime.test(lambda: declare() and None)()
    (request,) = [one for one in monitor.requests if one.name == "leaky"]
    found = set()
    if SECRET in open_text(json_format.MessageToDict(request.object)):
        found.add("program: inputs")
    if not set(secret_properties) <= set(request.additionalSecretOutputs):
        found.add("program: outputs")
    return found


def leaks_of_provider_settings(engine, schema, settings):
    """The settings of a provider that the plugin or its schema leaves in plain."""
    properties = struct({to_camel(name): value for name, value in settings.items()})
    request = provider_pb2.CheckRequest(urn=urn_of("Provider"), news=properties)
    answer = json_format.MessageToDict(engine.stub.CheckConfig(request))
    found = set()
    if SECRET in open_text(answer):
        found.add("configuration")
    for name, value in settings.items():
        declared = schema["config"]["variables"][to_camel(name)]
        if SECRET in value and not declared.get("secret"):
            found.add(f"schema.{name}")
    return found
