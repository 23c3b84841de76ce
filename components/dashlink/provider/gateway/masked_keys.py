"""Keys that the API returns, masked or in plain, matched with the keys of the stack.

No text of the API is passed on: a key that the stack does not have is read as `UNKNOWN_KEY`, so
that a key of another owner, generated in the console for instance, reaches no state and no diff.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashlink.provider.codec import UNKNOWN_KEY


def matched_keys(known: Sequence[str], returned: Sequence[str] | None) -> tuple[str, ...]:
    """Return the keys of the stack that the API returned.

    A key in plain matches an equal key. A masked one (`sk-a****wxyz`) matches a key with the same
    beginning and end; keys may look alike, so the key at the same position is tried first. Each
    known key matches once.

    Args:
        known: Keys of the stack.
        returned: Keys of the API, masked or not; None if it returned none: the keys are unchanged.

    Returns:
        One key for each of `returned`; `UNKNOWN_KEY` where no known key matches.
    """
    if returned is None:
        return tuple(known)
    unmatched = list(known)
    keys = [UNKNOWN_KEY] * len(returned)
    masked = []
    for position, text in enumerate(returned):
        if text in unmatched:  # in plain, also a key that has a star in it
            unmatched.remove(text)
            keys[position] = text
        else:
            masked.append(position)
    for position in masked:
        candidates = [*known[position : position + 1], *unmatched]
        for key in candidates:
            if key in unmatched and _matches(key, returned[position]):
                unmatched.remove(key)
                keys[position] = key
                break
    return tuple(keys)


def matched_key(known: str | None, returned: str | None) -> str:
    """Return one secret: the known one if it matches, or if the API returned none."""
    if known is None:
        return UNKNOWN_KEY
    if not returned:
        return known
    return matched_keys([known], [returned])[0]


def _matches(key: str, masked: str) -> bool:
    """Return whether `masked` hides `key`; a text in plain hides none."""
    head, stars, rest = masked.partition("*")
    tail = rest.lstrip("*")
    long_enough = len(key) >= len(head) + len(tail)
    return bool(stars) and long_enough and key.startswith(head) and key.endswith(tail)
