"""Log fields of a Model API (names as in SDK 11.6.0, AiStatisticsConfig).

The API takes the fields of all paths at once, the product's own (`basic`) and further ones
(`custom`). So they are read first (GetApiPathFieldConfig), and all but the custom ones are sent
back as they are. That the paths are those of the routes, without the base path, is by the SDK's
example `/v1/chat/completions`.

Whole bodies are custom fields too: the flags `logRequestContent` and `logResponseContent` are
deprecated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashlink.cloud.words import BASIC_FIELDS, CUSTOM_FIELDS
from dashlink.provider.codec import Json, from_api, to_api
from dashlink.resources.blocks import BODY_LOG_FIELDS, LogField
from dashlink.resources.models.model_api import ModelApiInputs

_WRITTEN = (
    "category",
    "description",
    "fieldKey",
    "io",
    "jsonPath",
    "name",
    "recordEnabled",
    "rule",
    "sensitive",
    "source",
)
_OF_OLD_VERSIONS = "/*"  # the path that versions before 0.1.0 sent, without basic fields


def has_log_fields(inputs: ModelApiInputs) -> bool:
    """Return whether an API has log fields besides the product's own."""
    return inputs.statistics and (inputs.log_bodies or bool(inputs.fields))


def path_configs(
    inputs: ModelApiInputs, current: Sequence[Json], paths: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the complete `pathFieldConfigs` of an API; empty if it has and gets no custom field.

    An empty list changes nothing: fields are removed by a list of the same paths without them.

    Args:
        inputs: The API.
        current: `pathConfigs` of GetApiPathFieldConfig.
        paths: Paths of the API's routes, for an API that has no log fields yet.
    """
    custom = _custom(inputs)
    kept = [row for row in current if row.get("path") != _OF_OLD_VERSIONS]
    if not custom and len(kept) == len(current) and not any(map(_custom_rows, kept)):
        return []
    configs = []
    for row in kept:
        groups = {}
        for name, fields in (row.get("fieldPaths") or {}).items():
            groups[name] = [_written(field) for field in fields]
        configs.append({"path": row["path"], "fieldPaths": {**groups, CUSTOM_FIELDS: custom}})
    if not kept:
        for path in paths:
            groups = {BASIC_FIELDS: [], CUSTOM_FIELDS: custom}
            configs.append({"path": path, "fieldPaths": groups})
    return configs


def read_fields(configs: Iterable[Json]) -> tuple[tuple[LogField, ...], bool]:
    """Return the further fields of an API's JSON, and whether whole bodies are logged."""
    fields: dict[LogField, None] = {}
    for config in configs:
        for row in _custom_rows(config):
            if row.get("recordEnabled", True):
                fields[from_api(LogField, row)] = None
    bodies = all(field in fields for field in BODY_LOG_FIELDS)
    if bodies:
        for field in BODY_LOG_FIELDS:
            del fields[field]
    return tuple(fields), bodies


def _custom(inputs: ModelApiInputs) -> list[dict[str, Any]]:
    if not has_log_fields(inputs):
        return []
    fields = (*inputs.fields, *BODY_LOG_FIELDS) if inputs.log_bodies else inputs.fields
    return [{**to_api(field), "recordEnabled": True} for field in fields]


def _custom_rows(config: Json) -> list[Json]:
    return list((config.get("fieldPaths") or {}).get(CUSTOM_FIELDS) or ())


def _written(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field without what only the answer has."""
    return {name: field[name] for name in _WRITTEN if field.get(name) is not None}
