"""What all records of the sandbox cloud have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Base of all records: unknown fields are a mistake of ours, never data to keep."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Tagged(Record):
    """What carries tags, sits in a resource group and belongs to an account (``owner``: its id)."""

    owner: str = ""
    tags: dict[str, str] = Field(default_factory=dict)
    resource_group_id: str = ""
    created: float = 0.0


class Fixed(Tagged):
    """A record that is never changed, only replaced by another one: drafts of the state share it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
