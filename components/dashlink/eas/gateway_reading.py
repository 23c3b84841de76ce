"""Raw settings of the section ``eas_gateways`` to models and faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.eas.gateway_settings import EasGatewaySettings
from dashlink.errors import Fault, shown
from dashlink.validation import hide_value, read_section

_ADVICE = "Write names and their settings, e.g. `own: {instance_type: 4c8g}`."


def read_gateways(raw: Any) -> tuple[dict[str, EasGatewaySettings], list[Fault]]:
    """Return the gateways that are valid in themselves, and the faults of the others."""
    if raw is None:
        return {}, []
    if not isinstance(raw, Mapping):
        fault = Fault("eas_gateways", "not a map", _ADVICE, shown(raw))
        return {}, [hide_value(fault)]
    gateways: dict[str, EasGatewaySettings] = {}
    faults: list[Fault] = []
    for key, value in raw.items():
        written = {} if value is None else value
        section = read_section(EasGatewaySettings, written, f"eas_gateways.{key}")
        faults += section.faults
        if section.value is not None and not section.faults:
            gateways[str(key)] = section.value
    return gateways, faults
