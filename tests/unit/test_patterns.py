"""Patterns of model names: matching and reachability, compared for every short name."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashlink.gateway.model_api.patterns import first_match, is_unreachable, matches

LETTERS = "ab"
OTHER = "c"  # a letter that no pattern names
LONGEST_PATTERN = 3
LONGEST_NAME = 6  # if three such patterns leave a name unmatched, they leave one this short
NAMES = [
    "".join(letters)
    for size in range(LONGEST_NAME + 1)
    for letters in product(LETTERS + OTHER, repeat=size)
]

patterns = st.text(f"{LETTERS}*?", min_size=1, max_size=LONGEST_PATTERN)
earlier_ones = st.lists(patterns, max_size=3)
names = st.text(f"{LETTERS}{OTHER}-.[]\n", max_size=LONGEST_NAME)


def matched(pattern):
    """Every short name that ``pattern`` matches, by the standard library."""
    return {name for name in NAMES if fnmatchcase(name, pattern)}


@given(patterns, names)
def test_a_pattern_matches_as_a_file_name_pattern_does(pattern, name):
    assert matches(pattern, name) == fnmatchcase(name, pattern)


@given(names)
def test_a_name_without_wildcards_matches_itself_only(name):
    assert matches(name, name)
    assert not matches(name, f"{name}a")


@pytest.mark.parametrize("letter", list(".+^$()[]{}|\\"), ids=str)
def test_special_characters_of_expressions_match_themselves(letter):
    assert matches(f"a{letter}", f"a{letter}")
    assert not matches(f"a{letter}", "ab")
    assert not matches(f"a{letter}", "a")


def test_matching_is_case_sensitive():
    assert not matches("Qwen-*", "qwen-max")


@given(st.lists(patterns, max_size=4), names)
def test_the_first_match_decides(several, name):
    taking = [index for index, pattern in enumerate(several) if matches(pattern, name)]
    assert first_match(several, name) == (taking[0] if taking else None)


@settings(max_examples=300, deadline=None)
@given(patterns, earlier_ones)
def test_unreachable_patterns_have_no_name_left(pattern, earlier):
    left = matched(pattern).difference(*(matched(one) for one in earlier))
    assert is_unreachable(pattern, earlier) == (not left)


@settings(deadline=None)
@given(patterns, st.lists(patterns, min_size=1, max_size=4))
def test_a_further_pattern_makes_none_reachable(pattern, earlier):
    assert not is_unreachable(pattern, earlier[:-1]) or is_unreachable(pattern, earlier)


@given(patterns, earlier_ones)
def test_an_unreachable_pattern_never_decides(pattern, earlier):
    if is_unreachable(pattern, earlier):
        assert all(first_match([*earlier, pattern], name) != len(earlier) for name in NAMES)


@given(patterns)
def test_a_pattern_is_reachable_alone_and_not_after_itself(pattern):
    assert not is_unreachable(pattern, [])
    assert is_unreachable(pattern, [pattern])
    assert is_unreachable(pattern, ["*"])


@pytest.mark.parametrize(
    ("pattern", "earlier", "unreachable"),
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
    ids=str,
)
def test_reachability_of_known_patterns(pattern, earlier, unreachable):
    assert is_unreachable(pattern, earlier) is unreachable
