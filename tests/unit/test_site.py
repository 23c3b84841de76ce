"""The site of the documentation: built strictly, whole, and with nothing of a public host."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import pytest

from engine import site
from engine.site_hooks import with_blank_lines

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LOADED = re.compile(r"<(?:script|img|iframe|source)[^>]+src=\"?(?:https?:)?//|@import|<link[^>]+//")
LOADED_BY_STYLE = re.compile(r"@import|url\(['\"]?(?:https?:)?//")


def built_name(page):
    """The file of a page below the site."""
    path = page.relative_to(ROOT / "docs")
    if path.name == "README.md":
        return path.with_name("index.html")
    return path.with_suffix(".html")


@pytest.fixture(scope="class")
def folder(tmp_path_factory):
    """The built site."""
    folder = tmp_path_factory.mktemp("site") / "site"
    assert site.build(folder) == 0
    return folder


@pytest.fixture
def checkout(tmp_path):
    """A copy of the site's sources with few pages."""
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "engine").mkdir()
    shutil.copy(ROOT / "engine" / "site_hooks.py", tmp_path / "engine")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


class TestSite:
    def test_every_page_is_built(self, folder):
        missing = [page.name for page in PAGES if not (folder / built_name(page)).is_file()]
        assert missing == []

    def test_no_page_loads_a_file_of_a_public_host(self, folder):
        for path in folder.rglob("*.html"):
            assert not LOADED.search(path.read_text()), path.name

    def test_no_style_loads_a_file_of_a_public_host(self, folder):
        styles = list(folder.rglob("*.css"))
        assert styles
        for path in styles:
            assert not LOADED_BY_STYLE.search(path.read_text()), path.name

    def test_no_page_makes_the_theme_call_a_public_host(self, folder):
        for path in folder.rglob("*.html"):
            text = path.read_text()
            assert 'class="mermaid"' not in text, path.name
            assert 'data-md-component="source"' not in text, path.name  # numbers of a repository

    def test_pictures_are_files_of_the_site(self, folder):
        shown = re.findall(r'<img[^>]+src="([^"]+)"', (folder / "commands.html").read_text())
        assert shown
        assert all((folder / path).is_file() for path in shown)

    def test_a_chinese_page_has_its_language_and_no_stray_spaces(self, folder):
        text = (folder / "tutorial.zh.html").read_text()
        assert '<html lang="zh-Hans"' in text
        article = text.partition("<article")[2].partition("</article>")[0]
        article = re.sub(r"<(pre|code).*?</\1>", "", article, flags=re.DOTALL)
        assert not re.search(r"[\u4e00-\u9fff]\n[\u4e00-\u9fff]", article)

    def test_headings_have_no_escape(self, folder):
        for path in folder.rglob("*.html"):
            assert not re.search(r"<h\d[^>]*>[^<]*\\", path.read_text()), path.name

    def test_commands_and_tables_are_rendered_as_such(self, folder):
        tutorial = (folder / "tutorial.html").read_text()
        assert re.search(r"<code>make up\n?</code>", tutorial)
        assert (folder / "troubleshooting.html").read_text().count("<table>") > 5

    def test_no_markup_is_left_in_the_text(self, folder):
        for path in folder.rglob("*.html"):
            text = path.read_text().partition("<article")[2].partition("</article>")[0]
            text = re.sub(r"<(pre|code).*?</\1>", "", text, flags=re.DOTALL)
            assert not re.search(r">[^<]*(?:\]\(|\|---|\n- )[^<]*<", text), path.name

    def test_links_between_pages_lead_to_files_of_the_site(self, folder):
        for path in folder.rglob("*.html"):
            for link in re.findall(r'href="([^"#?:]+)["#?]', path.read_text()):
                target = folder / link.lstrip("/") if link.startswith("/") else path.parent / link
                assert target.exists(), f"{path.name}: {link}"


@pytest.mark.parametrize(
    "text",
    ["[there](nowhere.md)", "[there](check.md#no-such-heading)"],
    ids=["page", "heading"],
)
def test_a_broken_link_fails_the_build(checkout, text):
    with (checkout / "docs" / "costs.md").open("a") as page:
        page.write(f"\n{text}\n")
    assert site.build(checkout / "site", checkout) != 0


def test_lists_and_tables_after_a_paragraph_get_a_blank_line():
    text = """\
        A paragraph:
        - one
        - two
          goes further
        - three

            - code
        Another:
        | a |
        |---|
        """
    expected = """\
        A paragraph:

        - one
        - two
          goes further
        - three

            - code
        Another:

        | a |
        |---|
        """
    assert with_blank_lines(textwrap.dedent(text)) == textwrap.dedent(expected)
