"""The form of an endpoint policy, a policy document in RAM's grammar. Pure.

Sources: RAM, "Policy structure and syntax" (2026-05-27): `Version` is "1"; a statement has
`Effect`, `Action` or `NotAction`, `Resource`, and perhaps `Condition`. PrivateLink, "Endpoint
policies" (2025-12-18): its default policy has a `Principal` too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashlink.errors import Fault, shown
from dashlink.validation import suggestion_for

_VERSION = "1"
_DOCUMENT_KEYS = ("Version", "Statement")
_EFFECTS = ("Allow", "Deny")
# Of each pair, a statement has one.
_REQUIRED_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"))
_LISTED_KEYS = ("Action", "NotAction", "Resource", "NotResource")
_STATEMENT_KEYS = ("Effect", *_LISTED_KEYS, "Principal", "NotPrincipal", "Condition")
_EXAMPLE = "e.g. {Effect: Allow, Principal: '*', Action: '*', Resource: '*'}"

SERVICES_WITH_POLICIES = ("Object Storage Service", "PAI AI Workspace")
"""The services that support a policy of one's own (PrivateLink, "Endpoint policies",
2025-12-18)."""


def find_faults(policy: Mapping[str, Any]) -> Iterator[Fault]:
    """Find every fault in the form of a policy; paths start with ``policy``."""
    yield from _unknown_keys("policy", policy, _DOCUMENT_KEYS)
    if policy.get("Version") != _VERSION:
        got = shown(policy["Version"]) if "Version" in policy else None
        yield Fault("policy.Version", 'not the text "1"', 'Write Version: "1".', got)
    statements = policy.get("Statement")
    if not isinstance(statements, list | tuple) or not statements:
        advice = f"Write one or more, {_EXAMPLE}."
        got = shown(statements) if "Statement" in policy else None
        yield Fault("policy.Statement", "not a list of statements", advice, got)
        return
    for index, statement in enumerate(statements):
        where = f"policy.Statement.{index}"
        if isinstance(statement, Mapping):
            yield from _statement_faults(where, statement)
        else:
            advice = f"Write keys and values, {_EXAMPLE}."
            yield Fault(where, "not a statement", advice, shown(statement))


def _statement_faults(where: str, statement: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _unknown_keys(where, statement, _STATEMENT_KEYS)
    if statement.get("Effect") not in _EFFECTS:
        got = shown(statement["Effect"]) if "Effect" in statement else None
        yield Fault(f"{where}.Effect", "neither Allow nor Deny", "Write one of the two.", got)
    for key, opposite in _REQUIRED_PAIRS:
        written = [name for name in (key, opposite) if name in statement]
        if not written:
            problem = f"neither {key} nor {opposite}"
            yield Fault(f"{where}.{key}", problem, f"Write one of the two, e.g. {key}: '*'.")
        elif len(written) > 1:
            yield Fault(f"{where}.{opposite}", f"used with {key}", "Remove one of the two.")
    for key in _LISTED_KEYS:
        if key in statement and not _is_text_or_list(statement[key]):
            advice = "Write text, or a list of texts."
            problem = "neither text nor a list of texts"
            yield Fault(f"{where}.{key}", problem, advice, shown(statement[key]))
    if "Condition" in statement and not isinstance(statement["Condition"], Mapping):
        advice = "Write operators with their keys and values, e.g. {StringEquals: {…: …}}."
        yield Fault(f"{where}.Condition", "not a map", advice, shown(statement["Condition"]))


def _unknown_keys(where: str, value: Mapping[str, Any], known: Sequence[str]) -> Iterator[Fault]:
    for key in value:
        if key not in known:
            advice = suggestion_for(str(key), known)
            yield Fault(f"{where}.{key}", "unknown key", advice, code="unknown-key")


def _is_text_or_list(value: Any) -> bool:
    values = value if isinstance(value, list | tuple) else [value]
    return bool(values) and all(isinstance(one, str) and one for one in values)
