"""What a resource of ours is to the provider: models for what goes in and comes out, and five verbs on the cloud.

A kind knows nothing of Pulumi's protocol; `server.py` knows nothing of any cloud. A new kind is one class and its
place in `all_handlers`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, create_model
from pydantic.alias_generators import to_camel

from dashlink.cloud.credentials import Account
from dashlink.provider.waiting import Waiting

_In = TypeVar("_In", bound=BaseModel)
_Out_co = TypeVar("_Out_co", bound=BaseModel, covariant=True)


class Handler(Protocol[_In, _Out_co]):
    """One type of resource.

    Attributes:
        token: Pulumi's type token.
        inputs: Model of the inputs.
        state: Model of what the cloud adds.
        replaces: Inputs whose change makes a new resource, Python names.
        secrets: Fields of inputs and state that are secret, Python names.
        kept: Inputs that stay as the cloud has them where a program leaves them out, Python names.
        stable: Whether an update in place leaves its state as it is.
        deletes_first: Whether an old one must be gone before its replacement can be made.
        patient: Whether its verbs wait for minutes: then they do not take a turn from others.
    """

    @property
    def token(self) -> str: ...  # noqa: D102 - above
    @property
    def inputs(self) -> type[_In]: ...  # noqa: D102 - above
    @property
    def state(self) -> type[_Out_co]: ...  # noqa: D102 - above
    @property
    def replaces(self) -> frozenset[str]: ...  # noqa: D102 - above
    @property
    def secrets(self) -> frozenset[str]: ...  # noqa: D102 - above
    @property
    def kept(self) -> frozenset[str]: ...  # noqa: D102 - above
    @property
    def stable(self) -> bool: ...  # noqa: D102 - above
    @property
    def deletes_first(self) -> bool: ...  # noqa: D102 - above
    @property
    def patient(self) -> bool: ...  # noqa: D102 - above

    def create(self, inputs: _In, account: Account, waiting: Waiting) -> tuple[str, _Out_co]:
        """Make it, or adopt what a killed run has made; its id and state."""

    def read(
        self, identity: str, inputs: _In | None, account: Account
    ) -> tuple[_In, _Out_co] | None:
        """What is there now; ``inputs`` is None for an import. None where it is gone."""

    def update(self, identity: str, inputs: _In, account: Account, waiting: Waiting) -> _Out_co:
        """Change it in place."""

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Take it away; what is gone already is no error."""

    def wanted(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
        """The inputs as a program wrote them, from what earlier refreshes have left of them; properties on the wire."""


def to_wire(model: BaseModel) -> dict[str, Any]:
    """A model as Pulumi's properties: camelCase in all that is ours, keys of maps as they are, without None."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def from_wire(model: type[_In], properties: Mapping[str, Any]) -> _In:
    """The fields of ``model`` among Pulumi's properties, checked; others are left out.

    Raises:
        pydantic.ValidationError: If a value is not of the field's kind.
    """
    names = {to_camel(name) for name in model.model_fields}
    # Numbers arrive as floats: 600.0 is 600.
    return model.model_validate(
        {name: value for name, value in properties.items() if name in names and value is not None}
    )


def without(model: type[_In], names: Collection[str]) -> type[_In]:
    """``model`` for inputs of which those ``names``, as on the wire, are not known yet: they may be missing."""
    missing: dict[str, Any] = {
        name: (Any, None) for name in model.model_fields if to_camel(name) in names
    }
    return create_model(model.__name__, __base__=model, **missing) if missing else model
