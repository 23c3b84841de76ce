"""`EasGateway`: creates, reads, updates and deletes fully managed gateways of PAI-EAS."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.codec import Json
from dashlink.provider.eas.gateway_lists import (
    eas_gateways,
    in_order_of,
    read_acl,
    read_domains,
    write_acl,
    write_domains,
)
from dashlink.provider.gateway.adoption import name_in_use
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.eas_gateway import (
    EAS_GATEWAY,
    EasGatewayInputs,
    EasGatewayState,
)
from dashlink.resources.models.eas_service import TagInputs

if TYPE_CHECKING:
    from dashlink.cloud.eas_gateways import EasGatewayApi

RUNNING = "Running"
_FAILED = ("Failed", "Stopped")
_CREATE_SECONDS = 300
_DELETE_SECONDS = 900
_FIRST_PAUSE_SECONDS = 0.25
# Input -> field of UpdateGateway, field of DescribeGateway (SDK models, 2026-08).
_FIELDS: Mapping[str, tuple[str, str]] = {
    "name": ("Name", "GatewayName"),
    "instance_type": ("InstanceType", "InstanceType"),
    "replicas": ("Replicas", "Replicas"),
    "internet": ("EnableInternet", "InternetEnabled"),
    "intranet": ("EnableIntranet", "IntranetEnabled"),
    "ssl_redirection": ("EnableSSLRedirection", "SSLRedirectionEnabled"),
    "is_default": ("IsDefault", "IsDefault"),
}
_AT_CREATION = ("name", "instance_type", "replicas", "internet", "intranet")


class EasGatewayHandler(Handler[EasGatewayInputs, EasGatewayState]):
    """Dedicated gateways. One that a killed run left is recognized by its name and its tags."""

    contract = EAS_GATEWAY
    blocking = True
    changes_state: ClassVar = {
        "vpc_domain": ("intranet",),
        "internet_domain": ("internet",),
    }

    def create(self, inputs: EasGatewayInputs, operation: Operation) -> tuple[str, EasGatewayState]:
        """Create the gateway and wait until it runs.

        Raises:
            CloudError: If it fails, or does not run in time.
            DashlinkError: If another owner has a gateway of the name.
        """
        api = eas_gateways(operation.account)
        gateway_id = wait_until(
            lambda: _found_or_created(api, inputs),
            operation,
            subject=inputs.name,
            seconds=_CREATE_SECONDS,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
        )
        return gateway_id, _change(api, gateway_id, inputs, operation)

    def read(
        self,
        identity: str,
        inputs: EasGatewayInputs | None,
        state: EasGatewayState | None,
        operation: Operation,
    ) -> tuple[EasGatewayInputs, EasGatewayState] | None:
        """Return the gateway with its access list of the internet and its domains."""
        api = eas_gateways(operation.account)
        data = api.gateway(identity)
        if data is None:
            return None
        if inputs is None and not data.get("InstanceType"):
            raise DashlinkError(
                f"{identity}: not a fully managed gateway. Use an ExistingEasGateway to read it."
            )
        labels = labels_of(data)
        values: dict[str, Any] = {}
        for name, (_, field) in _FIELDS.items():
            values[name] = data.get(field)
        written = inputs.domains if inputs is not None else None
        values["domains"] = in_order_of(written, read_domains(api, identity))
        values["tags"] = tuple(TagInputs(key=key, value=labels[key]) for key in sorted(labels))
        entries = read_acl(api, identity, None)
        if inputs is None:
            values["internet_acl"] = entries or None
        else:
            values["resource_group"] = inputs.resource_group
            values["timeout_seconds"] = inputs.timeout_seconds
            if inputs.internet_acl is not None:
                values["internet_acl"] = in_order_of(inputs.internet_acl, entries)
            values["tags"] = in_order_of(inputs.tags, values["tags"])
        present = {name: value for name, value in values.items() if value is not None}
        return EasGatewayInputs(**present), _state(data)

    def update(
        self,
        identity: str,
        inputs: EasGatewayInputs,
        state: EasGatewayState,
        operation: Operation,
    ) -> EasGatewayState:
        """Change the gateway in place, and wait until it shows the change and runs.

        Raises:
            CloudError: If it does not exist, fails, or does not show the change in time.
        """
        return _change(eas_gateways(operation.account), identity, inputs, operation)

    def delete(self, identity: str, operation: Operation) -> None:
        """Delete the gateway and wait until it is gone."""
        api = eas_gateways(operation.account)
        data = api.gateway(identity)
        if data is None:
            return
        if data.get("Status") != "Deleting":
            api.delete(identity)

        def probe() -> bool | Pending:
            if api.gateway(identity) is None:
                return True
            message = f"{identity}: not deleted after {_DELETE_SECONDS} s. Run `destroy` again."
            return Pending("the gateway is being deleted", message)

        wait_until(
            probe,
            operation,
            subject=identity,
            seconds=_DELETE_SECONDS,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
        )


def running_or_pending(gateway_id: str, data: Json | None, seconds: int) -> Json | Pending:
    """Return a gateway that runs; or what it is waited for.

    Raises:
        CloudError: If it does not exist, or has failed.
    """
    if data is None:
        raise CloudError(f"{gateway_id}: the EAS gateway does not exist. Run `pulumi refresh`.")
    status = str(data.get("Status"))
    if status in _FAILED:
        raise CloudError(f"{gateway_id}: the EAS gateway is {status}. Look at it in the console.")
    if status == RUNNING:
        return data
    message = f"{gateway_id}: the EAS gateway is {status} after {seconds} s. `up` again."
    return Pending(f"the gateway is {status}", message)


def labels_of(data: Json) -> dict[str, str]:
    """Return the labels of a gateway by key."""
    return {row["LabelKey"]: row.get("LabelValue", "") for row in data.get("Labels") or ()}


def _found_or_created(api: EasGatewayApi, inputs: EasGatewayInputs) -> str | Pending:
    """Return the gateway that exists, or a new one; pending if the creation has no answer.

    A request without an answer may have created the gateway: the next attempt looks first.
    """
    existing = _left_by_a_killed_run(api, inputs)
    if existing is not None:
        return existing
    try:
        gateway_id = api.create(_creation(inputs), inputs.resource_group)
    except CloudError as error:
        if not error.is_transient:
            raise
        return Pending("the creation has no answer", str(error))
    # Before it runs, so that a killed run leaves it with its tags; sent again later.
    with contextlib.suppress(CloudError):
        _write_labels(api, gateway_id, {}, inputs)
    return gateway_id


def _left_by_a_killed_run(api: EasGatewayApi, inputs: EasGatewayInputs) -> str | None:
    """Return the gateway of this name and these tags; None if the name is free.

    A run that was killed between the creation and the tags leaves a gateway of the name without
    any tag and without any linked VPC.
    """
    tags = _tags(inputs)
    others = []
    for row in api.gateways(GatewayName=inputs.name):
        gateway_id = str(row.get("GatewayId"))
        if row.get("GatewayName") != inputs.name or row.get("Status") in ("Deleting", "Deleted"):
            continue
        data = api.gateway(gateway_id)
        if data is None:
            continue
        labels = labels_of(data)
        if tags and (labels == tags or not (labels or api.linked_vpcs(gateway_id))):
            return gateway_id
        others.append(gateway_id)
    if others:
        raise name_in_use(f"an EAS gateway {inputs.name}", ", ".join(others))
    return None


def _creation(inputs: EasGatewayInputs) -> dict[str, Any]:
    """Return the body of CreateGateway; both ways in explicit, whatever the cloud's defaults."""
    body: dict[str, Any] = {"ChargeType": "PostPaid"}
    for name in _AT_CREATION:
        body[_FIELDS[name][0]] = getattr(inputs, name)
    return body


def _change(
    api: EasGatewayApi, gateway_id: str, inputs: EasGatewayInputs, operation: Operation
) -> EasGatewayState:
    """Make an existing gateway equal to the inputs, sending only what differs."""
    data = _wait(api, gateway_id, inputs, operation, changed=False)
    _write_labels(api, gateway_id, labels_of(data), inputs)
    changes = {}
    for name in _different(inputs, data):
        changes[_FIELDS[name][0]] = getattr(inputs, name)
    if changes:
        api.update(gateway_id, changes)
        data = _wait(api, gateway_id, inputs, operation, changed=True)
    write_acl(api, gateway_id, None, inputs.internet_acl)
    write_domains(api, gateway_id, inputs.domains)
    return _state(data)


def _write_labels(
    api: EasGatewayApi, gateway_id: str, labels: Mapping[str, str], inputs: EasGatewayInputs
) -> None:
    tags = _tags(inputs)
    removed = set(labels) - set(tags)
    if removed:
        api.remove_labels(gateway_id, removed)
    if any(labels.get(key) != value for key, value in tags.items()):
        api.set_labels(gateway_id, tags)


def _wait(
    api: EasGatewayApi,
    gateway_id: str,
    inputs: EasGatewayInputs,
    operation: Operation,
    *,
    changed: bool,
) -> Json:
    """Wait until the gateway runs; with ``changed`` also until it shows the inputs."""
    seconds = inputs.timeout_seconds

    def probe() -> Json | Pending:
        data = running_or_pending(gateway_id, api.gateway(gateway_id), seconds)
        if isinstance(data, Pending):
            return data
        missing = _different(inputs, data) if changed else []
        internet = str(data.get("InternetStatus") or "")
        if internet == "Failed":
            raise CloudError(
                f"{gateway_id}: its access from the internet failed. Look at it in the console."
            )
        if internet in ("Creating", "Deleting"):
            missing.append("internet")
        if not missing:
            return data
        reason = f"the gateway does not show its new {missing[0]} yet"
        return Pending(reason, f"{gateway_id}: {reason}, after {seconds} s. `up` again.")

    return wait_until(
        probe,
        operation,
        subject=gateway_id,
        seconds=seconds,
        first_pause_seconds=_FIRST_PAUSE_SECONDS,
    )


def _different(inputs: EasGatewayInputs, data: Json) -> list[str]:
    """Return the inputs that the gateway does not have; an absent boolean is false."""
    different = []
    for name, (_, field) in _FIELDS.items():
        value = getattr(inputs, name)
        current = data.get(field)
        if isinstance(value, bool):
            current = bool(current)
        if current != value:
            different.append(name)
    return different


def _state(data: Json) -> EasGatewayState:
    return EasGatewayState(
        status=str(data.get("Status")),
        vpc_domain=str(data.get("IntranetDomain") or ""),
        internet_domain=str(data.get("InternetDomain") or ""),
    )


def _tags(inputs: EasGatewayInputs) -> dict[str, str]:
    return {tag.key: tag.value for tag in inputs.tags}
