"""Raw settings of the section ``maas_services`` to models and faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.errors import Fault, shown
from dashlink.maas.settings import MaasServiceSettings
from dashlink.validation import hide_value, read_section

_ADVICE = "Write names and their settings, e.g. `huawei: {base_url: https://…}`."


def read_services(raw: Any) -> tuple[dict[str, MaasServiceSettings], list[Fault]]:
    """Return the services that are valid in themselves, and the faults of the others."""
    if raw is None:
        return {}, []
    if not isinstance(raw, Mapping):
        fault = Fault("maas_services", "not a map", _ADVICE, shown(raw))
        return {}, [hide_value(fault)]
    services: dict[str, MaasServiceSettings] = {}
    faults: list[Fault] = []
    for key, value in raw.items():
        written = {} if value is None else value
        section = read_section(MaasServiceSettings, written, f"maas_services.{key}")
        faults += section.faults
        if section.value is not None and not section.faults:
            services[str(key)] = section.value
    return services, faults
