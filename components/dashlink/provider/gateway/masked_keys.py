"""Keys that the API returns masked, matched with the keys of the stack."""

from __future__ import annotations

from collections.abc import Sequence

from dashlink.provider.codec import UNKNOWN_KEY


def matched_keys(known: Sequence[str], returned: Sequence[str] | None) -> tuple[str, ...]:
    """Return the keys that the API returned, in full where the stack knows them.

    A masked key (`sk-a****wxyz`) matches a known key with the same beginning and end. Keys may look
    alike, so the key at the same position is tried first, and each known key matches once.

    Args:
        known: Keys of the stack.
        returned: Keys of the API, masked or not; None if it returned none: the keys are unchanged.

    Returns:
        One key for each of `returned`; `UNKNOWN_KEY` where no known key matches.
    """
    if returned is None:
        return tuple(known)
    unmatched = list(known)
    keys = []
    for position, masked in enumerate(returned):
        candidates = [*known[position : position + 1], *unmatched]
        key = next((one for one in candidates if one in unmatched and _matches(one, masked)), None)
        if key is not None:
            unmatched.remove(key)
        keys.append(key or UNKNOWN_KEY)
    return tuple(keys)


def matched_key(known: str | None, returned: str | None) -> str:
    """Return one secret: the known one if it matches, or if the API returned none."""
    if known is None:
        return UNKNOWN_KEY
    if not returned:
        return known
    return matched_keys([known], [returned])[0]


def _matches(key: str, masked: str) -> bool:
    head, stars, rest = masked.partition("*")
    if not stars:
        return key == masked
    tail = rest.lstrip("*")
    long_enough = len(key) >= len(head) + len(tail)
    return long_enough and key.startswith(head) and key.endswith(tail)
