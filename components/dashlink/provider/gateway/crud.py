"""What is done in the cloud for AI services and Model APIs: create, read, update, delete. Knows nothing of Pulumi.

A creation looks first for what a killed run has made and goes on with it, so that no run leaves a duplicate or an
orphan. Each class is a `Kind` of the provider; the payloads turn its inputs into the API's JSON and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import Account
from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.gateway.adoption import HandlerDefaults, create_once, move_to_group, taken
from dashlink.provider.gateway.api_payloads import model_api_birth, model_api_update, read_model_api
from dashlink.provider.gateway.service_payloads import (
    ai_service_config,
    read_service,
    service_update,
)
from dashlink.provider.waiting import Waiting
from dashlink.resources.gateway_models import (
    AiServiceInputs,
    AiServiceState,
    ModelApiInputs,
    ModelApiState,
)

_DEPLOYED, _FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _LONGEST_DEPLOYMENT_SECONDS = (
    "Deployed",
    0.25,
    5.0,
    300.0,
)


class AiServiceHandler(HandlerDefaults):
    """AI services. Its name on the gateway tells whether a killed run has made it."""

    token = "dashlink:gateway:AiService"  # noqa: S105 - a type token
    inputs = AiServiceInputs
    state = AiServiceState
    replaces = frozenset({"gateway_id", "name"})
    secrets = frozenset({"api_keys", "bedrock", "vertex"})
    kept = frozenset({"resource_group_id"})

    def create(
        self, inputs: AiServiceInputs, account: Account, waiting: Waiting
    ) -> tuple[str, AiServiceState]:
        """Make it; checks of its health take a second request."""
        api = ApigApi(account)
        found = api.service_named(inputs.gateway_id, inputs.name)
        if found is not None:
            service_id = _same_service(found, inputs)
            api.update_service(service_id, service_update(inputs))
            move_to_group(api, found, service_id, inputs.resource_group_id)
            return service_id, AiServiceState(service_id=service_id)
        config = {
            "name": inputs.name,
            "aiServiceConfig": ai_service_config(inputs),
            "validationOptions": {"skipVerifyAIChatCompletion": not inputs.verify},
        }

        def make(token: str) -> str:
            return api.create_service(inputs.gateway_id, config, inputs.resource_group_id, token)

        service_id = create_once(
            waiting.urn, inputs, make, lambda made: api.service(made) is not None
        )
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
            raise DashlinkError(
                f"{identity}: a service of type {data.get('sourceType')}, not an AI service."
            )
        return read_service(data, inputs), AiServiceState(service_id=identity)

    def update(
        self, identity: str, inputs: AiServiceInputs, account: Account, waiting: Waiting
    ) -> AiServiceState:
        """Change it in place: keys too, all at once, so that no request is without one."""
        api = ApigApi(account)
        api.update_service(identity, service_update(inputs))
        move_to_group(api, api.service(identity), identity, inputs.resource_group_id)
        return AiServiceState(service_id=identity)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Delete it."""
        ApigApi(account).delete_service(identity)


class ModelApiHandler(HandlerDefaults):
    """Model APIs. Name, gateway and description tell whether a killed run has made one."""

    token = "dashlink:gateway:ModelApi"  # noqa: S105 - a type token
    inputs = ModelApiInputs
    state = ModelApiState
    replaces = frozenset({"name", "gateway_id", "environment_id", "category"})
    secrets = frozenset({"cache"})
    kept = frozenset(
        {"resource_group_id", "first_byte_timeout_seconds"}
    )  # no request says "as it was at first"
    deletes_first = True  # name, domain and base path are taken until the old one is gone

    def create(
        self, inputs: ModelApiInputs, account: Account, waiting: Waiting
    ) -> tuple[str, ModelApiState]:
        """Make it and wait until it is deployed."""
        api = ApigApi(account)
        found = _same_api(api, inputs)
        if found is not None:
            api.update_model_api(found, model_api_update(inputs))
            move_to_group(api, api.model_api(found), found, inputs.resource_group_id)
        else:
            body = {**model_api_update(inputs), **model_api_birth(inputs)}
            found = create_once(
                waiting.urn,
                inputs,
                lambda token: api.create_model_api(body, token),
                lambda made: api.model_api(made) is not None,
            )
        wait_until_deployed(api, found, inputs, waiting)
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

    def update(
        self, identity: str, inputs: ModelApiInputs, account: Account, waiting: Waiting
    ) -> ModelApiState:
        """Change it in place and wait until that is deployed."""
        api = ApigApi(account)
        api.update_model_api(identity, model_api_update(inputs))
        move_to_group(api, api.model_api(identity), identity, inputs.resource_group_id)
        wait_until_deployed(api, identity, inputs, waiting)
        return ModelApiState(http_api_id=identity)

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Undeploy it where it is deployed, then delete it."""
        api = ApigApi(account)
        data = api.model_api(identity)
        for config in (data or {}).get("deployConfigs") or ():
            api.undeploy_model_api(identity, config["gatewayId"], config["environmentId"])
        if data is not None:
            api.delete_model_api(identity)


def wait_until_deployed(
    api: ApigApi, api_id: str, inputs: ModelApiInputs, waiting: Waiting
) -> None:
    """Follow a Model API until its environment has it; deploy it where nobody does, or where that has failed before.

    Raises:
        CloudError: It is gone, was cancelled, failed, or took too long.
    """
    deadline, pause = waiting.clock() + _LONGEST_DEPLOYMENT_SECONDS, _FIRST_PAUSE_SECONDS
    asked = False
    while True:
        status = _deploy_status(api.model_api(api_id), api_id, inputs.environment_id)
        if status == _DEPLOYED:
            return
        if "Fail" in status and asked:
            raise CloudError(
                f"{api_id}: the deployment failed. Look at the API in the console, then `up` again."
            )
        if not asked and (status in ("", "NotDeployed") or "Fail" in status):
            api.deploy_model_api(api_id, inputs.gateway_id)
            asked = True
        if waiting.cancelled():
            raise CloudError(
                f"{api_id}: cancelled while it was being deployed. The next `up` goes on."
            )
        if waiting.clock() >= deadline:
            raise CloudError(
                f"{api_id}: not deployed after {_LONGEST_DEPLOYMENT_SECONDS:.0f} s. `up` again."
            )
        waiting.tell("waiting for the deployment")
        waiting.pause(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _deploy_status(data: Mapping[str, Any] | None, api_id: str, environment_id: str) -> str:
    if data is None:
        raise CloudError(f"{api_id}: the Model API is gone. `up` again makes it.")
    rows = [
        row for row in data.get("environments") or () if row.get("environmentId") == environment_id
    ]
    return str(rows[0].get("deployStatus") or "") if rows else ""


def _same_service(row: Mapping[str, Any], inputs: AiServiceInputs) -> str:
    """The id of the service that a killed run has made: of our name, type, vendor and address.

    Raises:
        DashlinkError: It is another one.
    """
    config = row.get("aiServiceConfig") or {}
    same = (config.get("provider"), config.get("address") or None) == (
        inputs.vendor,
        inputs.address,
    )
    if row.get("sourceType") != "AI" or not same:
        raise taken(f"a service {inputs.name} on this gateway", row.get("serviceId"))
    return str(row["serviceId"])


def _same_api(api: ApigApi, inputs: ModelApiInputs) -> str | None:
    """The id of the API that a killed run has made: of our scene, on our gateway, to our services or as we describe it.

    Raises:
        DashlinkError: An API that is not ours has the name.
    """
    ours = {target.service_id for target in inputs.targets}
    for row in api.model_apis(inputs.name):
        if row.get("name") != inputs.name:
            continue
        configs = row.get("deployConfigs") or ()
        used = {
            one.get("serviceId") for config in configs for one in config.get("serviceConfigs") or ()
        }
        ours_by_mark = bool(inputs.description) and row.get("description") == inputs.description
        same_kind = row.get("type") == "LLM" and row.get("modelCategory") in (None, inputs.category)
        if (
            row.get("gatewayId") == inputs.gateway_id
            and same_kind
            and (used & ours or ours_by_mark)
        ):
            return str(row["httpApiId"])
        raise taken(f"an API {inputs.name}", row.get("httpApiId"))
    return None
