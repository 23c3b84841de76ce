"""The text of docs/unverified.md, from where the unverified facts are: code and other pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dashlink.cloud.words import WORDS
from dashlink.endpoint.catalog import NEW_ENDPOINTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "components" / "dashlink"
SYSTEMS = ("model-studio", "pai-eas", "maas", "egress", "far-vpcs", "model-apis")
MARKED = ("settings", "clients", "check", "credentials", "operations")
ALL_SENTENCES = ("gateway/model_api/unverified.py",)
MARK = re.compile(r"not verified|(?<![.`])\bunverified\b(?! value)", re.IGNORECASE)
SHORT = 50  # characters: such a sentence is read with the one before it
OWN_LINK = re.compile(r"\]\(#")
HEAD = """# What is not verified

This page is generated from the places where the facts are: the other pages, and dashlink's code.
A test compares it with them.

**Nothing of dashlink was verified against a live cloud**, for lack of an account. Documents, SDKs
and public programs state most of what it assumes ([evidence.md](evidence.md)). Below is what they
do not state. The outputs of `up` repeat what concerns an entry (`unverified`).

- `dashlink verify STACK` asks your account, by reads and dry runs alone
  ([commands.md](commands.md#ask-the-cloud-what-no-source-states)).
- `make live STACK=…` tries it in a scratch VPC, with a report.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## By system\n"]
    for system in SYSTEMS:
        parts.append(_of_system(system))
    parts += [_table_of_sentences(), _table_of_words(), _of_routes(), _of_marks()]
    return "\n".join(parts)


def _of_system(system: str) -> str:
    text = (DOCS / f"{system}.md").read_text()
    title = text.partition("\n")[0].removeprefix("# ")
    section = text.partition("\n## Not verified\n")[2].partition("\n## ")[0].strip()
    section = OWN_LINK.sub(f"]({system}.md#", section).replace("on this page", "on its page")
    return f"### {title}\nFrom [{system}.md]({system}.md#not-verified).\n\n{section}\n"


def sentences() -> Iterator[tuple[str, str]]:
    """Section and text of each sentence that the code holds for the outputs."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for name, text in _constants(path):
            if ("UNVERIFIED" in name or place in ALL_SENTENCES) and " " in text:
                yield place.partition("/")[0], text
    for region, text in NEW_ENDPOINTS.items():
        yield "endpoint", f"new endpoints in {region}: {text}"


def _constants(path: Path) -> Iterator[tuple[str, str]]:
    """Names and values of a module's constants that are texts."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign):
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign):
            target = node.target
        else:
            continue
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield ast.unparse(target), value.value


def _table_of_sentences() -> str:
    lines = ["## In the outputs", "| section | not verified |", "|---|---|"]
    for section, text in sorted(sentences()):
        lines.append(f"| {section} | {text} |")
    return "\n".join(lines) + "\n"


def _table_of_words() -> str:
    lines = [
        "## Words of the gateway's API",
        "dashlink sends the first word, and the next candidate where the cloud refuses it "
        "([spellings](model-apis.md#spellings)).",
        "",
        "| term | sent as | further candidates | not verified |",
        "|---|---|---|---|",
    ]
    for term, word in WORDS.items():
        if word.unverified:
            further = ", ".join(f"`{one}`" for one in word.candidates) or "none"
            lines.append(f"| `{term}` | `{word.value}` | {further} | {word.unverified} |")
    return "\n".join(lines) + "\n"


def _of_routes() -> str:
    return (
        "## Built-in routes\n"
        "Names and paths of the routes that the gateway creates with a Model API, except those of "
        "chat completions:\nthe column *unverified* of [the table](model-apis.md#built-in-routes). "
        "After a deployment they are read back.\n"
    )


def _of_marks() -> str:
    lines = ["## Marked on other pages", "| page | not verified |", "|---|---|"]
    for name in MARKED:
        for text in marks((DOCS / f"{name}.md").read_text()):
            lines.append(f"| [{name}.md]({name}.md) | {OWN_LINK.sub(f']({name}.md#', text)} |")
    return "\n".join(lines) + "\n"


def marks(text: str) -> Iterator[str]:
    """What a page marks: the first and the last cell of a table's row, or a sentence."""
    for paragraph in re.split(r"\n\n|\n(?=\||- |#)", text):
        if not MARK.search(paragraph) or paragraph.startswith(("    ", "#", "| message")):
            continue
        if paragraph.startswith("|"):
            cells = [cell.strip() for cell in paragraph.strip("|\n").split(" | ")]
            yield f"{cells[0]}: {_marked(cells[-1])}"
        else:
            yield _marked(" ".join(paragraph.removeprefix("- ").split()))


def _marked(text: str) -> str:
    """The sentences of a text with the mark, and the one before a sentence that is the mark."""
    found: list[str] = []
    before = ""
    for sentence in re.split(r"(?<=[.:]) (?=[A-Z*`\[])", text):
        if MARK.search(sentence):
            short = len(sentence) < SHORT
            found.append(f"{before} {sentence}".strip() if short else sentence)
        before = sentence
    return " ".join(found) or text
