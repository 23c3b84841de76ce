"""The pages of docs/: a page for each system with the same headings, and stack files that work."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.stack_files import STACKS, is_encrypted, with_secrets

from dashlink.clients.formats import formats
from dashlink.cloud.prices import PRICES
from dashlink.settings import load_settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]
SYSTEMS = ("model-studio", "pai-eas", "maas", "far-vpcs", "model-apis", "egress")
HEADINGS = (
    "What it gives",
    "What it needs",
    "The stack file",
    "What comes out",
    "Costs and limits",
    "Not verified",
)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
STACK_FILE = re.compile(r"stacks/Pulumi\.([a-z-]+)\.yaml")
DEPLOYED_OTHERWISE = {
    "sandbox": "by `make up` in tests/engine/test_make_up.py",
    "staging": "as dev and prod: three zones, HTTPS alone, a further range of clients",
}
PLACEHOLDERS = {"account", "prd", "test"}  # of stacks that the reader writes


def blocks(page: Path) -> list[str]:
    """The indented code blocks of a page."""
    found = []
    block: list[str] = []
    for line in [*page.read_text().splitlines(), "end"]:
        if not line or line.startswith("    "):
            block.append(line)
            continue
        found.append(textwrap.dedent("\n".join(block)).strip())
        block = []
    return found


def stack_blocks() -> list[tuple[str, str]]:
    """Page and text of every block that is a stack file."""
    found = []
    for page in PAGES:
        for text in blocks(page):
            if re.search(r"^config:$", text, re.MULTILINE) and "alicloud:region" in text:
                found.append((page.name, text))
    return found


BLOCKS = stack_blocks()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    found = set()
    for title in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", title.strip().lower())
        found.add(plain.replace(" ", "-"))
    return found


def load(document: dict[str, Any], page: str) -> None:
    """Load the content of a stack file, with its secrets; a fault is an error."""
    config = with_secrets(document)["config"]
    region = config.pop("alicloud:region")
    texts = {}
    for key, value in config.items():
        texts[key.removeprefix("dashlink:")] = json.dumps(value)
    secrets = {
        key.removeprefix("dashlink:") for key, value in config.items() if is_encrypted(value)
    }
    load_settings(texts, region=region, client_formats=formats(), secret_keys=secrets, source=page)


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_a_system_has_a_page_with_the_headings(system):
    text = (ROOT / "docs" / f"{system}.md").read_text()
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [title for title in titles if title in HEADINGS] == list(HEADINGS)


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_the_page_of_a_system_shows_a_stack_file(system):
    assert [text for page, text in BLOCKS if page == f"{system}.md"]


@pytest.mark.parametrize(("page", "text"), BLOCKS, ids=lambda value: str(value)[:24].split("\n")[0])
def test_a_stack_file_of_a_page_has_no_fault(page, text):
    load(yaml.safe_load(text), page)


def test_the_gateway_of_the_readme_fits_its_stack_file():
    (stack_file,) = [text for page, text in BLOCKS if page == "README.md"]
    readme = blocks(ROOT / "README.md")
    (gateway,) = [text for text in readme if text.startswith("dashlink:gateway")]
    document = yaml.safe_load(stack_file)
    document["config"] |= yaml.safe_load(gateway)
    load(document, "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_stacks_that_a_page_names_exist(page):
    named = set(STACK_FILE.findall(page.read_text())) - PLACEHOLDERS
    existing = {path.stem.removeprefix("Pulumi.") for path in STACKS}
    assert named <= existing


def test_every_stack_is_deployed_by_a_test_of_the_engine():
    text = ""
    for path in (ROOT / "tests" / "engine").glob("test_*.py"):
        text += path.read_text()
    for path in STACKS:
        name = path.stem.removeprefix("Pulumi.")
        named = f'stack_config("{name}")' in text or f'"Pulumi.{name}.yaml"' in text
        assert named or name in DEPLOYED_OTHERWISE, name


def test_the_readme_names_every_stack():
    text = (ROOT / "README.md").read_text()
    assert [path.stem for path in STACKS if f"`{path.stem[7:]}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_pages_and_headings_that_exist(page):
    for file, anchor in LINK.findall(page.read_text()):
        if "://" in file or not (file or anchor):
            continue
        target = (page.parent / file) if file else page
        assert target.exists(), file
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{file}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_prices_stand_on_one_page(page):
    figures = re.findall(r"(?:CNY|USD|¥|\$) ?\d+\.\d+", page.read_text())
    assert page.stem == "costs" or figures == []


def test_known_prices_are_on_the_page_of_costs():
    text = (ROOT / "docs" / "costs.md").read_text()
    for price in PRICES.values():
        assert price.cny_per_hour is None or f"CNY {price.cny_per_hour} " in text


def test_gateways_of_eas_have_their_costs():
    text = (ROOT / "docs" / "costs.md").read_text()
    (shared,) = re.findall(r"^\| shared gateway of PAI-EAS .*$", text, re.MULTILINE)
    (dedicated,) = re.findall(r"^\| dedicated gateway of PAI-EAS .*$", text, re.MULTILINE)
    assert "| free |" in shared
    assert "by type and node" in dedicated
