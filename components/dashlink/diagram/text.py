"""Text as pictures need it: on one line, with a width that is known without a font, cut where it is too long."""

from __future__ import annotations

import re
from itertools import accumulate, takewhile
from unicodedata import combining, east_asian_width

# What XML 1.0 has no way to write, not even escaped (section 2.2, "Char").
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Widths in units of the font size, of the widest fonts in use (Verdana, DejaVu Sans), so that text in others fits too.
_NARROW, _NARROW_WIDTH = frozenset("iljftrI.,:;|!'`()[]{}/\\ \"-"), 0.40
_BROAD, _BROAD_WIDTH = frozenset("mwMWQ@%&…→—"), 0.95
_BOLD = 1.1
_CAPITAL_WIDTH, _FULL_WIDTH, _USUAL_WIDTH = 0.72, 1.0, 0.63


def one_line(text: str) -> str:
    """``text`` on one line: every run of white space is one space, what cannot be written is a space too."""
    return " ".join(_UNWRITABLE.sub(" ", text).split())


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide ``text`` is in a font of ``size``: an estimate, rather too wide than too narrow."""
    return size * (_BOLD if bold else 1) * sum(_width(char) for char in text)


def _width(char: str) -> float:
    if combining(char):
        return 0.0
    if char in _NARROW:
        return _NARROW_WIDTH
    if char in _BROAD:
        return _BROAD_WIDTH
    if east_asian_width(char) in "WF":
        return _FULL_WIDTH
    return _CAPITAL_WIDTH if char.isupper() else _USUAL_WIDTH


def cut(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """``text``, or as much of its beginning as fits into ``width`` with "…" at its end."""
    if text_width(text, size, bold=bold) <= width:
        return text
    room = width - text_width("…", size, bold=bold)
    ends = accumulate(text_width(char, size, bold=bold) for char in text)
    return text[: sum(1 for _ in takewhile(lambda end: end <= room, ends))].rstrip() + "…"
