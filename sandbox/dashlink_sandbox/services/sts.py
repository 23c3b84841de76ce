"""STS: the caller's identity, and temporary keys.

Source: help.aliyun.com, RAM "GetCallerIdentity", "AssumeRole", "AssumeRoleWithOIDC" (2024). Roles
are not stored: an account may assume any role of its own, and an OIDC token is not verified.
"""

from __future__ import annotations

import re

from dashlink_sandbox.services.base import Answer, Call, Service, timestamp
from dashlink_sandbox.wire.errors import forbidden, invalid, not_found

_ROLE = re.compile(r"acs:ram::(\d+):role/([\w.\-]+)")
_LONGEST_SECONDS = 12 * 3600


def get_caller_identity(call: Call) -> Answer:
    """GetCallerIdentity."""
    is_role = call.identity.arn != call.account.arn
    return {
        "AccountId": call.account.id,
        "UserId": call.account.id,
        "PrincipalId": call.account.id,
        "Arn": call.identity.arn,
        "IdentityType": "AssumedRoleUser" if is_role else "Account",
    }


def assume_role(call: Call) -> Answer:
    """AssumeRole, with a key of the role's account."""
    account_id, _ = _role(call)
    if account_id != call.account.id:
        message = "You are not authorized to do this action. The role is another account's."
        raise forbidden("NoPermission", message)
    return _issue_key(call)


def assume_role_with_oidc(call: Call) -> Answer:
    """AssumeRoleWithOIDC: unsigned, authenticated by its token alone."""
    call.params.required("OIDCToken")
    call.params.required("OIDCProviderArn")
    return _issue_key(call)


def _issue_key(call: Call) -> Answer:
    account_id, role = _role(call)
    account = call.catalog.account(account_id)
    if account is None:
        raise not_found("EntityNotExist.Role", "The specified role does not exist.")
    session = call.params.text("RoleSessionName", "session")
    arn = f"acs:ram::{account_id}:assumed-role/{role}/{session}"
    seconds = call.params.number("DurationSeconds", 3600, 900, _LONGEST_SECONDS)
    key = call.keyring.issue(account, arn, float(int(call.now) + seconds))
    return {
        "AssumedRoleUser": {"Arn": arn, "AssumedRoleId": f"{account_id}:{session}"},
        "Credentials": {
            "AccessKeyId": key.access_key_id,
            "AccessKeySecret": key.access_key_secret,
            "SecurityToken": key.security_token,
            "Expiration": timestamp(key.expires),
        },
    }


def _role(call: Call) -> tuple[str, str]:
    """Return account and name of the role ``RoleArn``."""
    match = _ROLE.fullmatch(call.params.required("RoleArn"))
    if match is None:
        raise invalid("RoleArn")
    return match[1], match[2]


SERVICE = Service(
    "Sts",
    "2015-04-01",
    {
        "GetCallerIdentity": get_caller_identity,
        "AssumeRole": assume_role,
        "AssumeRoleWithOIDC": assume_role_with_oidc,
    },
)
