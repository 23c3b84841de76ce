"""Hooks of the documentation's site: pages are written for GitHub, and read by Python-Markdown.

MkDocs loads this file by its path, in an environment of its own.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)#\s]+)(?:#[^)\s]*)?\)")
_BREAK_IN_CHINESE = re.compile(r"(?<=[\u3001-\u9fff\uff01-\uff1f])\n(?=[\u4e00-\u9fff])")
_LIST = re.compile(r"(?:- |\d+\. )")


def on_config(config: Any, **_: Any) -> Any:
    """Give headings the anchors that GitHub gives them."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = anchor
    return config


def anchor(title: str, separator: str) -> str:
    """Return the anchor of a heading, as GitHub does."""
    plain = re.sub(r"[^\w\- ]", "", title.strip().lower())
    return plain.replace(" ", separator)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return a page's text with the blank lines and escapes that Python-Markdown needs.

    Links to files outside docs/ become their names, since the site does not have those files.
    """
    folder = posixpath.dirname(page.file.src_uri)

    def outside(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join("docs", folder, match[2]))
        if target.startswith("docs/"):
            return match[0]
        label = match[1].strip("`")
        if label in {target, posixpath.basename(target)}:
            return f"`{target}`"
        return f"{match[1]} (`{target}`)"

    text = _LINK.sub(outside, with_blank_lines(markdown))
    if is_chinese(page):
        text = _BREAK_IN_CHINESE.sub("", text)  # a browser shows a space there
    return re.sub(r"^(#+ .*)\\<", r"\1&lt;", text, flags=re.MULTILINE)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """State the language of a Chinese page, by which browsers choose its glyphs."""
    return output.replace('lang="en"', 'lang="zh-Hans"', 1) if is_chinese(page) else output


def is_chinese(page: Any) -> bool:
    """Whether a page is a translation into Chinese."""
    return str(page.file.src_uri).endswith(".zh.md")


def with_blank_lines(markdown: str) -> str:
    """Put a blank line before a list or table that follows a paragraph directly."""
    lines: list[str] = []
    before = ""
    fenced = False
    for line in markdown.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
        if not fenced and _starts_block(line, before):
            lines.append("")
        lines.append(line)
        before = line
    return "\n".join(lines)


def _starts_block(line: str, before: str) -> bool:
    """Whether a line starts a list or a table right after a line of a paragraph."""
    if not before.strip() or before.startswith(("#", "    ", "```")):
        return False
    if line.startswith("|"):
        return not before.startswith("|")
    in_list = _LIST.match(before) or before.startswith("  ")
    return bool(_LIST.match(line)) and not in_list
