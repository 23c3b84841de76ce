"""Policies of their own and their attachments, tags and resource groups of APIG's resources.

Sources: SDK 11.6.0, models CreatePolicyRequest, CreatePolicyAttachmentRequest, TagResourcesRequest,
ChangeResourceGroupRequest. Codes are unverified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashlink_sandbox.gateways import Policy, PolicyAttachment
from dashlink_sandbox.records import Fixed
from dashlink_sandbox.services.apig.answers import bad, birth, conflict, find, listed, ok, own, required
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.wire.errors import missing, not_found


def create(call: Call) -> Answer:
    """CreatePolicy."""
    policy = Policy(
        policy_id=call.new_id("p"),
        name=required(call.body, "name"),
        class_name=required(call.body, "className"),
        config=_config(call.body),
        description=call.body.get("description") or "",
        **birth(call),
    )
    call.state.policies[policy.policy_id] = policy
    return ok({"policyId": policy.policy_id, "name": policy.name})


def describe(call: Call) -> Answer:
    """GetPolicy."""
    return ok(_shape(_the_policy(call)))


def list_policies(call: Call) -> Answer:
    """ListPolicies: all, or those that are attached to what the query names."""
    wanted = call.params.text("attachResourceId")
    rows = own(call, call.state.policies)
    if wanted:
        attached = {row.policy_id for row in call.state.policy_attachments.values() if row.resource_id == wanted}
        rows = [row for row in rows if row.policy_id in attached]
    return listed(call, [_shape(row) for row in rows])


def update(call: Call) -> Answer:
    """UpdatePolicy."""
    row = _the_policy(call)
    changes: dict[str, Any] = {"config": _config(call.body)}
    changes |= {name: call.body[name] for name in ("name", "description") if call.body.get(name)}
    call.state.policies[row.policy_id] = row.model_copy(update=changes)
    return ok()


def delete(call: Call) -> Answer:
    """DeletePolicy: refused while it is attached."""
    row = _the_policy(call)
    if any(item.policy_id == row.policy_id for item in call.state.policy_attachments.values()):
        raise conflict("PolicyInUse", f"The policy {row.name} is attached.")
    del call.state.policies[row.policy_id]
    return ok()


def attach(call: Call) -> Answer:
    """CreatePolicyAttachment."""
    policy_id = required(call.body, "policyId")
    find(call, call.state.policies, policy_id, "NotFound.PolicyNotFound", "policy")
    row = PolicyAttachment(
        attachment_id=call.new_id("pa"),
        policy_id=policy_id,
        resource_id=required(call.body, "attachResourceId"),
        resource_type=required(call.body, "attachResourceType"),
        environment_id=call.body.get("environmentId") or "",
        gateway_id=call.body.get("gatewayId") or "",
        **birth(call),
    )
    call.state.policy_attachments[row.attachment_id] = row
    return ok({"policyAttachmentId": row.attachment_id})


def describe_attachment(call: Call) -> Answer:
    """GetPolicyAttachment."""
    row = _the_attachment(call)
    return ok(
        {
            "policyAttachmentId": row.attachment_id,
            "policyId": row.policy_id,
            "attachResourceId": row.resource_id,
            "attachResourceType": row.resource_type,
            "environmentId": row.environment_id,
            "gatewayId": row.gateway_id,
        }
    )


def detach(call: Call) -> Answer:
    """DeletePolicyAttachment."""
    del call.state.policy_attachments[_the_attachment(call).attachment_id]
    return ok()


def tag(call: Call) -> Answer:
    """TagResources: ids and tags in the body."""
    added = {item["key"]: item.get("value", "") for item in required(call.body, "tag")}
    for table, row in _tagged(call, required(call.body, "resourceId")):
        table[row[0]] = row[1].model_copy(update={"tags": {**row[1].tags, **added}})
    return ok()


def untag(call: Call) -> Answer:
    """UntagResources: ids and keys in the query, as JSON lists."""
    keys, everything = _list(call, "TagKey"), call.params.flag("All")
    for table, row in _tagged(call, _list(call, "ResourceId")):
        kept = {key: value for key, value in row[1].tags.items() if key not in keys and not everything}
        table[row[0]] = row[1].model_copy(update={"tags": kept})
    return ok()


def list_tags(call: Call) -> Answer:
    """ListTagResources: not in APIG's envelope (SDK 11.6.0, ListTagResourcesResponseBody)."""
    kind = call.params.text("ResourceType")
    rows = [
        {"ResourceId": row[0], "ResourceType": kind, "TagKey": key, "TagValue": value}
        for _, row in _tagged(call, _list(call, "ResourceId"))
        for key, value in row[1].tags.items()
    ]
    return {"TagResources": rows}


def move(call: Call) -> Answer:
    """ChangeResourceGroup: everything in the query, and no envelope."""
    group = call.resource_group(call.params.required("ResourceGroupId"))
    for table, row in _tagged(call, [call.params.required("ResourceId")]):
        table[row[0]] = row[1].model_copy(update={"resource_group_id": group})
    return {}


def _list(call: Call, name: str) -> list[str]:
    text = call.params.text(name)
    if text.startswith("["):
        loaded: list[str] = json.loads(text)
        return loaded
    return [text] if text else call.params.texts(name)


def _tagged(call: Call, ids: list[str]) -> list[tuple[dict[str, Any], tuple[str, Fixed]]]:
    """Table and record of each id.

    Raises:
        ApiError: There is none of them.
    """
    if not ids:
        raise missing("resourceId")
    state = call.state
    tables: tuple[Mapping[str, Fixed], ...] = (
        state.gateways,
        state.http_apis,
        state.ai_services,
        state.domains,
        state.environments,
        state.policies,
    )
    found = []
    for record_id in ids:
        table = next((table for table in tables if record_id in table), None)
        if table is None or table[record_id].owner != call.account.id:
            raise not_found("NotFound.ResourceNotFound", f"The resource {record_id} does not exist.")
        found.append((table, (record_id, table[record_id])))
    return found  # type: ignore[return-value]  # every table is a dict of the state's draft


def _config(body: Mapping[str, Any]) -> str:
    text = str(required(body, "config"))
    try:
        json.loads(text)
    except ValueError as error:
        raise bad("config", "It is no JSON.") from error
    return text


def _the_policy(call: Call) -> Policy:
    policy_id = call.params.required("policyId")
    return find(call, call.state.policies, policy_id, "NotFound.PolicyNotFound", "policy")


def _the_attachment(call: Call) -> PolicyAttachment:
    attachment_id = call.params.required("policyAttachmentId")
    return find(
        call, call.state.policy_attachments, attachment_id, "NotFound.PolicyAttachmentNotFound", "policy attachment"
    )


def _shape(row: Policy) -> Answer:
    return {
        "policyId": row.policy_id,
        "name": row.name,
        "className": row.class_name,
        "config": row.config,
        "description": row.description,
    }
