"""Classes of plugins, by the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import Place, refused
from support.waiting import wait_for

BODY = {
    "alias": "Checks",
    "description": "Checks requests",
    "executePriority": 200,
    "executeStage": "AUTHN",
    "supportedMinGatewayVersion": "2.0.0",
    "version": "1.0.2",
    "versionDescription": "First",
    "wasmLanguage": "TinyGo",
    "wasmUrl": "https://example.com/plugin.wasm",
}


def _create(place: Place, **changed: Any) -> str:
    body = {"name": place.new_name("plugin"), **BODY, **changed}
    request = models.CreatePluginClassRequest().from_map(body)
    return str(place.apig.create_plugin_class(request).body.data.plugin_class_id)


def _listed(place: Place, **filters: Any) -> list[Any]:
    request = models.ListPluginClassesRequest(page_size=100, **filters)
    return list(place.apig.list_plugin_classes(request).body.data.items)


def _get(place: Place, class_id: str) -> models.GetPluginClassResponseBodyData:
    return place.apig.get_plugin_class(class_id, models.GetPluginClassRequest()).body.data


def test_a_plugin_class_is_published_read_listed_and_deleted(place):
    name = place.new_name("whole")
    class_id = _create(place, name=name)
    wait_for(lambda: _get(place, class_id).publish_status == "Success", "it is published")
    row = _get(place, class_id)
    assert (row.name, row.alias, row.description) == (name, "Checks", "Checks requests")
    assert (row.type, row.wasm_language) == ("Other", "TinyGo")
    (listed,) = _listed(place, name_like=name)
    assert (listed.plugin_class_id, listed.version) == (class_id, "1.0.2")
    assert (listed.supported_min_gateway_version, listed.source) == ("2.0.0", "Custom")
    place.apig.delete_plugin_class(class_id, models.DeletePluginClassRequest())
    with refused("DatabaseError.RecordNotFound", 404):
        _get(place, class_id)
    assert _listed(place, name_like=name) == []


def test_plugin_classes_are_listed_by_each_filter(place):
    class_id = _create(place, alias="Found by alias")
    for filters, found in (
        ({"alias_like": "by alias"}, True),
        ({"type": "Other"}, True),
        ({"source": "Custom"}, True),
        ({"alias_like": "absent"}, False),
        ({"type": "Auth"}, False),
        ({"source": "HigressOfficial"}, False),
    ):
        ids = [row.plugin_class_id for row in _listed(place, **filters)]
        assert (class_id in ids) == found, filters


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "", "IsEmpty"),
        ("alias", "", "WithValue"),
        ("description", "", "IsEmpty"),
        ("versionDescription", "", "IsEmpty"),
        ("version", "0.1.0", "WithValue"),
        ("executePriority", 0, "WithValue"),
        ("executeStage", "LATER", "WithValue"),
        ("wasmLanguage", "COBOL", "WithValue"),
        ("wasmUrl", "plugin.wasm", "WithValue"),
    ],
    ids=lambda value: str(value) or "empty",
)
def test_each_invalid_field_of_a_plugin_class_is_refused(place, field, value, reason):
    with refused(f"InvalidParameter.{reason}", field=field):
        _create(place, **{field: value})


def test_names_of_plugin_classes_are_unique(place):
    name = place.new_name("once")
    _create(place, name=name)
    with refused("Conflict.PluginClassExisted", 409):
        _create(place, name=name)
