"""Decisions about a Model API: protocol, authentication, routing, the AI service that answers.

`explain` serves `dashlink route` and the rules. By model name the first match decides; by weight
every service gets its share; then the fallbacks follow in order. A service that fails with a status
that starts a fallback is followed by the next one; the response of the last one is the client's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from dashlink.gateway.catalog import (
    LEGACY_ROUTES,
    ROUTES,
    BuiltinRoute,
    is_fallback_status,
    protocols_of,
)
from dashlink.gateway.consumer import AuthType
from dashlink.gateway.model_api.patterns import first_match
from dashlink.gateway.model_api.settings import Choice, ModelApiSettings

RoutingMode = Literal["single", "by-model", "by-weight"]

UNREACHABLE = -1
"""Status of a service that accepts no connection."""


def protocol_of(api: ModelApiSettings) -> str:
    """Protocol of an API: as written, else the first of its scene."""
    return api.protocol or protocols_of(api.scene)[0]


def auth_of(api: ModelApiSettings) -> AuthType | None:
    """Type of credential that an API requires; None where it requires none."""
    if api.auth is not None:
        return api.auth.by
    if api.consumers:
        return "api-key"
    return None


def routing_mode_of(api: ModelApiSettings) -> RoutingMode:
    """How an API chooses the first AI service of a request."""
    if api.by_model:
        return "by-model"
    if api.by_weight:
        return "by-weight"
    return "single"


def routes_of(api: ModelApiSettings) -> tuple[BuiltinRoute, ...]:
    """Built-in routes that an API serves."""
    if api.routes == "llm":
        return LEGACY_ROUTES
    routes = ROUTES[api.scene][protocol_of(api)]
    if isinstance(api.routes, str):
        return routes
    return tuple(route for route in routes if route.name in api.routes)


def choices_of(api: ModelApiSettings) -> Iterator[tuple[str, Choice]]:
    """Every choice of an API, the fallbacks last, with the path of its service in the settings."""
    if api.service is not None:
        yield "service", Choice(service=api.service, model=api.model)
    for index, named in enumerate(api.by_model):
        yield f"by_model.{index}.service", named
    if isinstance(api.default, Choice):
        yield "default.service", api.default
    for index, weighted in enumerate(api.by_weight):
        yield f"by_weight.{index}.service", weighted
    for index, fallback in enumerate(api.fallbacks):
        yield f"fallbacks.{index}.service", fallback


@dataclass(frozen=True)
class Attempt:
    """One AI service that is tried.

    Attributes:
        service: Name of the service in the settings.
        model: Model name in the request to the service.
        status: HTTP status of its response, or `UNREACHABLE`.
        why: Why it is tried, a clause.
    """

    service: str
    model: str
    status: int
    why: str


@dataclass(frozen=True)
class Branch:
    """The path of a share of the requests.

    Attributes:
        share_percent: Percentage of the requests.
        attempts: Services that are tried, in order; the client gets the response of the last one.
        unused: Fallbacks that would follow if the last attempt failed.
        status: HTTP status that the client gets.
    """

    share_percent: int
    attempts: tuple[Attempt, ...]
    unused: tuple[Attempt, ...]
    status: int

    @property
    def answer(self) -> Attempt:
        """The attempt whose response the client gets."""
        return self.attempts[-1]


@dataclass(frozen=True)
class Explanation:
    """How an API handles requests for a model; without branches it refuses them with `status`."""

    model: str
    branches: tuple[Branch, ...]
    status: int
    why: str


def explain(
    api: ModelApiSettings, model: str, failing: Mapping[str, int] | None = None
) -> Explanation:
    """Explain how ``api`` handles requests for ``model``.

    Args:
        api: A Model API.
        model: Model name in the client's request; empty for none.
        failing: HTTP status of services that fail, by name; `UNREACHABLE` for no connection.
    """
    branches = []
    reasons = []
    for choice, share, why in first_choices(api, model):
        attempts = _attempts(api, model, choice, why, failing or {})
        branches.append(_branch(api, share, attempts))
        reasons.append(why)
    if not branches:
        reason = "no pattern fits, and there is no default"
        return Explanation(model, (), HTTPStatus.NOT_FOUND.value, reason)
    status = max(branch.status for branch in branches)
    return Explanation(model, tuple(branches), status, reasons[0])


def first_choices(api: ModelApiSettings, model: str) -> Iterator[tuple[Choice, int, str]]:
    """Choices that may be tried first for ``model``, each with its percentage and the reason."""
    if api.service is not None:
        yield Choice(service=api.service, model=api.model), 100, "the API's one service"
    for weighted in api.by_weight:
        yield weighted, weighted.weight, f"{weighted.weight} % by weight"
    if not api.by_model:
        return
    index = first_match([choice.match for choice in api.by_model], model)
    if index is not None:
        yield api.by_model[index], 100, f"{model} fits {api.by_model[index].match}"
    elif isinstance(api.default, Choice):
        yield api.default, 100, "no pattern fits: the default"


def _attempts(
    api: ModelApiSettings, model: str, first: Choice, why: str, failing: Mapping[str, int]
) -> list[Attempt]:
    """The first choice and all fallbacks, each with the status that it would have."""
    attempts = []
    for number, choice in enumerate((first, *api.fallbacks)):
        status = failing.get(choice.service, HTTPStatus.OK.value)
        reason = f"fallback {number}" if number > 0 else why
        attempts.append(Attempt(choice.service, choice.model or model, status, reason))
    return attempts


def _branch(api: ModelApiSettings, share: int, attempts: list[Attempt]) -> Branch:
    tried = 1
    while tried < len(attempts) and _starts_fallback(attempts[tried - 1].status, api):
        tried += 1
    status = attempts[tried - 1].status
    if status == UNREACHABLE:
        status = HTTPStatus.SERVICE_UNAVAILABLE.value
    return Branch(share, tuple(attempts[:tried]), tuple(attempts[tried:]), status)


def _starts_fallback(status: int, api: ModelApiSettings) -> bool:
    if status == UNREACHABLE:
        return not api.fallback_only_on_upstream_codes
    return is_fallback_status(status)
