"""Policies and their attachments.

Sources: SDK 11.6.0, models CreatePolicyRequest, CreatePolicyAttachmentRequest, PolicyInfo (what
policies of a class can be attached to), Attachment, ListPoliciesRequest. Codes are unverified.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dashlink_sandbox.gateways import Policy, PolicyAttachment
from dashlink_sandbox.services.apig.answers import conflict, listed, new_record, ok, required
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.wire.errors import check_choice, invalid

_ROUTES = ("HttpApi", "Operation", "GatewayRoute")
_RESOURCE_TYPES = (*_ROUTES, "GatewayService", "GatewayServicePort", "Gateway", "Domain")
# The class of a policy -> the types of resources that it can be attached to.
_CLASSES = {
    "RateLimit": _ROUTES,
    "ConcurrencyLimit": _ROUTES,
    "CircuitBreaker": _ROUTES,
    "HttpRewrite": _ROUTES,
    "HeaderModify": _ROUTES,
    "Cors": _ROUTES,
    "FlowCopy": _ROUTES,
    "Timeout": _ROUTES,
    "Retry": _ROUTES,
    "IpAccessControl": (*_ROUTES, "Domain", "Gateway"),
    "DirectResponse": ("Operation", "GatewayRoute"),
    "Redirect": ("GatewayRoute",),
    "Fallback": ("Operation", "GatewayRoute"),
    "ServiceTls": ("GatewayService",),
    "ServiceLb": ("GatewayService",),
    "ServicePortTls": ("GatewayServicePort",),
    "Waf": ("GatewayRoute", "Gateway"),
    "JWTAuth": ("Gateway",),
    "OIDCAuth": ("Gateway",),
    "ExternalZAuth": ("Gateway",),
    # No source states it for these.
    "Authentication": _RESOURCE_TYPES,
    "AiProxy": _RESOURCE_TYPES,
    "ModelRouter": _RESOURCE_TYPES,
    "AiStatistics": _RESOURCE_TYPES,
    "AiSecurityGuard": _RESOURCE_TYPES,
    "AiFallback": _RESOURCE_TYPES,
    "ModelMapper": _RESOURCE_TYPES,
    "AiTokenRateLimit": _RESOURCE_TYPES,
    "AiCache": _RESOURCE_TYPES,
    "DynamicRoute": _RESOURCE_TYPES,
}
# Parameter of ListPolicies -> attribute of an attachment.
_FILTERS = {
    "attachResourceId": "resource_id",
    "attachResourceType": "resource_type",
    "environmentId": "environment_id",
    "gatewayId": "gateway_id",
}


def create(call: Call) -> Answer:
    """CreatePolicy."""
    check_choice("className", required(call.body, "className"), _CLASSES)
    policy = Policy(
        policy_id=call.new_id("p"),
        name=required(call.body, "name"),
        class_name=call.body["className"],
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
    """ListPolicies: all, or those with an attachment that matches the filters."""
    attachments = call.select(call.state.policy_attachments, _FILTERS)
    policies = call.own(call.state.policies)
    if any(name in call.params for name in _FILTERS):
        attached = {attachment.policy_id for attachment in attachments}
        policies = [policy for policy in policies if policy.policy_id in attached]
    shape: Callable[[Policy], Answer] = _shape
    if call.params.flag("withAttachments"):
        shape = partial(_shape_with, attachments)
    return listed(call, policies, shape)


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
    kind = required(call.body, "attachResourceType")
    check_choice("attachResourceType", kind, _CLASSES[policy.class_name])
    attachment = PolicyAttachment(
        attachment_id=call.new_id("pa"),
        policy_id=policy.policy_id,
        resource_id=required(call.body, "attachResourceId"),
        resource_type=kind,
        environment_id=required(call.body, "environmentId"),
        gateway_id=required(call.body, "gatewayId"),
        **new_record(call),
    )
    call.state.policy_attachments[attachment.attachment_id] = attachment
    return ok({"policyAttachmentId": attachment.attachment_id})


def describe_attachment(call: Call) -> Answer:
    """GetPolicyAttachment."""
    attachment = _requested_attachment(call)
    policy = call.state.policies[attachment.policy_id]
    named = {"policyId": policy.policy_id, "config": policy.config}
    return ok({**_attachment_shape(attachment), **named})


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


def _shape_with(attachments: Sequence[PolicyAttachment], policy: Policy) -> Answer:
    rows = []
    for attachment in attachments:
        if attachment.policy_id == policy.policy_id:
            rows.append(_attachment_shape(attachment))
    return {**_shape(policy), "attachments": rows}


def _attachment_shape(attachment: PolicyAttachment) -> Answer:
    return {
        "policyAttachmentId": attachment.attachment_id,
        "attachResourceId": attachment.resource_id,
        "attachResourceType": attachment.resource_type,
        "environmentId": attachment.environment_id,
        "gatewayId": attachment.gateway_id,
    }
