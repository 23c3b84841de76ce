"""Base classes of the sandbox cloud's records."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Base of all records: an unknown field is a programming error, never data to store."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class ClientToken(Record):
    """The answer to a request with a client token; the same request gets it again.

    ``asked`` is a digest of the request.
    """

    asked: str
    answer: dict[str, Any]
    created: float


class Tagged(Record):
    """A record with tags, a resource group and an account (``owner``: its id)."""

    owner: str = ""
    tags: dict[str, str] = Field(default_factory=dict)
    resource_group_id: str = ""
    created: float = 0.0


class Fixed(Tagged):
    """An immutable record: it is replaced, never changed, and drafts of the state share it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
