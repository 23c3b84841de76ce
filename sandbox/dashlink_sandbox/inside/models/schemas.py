"""Values that fit a JSON schema: the arguments of tool calls, and structured answers.

Keywords: "JSON Schema: A Vocabulary for Structural Annotation of JSON" (draft 2020-12), of which
OpenAI's and Model Studio's structured outputs take a part. A text is the one that the model heard,
so that a test sees what arrived; other values are the smallest ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DEEPEST = 8  # levels of a schema that refers to itself


def fit(schema: Any, text: str) -> Any:
    """A value that fits ``schema``; texts in it are ``text``."""
    return _Sampler(schema, text).value(schema, _DEEPEST)


class _Sampler:
    def __init__(self, root: Any, text: str) -> None:
        self._root = root
        self._text = text

    def value(self, schema: Any, levels: int) -> Any:
        if not isinstance(schema, Mapping) or levels == 0:
            return None
        if "$ref" in schema:
            return self.value(self._referred(str(schema["$ref"])), levels - 1)
        for keyword in ("const", "default"):
            if keyword in schema:
                return schema[keyword]
        for keyword in ("anyOf", "oneOf", "allOf"):
            options = schema.get(keyword)
            if options and {"type": "null"} in options:
                return None  # ends a schema that refers to itself
            if options:
                return self.value(options[0], levels - 1)
        return self._of_type(schema, levels)

    def _of_type(self, schema: Mapping[str, Any], levels: int) -> Any:
        if schema.get("enum"):
            return schema["enum"][0]
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "object":
            return self._object(schema, levels)
        if kind == "array":
            items = schema.get("items", {})
            return [self.value(items, levels - 1) for _ in range(schema.get("minItems", 1))]
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        simple = {"boolean": True, "null": None}
        return simple.get(kind, self._text)

    def _object(self, schema: Mapping[str, Any], levels: int) -> dict[str, Any]:
        """An object with the required properties, or all where none is."""
        properties = schema.get("properties") or {}
        names = schema.get("required") or list(properties)
        return {name: self.value(properties.get(name, {}), levels - 1) for name in names}

    def _referred(self, reference: str) -> Any:
        """The schema at ``#/…`` within the whole one."""
        found = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            if step:
                found = found.get(step, {}) if isinstance(found, Mapping) else {}
        return found
