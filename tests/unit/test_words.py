"""The catalog of words: every word of the wire is in it, once, and in the documentation."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from dashlink.cloud.words import WORDS, spelled, term_of, unverified

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "components" / "dashlink"
PROVIDER = [PACKAGE / "cloud" / "apig.py", *sorted((PACKAGE / "provider" / "gateway").glob("*.py"))]
SETTINGS = sorted((PACKAGE / "gateway").rglob("*.py"))
LOWER_CASE = {value for word in WORDS.values() for value in word.values if value[0].islower()}


def name_of(path):
    return str(path.relative_to(PACKAGE))


def families():
    return sorted({term.partition(".")[0] for term in WORDS})


def is_word(text):
    """Whether text may be a word of the API: those in lower case are known by the catalog."""
    return text[:1].isupper() or text in LOWER_CASE


def is_capital(text):
    """Whether text may be a word among the settings' own, which are in lower case."""
    return text[:1].isupper()


def texts(node):
    """Yield the texts that an expression may have as its value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        for item in node.elts:
            yield from texts(item)
    elif isinstance(node, ast.BoolOp):
        for item in node.values:
            yield from texts(item)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def sent(tree):
    """Yield the texts that are values of bodies and queries, or arguments of alicloud."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for value in node.values:
                yield from texts(value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            yield from texts(node.value)
        elif isinstance(node, ast.Call) and is_alicloud(node.func):
            for keyword in node.keywords:
                yield from texts(keyword.value)


def is_alicloud(function):
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "apig"
    )


def compared(tree):
    """Yield the texts that something of an answer is compared with; error codes are none of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if not any(isinstance(side, ast.Attribute) and side.attr == "code" for side in sides):
                for side in sides:
                    yield from texts(side)


def constants(tree):
    """Yield the texts of a module's constants, except error codes."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and "CODE" not in ast.unparse(node.targets[0]):
            for text in texts(node.value):
                if re.fullmatch("[A-Z][A-Za-z]*", text.value):
                    yield text


@pytest.mark.parametrize("path", SETTINGS, ids=name_of)
def test_no_word_is_spelled_by_settings(path):
    found = {node.value for node in sent(ast.parse(path.read_text())) if is_capital(node.value)}
    assert not found, f"{path.name}: {found}; put words of the API into cloud/words.py"


@pytest.mark.parametrize("path", PROVIDER, ids=name_of)
def test_no_word_is_spelled_by_the_provider(path):
    tree = ast.parse(path.read_text())
    found = {node.value for node in (*sent(tree), *compared(tree)) if is_word(node.value)}
    found |= {node.value for node in constants(tree)}
    assert not found, f"{path.name}: {found}; put words of the API into cloud/words.py"


def test_the_rule_finds_words():
    code = (
        "body = {'type': 'LLM'}\n"
        "body['mode'] = 'All' if value else 'Exact'\n"
        "apig.Gateway(spec='Large')\n"
        "row.get('mode') == 'exact' or error.code == 'NotFound.It'\n"
    )
    module = "_DONE = ('Deployed', 'Conflict.It')\n_CODES = ('Throttling',)\n"
    tree = ast.parse(code)
    assert {node.value for node in sent(tree)} == {"LLM", "All", "Exact", "Large"}
    assert {node.value for node in compared(tree) if is_word(node.value)} == {"exact"}
    assert {node.value for node in constants(ast.parse(module))} == {"Deployed"}


@pytest.mark.parametrize("family", families(), ids=str)
def test_no_value_is_of_two_terms_of_a_family(family):
    values = Counter()
    for term, word in WORDS.items():
        if term.partition(".")[0] == family:
            values.update(set(word.values))
            for value in word.values:
                assert term_of(family, value) == term
    assert max(values.values()) == 1


@pytest.mark.parametrize("term", WORDS, ids=str)
def test_the_values_of_a_word_are_different(term):
    assert len(set(WORDS[term].values)) == len(WORDS[term].values)


def test_the_documentation_has_every_word():
    rows = []
    for line in (ROOT / "docs" / "model-apis.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].strip("`") in WORDS:
            rows.append((cells[0].strip("`"), cells[1], cells[2], cells[3]))
    expected = []
    for term, word in WORDS.items():
        candidates = ", ".join(f"`{value}`" for value in word.candidates) or "none"
        expected.append((term, f"`{word.value}`", candidates, word.unverified or "no"))
    assert rows == expected


def test_what_earlier_versions_sent_is_a_candidate():
    before = {
        "limit.global": "LimitByGlobal",
        "limit.consumer": "LimitByConsumer",
        "limit.header": "LimitByHeader",
        "limit.query": "LimitByQuery",
        "limit.model": "LimitByModel",
        "cache.exact": "NORMAL",
        "cache.semantic": "SEMANTIC",
    }
    for term, value in before.items():
        assert value in WORDS[term].candidates


def test_an_override_is_sent_and_no_longer_unverified():
    overrides = {"routing.by-model": "ByName"}
    assert spelled("routing.by-model", overrides) == "ByName"
    assert spelled("routing.single", overrides) == "SingleService"
    terms = frozenset({"routing.by-model", "limit.query"})
    (sentence,) = unverified(terms, overrides)
    assert sentence.startswith("limit.query: sent as Query; ")
