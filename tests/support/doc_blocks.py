"""The code blocks of the documentation, indented and fenced, with where they stand."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "examples", "templates", "bench")
TRANSLATIONS = {"README.zh.md": "README.md", "docs/tutorial.zh.md": "docs/tutorial.md"}
PROGRAMS = ("make", "dashlink", "pulumi", "pip", "curl", "printf", "git", "python", "export")
FRAGMENTS = {
    ("docs/egress.md", "egress:"): "NetworkSettings",
    ("docs/far-vpcs.md", "vpc_id: vpc-uf6abc1def2"): "ConnectedVpcSettings",
    ("docs/far-vpcs.md", "cen:"): "NetworkSettings",
    ("docs/far-vpcs.md", "shanghai:"): "{ConnectedVpcSettings}",
    ("docs/model-apis.md", "own: {eas_service: own}"): "{AiServiceSettings}",
    ("docs/model-apis.md", "studio: {endpoint: dashscope"): "{AiServiceSettings}",
    ("docs/model-studio.md", "studio:"): "{EndpointSettings}",
}
"""Pieces of a stack file below its top level, by page and start: the model that they belong to, in
braces where it is in a map by name."""
FENCE = re.compile(r" *(```+)(\S*)")
INDENTED = "    "
PROMPT = "$ "


@dataclass(frozen=True)
class Block:
    """A code block of a page.

    Attributes:
        page: The page, from the root of the repository, e.g. `docs/check.md`.
        line: Number of its first line.
        heading: The heading above it, without its marks.
        language: What a fence names, e.g. `python`; empty for an indented block.
        text: Its text, without indentation.
    """

    page: str
    line: int
    heading: str
    language: str
    text: str

    @property
    def first(self) -> str:
        """Its first line."""
        return self.text.partition("\n")[0]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page that people read."""
    found = sorted(ROOT.glob("*.md"))
    for folder in FOLDERS:
        found += sorted((ROOT / folder).rglob("*.md"))
    return found


def blocks(page: Path) -> list[Block]:
    """The code blocks of a page, in order."""
    name = page.relative_to(ROOT).as_posix()
    found: list[Block] = []
    lines = page.read_text().split("\n")
    heading = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        fence = FENCE.fullmatch(line)
        end = at + 1
        if fence:
            end = _end_of_fence(lines, at, fence[1])
            text = textwrap.dedent("\n".join(lines[at + 1 : end - 1]))
            found.append(Block(name, at + 2, heading, fence[2], text))
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()
        elif line.startswith(INDENTED) and _may_start(lines[at - 1]):
            end = _end_of_indented(lines, at)
            text = textwrap.dedent("\n".join(lines[at:end])).rstrip()
            found.append(Block(name, at + 1, heading, "", text))
        at = end
    return found


def all_blocks() -> list[Block]:
    """The code blocks of every page."""
    found = []
    for page in pages():
        found += blocks(page)
    return found


def command_lines(block: Block) -> Iterator[str]:
    """Each command of a block of commands as it is typed, continued lines as one."""
    has_prompts = block.text.startswith(PROMPT)
    for line in block.text.replace("\\\n", " ").splitlines():
        if not has_prompts and line.strip():
            yield line.strip()
        elif line.startswith(PROMPT):
            yield line.removeprefix(PROMPT)


def words_of(line: str) -> list[str]:
    """The words of the command itself: no variables before it, no comment, pipe or redirection."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        del words[0]
    command = []
    for word in words:
        if word in {"|", ">", "<", "&&"}:
            break
        command.append(word)
    return command


def _may_start(line_before: str) -> bool:
    """Whether an indented line after this one is code, and not a paragraph that goes further."""
    return not line_before.strip() or line_before.startswith("#")


def _end_of_fence(lines: list[str], start: int, fence: str) -> int:
    end = start + 1
    while lines[end].strip() != fence:
        end += 1
    return end + 1


def _end_of_indented(lines: list[str], start: int) -> int:
    end = start
    while end < len(lines) and (lines[end].startswith(INDENTED) or not lines[end].strip()):
        end += 1
    return end


def kind(block: Block) -> str:
    """What a block is, and so which test takes it; empty if it is none of the known kinds."""
    lines = list(command_lines(block))
    signs = {
        "translation": block.page in TRANSLATIONS,
        "program": block.first.startswith(("import ", "from ")) or block.language == "python",
        "template": re.fullmatch(r"# \S+\.j2", block.first),
        "stack file": re.search(r"^config:\n  alicloud:region:", block.text, re.MULTILINE),
        "settings": model_of(block) is not None,
        "commands": lines and all(_is_command(line) for line in lines),
    }
    return next((name for name, found in signs.items() if found), "")


def model_of(block: Block) -> str | None:
    """The model that a piece of a stack file belongs to: empty for the file's top level."""
    for (page, start), model in FRAGMENTS.items():
        if block.page == page and block.text.startswith(start):
            return model
    if re.match(r"(dashlink|alicloud):\w+:", block.first):
        return ""
    return None


def blocks_of(wanted: str) -> list[Block]:
    """Every block of a kind."""
    return [block for block in all_blocks() if kind(block) == wanted]


def has_output(block: Block) -> bool:
    """Whether a block of commands shows what they print."""
    lines = block.text.splitlines()
    return lines[0].startswith(PROMPT) and not all(line.startswith(PROMPT) for line in lines)


def examples(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a block with prompts, and the text that it prints."""
    for part in re.split(rf"^{re.escape(PROMPT)}", block.text, flags=re.MULTILINE)[1:]:
        line, _, printed = part.partition("\n")
        yield line, printed.rstrip("\n")


def shows(output: str, text: str) -> bool:
    """Whether an output has the lines of a text; `…` is any text, and a time is any time."""
    pattern = re.escape(re.sub(r"\d+\.\d+ s\b", "… s", text)).replace("…", ".*")
    return bool(re.search(f"^{pattern}$", output, re.MULTILINE))


def _is_command(line: str) -> bool:
    first = re.match(r"(?:[A-Z_]+=\S* )*([\w./-]+)( |$)", line)
    return bool(first) and first[1].rpartition("/")[2] in PROGRAMS
