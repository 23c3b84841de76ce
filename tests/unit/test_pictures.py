"""The pictures of README and docs: rendered from their source, true to the product, and light."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from support.cli import dashlink

from engine.console import EngineError
from engine.pictures import FOLDER, mark_of, render
from engine.resolve import ROOT

PICTURES = sorted(FOLDER.glob("*.svg"))
SOURCES = sorted(FOLDER.glob("*.dot"))
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_picture_is_rendered_from_its_source(source):
    text = source.with_suffix(".svg").read_text()
    assert text.rstrip().endswith(mark_of(source)), "run: make pictures"


def test_the_picture_of_a_stack_is_what_the_command_draws():
    done = dashlink("diagram", "sandbox", "--format", "dot", cwd=ROOT)
    assert done.stdout == (FOLDER / "sandbox.dot").read_text(), "run: make pictures"


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_light_and_loads_nothing(path):
    text = path.read_text()
    ElementTree.fromstring(text)
    assert len(text) < 40_000
    assert not re.search(r"<(?:script|image|foreignObject)|(?:href|src)=|@import|url\(h", text)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_page_shows_each_picture_with_a_description(path):
    shown = []
    for page in PAGES:
        for alternative, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text()):
            if (page.parent / target).resolve() == path:
                shown.append(alternative)
    assert shown
    assert all(len(alternative) > 20 for alternative in shown)


def test_the_chinese_overview_has_the_shapes_of_the_english():
    shapes = []
    for name in ("overview.svg", "overview.zh.svg"):
        shapes.append(
            re.findall(r"<(?:rect|path|text) [^>]*?(?= font-style|>)", (FOLDER / name).read_text())
        )
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_have_no_diagram_that_needs_a_script(page):
    assert "```mermaid" not in page.read_text()


def test_rendering_without_graphviz_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "a.dot").write_text("digraph {}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="Install Graphviz"):
        render(tmp_path)


def test_a_rendered_picture_has_the_mark_of_its_source(tmp_path, monkeypatch):
    (tmp_path / "a.dot").write_text("digraph {}")
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\necho "<svg/>"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    render(tmp_path)
    assert (tmp_path / "a.svg").read_text() == f"<svg/>\n{mark_of(tmp_path / 'a.dot')}\n"
