"""The pages of docs/: a page for each system with the same headings, and stack files that work."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from support.doc_blocks import blocks_of, model_of
from support.stack_files import STACKS, is_encrypted, with_secrets

from dashlink.clients.formats import formats
from dashlink.cloud.prices import PRICES
from dashlink.json_schema import stack_schema
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


STACK_FILES = blocks_of("stack file")


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
    assert [block for block in STACK_FILES if block.page == f"docs/{system}.md"]


@pytest.mark.parametrize("block", STACK_FILES, ids=str)
def test_a_stack_file_of_a_page_has_no_fault(block):
    load(yaml.safe_load(block.text), block.page)


@pytest.mark.parametrize("block", blocks_of("settings"), ids=str)
def test_a_piece_of_a_stack_file_has_keys_and_values_that_exist(block):
    schema = without_required(stack_schema())
    model = str(model_of(block))
    value = yaml.safe_load(block.text)
    reference = {"$ref": f"#/definitions/{model.strip('{}')}"}
    if not model:
        value = {"config": value}
    elif model.startswith("{"):
        schema = {"definitions": schema["definitions"], "additionalProperties": reference}
    else:
        schema = {"definitions": schema["definitions"], **reference}
    jsonschema.validate(value, schema)


def without_required(schema: Any) -> Any:
    """A schema for pieces, in which no key is required."""
    if isinstance(schema, list):
        return [without_required(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key != "required":
            kept[key] = without_required(value)
    return kept


def test_a_misspelt_key_in_a_piece_is_found():
    (block,) = [one for one in blocks_of("settings") if one.text.startswith("shanghai:")]
    misspelt = replace(block, text=block.text.replace("over:", "ower:"))
    with pytest.raises(jsonschema.ValidationError, match="ower"):
        test_a_piece_of_a_stack_file_has_keys_and_values_that_exist(misspelt)


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
