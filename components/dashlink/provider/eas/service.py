"""`EasService`: creates, reads, updates and deletes model services of PAI-EAS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dashlink.errors import CloudError
from dashlink.provider.codec import Json
from dashlink.provider.eas import service_json
from dashlink.provider.eas.change import (
    RESTORED,
    RUNNING,
    Change,
    config_of,
    create_or_find,
    labels_of,
    secrets_of,
    state_of,
    tags_of,
)
from dashlink.provider.gateway.adoption import name_in_use
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.eas_service import (
    EAS_SERVICE,
    EasServiceInputs,
    EasServiceState,
    SecretVariableInputs,
    TagInputs,
)

if TYPE_CHECKING:
    from dashlink.cloud.credentials import Account
    from dashlink.cloud.eas import EasApi

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
        existing: Json | None = api.service(inputs.name)
        if existing is None:
            existing = create_or_find(api, inputs)
        if existing is None:
            return inputs.name, Change(api, inputs, has_sent=True).finish(operation)
        if not inputs.tags or labels_of(existing) != tags_of(inputs):
            raise name_in_use(f"an EAS service {inputs.name}", existing.get("ServiceId"))
        return inputs.name, Change(api, inputs).finish(operation)

    def read(
        self,
        identity: str,
        inputs: EasServiceInputs | None,
        state: EasServiceState | None,
        operation: Operation,
    ) -> tuple[EasServiceInputs, EasServiceState] | None:
        """Return the service; its JSON as it was written where the cloud's equals it."""
        data = eas(operation.account).service(identity)
        if data is None:
            return None
        labels = labels_of(data)
        tags = tuple(TagInputs(key=key, value=labels[key]) for key in sorted(labels))
        secrets = {} if inputs is None else secrets_of(inputs)
        current = config_of(data)
        values: dict[str, Any] = {
            "name": identity,
            "config": service_json.text_of(service_json.comparable(current, secrets)),
            "workspace_id": data.get("WorkspaceId") or None,
            "tags": tags,
            "docker_auth": service_json.returned_login(current, None),
        }
        if inputs is not None:
            if service_json.same(service_json.parse(inputs.config), current, secrets):
                values["config"] = inputs.config
            values["docker_auth"] = service_json.returned_login(current, inputs.docker_auth)
            values["secret_environment"] = _secret_variables(current, secrets)
            values["timeout_seconds"] = inputs.timeout_seconds
            if inputs.token is not None:
                values["token"] = data.get("AccessToken")
        return EasServiceInputs(**values), state_of(data)

    def update(
        self,
        identity: str,
        inputs: EasServiceInputs,
        state: EasServiceState,
        operation: Operation,
    ) -> EasServiceState:
        """Change the service in place, start it if it is stopped, and wait until it runs.

        Raises:
            CloudError: If it does not exist, fails, or does not run in time.
        """
        api = eas(operation.account)
        if api.service(identity) is None:
            raise CloudError(f"{identity}: the EAS service does not exist. Run `pulumi refresh`.")
        return Change(api, inputs).finish(operation)

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

    def restored(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return that an update starts a service that was stopped elsewhere, or has failed."""
        return {"status": RUNNING} if state.get("status") in RESTORED else {}

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


def _secret_variables(
    current: Json, secrets: Mapping[str, str]
) -> tuple[SecretVariableInputs, ...]:
    """Return the secret variables as the cloud has them, sorted by name."""
    variables = service_json.variables_of(current)
    rows = []
    for name in sorted(secrets):
        if name in variables:
            rows.append(SecretVariableInputs(name=name, value=variables[name]))
    return tuple(rows)
