"""The text of docs/python.md: what programs import, from signatures and docstrings."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING
from pathlib import Path
from typing import Any

import docstring_parser
import pulumi
from support.settings_tables import PAGE as SETTINGS
from support.settings_tables import anchors_of, models_in

import dashlink
from dashlink.documented import field_docs
from dashlink.marks import Mark, marks_of, type_of
from dashlink.resources.base import DashlinkResource

HEAD = """# Python

What programs import from `dashlink`: every name, with its arguments and attributes. This page is
generated from the code's signatures and docstrings. [components.md](components.md) shows how the
names are used, and what components check.

Every component and resource takes its name first, and `opts: pulumi.ResourceOptions` last.
"""
EXAMPLE = re.compile(r"Examples?::\n\n(?: {4}.*\n?|\n)+")
STUB = Path(str(dashlink.__file__)).with_suffix(".pyi")
COMPONENTS = "Each takes `args`, an object of its class of arguments."
RESOURCES = (
    "Arguments are passed by keyword, and are attributes too. Values of the API are passed as they "
    "are sent: `dashlink.gateway.catalog` and [model-apis.md](model-apis.md#spellings) list them."
)
SETTINGS_OF = {
    "MaasChatParameters": "maas.md#parameters",
    "GatewayConfig": "components.md#arguments",
}
"""Where the keys of a model are that is no model of settings.md."""


def page() -> str:
    """The whole page."""
    exports = exported()
    lines = [HEAD, "## Components", COMPONENTS, ""]
    lines += _classes(exports, pulumi.ComponentResource)
    lines += ["## Resources", RESOURCES, "", *_classes(exports, DashlinkResource)]
    lines += _classes(exports, pulumi.ProviderResource)
    lines += ["## Settings", "The models of a stack's file: the keys are keyword arguments.", ""]
    lines += [*_settings(exports), "", "## Errors", "", *_classes(exports, Exception)]
    lines += ["## Functions", ""]
    for name, one in exports.items():
        if inspect.isfunction(one):
            lines += _function(name, one)
    return "\n".join(lines).rstrip() + "\n"


def _classes(exports: dict[str, Any], base: type) -> Iterator[str]:
    for name, one in exports.items():
        if inspect.isclass(one) and issubclass(one, base):
            yield from _class(name, one, exports)


def _settings(exports: dict[str, Any]) -> Iterator[str]:
    """A row for each model, with the place of its keys."""
    yield from ("| class | keys | description |", "|---|---|---|")
    places = {**_places(), **SETTINGS_OF}
    for name, one in exports.items():
        if name in places and not issubclass(one, pulumi.Resource):
            file = places[name].partition("#")[0]
            text = str(one.__doc__).partition("\n")[0]
            yield f"| `{name}` | [{file}]({places[name]}) | {_cell(text)} |"


def _places() -> dict[str, str]:
    """Where the keys of each model of the settings are: its table, or the one that leads to it."""
    places: dict[str, str] = {}
    for model, anchor in anchors_of(SETTINGS.read_text()).items():
        place = f"settings.md#{anchor}"
        places |= dict.fromkeys(models_in(model), place)
    for model, anchor in anchors_of(SETTINGS.read_text()).items():
        places[model] = f"settings.md#{anchor}"
    return places


def exported() -> dict[str, Any]:
    """Every public name with its object, in the order of the stub."""
    found = {}
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.name] = getattr(dashlink, alias.name)
    return found


def _class(name: str, one: type, exports: dict[str, Any]) -> Iterator[str]:
    yield f"### {name}"
    documented = docstring_parser.parse(str(one.__doc__))
    yield from _prose(documented)
    if issubclass(one, DashlinkResource):
        yield from _resource(one)
        return
    arguments = exports.get(f"{name}Args")
    if arguments:
        yield from _arguments(arguments)
    yield from _fields("attribute", documented)


def _prose(documented: docstring_parser.Docstring) -> Iterator[str]:
    for text in (documented.short_description, documented.long_description):
        if text and _inline(text):
            yield from (_inline(text), "")


def _inline(text: str) -> str:
    """A docstring's text in Markdown, without its examples."""
    text = EXAMPLE.sub("", text)
    return re.sub(r"::\n\n(?: {4}.*\n?|\n)+", ".", text).replace("``", "`").strip()


def _fields(title: str, documented: docstring_parser.Docstring) -> Iterator[str]:
    if documented.params:
        yield from (f"| {title} | description |", "|---|---|")
        for field in documented.params:
            yield f"| `{field.arg_name}` | {_cell(field.description)} |"
        yield ""


def _arguments(one: Any) -> Iterator[str]:
    """The fields of a component's class of arguments."""
    optional = set()
    for field in dataclasses.fields(one):
        if field.default is not MISSING or field.default_factory is not MISSING:
            optional.add(field.name)
    yield from (f"| argument of `{one.__name__}` | | description |", "|---|---|---|")
    for field in docstring_parser.parse(one.__doc__).params:
        kind = "optional" if field.arg_name in optional else "required"
        yield f"| `{field.arg_name}` | {kind} | {_cell(field.description)} |"
    yield ""


def _cell(text: str | None) -> str:
    return _inline(" ".join(str(text or "").split())).replace("|", "\\|")


def _resource(one: type[DashlinkResource]) -> Iterator[str]:
    """The arguments of a resource, then what it has besides."""
    contract = one.contract
    arguments = list(inspect.signature(one).parameters)[1:-1]
    yield from ("| argument or attribute | | description |", "|---|---|---|")
    for model in (contract.inputs, contract.state):
        docs = field_docs(model)
        for name, field in model.model_fields.items():
            if model is contract.state and name in contract.inputs.model_fields:
                continue
            is_secret = name in contract.secret_fields()
            kind = _argument(field, is_secret=is_secret) if name in arguments else "output"
            yield f"| `{name}` | {kind} | {_cell(docs.get(name))} |"
    yield ""


def _argument(field: Any, *, is_secret: bool) -> str:
    words = ["required" if field.is_required() else "optional"]
    if is_secret:
        words.append("secret")
    if Mark.CREATE_ONLY in marks_of(type_of(field)):
        words.append("a change replaces")
    return ", ".join(words)


def _function(name: str, one: Any) -> Iterator[str]:
    documented = docstring_parser.parse(str(one.__doc__))
    yield f"### {name}"
    yield from _prose(documented)
    yield from _fields("argument", documented)
    for error in documented.raises:
        yield f"Raises `{error.type_name}`: {_cell(error.description)}"
    if documented.returns:
        yield f"Returns: {_cell(documented.returns.description)}"
    yield ""
