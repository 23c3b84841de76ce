"""Model-name patterns with ``*`` (any text) and ``?`` (one character): matching, and whether one can ever be reached.

A pattern is dead when every name that it takes is taken by earlier ones already, alone or together. That is decided
exactly, by walking the later pattern and the set of all earlier ones side by side over the letters that matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

_OTHER = "\0"  # stands for every character that no pattern names
_Place = tuple[int, int]  # which pattern, and how far into it


def matches(pattern: str, name: str) -> bool:
    """Whether ``pattern`` takes the whole of ``name``."""
    return _compiled(pattern).fullmatch(name) is not None


def first_match(patterns: Sequence[str], name: str) -> int | None:
    """Index of the first of ``patterns`` that takes ``name``; None where none does."""
    return next((index for index, pattern in enumerate(patterns) if matches(pattern, name)), None)


def is_dead(pattern: str, earlier: Sequence[str]) -> bool:
    """Whether ``earlier`` patterns together take every name that ``pattern`` takes."""
    letters = {letter for one in (pattern, *earlier) for letter in one if letter not in "*?"} | {
        _OTHER
    }
    start = (
        _closed(pattern, {0}),
        _closed_all(earlier, {(index, 0) for index in range(len(earlier))}),
    )
    seen = {start}
    waiting = [start]
    while waiting:
        here, there = waiting.pop()
        if len(pattern) in here and not any(place == len(earlier[index]) for index, place in there):
            return False  # a name ends here that no earlier pattern takes
        for letter in letters:
            following = (_step(pattern, here, letter), _step_all(earlier, there, letter))
            if following[0] and following not in seen:
                seen.add(following)
                waiting.append(following)
    return True


def _closed(pattern: str, places: set[int]) -> frozenset[int]:
    """``places`` with those behind a star, which may stand for nothing."""
    found = set(places)
    for place in places:
        after = place
        while after < len(pattern) and pattern[after] == "*":
            after += 1
            found.add(after)
    return frozenset(found)


def _closed_all(patterns: Sequence[str], places: set[_Place]) -> frozenset[_Place]:
    return frozenset(
        (index, after) for index, place in places for after in _closed(patterns[index], {place})
    )


def _step(pattern: str, places: frozenset[int], letter: str) -> frozenset[int]:
    moved = set()
    for place in places:
        if place == len(pattern):
            continue
        if pattern[place] == "*":
            moved.add(place)
        elif pattern[place] in ("?", letter):
            moved.add(place + 1)
    return _closed(pattern, moved)


def _step_all(patterns: Sequence[str], places: frozenset[_Place], letter: str) -> frozenset[_Place]:
    return frozenset(
        (index, after)
        for index, place in places
        for after in _step(patterns[index], frozenset({place}), letter)
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile(
        "".join(parts.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL
    )
