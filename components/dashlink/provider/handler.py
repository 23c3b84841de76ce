"""Handlers: what the provider does in the cloud for one type of resource.

A handler knows nothing of Pulumi's protocol, and `server.py` knows nothing of any cloud. A new
resource is one handler class and its line in `registry.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Generic

from dashlink.provider.waiting import Operation
from dashlink.resources.contract import Contract, InputsT, StateT


class Handler(ABC, Generic[InputsT, StateT]):
    """Creates, reads, updates and deletes one type of resource.

    Attributes:
        contract: Token, models and marks of the resource.
        keeps_state: Whether an update leaves the outputs that come from the cloud unchanged.
        changes_state: Outputs of the cloud that a change of some inputs changes too, each with the
            names of these inputs; Python names.
        delete_before_replace: Whether the old resource must be deleted before its replacement can
            be created.
        blocking: Whether operations wait for minutes; they do not take a concurrency slot then.
        retired: What to declare instead of a resource that only older states have; one sentence.
    """

    contract: Contract[InputsT, StateT]
    keeps_state: ClassVar[bool] = True
    changes_state: ClassVar[Mapping[str, Collection[str]]] = {}
    delete_before_replace: ClassVar[bool] = False
    blocking: ClassVar[bool] = False
    retired: ClassVar[str] = ""

    @abstractmethod
    def create(self, inputs: InputsT, operation: Operation) -> tuple[str, StateT]:
        """Create the resource, or adopt what a killed run left; return its id and state."""

    @abstractmethod
    def read(
        self, identity: str, inputs: InputsT | None, state: StateT | None, operation: Operation
    ) -> tuple[InputsT, StateT] | None:
        """Return the resource as the cloud has it, or None if it does not exist.

        Args:
            identity: Id of the resource.
            inputs: Last known inputs; None for an import.
            state: Last known outputs that come from the cloud; None for an import.
            operation: The operation, with the account that signs its requests.
        """

    def update(self, identity: str, inputs: InputsT, state: StateT, operation: Operation) -> StateT:
        """Change the resource in place and return its new state.

        Never called where every input is create-only.

        Args:
            identity: Id of the resource.
            inputs: The new inputs.
            state: Outputs in the state that come from the cloud, without validation.
            operation: The operation, with the account that signs its requests.
        """
        raise NotImplementedError

    @abstractmethod
    def delete(self, identity: str, operation: Operation) -> None:
        """Delete the resource; one that does not exist is no error."""

    def restored(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the outputs that an update restores although no input has changed.

        Args:
            state: Outputs in the state, Pulumi's properties.

        Returns:
            Pulumi's properties, with their values after the update.
        """
        return {}

    def recorded(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the inputs in the state, completed where an earlier version wrote fewer.

        Args:
            inputs: Inputs in the state, Pulumi's properties.
            state: Outputs in the state, Pulumi's properties.
        """
        return inputs

    def comparable(
        self, before: Mapping[str, Any], after: Mapping[str, Any], state: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the inputs in the state, with other words for the same replaced by the new ones.

        Args:
            before: Inputs in the state, Pulumi's properties.
            after: New inputs, Pulumi's properties.
            state: Outputs in the state, Pulumi's properties.
        """
        return before

    def desired(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the inputs that the program wrote, although refreshes may have changed them.

        Args:
            inputs: Inputs in the state, Pulumi's properties.
            state: Outputs in the state, Pulumi's properties.
        """
        return inputs


class WaitHandler(Handler[InputsT, StateT]):
    """Waits for something that another resource creates; has nothing of its own in the cloud."""

    blocking = True

    def update(self, identity: str, inputs: InputsT, state: StateT, operation: Operation) -> StateT:
        """Wait again, for what the new inputs name."""
        _, new_state = self.create(inputs, operation)
        return new_state

    def delete(self, identity: str, operation: Operation) -> None:
        """Do nothing: there is nothing to delete."""
