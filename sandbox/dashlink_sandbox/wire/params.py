"""Parameters of a request: flat names and text, read back as the lists and objects that they stand for.

The RPC style sends ``Tag.1.Key=env`` for a list of objects and ``SecurityGroupId.1=sg-1`` for a list of texts; true and
false as words, numbers as digits. An empty parameter counts as absent, but where a text is changed
(:meth:`Params.changed`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from dashlink_sandbox.wire.errors import invalid, missing


class Params:
    """The parameters of one request, or of one element of a list in it."""

    def __init__(self, flat: Mapping[str, str]) -> None:
        """Take the parameters as they came."""
        self._sent = flat
        self.flat = {name: value for name, value in flat.items() if value != ""}

    def __contains__(self, name: str) -> bool:
        return name in self.flat

    def text(self, name: str, default: str = "") -> str:
        """The parameter, or ``default`` where it is absent."""
        return self.flat.get(name, default)

    def changed(self, name: str, old: str) -> str:
        """The parameter, even if it is empty; ``old`` only where it was not sent at all."""
        return self._sent.get(name, old)

    def required(self, name: str) -> str:
        """The parameter.

        Raises:
            ApiError: ``Missing<name>`` where it is absent.
        """
        if name not in self.flat:
            raise missing(name)
        return self.flat[name]

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """The parameter, which must be one of ``allowed``, or ``default``.

        Raises:
            ApiError: ``InvalidParameter.<name>``.
        """
        value = self.flat.get(name, default)
        if value not in allowed:
            raise invalid(name, f"The specified {name} must be one of {', '.join(allowed)}.")
        return value

    def flag(self, name: str) -> bool:
        """Whether the parameter says true; absent says no.

        Raises:
            ApiError: ``InvalidParameter.<name>`` for anything but true and false.
        """
        return self.one_of(name, ("true", "false", "True", "False"), "false").lower() == "true"

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """The parameter as a whole number from ``lowest`` to ``highest``, or ``default``.

        Raises:
            ApiError: ``InvalidParameter.<name>``.
        """
        value = self.flat.get(name)
        if value is None:
            return default
        if not value.isdecimal() or not lowest <= int(value) <= highest:
            raise invalid(name, f"The specified {name} must be a number from {lowest} to {highest}.")
        return int(value)

    def texts(self, name: str) -> list[str]:
        """The list ``name.1``, ``name.2``, … in the order of its numbers."""
        return [element.flat[""] for element in self.elements(name) if "" in element.flat]

    def elements(self, name: str) -> list[Params]:
        """The objects ``name.1.<field>``, ``name.2.<field>``, … in the order of their numbers."""
        found: defaultdict[int, dict[str, str]] = defaultdict(dict)
        for key, value in self.flat.items():
            head, _, rest = key.partition(f"{name}.")
            number, _, field = rest.partition(".")
            if head == "" and number.isdecimal():
                found[int(number)][field] = value
        return [Params(found[number]) for number in sorted(found)]
