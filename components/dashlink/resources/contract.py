"""The contract between programs and the plugin: the models of a resource and the marks on fields.

A mark is written once, on the type of a field. The schema, sealing in the provider, secret outputs
and the diff all derive from it::

    class DomainInputs(ResourceModel):
        name: Annotated[str, CREATE_ONLY]
        tls_min: Annotated[str | None, Field(alias="tlsMin"), SERVER_DEFAULT] = None

    class ConsumerInputs(ResourceModel):
        api_keys: tuple[SecretText, ...] = ()

A field has three names: snake_case in Python, camelCase in Pulumi (by `to_camel` of pydantic), and
its pydantic alias, which is the name in the cloud's API where that differs from the Python name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final, Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict


class Mark(Enum):
    """A property of a field that the plugin and the programs must treat alike."""

    SECRET = "secret"  # noqa: S105 - the name of a mark
    """The value is encrypted in state and never shown."""
    CREATE_ONLY = "create-only"
    """The cloud takes the value at creation only: a change replaces the resource."""
    SERVER_DEFAULT = "server-default"
    """Where a program leaves the field out, the cloud's own value is no difference."""


SECRET: Final = Mark.SECRET
CREATE_ONLY: Final = Mark.CREATE_ONLY
SERVER_DEFAULT: Final = Mark.SERVER_DEFAULT

SecretText = Annotated[str, Mark.SECRET]
"""Text that is a secret, also as an item of a list or a field of a nested model."""


class ResourceModel(BaseModel):
    """Base of the inputs, states and nested blocks of resources.

    Validation takes Python names only. The aliases, which are names in the cloud's API, serve
    `model_dump(by_alias=True)`.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        validate_by_name=True,
        validate_by_alias=False,
        loc_by_alias=False,
    )


InputsT = TypeVar("InputsT", bound=ResourceModel)
StateT = TypeVar("StateT", bound=ResourceModel)


@dataclass(frozen=True)
class Contract(Generic[InputsT, StateT]):
    """One type of resource.

    Attributes:
        token: Pulumi's type token, e.g. `dashlink:gateway:Domain`.
        inputs: Model of the inputs; every input is an output too.
        state: Model of the further outputs, which come from the cloud.
    """

    token: str
    inputs: type[InputsT]
    state: type[StateT]

    def secret_fields(self) -> frozenset[str]:
        """Inputs and outputs that hold a secret, Python names."""
        return secret_fields(self.inputs) | secret_fields(self.state)

    def output_fields(self) -> tuple[str, ...]:
        """All outputs in order, inputs first, Python names."""
        return tuple(dict.fromkeys((*self.inputs.model_fields, *self.state.model_fields)))


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """Fields that are, or anywhere inside hold, a `SecretText`; Python names."""
    names = set()
    for name, field in model.model_fields.items():
        if Mark.SECRET in field.metadata or _holds_secret(field.annotation):
            names.add(name)
    return frozenset(names)


def create_only_fields(model: type[BaseModel]) -> frozenset[str]:
    """Fields whose change replaces the resource; Python names."""
    return _marked(model, Mark.CREATE_ONLY)


def server_default_fields(model: type[BaseModel]) -> frozenset[str]:
    """Fields that stay as the cloud has them where a program leaves them out; Python names."""
    return _marked(model, Mark.SERVER_DEFAULT)


def _marked(model: type[BaseModel], mark: Mark) -> frozenset[str]:
    names = set()
    for name, field in model.model_fields.items():
        if mark in field.metadata:
            names.add(name)
    return frozenset(names)


def _holds_secret(annotation: Any) -> bool:
    if annotation is Mark.SECRET:
        return True
    model = _as_model(annotation)
    if model is not None:
        return bool(secret_fields(model))
    return any(_holds_secret(inner) for inner in get_args(annotation))


def model_within(annotation: Any) -> type[BaseModel] | None:
    """The model that a type is, or holds as an item or an alternative; None for plain values."""
    model = _as_model(annotation)
    if model is not None:
        return model
    for inner in get_args(annotation):
        model = model_within(inner)
        if model is not None:
            return model
    return None


def _as_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None
