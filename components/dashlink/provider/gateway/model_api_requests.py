"""The requests that write a Model API, spelled as its gateway accepts them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from dashlink.errors import CloudError
from dashlink.provider.codec import Json
from dashlink.provider.gateway.adoption import create_once
from dashlink.provider.gateway.candidates import GatewayWords, Request, Sent
from dashlink.provider.gateway.log_fields import has_log_fields, path_configs
from dashlink.provider.gateway.model_api_payload import model_api_create_only, model_api_update
from dashlink.provider.gateway.model_api_routes import listed_routes
from dashlink.provider.gateway.spelling import MODEL_API
from dashlink.provider.waiting import Operation
from dashlink.resources.models.model_api import ModelApiInputs, ModelApiState, RouteState

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi


@dataclass(frozen=True)
class ModelApiRequests:
    """The requests of one operation on a Model API.

    Attributes:
        api: The client.
        words: What is known about the words of gateways.
        operation: The operation.
    """

    api: ApigApi
    words: GatewayWords
    operation: Operation

    def create(self, inputs: ModelApiInputs) -> Sent[ModelApiInputs, str]:
        """Create an API; the result is its id. It has no log fields of its own yet."""

        def send(spelled: ModelApiInputs) -> str:
            create = partial(self.api.create_model_api, _creation(spelled))
            return create_once(self.operation.urn, spelled.name, create, self.api.model_api)

        return self.words.send(
            inputs.gateway_id,
            inputs,
            MODEL_API,
            Request("CreateHttpApi", send, self._try_creation),
            report=self.operation.report,
        )

    def change(
        self, api_id: str, inputs: ModelApiInputs, state: ModelApiState | None
    ) -> Sent[ModelApiInputs, None]:
        """Change an API and its log fields.

        Args:
            api_id: Id of the API (`api-…`).
            inputs: The new inputs.
            state: The API's state; None if there is none.
        """
        routes = state.routes if state is not None else None
        log_fields = self._new_log_fields(api_id, inputs, routes)

        def send(spelled: ModelApiInputs) -> None:
            self.api.update_model_api(api_id, model_api_update(spelled, log_fields))

        def dry_run(spelled: ModelApiInputs) -> None:
            body = _not_deployed(model_api_update(spelled, log_fields))
            self.api.try_model_api_update(api_id, body)

        known = state.verified if state is not None else None
        return self.words.send(
            inputs.gateway_id,
            inputs,
            MODEL_API,
            Request("UpdateHttpApi", send, dry_run),
            report=self.operation.report,
            known=known or (),
        )

    def write_log_fields(
        self, api_id: str, inputs: ModelApiInputs, routes: Sequence[RouteState] | None
    ) -> bool:
        """Write the log fields of a new API, which has the product's own; return if it has any."""
        if not has_log_fields(inputs):
            return False
        log_fields = self._new_log_fields(api_id, inputs, routes)
        self.api.update_model_api(api_id, model_api_update(inputs, log_fields))
        return True

    def log_fields(
        self, api_id: str, data: Json, known: ModelApiInputs | None
    ) -> Sequence[Json] | None:
        """Return the log fields of an API; None if it has none besides the product's own.

        Args:
            api_id: Id of the API (`api-…`).
            data: Data of GetHttpApi.
            known: Last known inputs; None for an import.
        """
        if known is not None and not has_log_fields(known) and not _mentions_fields(data):
            return None
        try:
            return self.api.log_fields(api_id, str(data.get("gatewayId") or ""))
        except CloudError as error:
            self.operation.report(f"its log fields cannot be read: {error}")
            return None

    def _new_log_fields(
        self, api_id: str, inputs: ModelApiInputs, routes: Iterable[RouteState] | None
    ) -> list[dict[str, Any]]:
        """Return the complete log fields that an API gets; empty if they stay as they are.

        Raises:
            CloudError: If they cannot be read, so that the product's own would be lost.
        """
        if not inputs.statistics:
            return []
        try:
            current = self.api.log_fields(api_id, inputs.gateway_id)
        except CloudError:
            if has_log_fields(inputs):
                raise
            return []
        if routes is None:
            routes = listed_routes(self.api, api_id, inputs, self.operation)
        paths = [route.path for route in routes or ()]
        configs = path_configs(inputs, current, paths)
        if has_log_fields(inputs) and not configs:
            raise CloudError(
                f"{api_id}: the cloud lists neither log fields nor routes of the API, so that the "
                "fields of `observe` have no path. `up` again."
            )
        return configs

    def _try_creation(self, spelled: ModelApiInputs) -> None:
        """Send CreateHttpApi as a dry run, and delete the API if it was created all the same."""
        api_id = self.api.try_model_api(_not_deployed(_creation(spelled)))
        if api_id is not None and self.api.model_api(api_id) is not None:
            self.api.delete_model_api(api_id)


def _creation(inputs: ModelApiInputs) -> dict[str, Any]:
    """Return the body of CreateHttpApi."""
    return {**model_api_update(inputs), **model_api_create_only(inputs)}


def _not_deployed(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body that serves no client, even if the cloud took it for more than a dry run."""
    configs = [{**config, "autoDeploy": False} for config in body["deployConfigs"]]
    return {**body, "deployConfigs": configs}


def _mentions_fields(data: Json) -> bool:
    """Return whether an API, as GetHttpApi returns it, has log fields."""
    for config in data.get("deployConfigs") or ():
        for policy in config.get("policyConfigs") or ():
            if (policy.get("aiStatisticsConfig") or {}).get("pathFieldConfigs"):
                return True
    return False
