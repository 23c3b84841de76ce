"""Model services.

Sources, beside those of the package: SDK model UpdateServiceRequest (2026-08): UpdateType is merge
unless the request has replace; DescribeServiceEndpointsResponseBody: rows by gateway, NLB and
group; DescribeServiceResponseBody: the queue's addresses as Secondary…Endpoint; acceptance tests of
terraform-provider-alicloud v1.285.0: the cloud returns the JSON as it was written, an empty
`labels` once a service had tags, and with a workspace `workspace_id` twice, although nobody wrote
them, and an update moves a service to the workspace of its JSON; "JSON deployment": the token is
generated where none is written, is retained by updates and hidden on export. Unverified: that a
service on a dedicated gateway has no address at the shared one; the names of load balancers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from dashlink_sandbox.eas import EasService, shared_domain
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.eas.common import (
    conflict,
    find_gateway,
    region_of,
    requested_service,
    service_named,
)
from dashlink_sandbox.services.eas.service_json import check, merged
from dashlink_sandbox.services.eas.spellings import with_primary_keys, without_token
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.wire.errors import ApiError, check_choice, invalid

_MOVING = ("Creating", "Updating", "Starting", "Stopping", "Deleting")


def create(call: Call) -> Answer:
    """CreateService: the body is the service JSON; Labels and WorkspaceId are in the query."""
    config = with_primary_keys(call.body)
    check(call, config)
    networking = (config.get("cloud") or {}).get("networking") or {}
    region = region_of(call, str(networking.get("vpc_id") or ""))
    name = config["metadata"]["name"]
    if service_named(call, region, name) is not None:
        raise conflict("ServiceAlreadyExists", f"The service {name} exists already.")
    service_id = call.new_id("eas-m")
    token = _taken_token(config) or _generated_token(service_id, call.now)
    labels = _labels(call)
    workspace = config["metadata"].get("workspace_id") or config.get("workspace_id") or ""
    row = EasService(
        service_id=service_id,
        name=name,
        region=region,
        token=token,
        config=config,
        written=without_token(call.body),
        labelled=bool(labels),
        workspace_id=str(call.params.text("WorkspaceId") or workspace),
        since=call.now,
        updated=call.now,
        **call.ownership(labels, ""),
    )
    _check_gateway(call, row)
    call.state.eas_services[service_id] = row
    return _written(call, row, "created")


def update(call: Call) -> Answer:
    """UpdateService: merges the body into the service JSON unless UpdateType is replace."""
    row = requested_service(call)
    _check_settled(row)
    kind = call.params.text("UpdateType", "merge")
    check_choice("UpdateType", kind, ("merge", "replace"))
    written = with_primary_keys(call.body)
    sent = without_token(call.body)
    config = written
    if kind == "merge":
        config, sent = merged(row.config, written), merged(row.written or row.config, sent)
    config.setdefault("metadata", {}).setdefault("name", row.name)
    if config["metadata"]["name"] != row.name:
        raise invalid("metadata.name", "The name of a service cannot be changed.")
    check(call, config)
    token = _taken_token(config) or row.token
    workspace = str(config["metadata"].get("workspace_id") or row.workspace_id)
    changed = row.model_copy(
        update={
            "config": config,
            "written": sent,
            "token": token,
            "workspace_id": workspace,
            "status": "Updating",
            "since": call.now,
        }
    )
    changed.updated = call.now
    _check_gateway(call, changed)
    call.state.eas_services[row.service_id] = changed
    return _written(call, changed, "updated")


def delete(call: Call) -> Answer:
    """DeleteService."""
    row = requested_service(call)
    row.status, row.since = "Deleting", call.now
    return {"Message": f"Service {row.name} is deleted."}


def start(call: Call) -> Answer:
    """StartService."""
    return _switched(call, "Starting")


def stop(call: Call) -> Answer:
    """StopService."""
    return _switched(call, "Stopping")


def describe(call: Call) -> Answer:
    """DescribeService."""
    return _shape(call, requested_service(call))


def list_services(call: Call) -> Answer:
    """ListServices: all regions that the host serves, here every one."""
    rows = []
    name = call.params.text("ServiceName")
    for row in call.state.eas_services.values():
        if row.owner == call.account.id and name in ("", row.name):
            rows.append(row)
    services, counts = by_number(
        call.params, rows, lambda row: _shape(call, row), size=10, largest=100
    )
    return {"Services": services, **counts}


def describe_endpoints(call: Call) -> Answer:
    """DescribeServiceEndpoints: the addresses by gateway and load balancer, and the token."""
    row = requested_service(call)
    rows = [_endpoint(call, row, row.name)]
    group = str(row.config["metadata"].get("group") or "")
    if group:
        rows.append({**_endpoint(call, row, group), "PathType": "Group"})
    rows += _balancers(row)
    return {"AccessToken": row.token, "Endpoints": rows, "Message": ""}


def _balancers(row: EasService) -> Iterator[Answer]:
    for entry in (row.config.get("networking") or {}).get("nlb") or ():
        balancer, port = str(entry.get("id", "default")), int(entry["listener_port"])
        if balancer == "default":
            balancer = f"nlb-{row.service_id.rpartition('-')[2]}"
        host = f"{balancer}.{row.region}.nlb.aliyuncsslb.com"
        url = f"http://{host}:{port}/api/predict/{row.name}"
        on_internet = entry.get("netType") == "internet"
        yield {
            "EndpointType": "Nlb",
            "BackendId": balancer,
            "PathType": "Service",
            "Port": port,
            "InternetEndpoints": [url] if on_internet else [],
            "IntranetEndpoints": [] if on_internet else [url],
        }


def _endpoint(call: Call, row: EasService, name: str) -> Answer:
    path = f"/api/predict/{name}"
    if not row.gateway_id:
        hidden = (row.config.get("networking") or {}).get("disable_internet_endpoint")
        internet = [f"http://{shared_domain(row.owner, row.region, vpc=False)}{path}"]
        return {
            "EndpointType": "DefaultGateway",
            "BackendId": "default",
            "PathType": "Service",
            "InternetEndpoints": [] if hidden else internet,
            "IntranetEndpoints": [f"http://{shared_domain(row.owner, row.region, vpc=True)}{path}"],
        }
    gateway = find_gateway(call, row.region, row.gateway_id)
    internet = [f"http://{gateway.internet_domain}{path}"] if gateway.internet else []
    intranet = [f"http://{gateway.intranet_domain}{path}"] if gateway.intranet else []
    return {
        "EndpointType": "PrivateGateway",
        "BackendId": gateway.gateway_id,
        "PathType": "Service",
        "InternetEndpoints": internet,
        "IntranetEndpoints": intranet,
    }


def _switched(call: Call, status: str) -> Answer:
    row = requested_service(call)
    _check_settled(row)
    row.status, row.since = status, call.now
    return {"Message": f"Service {row.name} is {status}."}


def _check_settled(row: EasService) -> None:
    """Refuse a change while another one is in progress (code unverified)."""
    if row.status in _MOVING:
        raise conflict("ServiceStatusConflict", f"The service {row.name} is {row.status}.")


def _check_gateway(call: Call, row: EasService) -> None:
    if row.gateway_id:
        gateway = find_gateway(call, row.region, row.gateway_id)
        if gateway.status != "Running":
            raise invalid("networking.gateway", f"The gateway is {gateway.status}.")


def _labels(call: Call) -> dict[str, str]:
    try:
        labels = json.loads(call.params.text("Labels", "{}"))
    except ValueError as error:
        raise ApiError("InvalidParameter", "Labels is not JSON.") from error
    return {str(key): str(value) for key, value in labels.items()}


def _generated_token(service_id: str, now: float) -> str:
    return hashlib.sha256(f"{service_id}/{now}".encode()).hexdigest()[:40]


def _written(call: Call, row: EasService, what: str) -> Answer:
    addresses = _endpoint(call, row, row.name)
    return {
        "ServiceId": row.service_id,
        "ServiceUid": row.service_id,
        "ServiceName": row.name,
        "Region": row.region,
        "Status": row.status,
        "InternetEndpoint": _first(addresses, "InternetEndpoints"),
        "IntranetEndpoint": _first(addresses, "IntranetEndpoints"),
        "Message": f"Service {row.name} is {what}.",
    }


def _first(addresses: Mapping[str, Any], name: str) -> str:
    return next(iter(addresses[name]), "")


def _shape(call: Call, row: EasService) -> Answer:
    addresses = _endpoint(call, row, row.name)
    labels = [{"LabelKey": key, "LabelValue": value} for key, value in row.tags.items()]
    running = row.status in ("Running", "Updating")
    instances = row.config["metadata"]["instance"]
    shape: Answer = {
        "AccessToken": row.token,
        "CallerUid": row.owner,
        "CreateTime": timestamp(row.created),
        "InternetEndpoint": _first(addresses, "InternetEndpoints"),
        "IntranetEndpoint": _first(addresses, "IntranetEndpoints"),
        "Labels": labels,
        "Message": f"Service is {row.status}.",
        "Region": row.region,
        "RunningInstance": instances if running else 0,
        "ServiceConfig": json.dumps(_shown_config(call, row)),
        "ServiceId": row.service_id,
        "ServiceName": row.name,
        "ServiceUid": row.service_id,
        "Status": row.status,
        "TotalInstance": instances,
        "UpdateTime": timestamp(row.updated),
        "WorkspaceId": row.workspace_id,
    }
    if row.gateway_id:
        shape["Gateway"] = row.gateway_id
    if row.config["metadata"].get("type") == "Async":
        queue = _endpoint(call, row, f"async_path.{row.name}")
        shape["SecondaryInternetEndpoint"] = _first(queue, "InternetEndpoints")
        shape["SecondaryIntranetEndpoint"] = _first(queue, "IntranetEndpoints")
    return shape


def _shown_config(call: Call, row: EasService) -> dict[str, Any]:
    """The service JSON as the cloud returns it: with what it adds, without the token."""
    config = dict(row.config)
    if call.dialect["eas-read-back"] == "as-written" and with_primary_keys(row.written) == config:
        config = dict(row.written)
    if row.labelled:
        config["labels"] = {}
    if row.workspace_id:
        config["workspace_id"] = row.workspace_id
        config["metadata"] = {**(config.get("metadata") or {}), "workspace_id": row.workspace_id}
    return config


def _taken_token(config: dict[str, Any]) -> str:
    """Remove the token from a service JSON by primary keys; empty where it has none."""
    credential = config.pop("credential", None) or {}
    token = str(credential.pop("token", "") or "")
    if credential:
        config["credential"] = credential
    return token
