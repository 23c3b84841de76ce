"""Log fields of Model APIs through the provider: written after the API, kept, removed."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import provider_pb2
from support.provider import refused
from support.provider_cases import plain_api
from support.sandbox_admin import inject_fault

from dashlink_sandbox.services.apig.log_field_rules import stored_fields

NONE = provider_pb2.DiffResponse.DIFF_NONE
CHAT = "/v1/chat/completions"
OWN = ["question", "input_token"]
TEAM = {"key": "team", "source": "request_header", "path": "x-team"}
BODIES = ["request_body", "response_body", "response_stream"]


@pytest.fixture
def inputs(base):
    return plain_api(base)


def fields_of(base, created):
    """The keys of the stored log fields, by path and group."""
    policies = base.cloud.state.http_apis[created.id].deploy_config["policyConfigs"]
    return {
        config["path"]: {
            group: [field["fieldKey"] for field in fields]
            for group, fields in config["fieldPaths"].items()
        }
        for config in stored_fields(policies)
    }


def test_a_new_api_keeps_the_products_own_fields(engine, base, inputs):
    desired = {**inputs, "fields": [TEAM], "logBodies": True}
    created = engine.create("ModelApi", desired)
    assert fields_of(base, created) == {
        path: {"basic": OWN, "custom": ["team", *BODIES]} for path in (CHAT, "/v1/completions")
    }
    assert engine.diff(engine.refresh(created), desired).changes == NONE


def test_an_api_without_fields_leaves_them_alone(engine, base, inputs):
    created = engine.create("ModelApi", inputs)
    assert fields_of(base, created) == {}
    engine.update(created, {**inputs, "description": "another"})
    assert fields_of(base, created) == {}


def test_removed_fields_are_removed(engine, base, inputs):
    created = engine.create("ModelApi", {**inputs, "fields": [TEAM], "logBodies": True})
    updated = engine.update(created, {**inputs, "logBodies": True})
    assert fields_of(base, updated)[CHAT] == {"basic": OWN, "custom": BODIES}
    updated = engine.update(updated, inputs)
    assert fields_of(base, updated)[CHAT] == {"basic": OWN, "custom": []}
    assert engine.diff(engine.refresh(updated), inputs).changes == NONE


def test_fields_are_in_an_import(engine, base, inputs):
    created = engine.create("ModelApi", {**inputs, "fields": [TEAM]})
    imported = engine.import_("ModelApi", created.id)
    assert imported.inputs["fields"][0]["key"] == "team"
    assert imported.inputs["logBodies"] is False


def test_fields_that_cannot_be_read_are_not_overwritten(engine, base, inputs):
    created = engine.create("ModelApi", inputs)
    action = "GetApiPathFieldConfig"
    inject_fault(base.cloud, product="APIG", action=action, kind="throttle", code="Forbidden.RAM")
    error = refused(engine.update, created, {**inputs, "fields": [TEAM]})
    assert error.startswith("cannot read the log fields of the Model API: ")
    assert fields_of(base, created) == {}
