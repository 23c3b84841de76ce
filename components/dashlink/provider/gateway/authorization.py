"""`ConsumerAuthorization`: creates, reads and deletes authorization rules of consumers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dashlink.errors import CloudError
from dashlink.provider.codec import from_api, to_api
from dashlink.provider.gateway.client import apig
from dashlink.provider.handler import Handler
from dashlink.resources.models.authorization import (
    CONSUMER_AUTHORIZATION,
    ConsumerAuthorizationInputs,
    ConsumerAuthorizationState,
)

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi
    from dashlink.provider.waiting import Operation


class ConsumerAuthorizationHandler(
    Handler[ConsumerAuthorizationInputs, ConsumerAuthorizationState]
):
    """Authorization rules; a rule is identified by consumer, API, environment and type."""

    contract = CONSUMER_AUTHORIZATION
    delete_before_replace = True  # the cloud takes one rule for a consumer and an API

    def create(
        self, inputs: ConsumerAuthorizationInputs, operation: Operation
    ) -> tuple[str, ConsumerAuthorizationState]:
        """Create the rule, or adopt an existing one; the id is the consumer's and the rule's."""
        api = apig(operation.account)
        rule_id = _existing_rule(api, inputs)
        if rule_id is None:
            try:
                rule_id = api.authorize(authorization_rule(inputs))
            except CloudError:
                # The rule exists if only the response to a first attempt was lost.
                rule_id = _existing_rule(api, inputs)
                if rule_id is None:
                    raise
        return f"{inputs.consumer_id}/{rule_id}", ConsumerAuthorizationState(rule_id=rule_id)

    def read(
        self,
        identity: str,
        inputs: ConsumerAuthorizationInputs | None,
        state: ConsumerAuthorizationState | None,
        operation: Operation,
    ) -> tuple[ConsumerAuthorizationInputs, ConsumerAuthorizationState] | None:
        """Return the rule."""
        consumer_id, _, rule_id = identity.partition("/")
        for row in apig(operation.account).authorizations(consumer_id):
            if row.get("consumerAuthorizationRuleId") == rule_id:
                rule = _read_rule(row, consumer_id)
                return rule, ConsumerAuthorizationState(rule_id=rule_id)
        return None

    def delete(self, identity: str, operation: Operation) -> None:
        """Delete the rule."""
        _, _, rule_id = identity.partition("/")
        apig(operation.account).withdraw(rule_id)


def authorization_rule(inputs: ConsumerAuthorizationInputs) -> dict[str, Any]:
    """Return one rule of CreateConsumerAuthorizationRules."""
    return {"principalType": "Consumer", "expireMode": "LongTerm", **to_api(inputs)}


def _existing_rule(api: ApigApi, inputs: ConsumerAuthorizationInputs) -> str | None:
    for row in api.authorizations(inputs.consumer_id):
        if _read_rule(row, inputs.consumer_id) == inputs:
            return str(row["consumerAuthorizationRuleId"])
    return None


def _read_rule(row: Mapping[str, Any], consumer_id: str) -> ConsumerAuthorizationInputs:
    environment = row.get("environmentInfo") or {}
    return from_api(
        ConsumerAuthorizationInputs,
        row,
        consumer_id=consumer_id,
        model_api_id=row.get("resourceId", ""),
        environment_id=environment.get("environmentId", ""),
        resource_type=row.get("resourceType", ""),
    )
