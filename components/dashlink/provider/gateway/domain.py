"""`Domain`: creates, reads, updates and deletes domains (names as in SDK 11.6.0)."""

from __future__ import annotations

from functools import partial
from typing import Any

from dashlink.cloud.words import GATEWAY_TYPE
from dashlink.provider.codec import Json, from_api, to_api
from dashlink.provider.gateway.adoption import create_once, move_to_group
from dashlink.provider.gateway.client import apig
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation
from dashlink.resources.models.domain import DOMAIN, DomainInputs, DomainState


class DomainHandler(Handler[DomainInputs, DomainState]):
    """Domains. A domain that a killed run left is recognized by its client token.

    An older domain of the name belongs to another owner.
    """

    contract = DOMAIN

    def create(self, inputs: DomainInputs, operation: Operation) -> tuple[str, DomainState]:
        """Create the domain."""
        api = apig(operation.account)
        body = {**domain_update(inputs), **domain_create_only(inputs)}
        create = partial(api.create_domain, body)
        domain_id = create_once(operation.urn, inputs.name, create, api.domain)
        return domain_id, DomainState(domain_id=domain_id)

    def read(
        self,
        identity: str,
        inputs: DomainInputs | None,
        state: DomainState | None,
        operation: Operation,
    ) -> tuple[DomainInputs, DomainState] | None:
        """Return the domain."""
        data = apig(operation.account).domain(identity)
        if data is None:
            return None
        return read_domain(data), DomainState(domain_id=identity)

    def update(
        self, identity: str, inputs: DomainInputs, state: DomainState, operation: Operation
    ) -> DomainState:
        """Change the domain in place."""
        api = apig(operation.account)
        api.update_domain(identity, domain_update(inputs))
        group = inputs.resource_group_id
        move_to_group(api, "Domain", api.domain, identity, group, operation)
        return DomainState(domain_id=identity)

    def delete(self, identity: str, operation: Operation) -> None:
        """Delete the domain."""
        apig(operation.account).delete_domain(identity)


def domain_update(inputs: DomainInputs) -> dict[str, Any]:
    """Return the body of UpdateDomain: everything that can change."""
    return to_api(inputs, "protocol", "certificate_id", "force_https", "tls_min")


def domain_create_only(inputs: DomainInputs) -> dict[str, Any]:
    """Return what only CreateDomain takes.

    Without the gateway type it would create a domain of the other product, the API gateway.
    """
    return {"gatewayType": GATEWAY_TYPE, **to_api(inputs, "name", "resource_group_id")}


def read_domain(data: Json) -> DomainInputs:
    """Return a domain of the API's JSON."""
    return from_api(DomainInputs, data)
