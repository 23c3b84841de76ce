"""docs/unverified.md has what code and pages mark as unverified, and nothing of its own."""

from __future__ import annotations

import os

import pytest
from support.unverified_page import DOCS, page, sentences

from dashlink.cloud.words import WORDS
from dashlink.eas.catalog import UNVERIFIED_NLB
from dashlink.gateway.consumer import JWT_UNVERIFIED
from dashlink.maas.plan import UNVERIFIED_SOURCE

FILE = DOCS / "unverified.md"


def test_the_page_is_what_code_and_pages_mark():
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        FILE.write_text(page())
    assert FILE.read_text() == page(), "write it: DASHLINK_WRITE_GOLDEN=1, and run this test"


@pytest.mark.parametrize(
    "sentence",
    [UNVERIFIED_NLB, JWT_UNVERIFIED, UNVERIFIED_SOURCE],
    ids=["eas", "consumers", "maas"],
)
def test_sentences_of_the_outputs_are_found(sentence):
    assert sentence in [text for _, text in sentences()]


def test_every_unverified_word_is_on_the_page():
    text = FILE.read_text()
    missing = [term for term, word in WORDS.items() if word.unverified and f"`{term}`" not in text]
    assert missing == []


def test_every_page_with_a_section_is_on_the_page():
    text = FILE.read_text()
    for path in DOCS.glob("*.md"):
        if "\n## Not verified\n" in path.read_text():
            assert f"({path.name}#not-verified)" in text, path.name
