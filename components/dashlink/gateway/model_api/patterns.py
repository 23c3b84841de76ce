"""Patterns of model names: matching and reachability.

``*`` matches any text, ``?`` one character.

A pattern is unreachable when earlier patterns, alone or together, match every name that it matches.
`is_unreachable` decides this exactly: it runs the later pattern and all earlier ones side by side,
as state machines, over the characters that the patterns distinguish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

_OTHER = "\0"  # represents every character that no pattern names
_WILDCARDS = {"*": ".*", "?": "."}
_Position = tuple[int, int]  # index of a pattern, and offset into it


def matches(pattern: str, name: str) -> bool:
    """Whether ``pattern`` matches the whole of ``name``."""
    return _compiled(pattern).fullmatch(name) is not None


def first_match(patterns: Sequence[str], name: str) -> int | None:
    """Index of the first of ``patterns`` that matches ``name``; None where none does."""
    for index, pattern in enumerate(patterns):
        if matches(pattern, name):
            return index
    return None


def is_unreachable(pattern: str, earlier: Sequence[str]) -> bool:
    """Whether ``earlier`` patterns together match every name that ``pattern`` matches."""
    letters = set("".join((pattern, *earlier))) - set(_WILDCARDS) | {_OTHER}
    start = (
        _with_skipped_stars(pattern, {0}),
        _all_with_skipped_stars(earlier, ((index, 0) for index in range(len(earlier)))),
    )
    seen = {start}
    pending = [start]
    while pending:
        offsets, positions = pending.pop()
        if len(pattern) in offsets and not _ends_any(earlier, positions):
            return False  # the name so far matches the pattern, and no earlier one
        for letter in letters:
            following = (_step(pattern, offsets, letter), _step_all(earlier, positions, letter))
            if following[0] and following not in seen:
                seen.add(following)
                pending.append(following)
    return True


def _ends_any(patterns: Sequence[str], positions: Iterable[_Position]) -> bool:
    return any(offset == len(patterns[index]) for index, offset in positions)


def _with_skipped_stars(pattern: str, offsets: set[int]) -> frozenset[int]:
    """``offsets`` with those after a star, which may match nothing."""
    reachable = set(offsets)
    for offset in offsets:
        after = offset
        while after < len(pattern) and pattern[after] == "*":
            after += 1
            reachable.add(after)
    return frozenset(reachable)


def _all_with_skipped_stars(
    patterns: Sequence[str], positions: Iterable[_Position]
) -> frozenset[_Position]:
    reachable = set()
    for index, offset in positions:
        for after in _with_skipped_stars(patterns[index], {offset}):
            reachable.add((index, after))
    return frozenset(reachable)


def _step(pattern: str, offsets: Iterable[int], letter: str) -> frozenset[int]:
    """Offsets after one more character of the name."""
    moved = set()
    for offset in offsets:
        if offset == len(pattern):
            continue
        if pattern[offset] == "*":
            moved.add(offset)
        elif pattern[offset] in ("?", letter):
            moved.add(offset + 1)
    return _with_skipped_stars(pattern, moved)


def _step_all(
    patterns: Sequence[str], positions: Iterable[_Position], letter: str
) -> frozenset[_Position]:
    moved = set()
    for index, offset in positions:
        for after in _step(patterns[index], (offset,), letter):
            moved.add((index, after))
    return frozenset(moved)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    expressions = [_WILDCARDS.get(letter, re.escape(letter)) for letter in pattern]
    return re.compile("".join(expressions), re.DOTALL)
