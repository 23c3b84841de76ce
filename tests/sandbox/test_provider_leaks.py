"""No secret is stored or shown in plain; each mark on a secret field is what prevents it."""

from __future__ import annotations

import asyncio
import json
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

import pytest
from alibabacloud_apig20240327 import models
from pulumi.runtime.proto import provider_pb2
from support.leaks import (
    SECRET,
    leaks_of_program,
    leaks_of_provider,
    leaks_of_provider_settings,
    leaks_of_refused_creation,
    leaks_of_schema,
)
from support.provider import engine_for, refused, unsealed
from support.provider_cases import base_gateway, new_name, plain_api
from support.sandbox_admin import inject_fault

import dashlink
from dashlink.cloud import retry
from dashlink.marks import Mark, is_model, item_type, members_of
from dashlink.provider.codec import UNKNOWN_KEY
from dashlink.provider.registry import all_handlers
from dashlink.resources.models.provider import ProviderSettings


@pytest.fixture(scope="module")
def base():
    with base_gateway() as base:
        yield base


@pytest.fixture(scope="module")
def engine(base):
    with engine_for(base.cloud) as engine:
        yield engine


@pytest.fixture(autouse=True)
def one_attempt(base, monkeypatch):
    """Every request is sent once."""
    monkeypatch.setattr(retry, "_ATTEMPTS", 1)
    yield
    base.cloud.cloud.faults.active.clear()


@pytest.fixture(autouse=True)
def loop():
    """An event loop for Pulumi's runtime."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()
    asyncio.set_event_loop(None)


def service(base, **more):
    return {
        "gatewayId": base.gateway_id,
        "name": new_name("service"),
        "vendor": "custom",
        "address": "https://models.example.com/v1",
        **more,
    }


def keyed_service(base):
    return service(base, apiKeys=[SECRET])


def bedrock_service(base):
    keys = {"region": "us-east-1", "accessKey": SECRET, "secretKey": SECRET}
    return service(base, vendor="bedrock", address=None, bedrock=keys)


def vertex_service(base):
    vertex = {"projectId": "p", "region": "us", "authKey": SECRET}
    return service(base, vendor="vertex", address=None, vertex=vertex)


def cached_api(base):
    cache = {
        "mode": "semantic",
        "ttlSeconds": 60,
        "redisHost": "r.example.internal",
        "redisPort": 6379,
        "redisPassword": SECRET,
        "embeddingServiceId": base.services[0],
        "embeddingModel": "text-embedding-v4",
        "vectorHost": "v.example.internal",
        "vectorKey": SECRET,
    }
    return {**plain_api(base), "cache": cache}


def consumer(base):
    jwks = json.dumps({"keys": [{"kty": "oct", "k": SECRET}]})
    token = {"header": "Authorization", "prefix": "Bearer ", "claim": "uid", "value": "search"}
    return {
        "name": new_name("consumer"),
        "apiKeys": [f"{SECRET}-{new_name('key')}"],
        "keyPairs": [{"accessKey": new_name("access-key"), "secretKey": SECRET}],
        "jwt": {"jwks": jwks, **token},
    }


# Resource, its properties with SECRET in every secret, what to update, and the action that creates.
CASES = {
    "service with keys": ("AiService", keyed_service, {"defaultModel": "m"}, "CreateService"),
    "service of Bedrock": ("AiService", bedrock_service, {"defaultModel": "m"}, "CreateService"),
    "service of Vertex": ("AiService", vertex_service, {"defaultModel": "m"}, "CreateService"),
    "API with a cache": ("ModelApi", cached_api, {"logBodies": True}, "CreateHttpApi"),
    "consumer": ("Consumer", consumer, {"enabled": False}, "CreateConsumer"),
}
SETTINGS = {"region": "cn-beijing", "access_key": SECRET, "secret_key": SECRET}
SETTINGS["security_token"] = SECRET


def leaks(engine, base, case):
    """Where the secrets of a case are in plain."""
    resource, inputs_of, changed, action = CASES[case]
    inputs = {name: value for name, value in inputs_of(base).items() if value is not None}
    found = leaks_of_provider(engine, resource, inputs, new_name("leak"), changed)
    inject_fault(
        base.cloud, product="APIG", kind="error", action=action, code="Forbidden.NoPermission"
    )
    found |= leaks_of_refused_creation(engine, resource, inputs, new_name("refused"))
    found |= leaks_of_schema(schema_of(engine), resource, inputs)
    arguments = snake(inputs)
    secret = [name for name, value in inputs.items() if SECRET in json.dumps(value)]
    return found | leaks_of_program(
        lambda: getattr(dashlink, resource)("leaky", **arguments), secret
    )


def leaks_of_settings(engine):
    """Where the secrets of the provider's settings are in plain."""
    found = leaks_of_provider_settings(engine, schema_of(engine), SETTINGS)
    return found | leaks_of_program(lambda: dashlink.Provider("leaky", **SETTINGS), ())


def schema_of(engine):
    return json.loads(engine.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)


def snake(value):
    """Names of properties, also nested ones, as Python writes them."""
    if isinstance(value, dict):
        return {snake_name(name): snake(item) for name, item in value.items()}
    if isinstance(value, list):
        return [snake(item) for item in value]
    return value


def snake_name(name):
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


# -- keys that the cloud returns ---------------------------------------------------------------

FOREIGN = "foreign-0123456789abcdef"


def rekey(base, consumer_id):
    """Change every credential of a consumer, as in the console."""
    keys = [{"apikey": FOREIGN, "generateMode": "Custom"}]
    pair = {"type": "AkSk", "generateMode": "Custom", "ak": new_name("ak"), "sk": FOREIGN}
    jwks = json.dumps({"keys": [{"kty": "oct", "k": FOREIGN}]})
    body = {
        "apikeyIdentityConfig": {"type": "Apikey", "credentials": keys},
        "akSkIdentityConfigs": [pair],
        "jwtIdentityConfig": {"type": "Jwt", "secretType": "Symmetry", "jwks": jwks},
    }
    request = models.UpdateConsumerRequest().from_map(body)
    base.client.update_consumer(consumer_id, request)
    shown = base.client.get_consumer(consumer_id).body.data.to_map()
    assert json.dumps(shown).count(FOREIGN) == 3  # the cloud returns them in plain


def test_keys_of_another_owner_reach_neither_state_nor_diff(engine, base):
    inputs = consumer(base)
    created = engine.create("Consumer", inputs, new_name("rekeyed"))
    rekey(base, created.id)
    read = engine.refresh(created)
    brought = engine.import_("Consumer", created.id)
    for message in (read.inputs, read.properties, brought.inputs, brought.properties):
        text = json.dumps(unsealed(message))  # with what is sealed
        assert FOREIGN not in text
        assert text.count(UNKNOWN_KEY) == 3
    difference = engine.diff(read, inputs)
    assert set(difference.diffs) == {"apiKeys", "keyPairs", "jwt"}
    assert FOREIGN not in f"{difference} {engine.messages}"
    assert unsealed(engine.refresh(engine.update(read, inputs)).inputs) == unsealed(created.inputs)


@pytest.mark.parametrize("case", CASES, ids=CASES)
@pytest.mark.parametrize("verb", ["create", "update"], ids=str)
def test_an_error_that_repeats_a_secret_is_shown_without_it(engine, base, case, verb):
    resource, inputs_of, changed, action = CASES[case]
    inputs = {name: value for name, value in inputs_of(base).items() if value is not None}
    created = engine.create(resource, inputs, new_name("repeated"))
    fresh = {name: value for name, value in inputs_of(base).items() if value is not None}
    repeated = {"create": action, "update": action.replace("Create", "Update")}[verb]
    inject_fault(base.cloud, product="APIG", kind="error", action=repeated, code=f"Bad.{SECRET}")
    if verb == "create":
        error = refused(engine.create, resource, fresh, new_name("repeated"))
    else:
        error = refused(engine.update, created, {**inputs, **changed})
    assert "Bad.…" in error
    assert SECRET not in error
    engine.delete(created)


# -- the marks -----------------------------------------------------------------------------------


def marked_fields(model):
    """The models and fields that carry the mark of a secret themselves, at any depth."""
    for name, field in model.model_fields.items():
        if Mark.SECRET in field.metadata or without_mark(field.annotation) != field.annotation:
            yield model, name
        for nested in nested_models(field.annotation):
            yield from marked_fields(nested)


def nested_models(annotation):
    for member in members_of(annotation):
        if is_model(member):
            yield member
        elif item_type(member) is not None:
            yield from nested_models(item_type(member))


def without_mark(annotation):
    """A type without the mark of a secret; models in it stay as they are."""
    origin = get_origin(annotation)
    if origin is Annotated and Mark.SECRET in annotation.__metadata__:
        return without_mark(annotation.__origin__)
    if origin in (Union, UnionType):
        return Union[tuple([without_mark(one) for one in get_args(annotation)])]  # noqa: UP007
    if origin is tuple:
        item, more = get_args(annotation)
        return tuple[without_mark(item), more]
    return annotation


def remove_mark(monkeypatch, model, name):
    field = model.model_fields[name]
    monkeypatch.setattr(field, "annotation", without_mark(field.annotation))
    unmarked = [one for one in field.metadata if one is not Mark.SECRET]
    monkeypatch.setattr(field, "metadata", unmarked)


def all_marked_fields():
    """Of gateway resources; test_provider_eas_services.py has those of PAI-EAS."""
    found = {}
    for token, handler in all_handlers().items():
        if ":gateway:" not in token:
            continue
        for model in (handler.contract.inputs, handler.contract.state):
            for owner, name in marked_fields(model):
                found[f"{owner.__name__}.{name}"] = (owner, name)
    return found


MARKED = all_marked_fields()
# The case that has the secrets of a model.
CASE_OF = {
    "AiServiceInputs": "service with keys",
    "BedrockInputs": "service of Bedrock",
    "VertexInputs": "service of Vertex",
    "CacheInputs": "API with a cache",
    "ConsumerInputs": "consumer",
    "KeyPairInputs": "consumer",
    "JwtInputs": "consumer",
}
STORED = {"check", "creation: inputs", "creation: outputs", "refresh", "update"}
SHOWN = {"failed check", "preview of a creation", "preview of an update", "program: inputs"}


@pytest.mark.parametrize("case", CASES, ids=CASES)
def test_no_secret_of_a_resource_is_in_plain(engine, base, case):
    assert leaks(engine, base, case) == set()


def test_no_secret_of_the_provider_is_in_plain(engine):
    assert leaks_of_settings(engine) == set()


@pytest.mark.parametrize(("model", "name"), MARKED.values(), ids=MARKED)
def test_a_field_without_its_mark_is_a_leak(engine, base, monkeypatch, model, name):
    remove_mark(monkeypatch, model, name)
    assert leaks(engine, base, CASE_OF[model.__name__])


@pytest.mark.parametrize("owner", CASE_OF, ids=CASE_OF)
def test_a_model_without_marks_leaks_wherever_it_goes(engine, base, monkeypatch, owner):
    for model, name in MARKED.values():
        if model.__name__ == owner:
            remove_mark(monkeypatch, model, name)
    found = leaks(engine, base, CASE_OF[owner])
    assert found >= STORED | SHOWN | {"program: outputs"}


@pytest.mark.parametrize("name", ["access_key", "secret_key", "security_token"], ids=str)
def test_a_setting_without_its_mark_is_a_leak(engine, monkeypatch, name):
    remove_mark(monkeypatch, ProviderSettings, name)
    assert leaks_of_settings(engine) == {"configuration", f"schema.{name}", "program: inputs"}
