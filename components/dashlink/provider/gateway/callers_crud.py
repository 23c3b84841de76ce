"""What is done in the cloud for domains, consumers and authorizations: create, read, update, delete.

Each class is a `Kind` of the provider, as those of crud.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import Account
from dashlink.errors import CloudError
from dashlink.provider.gateway.adoption import HandlerDefaults, create_once, move_to_group, own_id
from dashlink.provider.gateway.caller_payloads import (
    authorization_rule,
    consumer_birth,
    consumer_update,
    consumer_values,
    domain_birth,
    domain_update,
    read_consumer,
    read_domain,
)
from dashlink.provider.waiting import Waiting
from dashlink.resources.gateway_models import (
    ConsumerAuthorizationInputs,
    ConsumerAuthorizationState,
    ConsumerInputs,
    ConsumerState,
    DomainInputs,
    DomainState,
)


class DomainHandler(HandlerDefaults):
    """Domains. A client token tells whether a killed run has made one; an older one of that name is somebody else's."""

    token = "dashlink:gateway:Domain"  # noqa: S105 - a type token
    inputs = DomainInputs
    state = DomainState
    replaces = frozenset({"name"})
    kept = frozenset({"resource_group_id", "certificate_id", "tls_min"})

    def create(
        self, inputs: DomainInputs, account: Account, waiting: Waiting
    ) -> tuple[str, DomainState]:
        """Make it."""
        api = ApigApi(account)
        body = {**domain_update(inputs), **domain_birth(inputs)}
        domain_id = create_once(
            waiting.urn,
            inputs,
            lambda token: api.create_domain(body, token),
            lambda made: api.domain(made) is not None,
        )
        return domain_id, DomainState(domain_id=domain_id)

    def read(
        self,
        identity: str,
        inputs: DomainInputs | None,
        account: Account,
    ) -> tuple[DomainInputs, DomainState] | None:
        """The domain now."""
        data = ApigApi(account).domain(identity)
        return None if data is None else (read_domain(data), DomainState(domain_id=identity))

    def update(
        self, identity: str, inputs: DomainInputs, account: Account, waiting: Waiting
    ) -> DomainState:
        """Change it in place."""
        api = ApigApi(account)
        api.update_domain(identity, domain_update(inputs))
        move_to_group(api, api.domain(identity), identity, inputs.resource_group_id)
        return DomainState(domain_id=identity)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Delete it."""
        ApigApi(account).delete_domain(identity)


class ConsumerHandler(HandlerDefaults):
    """Consumers. Name and description tell whether a killed run has made one."""

    token = "dashlink:gateway:Consumer"  # noqa: S105 - a type token
    inputs = ConsumerInputs
    state = ConsumerState
    replaces = frozenset({"name"})
    secrets = frozenset({"api_keys", "key_pairs", "jwt"})
    deletes_first = True  # its credentials are taken until the old one is gone

    def create(
        self, inputs: ConsumerInputs, account: Account, waiting: Waiting
    ) -> tuple[str, ConsumerState]:
        """Make it."""
        api = ApigApi(account)
        found = api.consumer_named(inputs.name)
        if found is not None:
            consumer_id = own_id(
                found, "consumerId", f"a consumer {inputs.name}", inputs.description
            )
            api.update_consumer(consumer_id, consumer_update(inputs))
            return consumer_id, ConsumerState(consumer_id=consumer_id)
        body = {**consumer_values(inputs), **consumer_birth(inputs)}
        consumer_id = create_once(
            waiting.urn,
            inputs,
            lambda token: api.create_consumer(body, token),
            lambda made: api.consumer(made) is not None,
        )
        return consumer_id, ConsumerState(consumer_id=consumer_id)

    def read(
        self, identity: str, inputs: ConsumerInputs | None, account: Account
    ) -> tuple[ConsumerInputs, ConsumerState] | None:
        """The consumer now."""
        data = ApigApi(account).consumer(identity)
        return (
            None
            if data is None
            else (read_consumer(data, inputs), ConsumerState(consumer_id=identity))
        )

    def update(
        self, identity: str, inputs: ConsumerInputs, account: Account, waiting: Waiting
    ) -> ConsumerState:
        """Change it in place; each kind of credential is replaced as a whole."""
        ApigApi(account).update_consumer(identity, consumer_update(inputs))
        return ConsumerState(consumer_id=identity)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Delete it."""
        ApigApi(account).delete_consumer(identity)


class ConsumerAuthorizationHandler(HandlerDefaults):
    """A consumer's right to call one Model API; consumer, API and environment say which one it is."""

    token = "dashlink:gateway:ConsumerAuthorization"  # noqa: S105 - a type token
    inputs = ConsumerAuthorizationInputs
    state = ConsumerAuthorizationState
    replaces = frozenset({"consumer_id", "model_api_id", "environment_id", "resource_type"})
    deletes_first = True  # a consumer is authorized for an API once, by whatever kind of rule

    def create(
        self,
        inputs: ConsumerAuthorizationInputs,
        account: Account,
        waiting: Waiting,
    ) -> tuple[str, ConsumerAuthorizationState]:
        """Give the right; one that is there already is taken. Id: the consumer's and the rule's."""
        api = ApigApi(account)
        rule_id = _authorized(api, inputs)
        if rule_id is None:
            try:
                rule_id = api.authorize(_rule_of(inputs))
            except CloudError:  # the answer of a first try may have been lost: it is there then
                rule_id = _authorized(api, inputs)
                if rule_id is None:
                    raise
        return f"{inputs.consumer_id}/{rule_id}", ConsumerAuthorizationState(rule_id=rule_id)

    def read(
        self,
        identity: str,
        inputs: ConsumerAuthorizationInputs | None,
        account: Account,
    ) -> tuple[ConsumerAuthorizationInputs, ConsumerAuthorizationState] | None:
        """The right now."""
        consumer_id, _, rule_id = identity.partition("/")
        for row in ApigApi(account).authorizations(consumer_id):
            if row.get("consumerAuthorizationRuleId") == rule_id:
                read = ConsumerAuthorizationInputs(
                    consumer_id=consumer_id,
                    model_api_id=row.get("resourceId", ""),
                    environment_id=(row.get("environmentInfo") or {}).get("environmentId", ""),
                    resource_type=row.get("resourceType", ""),
                )
                return read, ConsumerAuthorizationState(rule_id=rule_id)
        return None

    def update(
        self, identity: str, inputs: ConsumerAuthorizationInputs, account: Account, waiting: Waiting
    ) -> ConsumerAuthorizationState:
        """Nothing of it changes in place."""
        raise AssertionError(identity, inputs, account, waiting)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Take it back."""
        ApigApi(account).withdraw(identity.partition("/")[2])


def _authorized(api: ApigApi, inputs: ConsumerAuthorizationInputs) -> str | None:
    rows = api.authorizations(inputs.consumer_id)
    return next(
        (str(row["consumerAuthorizationRuleId"]) for row in rows if _is_for(row, inputs)), None
    )


def _is_for(row: Mapping[str, Any], inputs: ConsumerAuthorizationInputs) -> bool:
    environment = (row.get("environmentInfo") or {}).get("environmentId")
    found = (row.get("resourceId"), environment, row.get("resourceType"))
    return found == (inputs.model_api_id, inputs.environment_id, inputs.resource_type)


def _rule_of(inputs: ConsumerAuthorizationInputs) -> dict[str, Any]:
    return authorization_rule(
        inputs.consumer_id, inputs.model_api_id, inputs.environment_id, inputs.resource_type
    )
