"""Permissions to bind a PrivateZone to the VPCs of another account.

Sources: Alibaba Cloud's OpenAPI metadata of pvtz (2024-07-30: parameters, the code that a channel
other than the resource directory needs); the alicloud provider v1.285.0 (ZoneVpc.Auth.NotExists).
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.pvtz.rules import AUTHORIZATION_TYPES, authorization_key
from dashlink_sandbox.services.pvtz.zones import paginate
from dashlink_sandbox.state import VpcAuthorization
from dashlink_sandbox.wire.errors import ApiError

_BY_DIRECTORY = "RESOURCE_DIRECTORY"
_FILTERS = {"AuthType": "type", "AuthorizedUserId": "user_id"}


def add(call: Call) -> Answer:
    """AddUserVpcAuthorization: the sandbox's accounts are of one resource directory."""
    user_id = call.params.required("AuthorizedUserId")
    kind = call.params.one_of("AuthType", AUTHORIZATION_TYPES, "NORMAL")
    if kind == "NORMAL" and call.params.text("AuthChannel") != _BY_DIRECTORY:
        message = f"The sandbox sends no AuthCode: use the AuthChannel {_BY_DIRECTORY}."
        raise ApiError("Sandbox.UnsupportedParameter", message)
    if call.catalog.account(user_id) is None:
        raise ApiError("IllegalUser", "The user is illegal.")
    key = authorization_key(call.account.id, user_id, kind)
    authorization = VpcAuthorization(user_id=user_id, type=kind, **call.new_record())
    call.state.vpc_authorizations[key] = authorization
    return {}


def list_authorizations(call: Call) -> Answer:
    """DescribeUserVpcAuthorizations."""
    rows = call.select(call.state.vpc_authorizations, _FILTERS)
    page, counts = paginate(call, rows, _shape)
    return {"Users": page, **counts}


def delete(call: Call) -> Answer:
    """DeleteUserVpcAuthorization; VPCs that are bound stay bound (unverified)."""
    user_id = call.params.required("AuthorizedUserId")
    kind = call.params.one_of("AuthType", AUTHORIZATION_TYPES, "NORMAL")
    key = authorization_key(call.account.id, user_id, kind)
    if key not in call.state.vpc_authorizations:
        raise ApiError("ZoneVpc.Auth.NotExists", "The authorization does not exist.")
    del call.state.vpc_authorizations[key]
    return {}


def _shape(authorization: VpcAuthorization) -> Answer:
    return {
        "AuthorizedUserId": int(authorization.user_id),
        "AuthType": authorization.type,
        "CreateTime": timestamp(authorization.created),
        "CreateTimestamp": int(authorization.created * 1000),
    }
