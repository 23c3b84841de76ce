"""The tables of docs/settings.md, from the models: key, type, default and description.

A table stands between two comments of the page, `<!-- table: MODEL -->` and `<!-- end -->`. Keys of
a model that has no table of its own are rows of the table that leads to it, by their path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dashlink.json_schema import stack_schema
from dashlink.marks import Mark, marks_of, type_of
from dashlink.resources.models.consumer import ConsumerInputs
from dashlink.resources.models.eas_gateway import EasGatewayInputs
from dashlink.resources.models.eas_gateway_link import EasGatewayLinkInputs
from dashlink.resources.models.eas_service import EasServiceInputs
from dashlink.resources.models.model_api import ModelApiInputs

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
STACK = "StackSettings"
TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
DEFAULT = re.compile(r"(?:; default|(?:^|(?<=\.) )Default|, default):? (.+?)\.(?= |$)")
FILE = re.compile(r"docs/([\w-]+\.md)(#[\w-]+)?")
MANY = 10  # values of a list that a description leads to
NO_VALUE = (None, [], {}, "")
RESOURCES: Mapping[str, type[BaseModel]] = {
    "ConsumerSettings": ConsumerInputs,
    "EasGatewaySettings": EasGatewayInputs,
    "EasLinkSettings": EasGatewayLinkInputs,
    "EasServiceSettings": EasServiceInputs,
    "ModelApiSettings": ModelApiInputs,
}
"""Models whose fields are those of a resource, which knows the ones that replace it."""


@dataclass(frozen=True)
class Row:
    """A key: its path below the table's section, and the cells about it."""

    path: str
    type: str
    default: str
    description: str

    def __str__(self) -> str:
        cells = (f"`{self.path}`", self.type, self.default, self.description)
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


@cache
def models() -> dict[str, dict[str, Any]]:
    """The schema of each model of the settings by name; the whole stack's first."""
    schema = stack_schema()
    return {STACK: schema["properties"]["config"], **schema["definitions"]}


def written(page: str) -> str:
    """The page with its tables written again."""
    schemas = models()
    anchors = anchors_of(page)

    def table(match: re.Match[str]) -> str:
        lines = ["| key | type | default | description |", "|---|---|---|---|"]
        for row in rows(match[2], schemas, anchors):
            lines.append(str(row))
        return match[1] + "\n".join(lines) + f"\n{match[3]}"

    return TABLE.sub(table, page)


def rows(
    model: str, schemas: Mapping[str, Any], anchors: Mapping[str, str], prefix: str = ""
) -> Iterator[Row]:
    """Yield the rows of a model, with those of the models below it that have no table.

    Args:
        model: Name of the model.
        schemas: All models by name.
        anchors: The heading's anchor of each model that has a table.
        prefix: The path of the model in the table.
    """
    schema = schemas[model]
    for key, field in schema["properties"].items():
        path = prefix + key
        description = " ".join(field["description"].split())
        stated = DEFAULT.search(description)
        if stated:
            before = description[: stated.start()].strip(" .")
            description = f"{before}.{description[stated.end() :]}"
        description = FILE.sub(r"[\1](\1\2)", description)
        if _replaces(model, key):
            description += " A change replaces the resource."
        default = "**required**" if key in schema.get("required", ()) else _default(field, stated)
        yield Row(path, _type(field, anchors), default, description)
        for below, suffix in _models_below(field):
            if below not in anchors:
                yield from rows(below, schemas, anchors, path + suffix + ".")


def models_in(model: str) -> set[str]:
    """The models in the fields of a model, and in theirs."""
    found = set()
    for field in models()[model]["properties"].values():
        for below, _ in _models_below(field):
            found |= {below} | models_in(below)
    return found


def anchors_of(page: str) -> dict[str, str]:
    """The anchor of the heading above each table, by the table's model."""
    anchors = {}
    anchor = ""
    for line in page.splitlines():
        if line.startswith("#"):
            title = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            anchor = title.replace(" ", "-")
        elif match := re.match(r"<!-- table: (\w+) -->", line):
            anchors[match[1]] = anchor
    return anchors


def _replaces(model: str, key: str) -> bool:
    field = getattr(RESOURCES.get(model), "model_fields", {}).get(key)
    return field is not None and Mark.CREATE_ONLY in marks_of(type_of(field))


def _default(field: Mapping[str, Any], stated: re.Match[str] | None) -> str:
    if stated:
        return stated[1]
    if field.get("default") in NO_VALUE:
        return "none"
    value = field["default"]
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _models_below(field: Any) -> Iterator[tuple[str, str]]:
    """The models in a field's type, with what follows the field in the path of their keys."""
    if "$ref" in field:
        yield field["$ref"].rpartition("/")[2], ""
    for member in field.get("anyOf", ()):
        yield from _models_below(member)
    for model, suffix in _models_below(field["items"]) if "items" in field else ():
        yield model, "[]" + suffix
    values = field.get("additionalProperties")
    if isinstance(values, dict):
        for model, suffix in _models_below(values):
            yield model, ".<name>" + suffix


def _type(field: Mapping[str, Any], anchors: Mapping[str, str]) -> str:
    """A field's type for people."""
    match field:
        case {"$ref": reference}:
            anchor = anchors.get(reference.rpartition("/")[2])
            text = f"[map](#{anchor})" if anchor else "map"
        case {"anyOf": members}:
            kinds = [_type(one, anchors) for one in members if one.get("type") != "null"]
            text = " or ".join(kinds)
        case {"const": value}:
            text = f"`{value}`"
        case {"enum": values}:
            text = ", ".join(f"`{one}`" for one in values) if len(values) <= MANY else "names"
        case {"type": "array", "items": items}:
            text = f"list of {_plural(_type(items, anchors))}"
        case {"type": "object"}:
            text = _type_of_map(field, anchors)
        case _:
            text = _type_of_scalar(field)
    return text


def _type_of_map(field: Mapping[str, Any], anchors: Mapping[str, str]) -> str:
    if set(field.get("properties", ())) == {"config"}:
        return "[secret](#secrets)"
    values = field.get("additionalProperties")
    if not isinstance(values, dict):
        return "map"
    return f"map of {_plural(_type(values, anchors))}"


def _plural(kind: str) -> str:
    """A type of several values."""
    return re.sub(r"^(\[?)(map|secret)\b", r"\1\2s", kind)


def _type_of_scalar(field: Mapping[str, Any]) -> str:
    if field["type"] == "string":
        examples = field.get("examples", ())
        return f"text, e.g. `{examples[0]}`" if examples else "text"
    if field["type"] == "boolean":
        return "boolean"
    least = field.get("minimum", field.get("exclusiveMinimum"))
    if "maximum" in field:
        return f"{field['type']}, {least} to {field['maximum']}"
    if least is None:
        return str(field["type"])
    return f"{field['type']}, {'above' if 'exclusiveMinimum' in field else 'from'} {least}"
