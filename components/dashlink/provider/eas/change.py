"""Requests that bring a model service to its inputs, and the wait until it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashlink.errors import CloudError
from dashlink.provider.codec import Json
from dashlink.provider.eas import service_json
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.eas_service import EasServiceInputs, EasServiceState

if TYPE_CHECKING:
    from dashlink.cloud.eas import EasApi

RUNNING = "Running"
STOPPED = "Stopped"
# The SDK alipai 0.4.13 stops waiting at these; `Complete` is the end of a job.
FAILED = ("Failed", "DeleteFailed", STOPPED, "Complete")
# Statuses that `up` ends: it starts a stopped service, and sends a failed one again.
RESTORED = ("Failed", "Stopping", STOPPED)
_CONFLICT = 409
_FIRST_PAUSE_SECONDS = 0.25


@dataclass
class Change:
    """The requests that make an existing service equal to its inputs, each sent once.

    A request that the cloud refuses because another change is in progress (HTTP 409) is sent again.
    """

    api: EasApi
    inputs: EasServiceInputs
    has_sent: bool = False
    has_started: bool = False

    def finish(self, operation: Operation) -> EasServiceState:
        """Send what differs, and wait until the service runs."""
        data = wait_until(
            self._probe,
            operation,
            subject=self.inputs.name,
            seconds=self.inputs.timeout_seconds,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
        )
        return state_of(data)

    def _probe(self) -> Json | Pending:
        name, seconds = self.inputs.name, self.inputs.timeout_seconds
        data = self.api.service(name)
        if data is None:
            return running_or_pending(name, data, seconds)
        status = str(data.get("Status"))
        self._tag(data)
        waiting = Pending(f"the service is {status}", _too_long(name, data, seconds))
        if not self.has_sent and (status == "Failed" or self._differs(data)):
            self.has_sent = self._is_accepted(lambda: self._replace(data))
            return waiting
        if status == STOPPED and not self.has_started:
            self.has_started = self._is_accepted(lambda: self.api.start_service(name))
            return waiting
        if status == "Stopping" or (status == STOPPED and self.has_started):
            return waiting
        return running_or_pending(name, data, seconds)

    def _tag(self, data: Json) -> None:
        written, labels = tags_of(self.inputs), labels_of(data)
        service_id = str(data["ServiceId"])
        removed = set(labels) - set(written)
        if removed:
            self.api.untag_service(service_id, removed)
        if any(labels.get(key) != value for key, value in written.items()):
            self.api.tag_service(service_id, written)

    def _differs(self, data: Json) -> bool:
        inputs, current, secrets = self.inputs, config_of(data), secrets_of(self.inputs)
        variables = service_json.variables_of(current)
        return (
            not service_json.same(service_json.parse(inputs.config), current, secrets)
            or (inputs.token is not None and inputs.token != data.get("AccessToken"))
            or service_json.returned_login(current, inputs.docker_auth) != inputs.docker_auth
            or any(variables.get(name) != value for name, value in secrets.items())
            or inputs.workspace_id not in (None, data.get("WorkspaceId"))
        )

    def _replace(self, data: Json) -> None:
        workspace = self.inputs.workspace_id or data.get("WorkspaceId")
        token = self.inputs.token or data.get("AccessToken")
        self.api.replace_service(self.inputs.name, _complete(self.inputs, workspace, token))

    def _is_accepted(self, request: Callable[[], None]) -> bool:
        """Send a request; return whether the cloud takes it now."""
        try:
            request()
        except CloudError as error:
            if error.status != _CONFLICT:
                raise _without_login(error, self.inputs) from None
            return False
        return True


def tags_of(inputs: EasServiceInputs) -> dict[str, str]:
    """Return the tags of the inputs by key."""
    return {tag.key: tag.value for tag in inputs.tags}


def secrets_of(inputs: EasServiceInputs) -> dict[str, str]:
    """Return the variables of the inputs whose values are secrets, by name."""
    return {variable.name: variable.value for variable in inputs.secret_environment}


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
    if status in FAILED:
        raise CloudError(
            f"{name}: the EAS service is {status} ({_reason(data)}). Look at its events in the "
            "console."
        )
    return Pending(f"the service is {status}", _too_long(name, data, seconds))


def create_or_find(api: EasApi, inputs: EasServiceInputs) -> Json | None:
    """Create the service; return the one that took the name meanwhile, None if there is none.

    The name is taken where an earlier request created the service and its answer was lost.
    """
    sent = _complete(inputs, inputs.workspace_id, inputs.token)
    try:
        api.create_service(sent, inputs.workspace_id, tags_of(inputs))
    except CloudError as error:
        existing = api.service(inputs.name) if error.status == _CONFLICT else None
        if existing is None:
            raise _without_login(error, inputs) from None
        return existing
    return None


def _complete(inputs: EasServiceInputs, workspace_id: str | None, token: str | None) -> Json:
    config = service_json.parse(inputs.config)
    return service_json.complete(
        config,
        inputs.name,
        workspace_id,
        token=token,
        docker_auth=inputs.docker_auth,
        secrets=secrets_of(inputs),
    )


def _without_login(error: CloudError, inputs: EasServiceInputs) -> CloudError:
    """Return an error without the login of a registry as it was sent.

    The plugin hides the inputs themselves; their base64 text is another one.
    """
    if inputs.docker_auth is None:
        return error
    return CloudError(
        error.reason.replace(service_json.encoded_login(inputs.docker_auth), "…"),
        code=error.code,
        request_id=error.request_id,
        is_transient=error.is_transient,
        status=error.status,
    )


def _too_long(name: str, data: Json, seconds: int) -> str:
    status = data.get("Status")
    return f"{name}: the EAS service is {status} after {seconds} s ({_reason(data)}). `up` again."


def _reason(data: Json) -> str:
    return str(data.get("Message") or data.get("Reason") or "").rstrip(".")


def config_of(data: Json) -> Json:
    """Return the service JSON of a service."""
    return service_json.parse(str(data.get("ServiceConfig") or "{}"))


def state_of(data: Json) -> EasServiceState:
    """Return the outputs of a service."""
    return EasServiceState(service_id=str(data["ServiceId"]), status=str(data.get("Status")))


def labels_of(data: Json) -> dict[str, str]:
    """Return the tags of a service by key."""
    return {row["LabelKey"]: row.get("LabelValue", "") for row in data.get("Labels") or ()}
