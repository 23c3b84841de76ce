"""What is done in the cloud for each of the gateway's resources: create, read, update, delete. Knows nothing of Pulumi.

A creation looks first for what a killed run has made (by its name on the gateway, or by a client token within the
cloud's 24 h) and goes on with it, so that no run leaves a duplicate or an orphan. Each class is a `Kind` of the
provider; `payloads` turns its inputs into the API's JSON and back.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dashlink.cloud.credentials import Account
from dashlink.endpoint.connection import Waiting
from dashlink.errors import CloudError, DashlinkError
from dashlink.gateway.api_payloads import model_api_birth, model_api_update, read_model_api
from dashlink.gateway.apig_api import ApigApi
from dashlink.gateway.caller_payloads import (
    authorization_rule,
    consumer_birth,
    consumer_update,
    domain_birth,
    domain_update,
    read_consumer,
    read_domain,
)
from dashlink.gateway.inputs import (
    AiServiceInputs,
    AiServiceState,
    ConsumerAuthorizationInputs,
    ConsumerAuthorizationState,
    ConsumerInputs,
    ConsumerState,
    DomainInputs,
    DomainState,
    ModelApiInputs,
    ModelApiState,
)
from dashlink.gateway.service_payloads import ai_service_config, read_service, service_update

_DEPLOYED, _FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _LONGEST_DEPLOYMENT_SECONDS = "Deployed", 0.25, 5.0, 300.0


class Kept:
    """What the gateway's kinds have in common: nothing of theirs is hidden by a refresh."""

    secrets: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    stable = True
    patient = False

    def wanted(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
        """The inputs as they are: a refresh takes nothing out of them."""
        return inputs


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class AiServiceKind(Kept):
    """AI services. Its name on the gateway tells whether a killed run has made it."""

    token = "dashlink:gateway:AiService"  # noqa: S105 - a type token
    inputs = AiServiceInputs
    state = AiServiceState
    replaces = frozenset({"gateway_id", "name", "resource_group_id"})
    secrets = frozenset({"api_keys", "bedrock", "vertex"})
    kept = frozenset({"resource_group_id"})

    def create(self, inputs: AiServiceInputs, account: Account, waiting: Waiting) -> tuple[str, AiServiceState]:
        """Make it; checks of its health take a second request."""
        api = ApigApi(account)
        found = api.service_named(inputs.gateway_id, inputs.name)
        if found is not None:
            service_id = str(found["serviceId"])
            api.update_service(service_id, service_update(inputs))
            return service_id, AiServiceState(service_id=service_id)
        config = {
            "name": inputs.name,
            "aiServiceConfig": ai_service_config(inputs),
            "validationOptions": {"skipVerifyAIChatCompletion": not inputs.verify},
        }

        def make(token: str) -> str:
            return api.create_service(inputs.gateway_id, config, inputs.resource_group_id, token)

        service_id = create_once(waiting.urn, inputs, make, lambda made: api.service(made) is not None)
        if inputs.health_check is not None or inputs.outlier_detection is not None:
            api.update_service(service_id, service_update(inputs))
        return service_id, AiServiceState(service_id=service_id)

    def read(
        self, identity: str, inputs: AiServiceInputs | None, account: Account
    ) -> tuple[AiServiceInputs, AiServiceState] | None:
        """The service now."""
        data = ApigApi(account).service(identity)
        if data is None:
            return None
        if data.get("sourceType") != "AI":
            raise DashlinkError(f"{identity}: a service of type {data.get('sourceType')}, not an AI service.")
        return read_service(data, inputs), AiServiceState(service_id=identity)

    def update(self, identity: str, inputs: AiServiceInputs, account: Account, waiting: Waiting) -> AiServiceState:
        """Change it in place: keys too, all at once, so that no request is without one."""
        ApigApi(account).update_service(identity, service_update(inputs))
        return AiServiceState(service_id=identity)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Delete it."""
        ApigApi(account).delete_service(identity)


class ModelApiKind(Kept):
    """Model APIs. Name, gateway and description tell whether a killed run has made one."""

    token = "dashlink:gateway:ModelApi"  # noqa: S105 - a type token
    inputs = ModelApiInputs
    state = ModelApiState
    replaces = frozenset({"name", "gateway_id", "environment_id", "category", "resource_group_id"})
    secrets = frozenset({"cache"})
    kept = frozenset({"resource_group_id"})

    def create(self, inputs: ModelApiInputs, account: Account, waiting: Waiting) -> tuple[str, ModelApiState]:
        """Make it and wait until it is deployed."""
        api = ApigApi(account)
        found = _same_api(api, inputs)
        if found is not None:
            api.update_model_api(found, model_api_update(inputs))
        else:
            body = {**model_api_update(inputs), **model_api_birth(inputs)}
            found = create_once(
                waiting.urn,
                inputs,
                lambda token: api.create_model_api(body, token),
                lambda made: api.model_api(made) is not None,
            )
        wait_until_deployed(api, found, inputs.gateway_id, waiting)
        return found, ModelApiState(http_api_id=found)

    def read(
        self, identity: str, inputs: ModelApiInputs | None, account: Account
    ) -> tuple[ModelApiInputs, ModelApiState] | None:
        """The API now."""
        data = ApigApi(account).model_api(identity)
        if data is None:
            return None
        if data.get("type") != "LLM":
            raise DashlinkError(f"{identity}: an API of type {data.get('type')}, not a Model API.")
        return read_model_api(data, inputs), ModelApiState(http_api_id=identity)

    def update(self, identity: str, inputs: ModelApiInputs, account: Account, waiting: Waiting) -> ModelApiState:
        """Change it in place and wait until that is deployed."""
        api = ApigApi(account)
        api.update_model_api(identity, model_api_update(inputs))
        wait_until_deployed(api, identity, inputs.gateway_id, waiting)
        return ModelApiState(http_api_id=identity)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Undeploy it where it is deployed, then delete it."""
        api = ApigApi(account)
        data = api.model_api(identity)
        for config in (data or {}).get("deployConfigs") or ():
            api.undeploy_model_api(identity, config["gatewayId"], config["environmentId"])
        if data is not None:
            api.delete_model_api(identity)


class DomainKind(Kept):
    """Domains. A client token tells whether a killed run has made one; an older one of that name is somebody else's."""

    token = "dashlink:gateway:Domain"  # noqa: S105 - a type token
    inputs = DomainInputs
    state = DomainState
    replaces = frozenset({"name", "resource_group_id"})
    kept = frozenset({"resource_group_id"})

    def create(self, inputs: DomainInputs, account: Account, waiting: Waiting) -> tuple[str, DomainState]:
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

    def update(self, identity: str, inputs: DomainInputs, account: Account, waiting: Waiting) -> DomainState:
        """Change it in place."""
        ApigApi(account).update_domain(identity, domain_update(inputs))
        return DomainState(domain_id=identity)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Delete it."""
        ApigApi(account).delete_domain(identity)


class ConsumerKind(Kept):
    """Consumers. Name and description tell whether a killed run has made one."""

    token = "dashlink:gateway:Consumer"  # noqa: S105 - a type token
    inputs = ConsumerInputs
    state = ConsumerState
    replaces = frozenset({"name"})
    secrets = frozenset({"api_keys", "key_pairs", "jwt"})

    def create(self, inputs: ConsumerInputs, account: Account, waiting: Waiting) -> tuple[str, ConsumerState]:
        """Make it."""
        api = ApigApi(account)
        found = api.consumer_named(inputs.name)
        if found is not None:
            consumer_id = _own(found, "consumerId", f"a consumer {inputs.name}", inputs.description)
            api.update_consumer(consumer_id, consumer_update(inputs))
            return consumer_id, ConsumerState(consumer_id=consumer_id)
        body = {**consumer_update(inputs), **consumer_birth(inputs)}
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
        return None if data is None else (read_consumer(data, inputs), ConsumerState(consumer_id=identity))

    def update(self, identity: str, inputs: ConsumerInputs, account: Account, waiting: Waiting) -> ConsumerState:
        """Change it in place; each kind of credential is replaced as a whole."""
        ApigApi(account).update_consumer(identity, consumer_update(inputs))
        return ConsumerState(consumer_id=identity)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Delete it."""
        ApigApi(account).delete_consumer(identity)


class ConsumerAuthorizationKind(Kept):
    """A consumer's right to call one Model API; consumer, API and environment say which one it is."""

    token = "dashlink:gateway:ConsumerAuthorization"  # noqa: S105 - a type token
    inputs = ConsumerAuthorizationInputs
    state = ConsumerAuthorizationState
    replaces = frozenset({"consumer_id", "model_api_id", "environment_id", "resource_type"})

    def create(
        self,
        inputs: ConsumerAuthorizationInputs,
        account: Account,
        waiting: Waiting,
    ) -> tuple[str, ConsumerAuthorizationState]:
        """Give the right; one that is there already is taken. Id: the consumer's and the rule's."""
        api = ApigApi(account)
        found = next((row for row in api.authorizations(inputs.consumer_id) if _is_for(row, inputs)), None)
        rule_id = str(found["consumerAuthorizationRuleId"]) if found is not None else api.authorize(_rule_of(inputs))
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


def create_once(urn: str, inputs: _Named, make: Callable[[str], str], is_there: Callable[[str], bool]) -> str:
    """Make something with a client token of its resource; its id.

    The cloud answers a token that it knows with what it answered before. Where that is gone since, or was asked for
    with other values, a new token makes it anew.
    """
    token = hashlib.sha256(f"{urn}\0{inputs.name}".encode()).hexdigest()
    try:
        made = make(token)
    except CloudError as error:
        if "Idempotent" not in error.code:
            raise
        return make(uuid.uuid4().hex)
    return made if is_there(made) else make(uuid.uuid4().hex)


def wait_until_deployed(api: ApigApi, api_id: str, gateway_id: str, waiting: Waiting) -> None:
    """Follow a Model API until its gateway has it; deploy it where nobody does.

    Raises:
        CloudError: It is gone, was cancelled, failed, or took too long.
    """
    deadline, pause = waiting.clock() + _LONGEST_DEPLOYMENT_SECONDS, _FIRST_PAUSE_SECONDS
    asked = False
    while True:
        data = api.model_api(api_id)
        if data is None:
            raise CloudError(f"{api_id}: the Model API is gone. `up` again makes it.")
        statuses = {row.get("deployStatus") for row in data.get("environments") or ()}
        if statuses == {_DEPLOYED}:
            return
        if any("Fail" in str(status) for status in statuses):
            raise CloudError(f"{api_id}: the deployment failed. Look at the API in the console, then `up` again.")
        if statuses <= {"NotDeployed", None} and not asked:
            api.deploy_model_api(api_id, gateway_id)
            asked = True
        if waiting.cancelled():
            raise CloudError(f"{api_id}: cancelled while it was being deployed. The next `up` goes on.")
        if waiting.clock() >= deadline:
            raise CloudError(f"{api_id}: not deployed after {_LONGEST_DEPLOYMENT_SECONDS:.0f} s. `up` again.")
        waiting.tell("waiting for the deployment")
        waiting.pause(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _same_api(api: ApigApi, inputs: ModelApiInputs) -> str | None:
    """The id of the API that a killed run has made: on our gateway, to our services or under our description.

    Raises:
        DashlinkError: An API that is not ours has the name.
    """
    ours = {target.service_id for target in inputs.targets}
    for row in api.model_apis(inputs.name):
        if row.get("name") != inputs.name:
            continue
        configs = row.get("deployConfigs") or ()
        used = {one.get("serviceId") for config in configs for one in config.get("serviceConfigs") or ()}
        ours_by_mark = bool(inputs.description) and row.get("description") == inputs.description
        if row.get("gatewayId") == inputs.gateway_id and row.get("type") == "LLM" and (used & ours or ours_by_mark):
            return str(row["httpApiId"])
        raise _taken(f"an API {inputs.name}", row.get("httpApiId"))
    return None


def _own(row: Mapping[str, Any], key: str, what: str, description: str | None) -> str:
    """The id of what bears our description.

    Raises:
        DashlinkError: It bears another one.
    """
    if not description or row.get("description") != description:
        raise _taken(what, row.get(key))
    return str(row[key])


def _taken(what: str, identity: Any) -> DashlinkError:
    return DashlinkError(f"the account has {what} already ({identity}). Choose another name, or import it.")


def _is_for(row: Mapping[str, Any], inputs: ConsumerAuthorizationInputs) -> bool:
    environment = (row.get("environmentInfo") or {}).get("environmentId")
    return row.get("resourceId") == inputs.model_api_id and environment == inputs.environment_id


def _rule_of(inputs: ConsumerAuthorizationInputs) -> dict[str, Any]:
    return authorization_rule(inputs.consumer_id, inputs.model_api_id, inputs.environment_id, inputs.resource_type)
