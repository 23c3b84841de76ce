"""`ModelApi`: creates, deploys, reads, updates and deletes Model APIs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.gateway.adoption import create_once, move_to_group, name_in_use
from dashlink.provider.gateway.client import apig
from dashlink.provider.gateway.model_api_payload import (
    is_category,
    model_api_create_only,
    model_api_update,
    read_model_api,
)
from dashlink.provider.gateway.model_api_routes import deployed_routes, listed_routes
from dashlink.provider.gateway.rights import withdraw_rights
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.model_api import MODEL_API, ModelApiInputs, ModelApiState

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi

_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0
_DEPLOYMENT_SECONDS = 300
# Words of the Java SDK (2026, ListHttpApiRoutesRequest); more of them end in Failed.
_NOT_DEPLOYED = ("", "NotDeployed", "DeployFailed")
_TO_DEPLOY = ("", "NotDeployed", "DeployedWithChanges")


class ModelApiHandler(Handler[ModelApiInputs, ModelApiState]):
    """Model APIs.

    An API that a killed run left is recognized by its name, gateway, and services or description.
    """

    contract = MODEL_API
    changes_state: ClassVar[Mapping[str, Collection[str]]] = {
        "routes": ("protocol", "builtin_routes")
    }
    delete_before_replace = True  # name, domain and base path are in use until the old one is gone

    def create(self, inputs: ModelApiInputs, operation: Operation) -> tuple[str, ModelApiState]:
        """Create or adopt the API, and wait until it is deployed."""
        api = apig(operation.account)
        api_id = _own_id(api, inputs)
        if api_id is None:
            body = {**model_api_update(inputs), **model_api_create_only(inputs)}
            create = partial(api.create_model_api, body)
            api_id = create_once(operation.urn, inputs.name, create, api.model_api)
        else:
            self._change(api, api_id, inputs)
        return api_id, _deployed(api, api_id, inputs, operation)

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
        if data.get("type") != "LLM":
            raise DashlinkError(f"{identity}: an API of type {data.get('type')}, not a Model API.")
        current = read_model_api(data, inputs)
        routes = listed_routes(api, identity, current, operation)
        if routes is None and state is not None:
            routes = state.routes
        status = _deploy_status(data, identity, current.environment_id)
        deployed = status not in _NOT_DEPLOYED
        return current, ModelApiState(http_api_id=identity, routes=routes, deployed=deployed)

    def update(
        self, identity: str, inputs: ModelApiInputs, state: ModelApiState, operation: Operation
    ) -> ModelApiState:
        """Change the API in place, and wait until the change is deployed."""
        api = apig(operation.account)
        self._change(api, identity, inputs)
        return _deployed(api, identity, inputs, operation)

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

    def _change(self, api: ApigApi, api_id: str, inputs: ModelApiInputs) -> None:
        api.update_model_api(api_id, model_api_update(inputs))
        move_to_group(api, "HttpApi", api.model_api(api_id), api_id, inputs.resource_group_id)


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
        if status == "Deployed":
            return status
        failed = "Fail" in status
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
    if row.get("gatewayId") != inputs.gateway_id or row.get("type") != "LLM":
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
