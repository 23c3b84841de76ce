"""Request parameters: flat names and text, read back as the lists and objects they stand for.

The RPC style sends ``Tag.1.Key=env`` for a list of objects and ``SecurityGroupId.1=sg-1`` for a
list of strings; booleans as ``true`` and ``false``, numbers as digits. An empty parameter counts as
absent, except where a text is changed (:meth:`Params.changed`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping

from dashlink_sandbox.wire.errors import check_choice, invalid, missing


class Params:
    """The parameters of one request, or of one element of a list in it."""

    def __init__(self, flat: Mapping[str, str]) -> None:
        """Read the parameters as they were sent."""
        self._sent = flat
        self.flat = {name: value for name, value in flat.items() if value != ""}

    def __contains__(self, name: str) -> bool:
        return name in self.flat

    def text(self, name: str, default: str = "") -> str:
        """Return the parameter, or ``default`` if it is absent."""
        return self.flat.get(name, default)

    def changed(self, name: str, old: str) -> str:
        """Return the parameter even if it is empty; ``old`` only if it was not sent at all."""
        return self._sent.get(name, old)

    def required(self, name: str) -> str:
        """Return the parameter.

        Raises:
            ApiError: ``Missing<name>`` if it is absent.
        """
        if name not in self.flat:
            raise missing(name)
        return self.flat[name]

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Return the parameter, which must be one of ``allowed``, or ``default``.

        Raises:
            ApiError: ``InvalidParameter.<name>``.
        """
        value = self.flat.get(name, default)
        check_choice(name, value, allowed)
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean parameter; absent is false.

        Raises:
            ApiError: ``InvalidParameter.<name>`` for anything but true and false.
        """
        return self.one_of(name, ("true", "false", "True", "False"), "false").lower() == "true"

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Return the parameter as an integer from ``lowest`` to ``highest``, or ``default``.

        Raises:
            ApiError: ``InvalidParameter.<name>``.
        """
        value = self.flat.get(name)
        if value is None:
            return default
        if not value.isdecimal() or not lowest <= int(value) <= highest:
            raise invalid(name, f"The specified {name} must be between {lowest} and {highest}.")
        return int(value)

    def split(self, name: str) -> list[str]:
        """Return the elements of a comma-separated list; empty if the parameter is absent."""
        return [element for element in self.text(name).split(",") if element]

    def json_list(self, name: str) -> list[str]:
        """Return the elements of a JSON list; empty if the parameter is absent.

        Raises:
            ApiError: ``InvalidParameter.<name>`` if it is not JSON.
        """
        try:
            elements: list[str] = json.loads(self.text(name, "[]"))
        except ValueError as error:
            raise invalid(name) from error
        return elements

    def texts(self, name: str) -> list[str]:
        """Return the list ``name.1``, ``name.2``, … in the order of its numbers."""
        return [element.flat[""] for element in self.elements(name) if "" in element.flat]

    def elements(self, name: str) -> list[Params]:
        """Return the objects ``name.1.<field>``, ``name.2.<field>``, … in numeric order."""
        rows: defaultdict[int, dict[str, str]] = defaultdict(dict)
        for key, value in self.flat.items():
            head, _, rest = key.partition(f"{name}.")
            number, _, field = rest.partition(".")
            if head == "" and number.isdecimal():
                rows[int(number)][field] = value
        return [Params(rows[number]) for number in sorted(rows)]

    def tags(self) -> dict[str, str]:
        """Return the tags ``Tag.N.Key`` with their values, empty where ``Tag.N.Value`` is absent.

        Raises:
            ApiError: MissingKey.
        """
        return {tag.required("Key"): tag.text("Value") for tag in self.elements("Tag")}
