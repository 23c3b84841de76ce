"""Every code block of the documentation is taken by a test, or has a written reason."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest
import yaml
from support.blocks_elsewhere import ELSEWHERE, place_of
from support.cli import DASHLINK
from support.doc_blocks import (
    Block,
    all_blocks,
    blocks_of,
    examples,
    has_output,
    kind,
    shows,
    words_of,
)

from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import render

ROOT = Path(__file__).parents[2]
OFFLINE = ("dashlink route sandbox ", "dashlink diagram sandbox")


def is_offline(block: Block) -> bool:
    """Whether a block's commands need the repository alone."""
    return all(line.startswith(OFFLINE) for line, _ in examples(block))


def shown_offline() -> list[tuple[str, str]]:
    """Command and text of each example that needs the repository alone."""
    found = []
    for block in blocks_of("commands"):
        if has_output(block) and is_offline(block):
            found += examples(block)
    return found


def test_every_block_is_taken_by_a_test_or_has_a_reason():
    missing = []
    for block in all_blocks():
        if not kind(block) and not place_of(block):
            missing.append(f"{block}: {block.first}")
    assert missing == [], "see kind() in tests/support/doc_blocks.py"


def test_every_shown_output_is_compared_or_has_a_reason():
    missing = []
    for block in blocks_of("commands"):
        if has_output(block) and not is_offline(block) and not place_of(block):
            missing.append(f"{block}: {block.first}")
    assert missing == [], "see tests/support/blocks_elsewhere.py"


@pytest.mark.parametrize(("page", "start"), ELSEWHERE, ids=str)
def test_no_reason_is_for_a_block_that_is_gone(page, start):
    starts = [block for block in all_blocks() if block.page == page]
    assert [block for block in starts if block.text.startswith(start)]


@pytest.mark.parametrize("place", sorted(set(ELSEWHERE.values())), ids=str)
def test_a_test_that_holds_a_block_exists(place):
    file, separator, name = place.partition("::")
    if separator:
        nodes = ast.parse((ROOT / file).read_text()).body
        assert name in [getattr(node, "name", "") for node in nodes]


@pytest.mark.parametrize(("line", "printed"), shown_offline(), ids=lambda text: text[:60])
def test_an_example_prints_what_is_shown(line, printed):
    done = subprocess.run(
        [DASHLINK, *words_of(line)[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert shows(done.stdout, printed), done.stdout + done.stderr


@pytest.mark.parametrize("block", blocks_of("program"), ids=str)
def test_a_program_is_valid_python(block):
    assert ast.parse(block.text).body


@pytest.mark.parametrize("block", blocks_of("template"), ids=str)
def test_a_template_is_rendered_to_yaml(block):
    outputs = ROOT / "tests" / "golden" / "tools" / "outputs.json"
    name = block.first.removeprefix("# ")
    files = render(parse_outputs(outputs.read_text()), [], templates={name: block.text})
    assert files
    for file in files:
        assert yaml.safe_load(file.text)
