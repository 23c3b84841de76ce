"""Raw settings of the section ``eas_services`` to models and faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.eas.settings import EasServiceSettings
from dashlink.errors import Fault, shown
from dashlink.validation import hide_value, read_section

_ADVICE = "Write names and their settings, e.g. `chat: {name: qwen_chat}`."


def read_services(raw: Any) -> tuple[dict[str, EasServiceSettings], list[Fault]]:
    """Return the services that are valid in themselves, and the faults of the others."""
    if raw is None:
        return {}, []
    if not isinstance(raw, Mapping):
        fault = Fault("eas_services", "not a map", _ADVICE, shown(raw))
        return {}, [hide_value(fault)]
    services: dict[str, EasServiceSettings] = {}
    faults: list[Fault] = []
    for key, value in raw.items():
        written = {} if value is None else value
        section = read_section(EasServiceSettings, written, f"eas_services.{key}")
        faults += section.faults
        if section.value is not None and not section.faults:
            services[str(key)] = section.value
    return services, faults
