"""The fields of APIG's requests, as the official SDK's client and models declare them.

`sandbox/dashlink_sandbox/data/apig_fields.toml` is this table, so that the sandbox needs no SDK.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from alibabacloud_apig20240327 import client as sdk_client
from alibabacloud_apig20240327 import models as sdk_models

_HEADER = """\
# The fields of APIG's requests: the query and the body of each action, and the models in bodies.
# `name:Model` has that model, or a list of it; `name:*Model` has any keys, each with that model;
# `name:*` has any content. Written by tests/sandbox/test_apig_fields.py from the SDK
# alibabacloud-apig20240327 {version}: run it with DASHLINK_WRITE_GOLDEN=1.
"""
_WIDTH = 98
_ANY = "*"
_MODEL = re.compile(r"main_models\.(\w+)")


def table(actions: Iterable[str]) -> str:
    """Return the table of these actions as TOML."""
    lines = [_HEADER.format(version=version("alibabacloud-apig20240327"))]
    fields = []
    for action in sorted(actions):
        query, body = _request(action)
        fields += body
        lines += [f"[actions.{action}]", _text("query", query), _text("body", body), ""]
    lines.append("[models]")
    for name, model in sorted(_models(fields).items()):
        lines.append(_text(name, model))
    return "\n".join(lines) + "\n"


def _models(fields: Iterable[str]) -> dict[str, list[str]]:
    """Return the fields of all models that are in fields, and in models in them."""
    models: dict[str, list[str]] = {}
    open_names = _names(fields)
    while open_names:
        name = open_names.pop()
        models[name] = _with_types(_types(getattr(sdk_models, name)))
        open_names |= _names(models[name]) - set(models)
    return models


def _names(fields: Iterable[str]) -> set[str]:
    """Return the names of the models that are in fields."""
    kinds = {field.partition(":")[2].removeprefix(_ANY) for field in fields}
    return kinds - {""}


def _request(action: str) -> tuple[list[str], list[str]]:
    """Return the fields of an action's query and of its body, sorted."""
    method = re.sub(r"(?<=.)(?=[A-Z])", "_", action).lower()
    source = inspect.getsource(getattr(sdk_client.Client, f"{method}_with_options"))
    places: dict[str, list[str]] = {"query": [], "body": []}
    for place, name in re.findall(r"(query|body)\['(\w+)'\] = ", source):
        places[place].append(name)
    types = {}
    request = re.search(r"(?:tmp_req|request): main_models\.(\w+)", source)
    if request:
        types = _types(getattr(sdk_models, request.group(1)))
    sent = {name: types[name] for name in places["body"]}
    return sorted(places["query"]), _with_types(sent)


def _with_types(types: dict[str, str]) -> list[str]:
    fields = []
    for name, kind in sorted(types.items()):
        fields.append(f"{name}:{kind}" if kind else name)
    return fields


def _types(model: type[Any]) -> dict[str, str]:
    """Return the fields of a model by their names on the wire, each with its model if any."""
    annotations = inspect.getfullargspec(model.__init__).annotations
    tree = ast.parse(textwrap.dedent(inspect.getsource(model.to_map)))
    types = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.If):
            continue
        attribute = re.search(r"self\.(\w+) is not None", ast.unparse(node.test))
        name = re.search(r"result\['([^']+)'\]", ast.unparse(node))
        if attribute and name:
            types[name.group(1)] = _kind(str(annotations[attribute.group(1)]))
    return types


def _kind(annotation: str) -> str:
    """Return what a field has: a model, any keys with a model, any content, or a plain value."""
    prefix = ""
    if "Dict" in annotation or "Any" in annotation:
        prefix = _ANY
    match = _MODEL.search(annotation)
    return prefix + match.group(1) if match else prefix


def _text(name: str, fields: list[str]) -> str:
    """Return a line of TOML, or several if it is long."""
    line = f'{name} = "{" ".join(fields)}"'
    if len(line) <= _WIDTH:
        return line
    text = "\n".join(textwrap.wrap(" ".join(fields), _WIDTH, break_long_words=False))
    return f'{name} = """\n{text}\n"""'
