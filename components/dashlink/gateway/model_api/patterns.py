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
    patterns = (pattern, *earlier)
    letters = set("".join(patterns)) - set(_WILDCARDS) | {_OTHER}
    start = _with_skipped_stars(patterns, {(index, 0) for index in range(len(patterns))})
    seen = {start}
    pending = [start]
    while pending:
        positions = pending.pop()
        if {index for index, offset in positions if offset == len(patterns[index])} == {0}:
            return False  # the name so far matches the pattern, and no earlier one
        for letter in letters:
            following = _step(patterns, positions, letter)
            if following not in seen and any(index == 0 for index, _ in following):
                seen.add(following)
                pending.append(following)
    return True


def _with_skipped_stars(
    patterns: Sequence[str], positions: Iterable[_Position]
) -> frozenset[_Position]:
    """``positions`` with those after a star, which may match nothing."""
    reachable = set(positions)
    for index, offset in positions:
        after = offset
        while patterns[index].startswith("*", after):
            after += 1
            reachable.add((index, after))
    return frozenset(reachable)


def _step(
    patterns: Sequence[str], positions: Iterable[_Position], letter: str
) -> frozenset[_Position]:
    """Positions after one more character of the name."""
    moved = set()
    for index, offset in positions:
        expected = patterns[index][offset : offset + 1]
        if expected == "*":
            moved.add((index, offset))
        elif expected in ("?", letter):
            moved.add((index, offset + 1))
    return _with_skipped_stars(patterns, moved)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    expressions = [_WILDCARDS.get(letter, re.escape(letter)) for letter in pattern]
    return re.compile("".join(expressions), re.DOTALL)
