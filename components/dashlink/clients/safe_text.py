"""Refuse outputs whose text could leave its place in a file, a path or a command.

Outputs may come from a file that somebody else wrote. Names become folders, hosts and URLs become
lines of shell scripts and .env files; notes become comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dashlink.errors import shown
from dashlink.naming import ENTRY_NAME, FILE_PATH

# Control characters, and what programs take for the end of a line.
_BREAK = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_QUOTE = re.compile(r"[\"'`\\$]")
_URL = re.compile(r"(https?|wss?)://[\w.*\[\]:-]+(/[\w.~%/:@+=,-]*)?", re.ASCII)
_HOST = re.compile(r"[\w.*-]+|\[[0-9a-fA-F:]+\]", re.ASCII)
# Texts for people, and paths of routes, which may be patterns: dashlink writes them in comments.
_PROSE = frozenset({"notes", "unverified", "verified", "routes"})
_NAMED = frozenset({"endpoints", "model_apis", "eas_services", "maas_services"})
_MODELS = frozenset({"default_model", "models"})
_MODEL = re.compile(r"[^{}#]*")


def text_faults(document: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the texts of outputs, one line each, without advice."""
    faults = []
    for section in sorted(_NAMED & document.keys()):
        for name in document[section] if isinstance(document[section], Mapping) else ():
            if not ENTRY_NAME.matches(str(name)):
                faults.append(f"outputs.{section}: not a valid name (got {_shown(name)})")
    for path, text in _texts(document, ()):
        problem = _problem(path, text)
        if problem:
            faults.append(f"outputs.{'.'.join(path)}: {problem} (got {_shown(text)})")
    return faults


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of a document with its path; a key as a text of its mapping."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield path, str(key)
            yield from _texts(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, path)


def _problem(path: tuple[str, ...], text: str) -> str | None:
    if _BREAK.search(text):
        return "contains a line break or a control character"
    if not _PROSE.isdisjoint(path):
        return None
    if _QUOTE.search(text):
        return "contains a quote, a backslash or a dollar sign"
    return _shape_problem(path, text)


def _shape_problem(path: tuple[str, ...], text: str) -> str | None:
    last = path[-1] if path else ""
    # Keys are texts of their mapping: below it are values, or the keys of a domain's URLs.
    is_value = not {"base_urls", "domains"}.isdisjoint(path[:-1]) and "domains" not in path[-2:]
    if "://" in text or is_value:
        return None if _URL.fullmatch(text) else "not a URL"
    if last == "host" and not _HOST.fullmatch(text.rsplit(":", 1)[0]):
        return "not a host"
    if last == "client_ca_file" and not FILE_PATH.fullmatch(text):
        return "not the path of a file"
    if last in _MODELS and not _MODEL.fullmatch(text):
        return "not a name of a model"
    return None


def _shown(text: str) -> str:
    """Return the text on one line, without characters that a terminal obeys."""
    return shown(_BREAK.sub("�", str(text)))
