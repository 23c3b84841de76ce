"""A word of the API that the cloud was seen to accept."""

from __future__ import annotations

from dashlink.resources.contract import ResourceModel


class VerifiedWord(ResourceModel):
    """A word of the API that the cloud accepts, and distinguishes from others."""

    term: str
    """Term of the word, as in `gateway.spellings`: `routing.by-model`."""
    value: str
    """The value that the cloud accepts."""
    when: str
    """Time of the answer (ISO 8601, UTC)."""
    how: str
    """The request that was answered: `dry run of CreateHttpApi`."""
