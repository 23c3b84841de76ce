"""The accounts that may use an account's own endpoint service.

Sources: SDK 4.0.9; Alibaba Cloud's OpenAPI metadata (2024-07-30: codes, UserListType and the form
of a resource name, ``acs:ram:*:<account>:*``).
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink.lookup import find_active_service, find_own_service
from dashlink_sandbox.services.privatelink.rules import account_of
from dashlink_sandbox.wire.errors import ApiError

_LARGEST_PAGE = 50


def add(call: Call) -> Answer:
    """AddUserToVpcEndpointService: an account, by its id or its resource name."""
    service = find_active_service(call)
    user_id, arn = _requested(call)
    accounts = service.allow_listed_accounts or []
    if user_id and user_id not in accounts:
        service.allow_listed_accounts = [*accounts, user_id]
    if arn and arn not in service.allow_listed_arns:
        service.allow_listed_arns = [*service.allow_listed_arns, arn]
    return {}


def remove(call: Call) -> Answer:
    """RemoveUserFromVpcEndpointService: no error if the list does not have it (unverified)."""
    service = find_active_service(call)
    user_id, arn = _requested(call)
    accounts = service.allow_listed_accounts or []
    service.allow_listed_accounts = [account for account in accounts if account != user_id]
    service.allow_listed_arns = [row for row in service.allow_listed_arns if row != arn]
    return {}


def list_users(call: Call) -> Answer:
    """ListVpcEndpointServiceUsers: the accounts, or their resource names."""
    service = find_own_service(call)
    kind = call.params.one_of("UserListType", ("Users", "UserARNs"), "Users")
    user_id = call.params.text("UserId")
    rows: list[Answer] = []
    if kind == "Users":
        for account in service.allow_listed_accounts or ():
            if user_id in ("", account):
                rows.append({"UserId": int(account)})
    else:
        for arn in service.allow_listed_arns:
            if user_id in ("", account_of(arn)):
                rows.append({"UserARN": arn})
    page, counts = by_token(call.params, rows, dict, size=_LARGEST_PAGE, largest=1000)
    counts["TotalCount"] = str(counts["TotalCount"])
    return {"Users": [], "UserARNs": [], kind: page, **counts}


def _requested(call: Call) -> tuple[str, str]:
    """Return the account's id and its resource name, of which the request names one or both.

    Raises:
        ApiError: MissingParam.UserArn, Mismatch.UserIdAndUserArn, or IllegalParamFormat.UserArn.
    """
    user_id, arn = call.params.text("UserId"), call.params.text("UserARN")
    if not user_id and not arn:
        raise ApiError("MissingParam.UserArn", "The param of UserArn is missing.")
    if arn and account_of(arn) != (user_id or account_of(arn)):
        message = f"The {user_id} and {arn} are mismatched."
        raise ApiError("Mismatch.UserIdAndUserArn", message)
    return user_id, arn
