"""The parameters that each action of the RPC products supports.

An action of the sandbox refuses a parameter that it would otherwise ignore, so that no client takes
a setting for applied that is not. The cloud itself may know the parameter: the code is the
sandbox's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from dashlink_sandbox.data import read_data
from dashlink_sandbox.wire.errors import ApiError

_NUMBER = re.compile(r"\.\d+")
_COMMON = "common"

Parameters = Mapping[str, tuple[str, ...]]
"""Parameter, as ``Tag.N.Key`` -> the values that are supported; none: every value."""


def check_parameters(product: str, action: str, sent: Mapping[str, str]) -> None:
    """Refuse a parameter that the action does not support; an empty one counts as absent.

    Products without a table, those in ROA style among them, are not checked.

    Raises:
        ApiError: Sandbox.UnsupportedParameter, with the names of all such parameters.
    """
    actions = supported().get(product)
    if actions is None:
        return
    refused = []
    for name, value in sent.items():
        if value:
            refused += _refusals(actions[action], name, value)
    if refused:
        message = f"The sandbox's {action} does not support {', '.join(sorted(refused))}."
        raise ApiError("Sandbox.UnsupportedParameter", message)


@cache
def supported() -> Mapping[str, Mapping[str, Parameters]]:
    """Return the supported parameters: product -> action -> parameters."""
    table = read_data("parameters")
    common = table.pop(_COMMON)
    products: dict[str, dict[str, Parameters]] = {}
    for product, actions in table.items():
        products[product] = {}
        for action, text in actions.items():
            products[product][action] = _parse(f"{common} {text}")
    return products


def _parse(text: str) -> Parameters:
    parameters = {}
    for word in text.split():
        name, _, values = word.partition("=")
        parameters[name] = tuple(values.split("|")) if values else ()
    return parameters


def _refusals(parameters: Parameters, name: str, value: str) -> list[str]:
    """Return the name of a parameter that is not supported, with the values that are if any."""
    values = parameters.get(_NUMBER.sub(".N", name))
    if values is None:
        return [name]
    if values and value.lower() not in values:
        return [f"{name} (only {' or '.join(values)})"]
    return []
