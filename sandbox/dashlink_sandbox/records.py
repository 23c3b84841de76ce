"""Base classes of the sandbox cloud's records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Base of all records: an unknown field is a programming error, never data to store."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Tagged(Record):
    """A record with tags, a resource group and an account (``owner``: its id)."""

    owner: str = ""
    tags: dict[str, str] = Field(default_factory=dict)
    resource_group_id: str = ""
    created: float = 0.0


class Fixed(Tagged):
    """An immutable record: it is replaced, never changed, and drafts of the state share it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
