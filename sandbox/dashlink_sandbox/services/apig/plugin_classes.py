"""Classes of plugins that users upload; none of the cloud's own classes exists here.

Sources: SDK 11.6.0, models CreatePluginClassRequest (alias is required, executePriority is at least
1), GetPluginClassResponseBodyData, ListPluginClassesResponseBodyDataItems; resource and data source
alicloud_apig_plugin_class of the alicloud provider v1.285.0 (values of wasmLanguage, executeStage,
type and publishStatus; GetPluginClass returns version and supportedMinGatewayVersion too;
DatabaseError.RecordNotFound). Other codes, and that names are unique, are unverified.
"""

from __future__ import annotations

import re
from functools import partial

from dashlink_sandbox.gateways import PUBLISH_SECONDS, PluginClass
from dashlink_sandbox.services.apig.answers import (
    check_unique_name,
    listed,
    new_record,
    ok,
    required,
)
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.wire.errors import check_choice, invalid

_LANGUAGES = ("TinyGo", "Cpp", "Rust", "AssemblyScript", "Zig")
_STAGES = ("AUTHN", "AUTHZ", "STATS", "UNSPECIFIED_PHASE")
_TYPES = ("Auth", "FlowControl", "FlowObservation", "Security", "TransportProtocol", "Other")
_SOURCES = ("HigressOfficial", "HigressCommunity", "Custom")
_VERSION = re.compile(r"[1-9]\d*\.\d+\.\d+")
_URL = re.compile(r"https?://\S+")

# What a user uploads is of this type and from this source.
_TYPE = "Other"
_SOURCE = "Custom"


def create(call: Call) -> Answer:
    """CreatePluginClass: published in the background; the file is not loaded."""
    body = call.body
    if not body.get("alias"):
        raise invalid("alias", "It is required.")
    check_choice("wasmLanguage", required(body, "wasmLanguage"), _LANGUAGES)
    check_choice("executeStage", required(body, "executeStage"), _STAGES)
    priority = body.get("executePriority") or 0
    if not isinstance(priority, int) or priority < 1:
        raise invalid("executePriority", "It must be at least 1.")
    if _VERSION.fullmatch(str(required(body, "version"))) is None:
        raise invalid("version", "It must be a version from 1.0.0 on.")
    if _URL.fullmatch(str(required(body, "wasmUrl"))) is None:
        raise invalid("wasmUrl", "It must be an HTTP or HTTPS URL.")
    name = required(body, "name")
    siblings = call.own(call.state.plugin_classes)
    message = f"The account has the plugin class {name} already."
    check_unique_name(siblings, name, "PluginClassExisted", message)
    row = PluginClass(
        plugin_class_id=call.new_id("pls"),
        name=name,
        alias=body["alias"],
        description=required(body, "description"),
        version=body["version"],
        version_description=required(body, "versionDescription"),
        wasm_url=body["wasmUrl"],
        wasm_language=body["wasmLanguage"],
        execute_stage=body["executeStage"],
        execute_priority=priority,
        supported_min_gateway_version=body.get("supportedMinGatewayVersion") or "",
        **new_record(call),
    )
    call.state.plugin_classes[row.plugin_class_id] = row
    return ok({"pluginClassId": row.plugin_class_id})


def describe(call: Call) -> Answer:
    """GetPluginClass."""
    row = _requested(call)
    own = {"document": "", "wasmLanguage": row.wasm_language}
    return ok({**_shape(call, row), **own})


def list_classes(call: Call) -> Answer:
    """ListPluginClasses: by type, source, and parts of name and alias."""
    kind = call.params.one_of("type", ("", *_TYPES), "")
    source = call.params.one_of("source", ("", *_SOURCES), "")
    rows = []
    if kind in ("", _TYPE) and source in ("", _SOURCE):
        for row in call.select(call.state.plugin_classes, {}, "nameLike"):
            if call.params.text("aliasLike") in row.alias:
                rows.append(row)
    return listed(call, rows, partial(_shape, call))


def delete(call: Call) -> Answer:
    """DeletePluginClass."""
    del call.state.plugin_classes[_requested(call).plugin_class_id]
    return ok()


def _requested(call: Call) -> PluginClass:
    class_id = call.params.required("pluginClassId")
    code = "DatabaseError.RecordNotFound"
    return call.find(call.state.plugin_classes, class_id, code, "plugin class")


def _shape(call: Call, row: PluginClass) -> Answer:
    is_published = call.now >= row.created + PUBLISH_SECONDS
    return {
        "pluginClassId": row.plugin_class_id,
        "name": row.name,
        "alias": row.alias,
        "description": row.description,
        "version": row.version,
        "supportedMinGatewayVersion": row.supported_min_gateway_version or None,
        "type": _TYPE,
        "source": _SOURCE,
        "publishStatus": "Success" if is_published else "Publishing",
        "installed": False,
    }
