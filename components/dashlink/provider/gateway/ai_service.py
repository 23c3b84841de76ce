"""`AiService`: creates, reads, updates and deletes AI services (names as in SDK 11.6.0)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from dashlink.cloud.words import EARLIER_PROTOCOLS, KEYS_OF_USERS, SERVICE_SOURCE
from dashlink.errors import DashlinkError
from dashlink.provider.codec import Json, from_api, to_api
from dashlink.provider.gateway.adoption import create_once, move_to_group, name_in_use
from dashlink.provider.gateway.candidates import GatewayWords, Request, Sent
from dashlink.provider.gateway.client import apig
from dashlink.provider.gateway.masked_keys import matched_keys
from dashlink.provider.gateway.spelling import AI_SERVICE as WORDS_OF_AN_AI_SERVICE
from dashlink.provider.gateway.spelling import (
    PROTOCOLS_OF_A_SERVICE,
    accepted,
    comparable,
    spelled_as,
)
from dashlink.provider.handler import Handler
from dashlink.resources.blocks import HealthCheck, OutlierDetection
from dashlink.resources.contract import ResourceModel
from dashlink.resources.models.ai_service import AI_SERVICE, AiServiceInputs, AiServiceState

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi
    from dashlink.provider.waiting import Operation

CheckT = TypeVar("CheckT", bound=ResourceModel)
ResultT = TypeVar("ResultT")


class AiServiceHandler(Handler[AiServiceInputs, AiServiceState]):
    """AI services. A service that a killed run left is recognized by its name on the gateway.

    CreateService and UpdateService have no dry run: where the cloud refuses a service for a word
    that no source states, the next candidate is sent. A refused request has changed nothing.
    """

    contract = AI_SERVICE
    changes_state: ClassVar[Mapping[str, Collection[str]]] = {
        "verified": ("protocols", "compatible_protocols", "eas")
    }

    def __init__(self) -> None:
        """Know no words of any gateway yet."""
        self._words = GatewayWords()

    def create(self, inputs: AiServiceInputs, operation: Operation) -> tuple[str, AiServiceState]:
        """Create or adopt the service; its checks take a second request."""
        api = apig(operation.account)
        existing = api.service_named(inputs.gateway_id, inputs.name)
        if existing is not None:
            service_id = _own_id(existing, inputs)
            return service_id, self._change(api, service_id, inputs, operation)
        sent = self._create(api, inputs, operation)
        return sent.result, AiServiceState(service_id=sent.result, verified=sent.verified)

    def read(
        self,
        identity: str,
        inputs: AiServiceInputs | None,
        state: AiServiceState | None,
        operation: Operation,
    ) -> tuple[AiServiceInputs, AiServiceState] | None:
        """Return the service."""
        data = apig(operation.account).service(identity)
        if data is None:
            return None
        source_type = data.get("sourceType")
        if source_type != SERVICE_SOURCE:
            raise DashlinkError(f"{identity}: a service of type {source_type}, not an AI service.")
        current = spelled_as(WORDS_OF_AN_AI_SERVICE, read_service(data, inputs), inputs)
        verified = state.verified if state is not None else ()
        return current, AiServiceState(service_id=identity, verified=verified)

    def update(
        self, identity: str, inputs: AiServiceInputs, state: AiServiceState, operation: Operation
    ) -> AiServiceState:
        """Change the service; keys are replaced all at once, so that no request lacks one."""
        return self._change(apig(operation.account), identity, inputs, operation, state)

    def delete(self, identity: str, operation: Operation) -> None:
        """Delete the service."""
        apig(operation.account).delete_service(identity)

    def comparable(
        self, before: Mapping[str, Any], after: Mapping[str, Any], state: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the inputs in the state, in the words and the protocols of this version.

        A service whose protocols an earlier version has declared was accepted so and stays; so does
        one with another candidate, as before `dashlink verify --write`.
        """
        before = comparable(WORDS_OF_AN_AI_SERVICE, before, after, state)
        before = accepted(PROTOCOLS_OF_A_SERVICE, before, after)
        earlier = EARLIER_PROTOCOLS.get(str(before.get("vendor")))
        declared = {*after.get("protocols", ()), *after.get("compatibleProtocols", ())}
        is_earlier = before.get("protocols") == earlier and not before.get("compatibleProtocols")
        if not is_earlier or not declared.issubset(earlier or ()):
            return before
        protocols = {name: after.get(name) for name in ("protocols", "compatibleProtocols")}
        return {**before, **protocols}

    def _create(
        self, api: ApigApi, inputs: AiServiceInputs, operation: Operation
    ) -> Sent[AiServiceInputs, str]:
        def send(spelled: AiServiceInputs) -> str:
            create = partial(
                api.create_service,
                inputs.gateway_id,
                _creation(spelled),
                inputs.resource_group_id,
            )
            return create_once(operation.urn, inputs.name, create, api.service)

        sent = self._send(Request("CreateService", send), inputs, operation)
        if inputs.health_check is not None or inputs.outlier_detection is not None:
            api.update_service(sent.result, service_update(sent.inputs))
        return sent

    def _change(
        self,
        api: ApigApi,
        service_id: str,
        inputs: AiServiceInputs,
        operation: Operation,
        state: AiServiceState | None = None,
    ) -> AiServiceState:
        def send(spelled: AiServiceInputs) -> None:
            api.update_service(service_id, service_update(spelled))

        sent = self._send(Request("UpdateService", send), inputs, operation, state)
        group = inputs.resource_group_id
        move_to_group(api, "Service", api.service, service_id, group, operation)
        return AiServiceState(service_id=service_id, verified=sent.verified)

    def _send(
        self,
        request: Request[AiServiceInputs, ResultT],
        inputs: AiServiceInputs,
        operation: Operation,
        state: AiServiceState | None = None,
    ) -> Sent[AiServiceInputs, ResultT]:
        known = state.verified if state is not None else ()
        return self._words.send(
            inputs.gateway_id,
            inputs,
            WORDS_OF_AN_AI_SERVICE,
            request,
            report=operation.report,
            known=known,
        )


def _creation(inputs: AiServiceInputs) -> dict[str, Any]:
    """Return the service of CreateService."""
    return {
        "name": inputs.name,
        "aiServiceConfig": service_config(inputs),
        "validationOptions": {"skipVerifyAIChatCompletion": not inputs.verify},
    }


def service_config(inputs: AiServiceInputs) -> dict[str, Any]:
    """Return the `aiServiceConfig` of a service."""
    config: dict[str, Any] = {}
    for key, value in to_api(inputs)["aiServiceConfig"].items():
        if value != [] or key == "apiKeys":  # an empty list removes the keys
            config[key] = value
    config["ApiKeyGenerateMode"] = KEYS_OF_USERS
    config["enableHealthCheck"] = inputs.health_check is not None
    config["enableOutlierDetection"] = inputs.outlier_detection is not None
    return config


def service_update(inputs: AiServiceInputs) -> dict[str, Any]:
    """Return the body of UpdateService: everything that can change."""
    return {
        "aiServiceConfig": service_config(inputs),
        "healthCheckConfig": _check(inputs.health_check),
        "outlierDetectionConfig": _check(inputs.outlier_detection),
    }


def read_service(data: Json, known: AiServiceInputs | None) -> AiServiceInputs:
    """Return a service of the API's JSON.

    Args:
        data: Data of GetService.
        known: Last known inputs, with the keys that the API masks; None for an import.
    """
    config: Json = data.get("aiServiceConfig") or {}
    known_keys = () if known is None else known.api_keys
    values = {
        "api_keys": matched_keys(known_keys, config.get("apiKeys")),
        "health_check": _read_check(HealthCheck, data.get("healthCheck")),
        "outlier_detection": _read_check(OutlierDetection, data.get("outlierDetection")),
    }
    return from_api(AiServiceInputs, data, known, **values)


def _check(check: HealthCheck | OutlierDetection | None) -> dict[str, Any]:
    if check is None:
        return {"enable": False}
    return {"enable": True, **to_api(check)}


def _read_check(model: type[CheckT], data: Json | None) -> CheckT | None:
    if not data or not data.get("enable"):
        return None
    return from_api(model, data)


def _own_id(row: Mapping[str, Any], inputs: AiServiceInputs) -> str:
    """Return the id of an existing service with the desired name, vendor and address.

    Raises:
        DashlinkError: If it has another type, vendor or address, so another owner.
    """
    config = row.get("aiServiceConfig") or {}
    same_vendor = config.get("provider") == inputs.vendor
    same_address = (config.get("address") or None) == inputs.address
    if row.get("sourceType") != SERVICE_SOURCE or not same_vendor or not same_address:
        raise name_in_use(f"a service {inputs.name} on this gateway", row.get("serviceId"))
    return str(row["serviceId"])
