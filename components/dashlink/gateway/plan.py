"""Which service answers a request, under which model, and which fallbacks follow. Pure; no cloud.

`explain` is what `dashlink route` prints and what the settings' checks ask: by model name the first pattern that fits
decides; by weight every service with its share; then the fallbacks in order. A service that fails with a status that
starts a fallback (catalog) hands over to the next one; the last one's answer stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dashlink.gateway.catalog import is_fallback_status
from dashlink.gateway.patterns import first_match
from dashlink.gateway.settings import Choice, ModelApiSettings

UNREACHABLE = -1
"""Stands for a service that takes no connection, among failing statuses."""

_OK, _UNREACHED, _NO_SERVICE = 200, 503, 404


@dataclass(frozen=True)
class Attempt:
    """One service that is tried.

    Attributes:
        service: Its name in the settings.
        model: The model name that it is sent.
        status: What it answers: 200, or the failure that was given; `UNREACHABLE` where it takes no connection.
        why: Why it is its turn, a clause.
    """

    service: str
    model: str
    status: int
    why: str


@dataclass(frozen=True)
class Branch:
    """What happens to a share of the requests.

    Attributes:
        share_percent: How many in a hundred go this way.
        attempts: The services that are tried, in order; the last one's answer stands.
        unused: Fallbacks that would follow, had the last attempt failed.
        status: What the client gets.
    """

    share_percent: int
    attempts: tuple[Attempt, ...]
    unused: tuple[Attempt, ...]
    status: int

    @property
    def answer(self) -> Attempt:
        """The attempt whose answer the client gets."""
        return self.attempts[-1]


@dataclass(frozen=True)
class Explanation:
    """What an API does with requests for a model; without branches it refuses them, with `status`."""

    model: str
    branches: tuple[Branch, ...]
    status: int
    why: str


def explain(
    api: ModelApiSettings, model: str, failing: Mapping[str, int] | None = None
) -> Explanation:
    """What ``api`` does with requests for ``model``.

    Args:
        api: A Model API.
        model: Model name that the client sends; empty for none.
        failing: HTTP status by service that fails, `UNREACHABLE` for no connection.
    """
    first = tuple(first_choices(api, model))
    if not first:
        return Explanation(model, (), _NO_SERVICE, "no pattern fits, and there is no default")
    branches = tuple(
        _branch(api, model, choice, share, why, failing or {}) for choice, share, why in first
    )
    return Explanation(model, branches, max(branch.status for branch in branches), first[0][2])


def first_choices(api: ModelApiSettings, model: str) -> Iterator[tuple[Choice, int, str]]:
    """The services that may be tried first for ``model``: each with its share in percent, and why."""
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


def all_first_choices(api: ModelApiSettings) -> tuple[Choice, ...]:
    """Every service that may be tried first, for whatever model."""
    single = (Choice(service=api.service, model=api.model),) if api.service is not None else ()
    default = (api.default,) if isinstance(api.default, Choice) else ()
    return (*single, *api.by_model, *default, *api.by_weight)


def _branch(
    api: ModelApiSettings,
    model: str,
    choice: Choice,
    share: int,
    why: str,
    failing: Mapping[str, int],
) -> Branch:
    planned = [
        Attempt(choice.service, choice.model or model, failing.get(choice.service, _OK), why)
    ]
    planned += [
        Attempt(
            one.service, one.model or model, failing.get(one.service, _OK), f"fallback {number}"
        )
        for number, one in enumerate(api.fallbacks, 1)
    ]
    tried = 1
    while tried < len(planned) and _hands_over(
        planned[tried - 1].status, api.fallback_only_on_upstream_codes
    ):
        tried += 1
    status = planned[tried - 1].status
    return Branch(
        share,
        tuple(planned[:tried]),
        tuple(planned[tried:]),
        _UNREACHED if status == UNREACHABLE else status,
    )


def _hands_over(status: int, only_on_upstream_codes: bool) -> bool:
    """Whether a service that ends so is followed by the next one."""
    return not only_on_upstream_codes if status == UNREACHABLE else is_fallback_status(status)
