"""`ForeignContents`: finds and removes rules, records and policies that are not the stack's."""

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

_LISTED = ("foreign_rules", "foreign_records", "foreign_policies")


class ForeignContentsHandler(Handler[ForeignContentsInputs, ForeignContentsState]):
    """Foreign rules, records and policies; the id is the resource's own name."""

    contract = FOREIGN_CONTENTS
    changes_state: ClassVar[Mapping[str, Collection[str]]] = {
        "foreign_ids": ("foreign_rules", "foreign_records", "foreign_policies")
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
        found: dict[str, tuple[str, ...]] = dict.fromkeys(_LISTED, ())
        if inputs.keep_foreign:
            return inputs.model_copy(update=found), ForeignContentsState()
        api = ContentsApi(operation.account, inputs.region)
        rules = list(_foreign_rules(inputs, api))
        records = list(_foreign_records(inputs, api))
        policies = dict(_foreign_policies(inputs, api))
        found["foreign_rules"] = tuple(sorted(rule.text for rule in rules))
        found["foreign_records"] = tuple(
            sorted(f"{record.host} {record.value}" for record in records)
        )
        found["foreign_policies"] = tuple(
            sorted(f"{endpoint_id} {policy}" for endpoint_id, policy in policies.items())
        )
        ids = [rule.rule_id for rule in rules] + [record.record_id for record in records]
        state = ForeignContentsState(foreign_ids=(*ids, *policies))
        return inputs.model_copy(update=found), state

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
            for endpoint_id, _ in list(_foreign_policies(inputs, api)):
                if endpoint_id in listed:
                    api.reset_policy(endpoint_id)
        return ForeignContentsState()

    def delete(self, identity: str, operation: Operation) -> None:
        """Do nothing: there is nothing to delete."""


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


def _foreign_policies(inputs: ForeignContentsInputs, api: ContentsApi) -> Iterator[tuple[str, str]]:
    """Yield endpoint and policy of each endpoint that has got a policy."""
    for endpoint_id in inputs.endpoint_ids:
        policy = api.policy(endpoint_id)
        if policy:
            yield endpoint_id, policy
