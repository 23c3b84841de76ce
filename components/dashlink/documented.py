"""Models whose fields are described by the docstrings below them.

Pydantic can read these docstrings when it creates a class, which costs 0.1 s for the models of a
program. Here they are read when a schema asks for them.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue


class DocumentedModel(BaseModel):
    """A model with the docstrings of its fields in its JSON Schema."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: Any, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Add the docstrings of the fields to the schema."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema)["properties"]
        for name, text in field_docs(cls).items():
            properties[name].setdefault("description", text)
        return schema


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstring below each field of a model and of its bases, by name of the field."""
    docs: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel):
            docs.update(_docs_in(base.__module__, base.__qualname__))
    return {name: text for name, text in docs.items() if name in model.model_fields}


def _docs_in(module: str, class_name: str) -> dict[str, str]:
    docs: dict[str, str] = {}
    for pair in pairwise(_classes_of(module).get(class_name, ())):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(text))):
                docs[name] = inspect.cleandoc(text)
    return docs


@cache
def _classes_of(module: str) -> dict[str, list[ast.stmt]]:
    """Return the statements of each class of a module, by name of the class."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}
