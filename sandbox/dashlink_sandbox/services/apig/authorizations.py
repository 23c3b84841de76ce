"""What becomes of authorization rules when their API or consumer is deleted: an open question."""

from __future__ import annotations

from dashlink_sandbox.gateways import AuthorizationRule
from dashlink_sandbox.services.apig import late
from dashlink_sandbox.services.apig.answers import conflict
from dashlink_sandbox.services.base import Call


def end_authorizations(call: Call, field: str, value: str) -> None:
    """End the rules of an API or consumer that is about to be deleted.

    Args:
        call: The call that deletes it.
        field: The rules' field with its id.
        value: Its id.

    Raises:
        ApiError: Conflict.ConsumerAuthorizationRuleExisted, where rules must be removed first; no
            source states the code.
    """
    answer = call.dialect["authorizations-of-deleted"]
    rules = call.state.authorization_rules
    for rule_id, rule in list(rules.items()):
        if getattr(rule, field) != value or answer == "kept":
            continue
        if answer == "refused":
            message = "It has authorization rules. Remove them first."
            raise conflict("ConsumerAuthorizationRuleExisted", message)
        end_rule(call, rule_id)


def end_rule(call: Call, rule_id: str) -> None:
    """Remove a rule, which lists may show for a while."""
    rules = call.state.authorization_rules
    late.note(call, AuthorizationRule, rules, rule_id)
    del rules[rule_id]
