"""Where requests to a Model API carry the credential of a consumer. Pure.

Source: AI Gateway, "Create a consumer" (2025-12): an API key is read from `Authorization: Bearer`,
from a header of one's own, or from a query parameter; a JSON Web Token from a header, after a
prefix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashlink.clients.outputs import BEARER, KeyPlacement
from dashlink.gateway.consumer import ConsumerSettings
from dashlink.gateway.model_api.plan import auth_of
from dashlink.gateway.model_api.settings import ModelApiSettings


def key_placement(
    api: ModelApiSettings, consumers: Mapping[str, ConsumerSettings]
) -> KeyPlacement | None:
    """Where clients of an API put their credential: a place that suits all consumers, if any does.

    Else it is the place where SDKs put keys, or, if that suits none, the first consumer's.

    Returns:
        The place; None where the API requires no credential, or signed requests.
    """
    places = _places(api, consumers)
    for place in _in_common(places):
        return place
    firsts = [own[0] for own in places.values()]
    if BEARER in firsts:
        return BEARER
    return firsts[0] if firsts else None


def other_placements(
    api: ModelApiSettings, consumers: Mapping[str, ConsumerSettings]
) -> dict[str, KeyPlacement]:
    """Where the credential belongs of each consumer that `key_placement` does not suit."""
    chosen = key_placement(api, consumers)
    others = {}
    for name, own in _places(api, consumers).items():
        if chosen not in own:
            others[name] = own[0]
    return others


def _places(
    api: ModelApiSettings, consumers: Mapping[str, ConsumerSettings]
) -> dict[str, Sequence[KeyPlacement]]:
    """Places where the gateway reads the credential of each consumer, the preferred one first."""
    auth = auth_of(api)
    places: dict[str, Sequence[KeyPlacement]] = {}
    for name in sorted(set(api.consumers)):
        consumer = consumers[name]
        if auth == "api-key":
            places[name] = _api_key_places(consumer)
        elif auth == "jwt" and consumer.jwt is not None:
            header, prefix = consumer.jwt.header, consumer.jwt.prefix
            places[name] = [KeyPlacement(source="header", name=header, prefix=prefix)]
    return places


def _api_key_places(consumer: ConsumerSettings) -> Sequence[KeyPlacement]:
    if consumer.api_key_query is not None:
        return [KeyPlacement(source="query", name=consumer.api_key_query, prefix="")]
    places: list[KeyPlacement] = []
    for header in consumer.api_key_headers:
        if header.lower() == BEARER.name.lower():
            places.insert(0, BEARER)
        else:
            places.append(KeyPlacement(source="header", name=header, prefix=""))
    return places or [BEARER]


def _in_common(places: Mapping[str, Sequence[KeyPlacement]]) -> list[KeyPlacement]:
    common: list[KeyPlacement] | None = None
    for own in places.values():
        common = [place for place in (own if common is None else common) if place in own]
    return common or []
