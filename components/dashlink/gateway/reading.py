"""Raw gateway sections of the settings to one `DraftConfig` and every fault of their values.

Rules between entries leave out what is invalid in itself, so that one mistake is reported once: the
draft retains what was written, and which entries are invalid.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from dashlink.errors import Fault, shown
from dashlink.gateway.ai_gateway import MISSING, GatewaySettings
from dashlink.gateway.config import KEYS, SECTIONS, DraftConfig, Section
from dashlink.marks import holds_secret
from dashlink.types import SettingsModel
from dashlink.validation import hide_value, read_section


def read_config(
    raw: Mapping[str, Any], unread: Collection[str] = ()
) -> tuple[DraftConfig, list[Fault]]:
    """Read the gateway sections of ``raw``; return them with the faults of their values.

    Args:
        raw: The settings as they are written.
        unread: Keys that are written but not in ``raw``, because they have a fault of their own
            (encrypted by mistake).
    """
    written = {key: raw[key] for key in KEYS if key in raw}
    gateway, faults = _read_gateway(written, is_unread="gateway" in unread)
    invalid = {(key, "") for key in unread}
    for fault in faults:
        key = fault.where.removeprefix("gateway").removeprefix(".").partition(".")[0]
        invalid.add(("gateway", key))
    entries: dict[str, Mapping[str, Any]] = {}
    for section in SECTIONS:
        entries[section.key], section_faults, names = _read_section(section, raw.get(section.key))
        faults += section_faults
        for name in names:
            invalid.add((section.key, name))
    draft = DraftConfig(gateway, **entries, written=written, invalid=frozenset(invalid))
    return draft, faults


def _read_gateway(
    written: Mapping[str, Any], *, is_unread: bool
) -> tuple[GatewaySettings | None, list[Fault]]:
    if "gateway" in written:
        raw = written["gateway"]
        section = read_section(GatewaySettings, {} if raw is None else raw, "gateway")
        return section.value, list(section.faults)
    if any(written.values()) and not is_unread:
        return None, [MISSING]
    return None, []


def _read_section(
    section: Section, raw: Any
) -> tuple[dict[str, SettingsModel], list[Fault], list[str]]:
    """Entries of a section that can be read, every fault, and the names of the invalid entries."""
    if raw is None:
        return {}, [], []
    if not isinstance(raw, Mapping):
        fault = Fault(section.key, "not a map", "Write names and their settings.", shown(raw))
        if holds_secret(section.model):
            fault = hide_value(fault)
        return {}, [fault], [""]
    entries: dict[str, SettingsModel] = {}
    faults: list[Fault] = []
    invalid: list[str] = []
    for key, value in raw.items():
        name = str(key)
        entry = read_section(section.model, {} if value is None else value, f"{section.key}.{name}")
        if entry.faults:
            invalid.append(name)
        faults += entry.faults
        if entry.value is not None:
            entries[name] = entry.value
    return entries, faults, invalid
