"""`ModelApiAuthorization`: the rights of consumers on one Model API, as an exact set.

`ConsumerAuthorization` had one resource for an API and a consumer; states of 0.1.0.dev1 have it
(docs/adr/0012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from dashlink.errors import DashlinkError
from dashlink.provider.codec import Json, from_api
from dashlink.provider.gateway.client import apig
from dashlink.provider.gateway.rights import (
    consumer_of,
    rule_id_of,
    rules_on,
    set_rights,
    withdraw_consumers,
)
from dashlink.provider.handler import Handler
from dashlink.resources.models.authorization import (
    CONSUMER_AUTHORIZATION,
    MODEL_API_AUTHORIZATION,
    ConsumerAuthorizationInputs,
    ConsumerAuthorizationState,
    ModelApiAuthorizationInputs,
    ModelApiAuthorizationState,
)

if TYPE_CHECKING:
    from dashlink.provider.waiting import Operation


class ModelApiAuthorizationHandler(
    Handler[ModelApiAuthorizationInputs, ModelApiAuthorizationState]
):
    """The consumers that may call one Model API. Rules that exist are adopted."""

    contract = MODEL_API_AUTHORIZATION
    keeps_state = False
    delete_before_replace = True  # the cloud takes one rule for a consumer and an API

    def create(
        self, inputs: ModelApiAuthorizationInputs, operation: Operation
    ) -> tuple[str, ModelApiAuthorizationState]:
        """Grant what is missing and withdraw what is not listed; the id is API and environment."""
        rule_ids = set_rights(apig(operation.account), inputs, operation)
        identity = f"{inputs.model_api_id}/{inputs.environment_id}"
        return identity, ModelApiAuthorizationState(rule_ids=rule_ids)

    def read(
        self,
        identity: str,
        inputs: ModelApiAuthorizationInputs | None,
        state: ModelApiAuthorizationState | None,
        operation: Operation,
    ) -> tuple[ModelApiAuthorizationInputs, ModelApiAuthorizationState] | None:
        """Return the consumers that have a right, those authorized by hand included.

        Without any right there is nothing in the cloud: the next `up` creates the set again.
        """
        api_id, _, environment_id = identity.partition("/")
        if not environment_id:
            raise DashlinkError(
                f"{identity}: an id without an environment. Write `<API>/<environment>`."
            )
        rules = rules_on(apig(operation.account), api_id, environment_id)
        if not rules:
            return None
        rule_ids = {consumer_of(rule): rule_id_of(rule) for rule in rules}
        current = ModelApiAuthorizationInputs(
            model_api_id=api_id,
            environment_id=environment_id,
            consumer_ids=tuple(rule_ids),
            resource_type=_resource_type(rules, inputs),
        )
        return current, ModelApiAuthorizationState(rule_ids=dict(sorted(rule_ids.items())))

    def update(
        self,
        identity: str,
        inputs: ModelApiAuthorizationInputs,
        state: ModelApiAuthorizationState,
        operation: Operation,
    ) -> ModelApiAuthorizationState:
        """Grant what is missing and withdraw what is not listed."""
        rule_ids = set_rights(apig(operation.account), inputs, operation)
        return ModelApiAuthorizationState(rule_ids=rule_ids)

    def delete(self, identity: str, operation: Operation) -> None:
        """Withdraw the rights of all consumers."""
        api_id, _, environment_id = identity.partition("/")
        withdraw_consumers(apig(operation.account), api_id, environment_id, operation)


class RetiredAuthorizationHandler(Handler[ConsumerAuthorizationInputs, ConsumerAuthorizationState]):
    """Authorization rules in states of 0.1.0.dev1: read and forgotten, never changed."""

    contract = CONSUMER_AUTHORIZATION
    retired = "Declare one `ModelApiAuthorization` for the Model API."

    def create(self, inputs: ConsumerAuthorizationInputs, operation: Operation) -> NoReturn:
        """Refuse: no program can declare the resource."""
        raise DashlinkError(f"{self.contract.token} is retired. {self.retired}")

    def read(
        self,
        identity: str,
        inputs: ConsumerAuthorizationInputs | None,
        state: ConsumerAuthorizationState | None,
        operation: Operation,
    ) -> tuple[ConsumerAuthorizationInputs, ConsumerAuthorizationState] | None:
        """Return the rule."""
        consumer_id, _, rule_id = identity.partition("/")
        for rule in apig(operation.account).authorizations(consumer_id=consumer_id):
            if rule_id_of(rule) == rule_id:
                return _read_rule(rule, consumer_id), ConsumerAuthorizationState(rule_id=rule_id)
        return None

    def delete(self, identity: str, operation: Operation) -> None:
        """Leave the rule in the cloud.

        An `up` deletes this resource after it has created the `ModelApiAuthorization` that adopted
        the rule: to withdraw the right here would shut the consumer out. A right that is not
        desired is withdrawn by the `ModelApiAuthorization`, or with its API or consumer.
        """


def _resource_type(rules: list[Json], inputs: ModelApiAuthorizationInputs | None) -> str:
    """Return the type as it was sent; for an import as the cloud returns it."""
    if inputs is not None:
        return inputs.resource_type
    return str(rules[0].get("resourceType") or "")


def _read_rule(rule: Json, consumer_id: str) -> ConsumerAuthorizationInputs:
    environment = rule.get("environmentInfo") or {}
    return from_api(
        ConsumerAuthorizationInputs,
        rule,
        consumer_id=consumer_id,
        model_api_id=rule.get("resourceId", ""),
        environment_id=environment.get("environmentId", ""),
        resource_type=rule.get("resourceType", ""),
    )
