"""The access log of the gateways, and the metrics that are computed from it."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

_MOST_ENTRIES = 20_000


@dataclass
class Entry:
    """One request, without API keys.

    Attributes:
        attempts: Service, model sent and status of each attempt in order; 0: no connection.
        body: The request's body where the API's statistics include it.
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
        self.entries: deque[Entry] = deque(maxlen=_MOST_ENTRIES)

    def log(self) -> list[dict[str, Any]]:
        """The entries as plain data."""
        return [asdict(entry) for entry in self.entries]

    def metrics(self) -> dict[str, Any]:
        """Requests and tokens by ``api|service|model|status``, and fallbacks by API."""
        requests: Counter[str] = Counter()
        tokens: Counter[str] = Counter()
        fallbacks: Counter[str] = Counter()
        for entry in tuple(self.entries):
            service, model, _ = entry.attempts[-1] if entry.attempts else ("", "", 0)
            key = f"{entry.api}|{service}|{model}|{entry.status}"
            requests[key] += 1
            tokens[key] += entry.tokens
            fallbacks[entry.api] += max(len(entry.attempts) - 1, 0)
        return {"requests": dict(requests), "tokens": dict(tokens), "fallbacks": dict(fallbacks)}
