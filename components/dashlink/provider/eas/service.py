"""`EasService`: creates, reads, updates and deletes model services of PAI-EAS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dashlink.errors import CloudError
from dashlink.provider.codec import Json
from dashlink.provider.eas import service_json
from dashlink.provider.gateway.adoption import name_in_use
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.eas_service import (
    EAS_SERVICE,
    EasServiceInputs,
    EasServiceState,
    TagInputs,
)

if TYPE_CHECKING:
    from dashlink.cloud.credentials import Account
    from dashlink.cloud.eas import EasApi

RUNNING = "Running"
# The SDK alipai 0.4.13 stops waiting at these; `Complete` is the end of a job.
FAILED = ("Failed", "DeleteFailed", "Stopped", "Complete")
_DELETE_SECONDS = 600
_FIRST_PAUSE_SECONDS = 0.25


def eas(account: Account) -> EasApi:
    """Return a client. Its modules are large and are imported here, not when the plugin starts."""
    from dashlink.cloud.eas import EasApi  # noqa: PLC0415 - above

    return EasApi(account)


class EasServiceHandler(Handler[EasServiceInputs, EasServiceState]):
    """Model services. One that a killed run left is recognized by its name and its tags."""

    contract = EAS_SERVICE
    delete_before_replace = True
    blocking = True

    def create(self, inputs: EasServiceInputs, operation: Operation) -> tuple[str, EasServiceState]:
        """Create the service and wait until it runs.

        Raises:
            CloudError: If it fails, or does not run in time.
            DashlinkError: If another owner has a service of the name.
        """
        api = eas(operation.account)
        existing = api.service(inputs.name)
        if existing is None:
            config = service_json.parse(inputs.config)
            sent = service_json.complete(config, inputs.name, inputs.workspace_id, inputs.token)
            api.create_service(sent, inputs.workspace_id, tags_of(inputs))
            return inputs.name, _wait(api, inputs, operation)
        if not inputs.tags or _labels(existing) != tags_of(inputs):
            raise name_in_use(f"an EAS service {inputs.name}", existing.get("ServiceId"))
        return inputs.name, self._change(api, inputs, existing, operation)

    def read(
        self,
        identity: str,
        inputs: EasServiceInputs | None,
        state: EasServiceState | None,
        operation: Operation,
    ) -> tuple[EasServiceInputs, EasServiceState] | None:
        """Return the service; its JSON as it was written where the cloud's says the same."""
        data = eas(operation.account).service(identity)
        if data is None:
            return None
        labels = _labels(data)
        tags = tuple(TagInputs(key=key, value=labels[key]) for key in sorted(labels))
        current = service_json.parse(str(data.get("ServiceConfig") or "{}"))
        values: dict[str, Any] = {
            "name": identity,
            "config": service_json.text_of(service_json.comparable(current)),
            "workspace_id": data.get("WorkspaceId") or None,
            "tags": tags,
        }
        if inputs is not None:
            if service_json.same(service_json.parse(inputs.config), current):
                values["config"] = inputs.config
            values["timeout_seconds"] = inputs.timeout_seconds
            if inputs.token is not None:
                values["token"] = data.get("AccessToken")
        return EasServiceInputs(**values), _state(data)

    def update(
        self,
        identity: str,
        inputs: EasServiceInputs,
        state: EasServiceState,
        operation: Operation,
    ) -> EasServiceState:
        """Change the service in place, and wait until it runs.

        Raises:
            CloudError: If it does not exist, fails, or does not run in time.
        """
        api = eas(operation.account)
        data = api.service(identity)
        if data is None:
            raise CloudError(f"{identity}: the EAS service does not exist. Run `pulumi refresh`.")
        return self._change(api, inputs, data, operation)

    def delete(self, identity: str, operation: Operation) -> None:
        """Delete the service and wait until its name is free."""
        api = eas(operation.account)
        api.delete_service(identity)

        def probe() -> bool | Pending:
            if api.service(identity) is None:
                return True
            message = f"{identity}: not deleted after {_DELETE_SECONDS} s. Run `destroy` again."
            return Pending("the service is being deleted", message)

        wait_until(
            probe,
            operation,
            subject=identity,
            seconds=_DELETE_SECONDS,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
        )

    def comparable(
        self, before: Mapping[str, Any], after: Mapping[str, Any], state: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Ignore another order or spelling of the same service JSON."""
        texts = (before.get("config"), after.get("config"))
        if not all(isinstance(text, str) and text.startswith("{") for text in texts):
            return before
        old, new = (service_json.parse(str(text)) for text in texts)
        if not service_json.same(old, new):
            return before
        return {**before, "config": after["config"]}

    def _change(
        self, api: EasApi, inputs: EasServiceInputs, data: Json, operation: Operation
    ) -> EasServiceState:
        """Make an existing service equal to the inputs, sending only what differs."""
        written, labels = tags_of(inputs), _labels(data)
        service_id = str(data["ServiceId"])
        removed = set(labels) - set(written)
        if removed:
            api.untag_service(service_id, removed)
        if any(labels.get(key) != value for key, value in written.items()):
            api.tag_service(service_id, written)
        config = service_json.parse(inputs.config)
        current = service_json.parse(str(data.get("ServiceConfig") or "{}"))
        new_token = inputs.token is not None and inputs.token != data.get("AccessToken")
        if new_token or not service_json.same(config, current):
            workspace = inputs.workspace_id or data.get("WorkspaceId")
            token = inputs.token or data.get("AccessToken")
            api.replace_service(
                inputs.name, service_json.complete(config, inputs.name, workspace, token)
            )
        return _wait(api, inputs, operation)


def tags_of(inputs: EasServiceInputs) -> dict[str, str]:
    """Return the tags of the inputs by key."""
    return {tag.key: tag.value for tag in inputs.tags}


def running_or_pending(name: str, data: Json | None, seconds: int) -> Json | Pending:
    """Return a service that runs; or what it is waited for.

    Raises:
        CloudError: If it does not exist, has failed or is stopped.
    """
    if data is None:
        raise CloudError(
            f"{name}: there is no such EAS service. Check the name, the region and the account."
        )
    status = str(data.get("Status"))
    if status == RUNNING:
        return data
    reason = str(data.get("Message") or data.get("Reason") or "").rstrip(".")
    if status in FAILED:
        raise CloudError(
            f"{name}: the EAS service is {status} ({reason}). Look at its events in the console."
        )
    message = f"{name}: the EAS service is {status} after {seconds} s ({reason}). `up` again."
    return Pending(f"the service is {status}", message)


def _wait(api: EasApi, inputs: EasServiceInputs, operation: Operation) -> EasServiceState:
    seconds = inputs.timeout_seconds
    data = wait_until(
        lambda: running_or_pending(inputs.name, api.service(inputs.name), seconds),
        operation,
        subject=inputs.name,
        seconds=seconds,
        first_pause_seconds=_FIRST_PAUSE_SECONDS,
    )
    return _state(data)


def _state(data: Json) -> EasServiceState:
    return EasServiceState(service_id=str(data["ServiceId"]), status=str(data.get("Status")))


def _labels(data: Json) -> dict[str, str]:
    return {row["LabelKey"]: row.get("LabelValue", "") for row in data.get("Labels") or ()}
