"""Access keys, and the credentials that return them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Key(Protocol):
    """An access key that signs requests; one of a session has a token."""

    access_key_id: str
    access_key_secret: str
    security_token: str | None


class Credentials(Protocol):
    """The source of the key in force; the official SDK's client is one."""

    def get_credential(self) -> Key:
        """Return the key, refreshed where it has expired."""


@dataclass
class StaticKey:
    """An access key that does not expire, as credentials of its own. Nothing of it is in `repr`."""

    access_key_id: str = field(repr=False)
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(repr=False, default=None)

    def get_credential(self) -> Key:
        """Return the key itself."""
        return self
