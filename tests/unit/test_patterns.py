"""Model-name patterns: what one takes, which decides, and which can never decide, against every short name there is."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashlink.gateway.model_api.patterns import first_match, is_unreachable, matches

LETTERS = "ab"
OTHER = "c"  # a letter that no pattern names
LONGEST_PATTERN, LONGEST_NAME = (
    3,
    6,
)  # three short patterns leave a name as short as this, if they leave one
NAMES = [
    "".join(letters)
    for size in range(LONGEST_NAME + 1)
    for letters in product(LETTERS + OTHER, repeat=size)
]

patterns = st.text(f"{LETTERS}*?", min_size=1, max_size=LONGEST_PATTERN)
earlier_ones = st.lists(patterns, max_size=3)
names = st.text(f"{LETTERS}{OTHER}-.[]\n", max_size=LONGEST_NAME)


def taken(pattern):
    """Every short name that ``pattern`` takes, by the standard library's own reading of such patterns."""
    return {name for name in NAMES if fnmatchcase(name, pattern)}


@given(patterns, names)
def test_a_pattern_takes_what_a_file_name_pattern_takes(pattern, name):
    assert matches(pattern, name) == fnmatchcase(name, pattern)


@given(names)
def test_a_name_without_wildcards_takes_itself_alone(name):
    assert matches(name, name)
    assert not matches(name, f"{name}a")


@pytest.mark.parametrize("letter", list(".+^$()[]{}|\\"))
def test_what_means_something_in_other_languages_means_itself_here(letter):
    assert matches(f"a{letter}", f"a{letter}")
    assert not matches(f"a{letter}", "ab")
    assert not matches(f"a{letter}", "a")


def test_case_counts():
    assert not matches("Qwen-*", "qwen-max")


@given(st.lists(patterns, max_size=4), names)
def test_the_first_that_takes_a_name_decides(several, name):
    taking = [index for index, pattern in enumerate(several) if matches(pattern, name)]
    assert first_match(several, name) == (taking[0] if taking else None)


@settings(max_examples=300, deadline=None)
@given(patterns, earlier_ones)
def test_dead_is_what_earlier_ones_leave_no_name_for(pattern, earlier):
    left = taken(pattern).difference(*(taken(one) for one in earlier))
    assert is_unreachable(pattern, earlier) == (not left)


@settings(deadline=None)
@given(patterns, st.lists(patterns, min_size=1, max_size=4))
def test_one_more_before_it_never_wakes_a_dead_one(pattern, earlier):
    assert not is_unreachable(pattern, earlier[:-1]) or is_unreachable(pattern, earlier)


@given(patterns, earlier_ones)
def test_a_dead_one_never_decides(pattern, earlier):
    if is_unreachable(pattern, earlier):
        assert all(first_match([*earlier, pattern], name) != len(earlier) for name in NAMES)


@given(patterns)
def test_nothing_before_it_leaves_it_alive_and_itself_kills_it(pattern):
    assert not is_unreachable(pattern, [])
    assert is_unreachable(pattern, [pattern])
    assert is_unreachable(pattern, ["*"])


@pytest.mark.parametrize(
    ("pattern", "earlier", "dead"),
    [
        ("qwen-max", ["qwen-*"], True),
        ("qwen-*", ["qwen-max"], False),
        ("gpt-?*", ["gpt-?", "gpt-??*"], True),  # neither alone
        ("gpt-*", ["gpt-?", "gpt-??*"], False),  # gpt- is left
        ("*-vl-*", ["*-vl", "vl-*"], False),
        ("*", ["?*"], False),  # the empty name is left: a request that names no model
        ("*?", ["?*"], True),
        ("a*b*", ["a*", "b*"], True),
        ("***", ["*"], True),
    ],
)
def test_known_ones(pattern, earlier, dead):
    assert is_unreachable(pattern, earlier) is dead
