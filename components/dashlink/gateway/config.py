"""All gateway sections of the settings as one value, for rules, components and commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.ai_service import AiServiceSettings
from dashlink.gateway.consumer import ConsumerSettings
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.naming import ENTRY_NAME, NamePattern
from dashlink.resources.blocks import NAME_PATTERN
from dashlink.types import DOMAIN_PATTERN, SettingsModel


@dataclass(frozen=True)
class Section:
    """A section of the settings that maps names to entries.

    Attributes:
        key: Key of the section.
        model: Model of its entries.
        names: Form of its names.
    """

    key: str
    model: type[SettingsModel]
    names: NamePattern


_DOMAIN_NAME = NamePattern(
    rf"(\*\.)?{DOMAIN_PATTERN.removeprefix('^')}",
    "Write a domain name in lower case, e.g. models.example.internal.",
)
_MODEL_API_NAME = NamePattern(NAME_PATTERN, "Use letters, digits, `_` and `-`, at most 64.")

SECTIONS = (
    Section("domains", DomainSettings, _DOMAIN_NAME),
    Section("ai_services", AiServiceSettings, ENTRY_NAME),
    Section("consumers", ConsumerSettings, ENTRY_NAME),
    Section("model_apis", ModelApiSettings, _MODEL_API_NAME),
)
KEYS = ("gateway", *(section.key for section in SECTIONS))
"""Keys of the settings that concern the gateway."""


@dataclass(frozen=True)
class GatewayConfig:
    """A gateway with everything on it, each entry by its name in the settings."""

    gateway: GatewaySettings | None = None
    domains: Mapping[str, DomainSettings] = field(default_factory=dict)
    ai_services: Mapping[str, AiServiceSettings] = field(default_factory=dict)
    consumers: Mapping[str, ConsumerSettings] = field(default_factory=dict)
    model_apis: Mapping[str, ModelApiSettings] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the settings have no gateway section."""
        return not any(getattr(self, key) for key in KEYS)

    def with_zones(self, available: Sequence[str]) -> Self:
        """Resolve the zones of a new gateway, by default the first ones that are available."""
        if self.gateway is None:
            return self
        return replace(self, gateway=self.gateway.with_zones(available))


@dataclass(frozen=True)
class DraftConfig(GatewayConfig):
    """A configuration that may have invalid entries, which the rules leave out.

    Attributes:
        written: The sections as they are written.
        invalid: Section and name of each entry that is invalid in itself; for the gateway each
            invalid key. An empty name stands for the whole section.
    """

    written: Mapping[str, Any] = field(default_factory=dict)
    invalid: frozenset[tuple[str, str]] = frozenset()

    def invalid_in(self, section: str) -> frozenset[str]:
        """Invalid names of a section; an empty one where the whole section is invalid."""
        return frozenset(name for key, name in self.invalid if key == section)

    def names_in(self, section: str) -> tuple[str, ...]:
        """Names of a section, those of invalid entries included."""
        written = self.written.get(section)
        names = dict.fromkeys(map(str, written)) if isinstance(written, Mapping) else {}
        names |= dict.fromkeys(sorted(self.invalid_in(section) - {""}))
        names |= dict.fromkeys(getattr(self, section))
        return tuple(names)

    def valid(self) -> DraftConfig:
        """The configuration without its invalid entries."""
        gateway = None if self.invalid_in("gateway") else self.gateway
        sections: dict[str, Any] = {one.key: self._valid(one.key) for one in SECTIONS}
        return replace(self, gateway=gateway, **sections)

    def _valid(self, section: str) -> dict[str, Any]:
        invalid = self.invalid_in(section)
        entries: Mapping[str, Any] = getattr(self, section)
        return {name: entry for name, entry in entries.items() if name not in invalid}
