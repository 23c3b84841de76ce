"""Refuse outputs whose text could leave its place in a file, a path or a command.

Outputs may come from a file that somebody else wrote. Names become folders, hosts and URLs become
lines of shell scripts and .env files; notes become comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from dashlink.errors import shown
from dashlink.naming import ENTRY_NAME, FILE_PATH
from dashlink.types import wrong

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
_NO_URL, _NO_MODEL = "not a URL", "not a name of a model"
_ADVICE = "Correct it: client files and scripts hold this text."


def text_faults(document: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the texts of outputs, one line each, without advice."""
    faults = []
    for section in sorted(_NAMED & document.keys()):
        for name in document[section] if isinstance(document[section], Mapping) else ():
            if not ENTRY_NAME.matches(str(name)):
                faults.append(f"outputs.{section}: not a valid name (got {shown_text(name)})")
    for path, text in _texts(document, ()):
        problem = _problem(path, text)
        if problem:
            faults.append(f"outputs.{'.'.join(path)}: {problem} (got {shown_text(text)})")
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


def text_problem(text: str) -> str | None:
    """Return what could leave its place in a file or a command; None if nothing."""
    if _BREAK.search(text):
        return "contains a line break or a control character"
    if _QUOTE.search(text):
        return "contains a quote, a backslash or a dollar sign"
    return None


def _problem(path: tuple[str, ...], text: str) -> str | None:
    problem = text_problem(text)
    if problem and (_PROSE.isdisjoint(path) or _BREAK.search(text)):
        return problem
    return None if not _PROSE.isdisjoint(path) else _shape_problem(path, text)


def _shape_problem(path: tuple[str, ...], text: str) -> str | None:
    last = path[-1] if path else ""
    # Keys are texts of their mapping: below it are values, or the keys of a domain's URLs.
    is_value = not {"base_urls", "domains"}.isdisjoint(path[:-1]) and "domains" not in path[-2:]
    if "://" in text or is_value:
        return None if _URL.fullmatch(text) else _NO_URL
    if last == "host" and not _HOST.fullmatch(text.rsplit(":", 1)[0]):
        return "not a host"
    if last == "client_ca_file" and not FILE_PATH.fullmatch(text):
        return "not the path of a file"
    if last in _MODELS and not _MODEL.fullmatch(text):
        return _NO_MODEL
    return None


# -- the same in settings, so that no deployment has outputs that are refused ----------------------


def _plain(text: str) -> str:
    problem = text_problem(text)
    if problem:
        raise wrong(problem, _ADVICE)
    return text


def _url_path(text: str) -> str:
    if not _URL.fullmatch(f"https://host{_plain(text)}"):
        raise wrong(_NO_URL, _ADVICE)
    return text


def _model(text: str) -> str:
    if not _MODEL.fullmatch(_plain(text)):
        raise wrong(_NO_MODEL, _ADVICE)
    return text


PlainText = Annotated[str, AfterValidator(_plain)]
"""Text of settings that client files hold."""
UrlPath = Annotated[str, AfterValidator(_url_path)]
"""Path of a base URL."""
ModelName = Annotated[str, AfterValidator(_model)]
"""Name of a model that client files hold."""


def shown_text(text: str) -> str:
    """Return the text on one line, without characters that a terminal obeys."""
    return shown(_BREAK.sub("�", str(text)))
