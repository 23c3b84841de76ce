"""`ForeignContents`: finds and removes rules and records that are not the stack's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

from dashlink.provider.endpoint.contents import ContentsApi, Record, Rule
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation
from dashlink.resources.models.foreign_contents import (
    FOREIGN_CONTENTS,
    ForeignContentsInputs,
    ForeignContentsState,
)


class ForeignContentsHandler(Handler[ForeignContentsInputs, ForeignContentsState]):
    """Foreign rules and records; the id is the resource's own name."""

    contract = FOREIGN_CONTENTS
    changes_state: ClassVar[Mapping[str, Collection[str]]] = {
        "foreign_ids": ("foreign_rules", "foreign_records")
    }

    def create(
        self, inputs: ForeignContentsInputs, operation: Operation
    ) -> tuple[str, ForeignContentsState]:
        """Remove nothing: no preview has listed anything yet."""
        return operation.urn.rpartition("::")[2] or "foreign-contents", ForeignContentsState()

    def read(
        self,
        identity: str,
        inputs: ForeignContentsInputs | None,
        state: ForeignContentsState | None,
        operation: Operation,
    ) -> tuple[ForeignContentsInputs, ForeignContentsState] | None:
        """Return the inputs with all that is foreign; there is nothing to import."""
        if inputs is None:
            return None
        if inputs.keep_foreign:
            return _listed(inputs, (), ()), ForeignContentsState()
        api = ContentsApi(operation.account, inputs.region)
        rules = list(_foreign_rules(inputs, api))
        records = list(_foreign_records(inputs, api))
        ids = [rule.rule_id for rule in rules] + [record.record_id for record in records]
        rule_texts = [rule.text for rule in rules]
        record_texts = [f"{record.host} {record.value}" for record in records]
        listed = _listed(inputs, rule_texts, record_texts)
        return listed, ForeignContentsState(foreign_ids=tuple(ids))

    def update(
        self,
        identity: str,
        inputs: ForeignContentsInputs,
        state: ForeignContentsState,
        operation: Operation,
    ) -> ForeignContentsState:
        """Remove what a refresh has listed and is still foreign."""
        listed = set(state.foreign_ids)
        if listed and not inputs.keep_foreign:
            api = ContentsApi(operation.account, inputs.region)
            for rule in list(_foreign_rules(inputs, api)):
                if rule.rule_id in listed:
                    api.revoke(str(inputs.security_group_id), rule)
            for record in list(_foreign_records(inputs, api)):
                if record.record_id in listed:
                    api.delete_record(record)
        return ForeignContentsState()

    def delete(self, identity: str, operation: Operation) -> None:
        """Do nothing: there is nothing to delete."""


def _listed(
    inputs: ForeignContentsInputs, rules: Collection[str], records: Collection[str]
) -> ForeignContentsInputs:
    found = {
        "foreign_rules": tuple(sorted(rules)),
        "foreign_records": tuple(sorted(records)),
    }
    return inputs.model_copy(update=found)


def _foreign_rules(inputs: ForeignContentsInputs, api: ContentsApi) -> Iterator[Rule]:
    if inputs.security_group_id is None:
        return
    for rule in api.rules(inputs.security_group_id):
        if rule.text not in inputs.rules:
            yield rule


def _foreign_records(inputs: ForeignContentsInputs, api: ContentsApi) -> Iterator[Record]:
    for zone in inputs.private_zones:
        for record in api.records(zone.zone_id):
            if record.host not in zone.hosts and record.record_id not in zone.record_ids:
                yield record
