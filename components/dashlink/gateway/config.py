"""The gateway's part of a stack's settings as one value: what the rules, the component and the commands look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashlink.gateway.catalog import (
    BEDROCK,
    MODEL_STUDIO,
    PAI_EAS,
    VENDORS,
    VERTEX,
    Scene,
    protocols_of,
)
from dashlink.gateway.settings import (
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    GatewaySettings,
    ModelApiSettings,
)


@dataclass(frozen=True)
class GatewayConfig:
    """A gateway with everything on it, each thing by its name in the settings."""

    gateway: GatewaySettings | None = None
    domains: Mapping[str, DomainSettings] = field(default_factory=dict)
    ai_services: Mapping[str, AiServiceSettings] = field(default_factory=dict)
    consumers: Mapping[str, ConsumerSettings] = field(default_factory=dict)
    model_apis: Mapping[str, ModelApiSettings] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the settings say nothing of a gateway."""
        return self.gateway is None and not (
            self.domains or self.ai_services or self.consumers or self.model_apis
        )


def vendor_of(service: AiServiceSettings) -> str:
    """The vendor as it is written, else as the kind of service says."""
    if service.vendor is not None:
        return service.vendor
    kinds = ((service.endpoint, MODEL_STUDIO), (service.eas, PAI_EAS), (service.bedrock, BEDROCK))
    named = next((vendor for given, vendor in kinds if given is not None), None)
    return named or (VERTEX if service.vertex is not None else "custom")


def protocols_spoken(service: AiServiceSettings) -> tuple[str, ...]:
    """The protocols that a service speaks."""
    return (
        service.protocols if service.protocols is not None else VENDORS.get(vendor_of(service), ())
    )


def protocol_of(api: ModelApiSettings) -> str:
    """The protocol of an API: as it is written, else its scene's first."""
    return api.protocol or protocols_of(api.scene)[0]


def fits(service: AiServiceSettings, scene: Scene, protocol: str) -> bool:
    """Whether a service can answer an API of this scene and protocol."""
    return protocol in protocols_spoken(service) and (
        service.scenes is None or scene in service.scenes
    )
