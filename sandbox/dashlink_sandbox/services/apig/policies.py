"""Policies and their attachments.

Sources: SDK 11.6.0, models CreatePolicyRequest, CreatePolicyAttachmentRequest. Codes are
unverified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashlink_sandbox.gateways import Policy, PolicyAttachment
from dashlink_sandbox.services.apig.answers import conflict, listed, new_record, ok, required
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.wire.errors import invalid


def create(call: Call) -> Answer:
    """CreatePolicy."""
    policy = Policy(
        policy_id=call.new_id("p"),
        name=required(call.body, "name"),
        class_name=required(call.body, "className"),
        config=_config(call.body),
        description=call.body.get("description") or "",
        **new_record(call),
    )
    call.state.policies[policy.policy_id] = policy
    return ok({"policyId": policy.policy_id, "name": policy.name})


def describe(call: Call) -> Answer:
    """GetPolicy."""
    return ok(_shape(_requested(call)))


def list_policies(call: Call) -> Answer:
    """ListPolicies: all, or those attached to ``attachResourceId``."""
    policies = call.own(call.state.policies)
    if "attachResourceId" in call.params:
        attached = set()
        for attachment in call.state.policy_attachments.values():
            if attachment.resource_id == call.params.text("attachResourceId"):
                attached.add(attachment.policy_id)
        policies = [policy for policy in policies if policy.policy_id in attached]
    return listed(call, policies, _shape)


def update(call: Call) -> Answer:
    """UpdatePolicy."""
    policy = _requested(call)
    changes = {"config": _config(call.body)}
    for name in ("name", "description"):
        if call.body.get(name):
            changes[name] = call.body[name]
    call.state.policies[policy.policy_id] = policy.model_copy(update=changes)
    return ok()


def delete(call: Call) -> Answer:
    """DeletePolicy: refused while it is attached."""
    policy = _requested(call)
    attachments = call.state.policy_attachments.values()
    if any(attachment.policy_id == policy.policy_id for attachment in attachments):
        raise conflict("PolicyInUse", f"The policy {policy.name} is attached.")
    del call.state.policies[policy.policy_id]
    return ok()


def attach(call: Call) -> Answer:
    """CreatePolicyAttachment: every field is required (SDK 11.6.0)."""
    policy = _find(call, required(call.body, "policyId"))
    attachment = PolicyAttachment(
        attachment_id=call.new_id("pa"),
        policy_id=policy.policy_id,
        resource_id=required(call.body, "attachResourceId"),
        resource_type=required(call.body, "attachResourceType"),
        environment_id=required(call.body, "environmentId"),
        gateway_id=required(call.body, "gatewayId"),
        **new_record(call),
    )
    call.state.policy_attachments[attachment.attachment_id] = attachment
    return ok({"policyAttachmentId": attachment.attachment_id})


def describe_attachment(call: Call) -> Answer:
    """GetPolicyAttachment."""
    attachment = _requested_attachment(call)
    return ok(
        {
            "policyAttachmentId": attachment.attachment_id,
            "policyId": attachment.policy_id,
            "attachResourceId": attachment.resource_id,
            "attachResourceType": attachment.resource_type,
            "environmentId": attachment.environment_id,
            "gatewayId": attachment.gateway_id,
        }
    )


def detach(call: Call) -> Answer:
    """DeletePolicyAttachment."""
    del call.state.policy_attachments[_requested_attachment(call).attachment_id]
    return ok()


def _config(body: Mapping[str, Any]) -> str:
    text = str(required(body, "config"))
    try:
        json.loads(text)
    except ValueError as error:
        raise invalid("config", "It is not JSON.") from error
    return text


def _find(call: Call, policy_id: str) -> Policy:
    return call.find(call.state.policies, policy_id, "NotFound.PolicyNotFound", "policy")


def _requested(call: Call) -> Policy:
    return _find(call, call.params.required("policyId"))


def _requested_attachment(call: Call) -> PolicyAttachment:
    attachment_id = call.params.required("policyAttachmentId")
    code = "NotFound.PolicyAttachmentNotFound"
    return call.find(call.state.policy_attachments, attachment_id, code, "policy attachment")


def _shape(policy: Policy) -> Answer:
    return {
        "policyId": policy.policy_id,
        "name": policy.name,
        "className": policy.class_name,
        "config": policy.config,
        "description": policy.description,
    }
