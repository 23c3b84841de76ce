"""Text of the boxes and arrows of a stack's drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from dashlink.gateway.ai_service import AiServiceSettings, vendor_of
from dashlink.gateway.consumer import ConsumerSettings
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.settings import Choice, Limit, ModelApiSettings

_NAMED = 12  # of more names, the others are counted


def counted(number: int, noun: str) -> str:
    """Return ``2 keys`` or ``1 key``; nothing for none."""
    if number == 0:
        return ""
    return f"{number} {noun}s" if number > 1 else f"1 {noun}"


def named(names: Sequence[str]) -> str:
    """List names; of many, count the last ones."""
    further = len(names) - _NAMED
    if further <= 0:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {further} more"


def id_text(value: object) -> str:
    """An id as it is written; one that is another resource's output is not known yet."""
    return value if isinstance(value, str) else "of the program"


def host_of(url: str) -> str:
    """Host and port of a URL, without a user and password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def credentials(consumer: ConsumerSettings) -> str:
    """What a consumer authenticates with."""
    api_keys = counted(len(consumer.api_keys), "API key")
    access_keys = counted(len(consumer.ak_sk), "access key")
    text = ", ".join(filter(None, (api_keys, access_keys, "JWT" if consumer.jwt else "")))
    return text if consumer.enabled else f"{text}; turned off"


def naming(domain: DomainSettings) -> str:
    """Scheme of a domain, and who resolves its name."""
    if domain.public:
        return f"{domain.scheme}, public"
    if domain.name_by == "private-zone":
        return f"{domain.scheme}, private name"
    return f"{domain.scheme}, named by your DNS"


def keys_of(service: AiServiceSettings) -> str:
    """Vendor of an AI service, and the number of its keys."""
    keys = len(service.api_keys)
    keys += bool(service.bedrock or service.vertex or service.eas_service or service.maas)
    return f"AI service, {vendor_of(service)}, {counted(keys, 'key') or 'no key'}"


def limit_text(limit: Limit) -> str:
    """A limit as text: ``100,000 tokens a minute per consumer``."""
    amount = limit.tokens or limit.requests or limit.concurrent or 0
    noun = "tokens" if limit.tokens else "requests"
    text = f"{amount:,} {noun}"
    text += " at a time" if limit.concurrent else f" a {limit.per or 'minute'}"
    if limit.by == "global":
        return text
    return f"{text} per {limit.key or limit.by}"


def first_choices(api: ModelApiSettings) -> dict[str, list[tuple[str, Choice]]]:
    """What sends requests to each service first: a pattern, a weight, or nothing.

    Returns:
        By service: text that selects the choice, empty for a single service, and the choice.
    """
    found: dict[str, list[tuple[str, Choice]]] = {}
    for selector, choice in _first(api):
        found.setdefault(choice.service, []).append((selector, choice))
    return found


def _first(api: ModelApiSettings) -> Iterator[tuple[str, Choice]]:
    if api.service is not None:
        yield "", Choice(service=api.service, model=api.model)
    for matched in api.by_model:
        yield matched.match, matched
    if isinstance(api.default, Choice):
        yield "any other", api.default
    for weighted in api.by_weight:
        yield f"{weighted.weight} %", weighted


def fallbacks(api: ModelApiSettings) -> dict[str, list[tuple[str, Choice]]]:
    """The fallbacks of an API by service, as `first_choices` has them."""
    found: dict[str, list[tuple[str, Choice]]] = {}
    for number, choice in enumerate(api.fallbacks, 1):
        found.setdefault(choice.service, []).append((f"fallback {number}", choice))
    return found


def choice_text(selector: str, choice: Choice) -> str:
    """A choice with the model name that its service receives, after an arrow."""
    if choice.model is None:
        return selector
    return f"{selector} → {choice.model}".strip()
