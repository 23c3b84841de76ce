"""What gateways write down: the access log, and the metrics that are counted from it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

_KEPT = 20_000


@dataclass
class Entry:
    """One request. ``attempts`` are (service, model sent, status) in order; a status of 0 is a failed connection.

    ``body`` is the request's body where the API's observation logs it; keys are nowhere.
    """

    time: float
    gateway_id: str
    method: str
    host: str
    path: str
    api: str = ""
    route: str = ""
    consumer: str = ""
    model: str = ""
    attempts: list[tuple[str, str, int]] = field(default_factory=list)
    status: int = 0
    refusal: str = ""
    tokens: int = 0
    bytes_sent: int = 0
    first_byte_seconds: float = 0.0
    seconds: float = 0.0
    cache_hit: bool = False
    body: str = ""


class Journal:
    """The latest entries, oldest first."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=_KEPT)

    def log(self) -> list[dict[str, Any]]:
        """The entries as plain data."""
        return [asdict(entry) for entry in self.entries]

    def metrics(self) -> dict[str, Any]:
        """Requests, tokens, fallbacks and refusals, by API, service and model."""
        entries: Iterable[Entry] = tuple(self.entries)
        requests: Counter[str] = Counter()
        tokens: Counter[str] = Counter()
        fallbacks: Counter[str] = Counter()
        for entry in entries:
            service, model, _ = entry.attempts[-1] if entry.attempts else ("", "", 0)
            key = f"{entry.api}|{service}|{model}|{entry.status}"
            requests[key] += 1
            tokens[key] += entry.tokens
            fallbacks[entry.api] += max(len(entry.attempts) - 1, 0)
        return {"requests": dict(requests), "tokens": dict(tokens), "fallbacks": dict(fallbacks)}
