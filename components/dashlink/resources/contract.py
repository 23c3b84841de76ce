"""The contract between programs and the plugin: the models of a resource and the marks on fields.

A mark is written once, on the type of a field. The schema, sealing in the provider, secret outputs
and the diff all derive from it::

    class DomainInputs(ResourceModel):
        name: Annotated[str, CREATE_ONLY]
        tls_min: Annotated[str | None, Field(alias="tlsMin"), SERVER_DEFAULT] = None

    class ConsumerInputs(ResourceModel):
        api_keys: tuple[SecretText, ...] = ()

A field has three names: snake_case in Python, camelCase in Pulumi (by `to_camel` of pydantic), and
a pydantic alias, which is its place in the JSON of the cloud's API. A dot leads into an object or
to the only item of a list: `deployConfigs.0.gatewayId`. A field without an alias has no place of
its own there; the handler translates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from dashlink.documented import DocumentedModel
from dashlink.marks import Mark, holds_secret, marks_of, type_of

CREATE_ONLY: Final = Mark.CREATE_ONLY
SERVER_DEFAULT: Final = Mark.SERVER_DEFAULT
WRITE_ONLY: Final = Mark.WRITE_ONLY

SecretText = Annotated[str, Mark.SECRET]
"""Text that is a secret, also as an item of a list or a field of a nested model."""


class ResourceModel(DocumentedModel):
    """Base of the inputs, states and nested blocks of resources.

    Validation takes Python names only.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=False,
        loc_by_alias=False,
        defer_build=True,
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
        """Return the inputs and outputs that hold a secret; Python names."""
        return secret_fields(self.inputs) | secret_fields(self.state)

    def output_fields(self) -> tuple[str, ...]:
        """Return all outputs, inputs first; Python names."""
        return tuple(dict.fromkeys((*self.inputs.model_fields, *self.state.model_fields)))


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields that are a `SecretText` or hold one at any depth; Python names."""
    fields = model.model_fields.items()
    return frozenset(name for name, field in fields if holds_secret(type_of(field)))


def create_only_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields whose change replaces the resource; Python names."""
    return _marked_fields(model, Mark.CREATE_ONLY)


def server_default_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields whose value is the cloud's where a program leaves them out."""
    return _marked_fields(model, Mark.SERVER_DEFAULT)


def unread_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the properties of the cloud's resource that its API does not return; Python names.

    Of an imported resource they are unknown until an update has written them.
    """
    fields = model.model_fields.items()
    write_only = _marked_fields(model, Mark.WRITE_ONLY)
    return frozenset(name for name, field in fields if name in write_only and field.alias)


def _marked_fields(model: type[BaseModel], mark: Mark) -> frozenset[str]:
    fields = model.model_fields.items()
    return frozenset(name for name, field in fields if mark in marks_of(type_of(field)))
