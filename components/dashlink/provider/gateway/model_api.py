"""`ModelApi`: creates, deploys, reads, updates and deletes Model APIs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dashlink.cloud.words import (
    CHANGED_SINCE,
    DEPLOY_FAILED,
    DEPLOYED,
    FAILED_IN,
    MODEL_API_TYPE,
    NOT_DEPLOYED,
)
from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.gateway.adoption import move_to_group, name_in_use
from dashlink.provider.gateway.candidates import GatewayWords
from dashlink.provider.gateway.client import apig
from dashlink.provider.gateway.model_api_payload import (
    is_category,
    model_api_update,
    read_model_api,
)
from dashlink.provider.gateway.model_api_requests import ModelApiRequests
from dashlink.provider.gateway.model_api_routes import deployed_routes, listed_routes
from dashlink.provider.gateway.rights import withdraw_rights
from dashlink.provider.gateway.spelling import MODEL_API as WORDS_OF_A_MODEL_API
from dashlink.provider.gateway.spelling import comparable
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.model_api import MODEL_API, ModelApiInputs, ModelApiState

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi

_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0
_DEPLOYMENT_SECONDS = 300
_NOT_DEPLOYED = ("", NOT_DEPLOYED, DEPLOY_FAILED)
_TO_DEPLOY = ("", NOT_DEPLOYED, CHANGED_SINCE)


class ModelApiHandler(Handler[ModelApiInputs, ModelApiState]):
    """Model APIs.

    An API that a killed run left is recognized by its name, gateway, and services or description.
    """

    contract = MODEL_API
    changes_state: ClassVar[Mapping[str, Collection[str]]] = {
        "routes": ("protocol", "builtin_routes"),
        "verified": ("protocol", "routing", "auth_type", "token_limits", "cache"),
    }
    delete_before_replace = True  # name, domain and base path are in use until the old one is gone

    def __init__(self) -> None:
        """Know no words of any gateway yet."""
        self._words = GatewayWords()

    def create(self, inputs: ModelApiInputs, operation: Operation) -> tuple[str, ModelApiState]:
        """Create or adopt the API, and wait until it is deployed."""
        requests = ModelApiRequests(apig(operation.account), self._words, operation)
        api_id = _own_id(requests.api, inputs)
        if api_id is not None:
            return api_id, _changed(requests, api_id, inputs)
        sent = requests.create(inputs)
        api_id = sent.result
        state = _deployed(requests.api, api_id, sent.inputs, operation)
        if requests.write_log_fields(api_id, sent.inputs, state.routes):
            state = _deployed(requests.api, api_id, sent.inputs, operation)
        return api_id, state.model_copy(update={"verified": sent.verified})

    def read(
        self,
        identity: str,
        inputs: ModelApiInputs | None,
        state: ModelApiState | None,
        operation: Operation,
    ) -> tuple[ModelApiInputs, ModelApiState] | None:
        """Return the API with its routes, and whether it is deployed."""
        api = apig(operation.account)
        data = api.model_api(identity)
        if data is None:
            return None
        if data.get("type") != MODEL_API_TYPE:
            raise DashlinkError(f"{identity}: an API of type {data.get('type')}, not a Model API.")
        requests = ModelApiRequests(api, self._words, operation)
        current = read_model_api(data, inputs, requests.log_fields(identity, data, inputs))
        routes = listed_routes(api, identity, current, operation)
        if routes is None and state is not None:
            routes = state.routes
        status = _deploy_status(data, identity, current.environment_id)
        return current, ModelApiState(
            http_api_id=identity,
            routes=routes,
            deployed=status not in _NOT_DEPLOYED,
            verified=state.verified if state is not None else (),
        )

    def update(
        self, identity: str, inputs: ModelApiInputs, state: ModelApiState, operation: Operation
    ) -> ModelApiState:
        """Change the API in place, and wait until the change is deployed."""
        requests = ModelApiRequests(apig(operation.account), self._words, operation)
        return _changed(requests, identity, inputs, state)

    def delete(self, identity: str, operation: Operation) -> None:
        """Withdraw remaining rights, undeploy the API where it is deployed, then delete it."""
        api = apig(operation.account)
        data = api.model_api(identity)
        if data is None:
            return
        withdraw_rights(api, operation, api_id=identity)
        for config in data.get("deployConfigs") or ():
            api.undeploy_model_api(identity, config["gatewayId"], config["environmentId"])
        api.delete_model_api(identity)

    def restored(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return that an update deploys an API that was undeployed elsewhere."""
        return {"deployed": True} if state.get("deployed") is False else {}

    def comparable(
        self, before: Mapping[str, Any], after: Mapping[str, Any], state: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the inputs in the state, in the words of this version."""
        return comparable(WORDS_OF_A_MODEL_API, before, after, state)


def _changed(
    requests: ModelApiRequests,
    api_id: str,
    inputs: ModelApiInputs,
    state: ModelApiState | None = None,
) -> ModelApiState:
    """Change an API, and return its state when it is deployed."""
    api = requests.api
    sent = requests.change(api_id, inputs, state)
    group = inputs.resource_group_id
    move_to_group(api, "HttpApi", api.model_api, api_id, group, requests.operation)
    new_state = _deployed(api, api_id, sent.inputs, requests.operation)
    return new_state.model_copy(update={"verified": sent.verified})


def _deployed(
    api: ApigApi, api_id: str, inputs: ModelApiInputs, operation: Operation
) -> ModelApiState:
    """Wait for the deployment of an API, and return its state with the routes that it has now."""
    wait_until_deployed(api, api_id, inputs, operation)
    routes = deployed_routes(api, api_id, inputs, operation) or ()
    return ModelApiState(http_api_id=api_id, routes=routes)


def wait_until_deployed(
    api: ApigApi, api_id: str, inputs: ModelApiInputs, operation: Operation
) -> None:
    """Wait until a Model API is deployed to its environment.

    Updates it once more, which deploys it, if no deployment is in progress, or if an earlier one
    failed. (Of DeployHttpApi the fields for a Model API are deprecated: Go SDK 10.1, 2026-07.)

    Raises:
        CloudError: If the API no longer exists, the deployment fails or is not done in time, or the
            wait is cancelled.
    """
    requested = False

    def probe() -> str | Pending:
        nonlocal requested
        status = _deploy_status(api.model_api(api_id), api_id, inputs.environment_id)
        if status == DEPLOYED:
            return status
        failed = FAILED_IN in status
        if failed and requested:
            raise CloudError(
                f"{api_id}: the deployment failed. Look at the API in the console, then `up` again."
            )
        if not requested and (failed or status in _TO_DEPLOY):
            api.update_model_api(api_id, model_api_update(inputs))
            requested = True
        return Pending(
            "the Model API is being deployed",
            f"{api_id}: not deployed after {_DEPLOYMENT_SECONDS} s. `up` again.",
        )

    wait_until(
        probe,
        operation,
        subject=api_id,
        seconds=_DEPLOYMENT_SECONDS,
        first_pause_seconds=_FIRST_PAUSE_SECONDS,
        longest_pause_seconds=_LONGEST_PAUSE_SECONDS,
    )


def _deploy_status(data: Mapping[str, Any] | None, api_id: str, environment_id: str) -> str:
    if data is None:
        raise CloudError(f"{api_id}: the Model API no longer exists. `up` again creates it.")
    for row in data.get("environments") or ():
        if row.get("environmentId") == environment_id:
            return str(row.get("deployStatus") or "")
    return ""


def _own_id(api: ApigApi, inputs: ModelApiInputs) -> str | None:
    """Return the id of an existing API that has the desired name and is this resource.

    Raises:
        DashlinkError: If another owner uses the name.
    """
    for row in api.model_apis(inputs.name):
        if row.get("name") != inputs.name:
            continue
        if not _is_own(row, inputs):
            raise name_in_use(f"an API {inputs.name}", row.get("httpApiId"))
        return str(row["httpApiId"])
    return None


def _is_own(row: Mapping[str, Any], inputs: ModelApiInputs) -> bool:
    """Return whether an API of the name is on the gateway, for the scene, and of this stack."""
    if row.get("gatewayId") != inputs.gateway_id or row.get("type") != MODEL_API_TYPE:
        return False
    if row.get("modelCategory") and not is_category(inputs.category, row["modelCategory"]):
        return False
    if inputs.description and row.get("description") == inputs.description:
        return True
    desired = {target.service_id for target in inputs.targets}
    for config in row.get("deployConfigs") or ():
        for service in config.get("serviceConfigs") or ():
            if service.get("serviceId") in desired:
                return True
    return False
