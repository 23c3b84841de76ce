"""Model APIs of each protocol and place of keys on a sandbox's gateway, as dashlink declares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alibabacloud_apig20240327 import models
from support.declared_apis import Declared, declare
from support.gateways import DOMAIN, Place, authorize

from dashlink.clients.outputs import Outputs, parse_outputs
from dashlink.gateway.consumer import ConsumerSettings, consumer_inputs
from dashlink.provider.gateway.consumer import consumer_create_only, consumer_values
from dashlink.resources.models.consumer import ConsumerInputs

_TEXT = {"scene": "text"}
_ANTHROPIC = {"scene": "text", "protocol": "Anthropic", "model": "qwen-plus"}
_SOURCES: dict[str, dict[str, Any]] = {
    "bearer": {},
    "header": {"api_key_headers": "x-api-key"},
    "query": {"api_key_query": "api_key"},
}
_APIS: dict[str, dict[str, Any]] = {
    "chat": {**_TEXT, "consumers": ["bearer"]},
    "chat-header": {**_TEXT, "consumers": ["header"]},
    "chat-query": {**_TEXT, "consumers": ["query"]},
    "chat-open": _TEXT,
    "claude": {**_ANTHROPIC, "consumers": ["bearer"]},
    "claude-header": {**_ANTHROPIC, "consumers": ["header"]},
    "claude-query": {**_ANTHROPIC, "consumers": ["query"]},
    "vectors": {"scene": "embedding", "consumers": ["bearer"]},
    "image": {"scene": "image", "consumers": ["bearer"]},
    "video": {"scene": "video", "consumers": ["bearer"]},
    "rerank": {"scene": "rerank", "consumers": ["bearer"], "model": "gte-rerank-v2"},
    "speech": {"scene": "audio", "consumers": ["bearer"]},
}


@dataclass(frozen=True)
class KeyedApis:
    """Model APIs on a gateway.

    Attributes:
        place: The gateway.
        outputs: The outputs of their stack.
        keys: The key of each API; empty for one that requires none.
    """

    place: Place
    outputs: Outputs
    keys: dict[str, str]

    def hosts(self, *names: str) -> set[str]:
        """The hosts of some APIs."""
        return {self.outputs.model_apis[name].host for name in names}


@contextmanager
def keyed_apis(place: Place) -> Iterator[KeyedApis]:
    """Declare the APIs, and create a consumer for each place of keys with dashlink's payload."""
    with declare(place, _sections()) as declared:
        keys = {source: f"ck-{source}/0123+456" for source in _SOURCES}
        ids = {source: _create(place, declared, source, key) for source, key in keys.items()}
        key_of = dict.fromkeys(_APIS, "")
        for name, api in _APIS.items():
            for source in api.get("consumers", ()):
                authorize(
                    place.cloud, ids[source], declared.apis[name].api_id, place.environment_id
                )
                key_of[name] = keys[source]
        document = {"version": 1, "stack": "dev", "region": "cn-beijing", "vpc_id": "vpc-1"}
        document |= {"vswitch_ids": {}, "security_group_id": "sg-1", "endpoints": {}}
        apis = {name: api.model_dump() for name, api in declared.outputs.items()}
        yield KeyedApis(place, parse_outputs({**document, "model_apis": apis}), key_of)


def _sections() -> dict[str, Any]:
    domains, apis = {}, {}
    for name, api in _APIS.items():
        host = f"{name}.{DOMAIN}"
        domains[host] = {"certificate_id": "1-cn-hangzhou"}
        apis[name] = {"domains": [host], "base_path": f"/of/{name}", "service": "studio", **api}
    consumers = {}
    for source, keys in _SOURCES.items():
        consumers[source] = {"api_keys": [{"config": "teamKey"}], **keys}
    studio = {"endpoint": "dashscope", "api_keys": [{"config": "modelKey"}]}
    return {
        "ai_services": {"studio": studio},
        "domains": domains,
        "model_apis": apis,
        "consumers": consumers,
    }


def _create(place: Place, declared: Declared, source: str, key: str) -> str:
    settings: ConsumerSettings = declared.config.consumers[source]
    inputs = consumer_inputs(source, settings, lambda reference: key)
    consumer = ConsumerInputs(**{**inputs, "name": place.new_name(source)})
    body = {**consumer_values(consumer), **consumer_create_only(consumer)}
    request = models.CreateConsumerRequest().from_map(body)
    return str(place.apig.create_consumer(request).body.data.consumer_id)
