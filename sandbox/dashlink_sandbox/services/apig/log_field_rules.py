"""Rules of log fields in the policies of an API (log_fields.py has the sources). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashlink_sandbox.services.apig.answers import items_of
from dashlink_sandbox.wire.errors import invalid

_STATISTICS = "AiStatistics"
_FIELDS = "pathFieldConfigs"


def stored_fields(policies: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the log fields in the policies of an API."""
    for policy in policies:
        if policy.get("type") == _STATISTICS:
            return list(items_of(policy.get("aiStatisticsConfig") or {}, _FIELDS))
    return []


def with_kept_fields(
    policies: Iterable[Mapping[str, Any]], previous: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return policies with the previous log fields where they name none."""
    before = stored_fields(previous)
    kept = []
    for policy in policies:
        row = dict(policy)
        config = row.get("aiStatisticsConfig") or {}
        if row.get("type") == _STATISTICS and before and not items_of(config, _FIELDS):
            row["aiStatisticsConfig"] = {**config, _FIELDS: before}
        kept.append(row)
    check_fields(stored_fields(kept))
    return kept


def check_fields(configs: Iterable[Mapping[str, Any]]) -> None:
    """Refuse two fields of one key on a path."""
    for config in configs:
        keys: list[str] = []
        for fields in (config.get("fieldPaths") or {}).values():
            keys.extend(str(field.get("fieldKey")) for field in fields)
        if len(set(keys)) != len(keys):
            raise invalid(_FIELDS, f"The keys of {config.get('path')} are not unique.")
