"""What the provider learns of a Model API: its routes, its deployment, what no API returns."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from support.provider import Created, engine_for, struct, unsealed
from support.provider_cases import new_name, plain_api
from support.sandbox_admin import inject_fault

from dashlink.cloud import retry
from dashlink_sandbox import model_routes
from dashlink_sandbox.services.apig import http_apis

NONE = provider_pb2.DiffResponse.DIFF_NONE
CHAT = {"name": "create-chat-completion", "path": "/v1/chat/completions", "methods": ["POST"]}
COMPLETION = {"name": "create-completion", "path": "/v1/completions", "methods": ["POST"]}
MESSAGE = {"name": "create-message", "path": "/v1/messages", "methods": ["POST"]}


@pytest.fixture(autouse=True)
def no_faults(base):
    yield
    base.cloud.cloud.faults.active.clear()


@pytest.fixture
def inputs(base):
    return plain_api(base)


@pytest.fixture
def created(engine, inputs):
    return engine.create("ModelApi", inputs, name=new_name("routes"))


def state_of(created):
    return unsealed(created.properties)


def undeploy(base, created):
    """Undeploy an API as the console does."""
    request = models.UndeployHttpApiRequest(
        environment_id=base.environment_id, gateway_id=base.gateway_id
    )
    base.client.undeploy_http_api(created.id, request)


# -- routes --------------------------------------------------------------------------------------


def test_the_built_in_routes_are_in_the_state(engine, inputs, created):
    assert state_of(created)["routes"] == [CHAT, COMPLETION]
    changed = {**inputs, "protocol": "Anthropic", "basePath": "/other"}
    assert state_of(engine.update(created, changed))["routes"] == [MESSAGE]


def test_a_route_of_the_users_own_is_not_in_the_state(engine, base, created):
    own = {"path": {"type": "Exact", "value": "/own"}, "methods": ["GET"]}
    request = models.CreateHttpApiRouteRequest().from_map({"name": "own", "match": own})
    base.client.create_http_api_route(created.id, request)
    assert state_of(engine.refresh(created))["routes"] == [CHAT, COMPLETION]


def test_routes_of_other_names_and_paths_are_read(engine, created, monkeypatch):
    other = model_routes.Route("chat", "/v2/chat/completions", ("POST", "GET"))
    monkeypatch.setattr(http_apis, "routes_of", lambda api, dialect: (other,))
    read = engine.refresh(created)
    row = {"name": "chat", "path": "/v2/chat/completions", "methods": ["POST", "GET"]}
    assert state_of(read)["routes"] == [row]


def test_a_preview_foresees_routes_only_where_they_stay(engine, inputs, created):
    described = engine.update(created, {**inputs, "basePath": "/other"}, preview=True)
    assert state_of(described)["routes"] == [CHAT, COMPLETION]
    for change in ({"protocol": "Anthropic"}, {"builtinRoutes": ["create-completion"]}):
        foreseen = engine.update(created, {**inputs, **change}, preview=True)
        assert state_of(foreseen)["routes"] == rpc.UNKNOWN


def test_refused_routes_are_a_message_and_no_error(engine, base, inputs, created, monkeypatch):
    monkeypatch.setattr(retry, "_ATTEMPTS", 1)
    inject_fault(base.cloud, kind="error", action="ListHttpApiRoutes", code="NoPermission", times=2)
    assert state_of(engine.refresh(created))["routes"] == [CHAT, COMPLETION]
    fresh = {**inputs, **plain_api(base)}
    assert state_of(engine.create("ModelApi", fresh, name=new_name("blind")))["routes"] == []
    messages = [text for text in engine.messages if "its routes cannot be read" in text]
    assert len(messages) == 2


def test_routes_that_show_late_are_waited_for(engine, base, monkeypatch):
    shown = http_apis.routes_of
    empty = [(), ()]

    def late(api, dialect):
        return empty.pop() if empty else shown(api, dialect)

    monkeypatch.setattr(http_apis, "routes_of", late)
    created = engine.create("ModelApi", plain_api(base), name=new_name("late"))
    assert state_of(created)["routes"] == [CHAT, COMPLETION]


def test_a_state_without_routes_is_completed_by_a_refresh(engine, inputs, created):
    older = state_of(created)
    del older["routes"], older["deployed"]
    stored = Created(created.urn, created.id, created.inputs, struct(older))
    assert engine.diff(stored, inputs).changes == NONE
    assert state_of(engine.update(stored, inputs, preview=True))["routes"] == rpc.UNKNOWN
    read = state_of(engine.refresh(stored))
    assert (read["routes"], read["deployed"]) == ([CHAT, COMPLETION], True)


# -- deployment ----------------------------------------------------------------------------------


def test_an_api_undeployed_elsewhere_is_deployed_again(engine, base, inputs, created):
    undeploy(base, created)
    read = engine.refresh(created)
    assert state_of(read)["deployed"] is False
    difference = engine.diff(read, inputs)
    assert (list(difference.diffs), list(difference.replaces)) == (["deployed"], [])
    assert state_of(engine.update(read, inputs, preview=True))["deployed"] is True
    repaired = engine.update(read, inputs)
    assert state_of(repaired)["deployed"] is True
    assert engine.diff(engine.refresh(repaired), inputs).changes == NONE
    assert base.cloud.state.http_apis[created.id].deployed is not None


# -- imports -------------------------------------------------------------------------------------


@pytest.fixture
def imported(engine, created):
    """A resource as the engine stores it after an import: inputs are completed with defaults."""
    answer = engine.import_("ModelApi", created.id)
    completed = engine.check("ModelApi", unsealed(answer.inputs)).inputs
    return Created(created.urn, created.id, completed, answer.properties)


@pytest.fixture
def next_run(base, imported):
    """The engine of a later run, with another process of the provider."""
    with engine_for(base.cloud) as engine:
        yield engine


@pytest.mark.parametrize("removes", [True, False], ids=["removed", "not removed"])
@pytest.mark.parametrize("refreshed", [True, False], ids=["refreshed", "not refreshed"])
def test_an_import_invents_and_hides_nothing(next_run, inputs, imported, removes, refreshed):
    brought = next_run.refresh(imported) if refreshed else imported
    assert {"removeBasePath", "firstByteTimeoutSeconds"}.isdisjoint(state_of(brought))
    program = {**inputs, "removeBasePath": removes}
    assert list(next_run.diff(brought, program).diffs) == ["removeBasePath"]
    written = next_run.update(brought, program)
    assert state_of(written)["removeBasePath"] == removes
    assert next_run.diff(next_run.refresh(written), program).changes == NONE


def test_an_imported_timeout_differs_only_if_declared(next_run, inputs, imported):
    program = {**inputs, "firstByteTimeoutSeconds": 30}
    changed = set(next_run.diff(imported, program).diffs)
    assert changed == {"removeBasePath", "firstByteTimeoutSeconds"}
    assert "firstByteTimeoutSeconds" not in next_run.diff(imported, inputs).diffs


def test_the_import_itself_has_no_difference(engine, inputs, imported):
    """The engine refuses the option `import_` where the program differs from what was read."""
    assert engine.diff(imported, inputs).changes == NONE


@pytest.mark.parametrize("category", ["Text", ""], ids=["as text", "without a category"])
def test_an_older_api_has_no_drift(engine, base, inputs, monkeypatch, category):
    del inputs["category"]
    created = engine.create("ModelApi", inputs, name=new_name("older"))
    shape = http_apis._shape
    returned = {"modelCategory": category}
    monkeypatch.setattr(http_apis, "_shape", lambda call, api: {**shape(call, api), **returned})
    read = engine.refresh(created)
    assert engine.diff(read, inputs).changes == NONE
    assert list(engine.diff(read, {**inputs, "category": "Text"}).replaces) == ["category"]
