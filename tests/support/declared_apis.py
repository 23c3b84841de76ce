"""Model APIs in a sandbox that dashlink's settings declare: the product's own translation.

`declare` goes through dashlink's provider, as `up` does: settings -> inputs -> provider -> the
cloud's API. `Declared.send` makes many APIs at once: settings -> inputs -> the provider's payload,
and one call of the cloud's API, without a network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from support.clouds import MODEL_STUDIO
from support.gateways import Place, Served
from support.provider import Engine, engine_for, unsealed

from dashlink.clients.outputs import ModelApiOutputs, base_urls
from dashlink.endpoint.catalog import DASHSCOPE_PATHS
from dashlink.gateway.config import SECTIONS, GatewayConfig
from dashlink.gateway.domain import domain_inputs
from dashlink.gateway.model_api.inputs import model_api_inputs
from dashlink.gateway.model_api.outputs import model_api_outputs
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.gateway.service_inputs import endpoint_address, protocols_used, service_inputs
from dashlink.provider.codec import to_properties
from dashlink.provider.gateway.model_api_payload import model_api_create_only, model_api_update
from dashlink.resources.models.ai_service import AiServiceInputs
from dashlink.resources.models.domain import DomainInputs
from dashlink.resources.models.model_api import ModelApiInputs
from dashlink_sandbox.keyring import Identity
from dashlink_sandbox.wire.request import WireRequest

_VERSION = {"x-acs-version": "2024-03-27"}
_ENDPOINT = {"base_urls": base_urls("https", MODEL_STUDIO, DASHSCOPE_PATHS)}


@dataclass
class Declared:
    """AI services, domains and Model APIs of one gateway, by their names in the settings.

    A service has its name in the settings as its name on the gateway.

    Attributes:
        outputs: The outputs of each API that the provider has created.
    """

    place: Place
    engine: Engine
    config: GatewayConfig
    service_ids: dict[str, str] = field(default_factory=dict)
    domain_ids: dict[str, str] = field(default_factory=dict)
    apis: dict[str, Served] = field(default_factory=dict)
    outputs: dict[str, ModelApiOutputs] = field(default_factory=dict)

    def create_all(self) -> None:
        """Create everything by the provider."""
        for name in self.config.ai_services:
            self._create_service(name)
        for name in self.config.domains:
            self._create_domain(name)
        for key, settings in self.config.model_apis.items():
            created = self.engine.create(
                "ModelApi", to_properties(self._inputs(key, settings)), key
            )
            self.apis[key] = self._served(key, settings, created.id)
            listed = unsealed(created.properties)["routes"]
            document = model_api_outputs(created.id, key, self.config, (), listed)
            self.outputs[key] = ModelApiOutputs.model_validate(document)

    def send(self, key: str, settings: ModelApiSettings) -> Served:
        """Create a further API by one request of the provider's payload, without a network."""
        inputs = self._inputs(key, settings)
        body = {**model_api_update(inputs), **model_api_create_only(inputs)}
        cloud = self.place.cloud.cloud
        account = cloud.catalog.accounts[0]
        text = json.dumps(body).encode()
        request = WireRequest("POST", "/v1/http-apis", {}, _VERSION, text)
        answer = cloud.perform(request, Identity(account, account.arn), "127.0.0.1")
        return self._served(key, settings, answer["data"]["httpApiId"])

    def _create_service(self, name: str) -> None:
        settings = self.config.ai_services[name]
        used = protocols_used(self.config).get(name, ())
        address = settings.base_url
        if settings.endpoint is not None:
            address = endpoint_address(_ENDPOINT, settings, {})
        inputs = AiServiceInputs(
            gateway_id=self.place.gateway_id,
            name=name,
            address=address,
            **service_inputs(settings, {}, self._read_secret, used),
        )
        created = self.engine.create("AiService", to_properties(inputs), name)
        self.service_ids[name] = created.id

    def _create_domain(self, name: str) -> None:
        inputs = DomainInputs(**domain_inputs(name, self.config.domains[name]))
        self.domain_ids[name] = self.engine.create("Domain", to_properties(inputs), name).id

    def _inputs(self, key: str, settings: ModelApiSettings) -> ModelApiInputs:
        # The provider asks the cloud for this word; one request cannot.
        spellings = {"routing.by-model": self.place.cloud.state.dialect["routing-by-model"]}
        values = model_api_inputs(settings, self.service_ids, spellings, self._read_secret)
        return ModelApiInputs(
            name=settings.name or key,
            gateway_id=self.place.gateway_id,
            environment_id=self.place.environment_id,
            domain_ids=tuple(self.domain_ids[name] for name in settings.domains),
            **values,
        )

    def _read_secret(self, reference: Any) -> str:
        """The sandbox's model key, for every reference but one: `{config: wrongKey}`."""
        return "sk-wrong" if reference.config == "wrongKey" else self.place.cloud.api_key

    def _served(self, key: str, settings: ModelApiSettings, api_id: str) -> Served:
        return Served(settings.name or key, settings.domains[0], api_id, settings.base_path)


@contextmanager
def declare(place: Place, sections: Mapping[str, Any]) -> Iterator[Declared]:
    """Declare a gateway's resources as settings have them, in the gateway of ``place``.

    Args:
        place: The sandbox with a gateway.
        sections: `ai_services`, `domains` and `model_apis` of a stack's settings.
    """
    entries = {}
    for section in SECTIONS:
        entries[section.key] = {
            name: section.model.model_validate(entry)
            for name, entry in sections.get(section.key, {}).items()
        }
    config = GatewayConfig(**entries)
    with engine_for(place.cloud) as engine:
        created = Declared(place, engine, config)
        created.create_all()
        yield created
