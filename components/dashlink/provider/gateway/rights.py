"""Rights of consumers on APIs: authorization rules, granted and withdrawn by few requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from dashlink.cloud.words import CONSUMER, CONSUMER_GROUP, FOREVER
from dashlink.provider.codec import Json, to_api
from dashlink.provider.gateway.shown import not_shown, wait_until_shown
from dashlink.resources.models.authorization import ModelApiAuthorizationInputs

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi
    from dashlink.provider.waiting import Operation, Pending

# No source states a limit. The ids of a removal are in its URL: 50 of them are 1.3 kB.
_MOST_RULES = 50

_ItemT = TypeVar("_ItemT")


def rules_on(api: ApigApi, api_id: str, environment_id: str) -> list[Json]:
    """Return the rules of consumers on an API; none if it does not exist.

    Rules of consumer groups are left out: groups are no resource of dashlink.
    """
    rules: list[Json] = []
    for row in api.authorizations(api_id=api_id, environment_id=environment_id):
        environment = row.get("environmentInfo") or {}
        elsewhere = environment.get("environmentId", environment_id) != environment_id
        if consumer_of(row) and not elsewhere:
            rules.append(row)
    return rules


def consumer_of(rule: Json) -> str:
    """Return the id of the consumer of a rule; empty for a consumer group."""
    if rule.get("principalType") == CONSUMER_GROUP:
        return ""
    consumer = rule.get("consumerInfo") or {}
    return str(rule.get("consumerId") or consumer.get("consumerId") or "")


def rule_id_of(rule: Json) -> str:
    """Return the id of a rule (`car-…`)."""
    return str(rule["consumerAuthorizationRuleId"])


def set_rights(
    api: ApigApi, inputs: ModelApiAuthorizationInputs, operation: Operation
) -> dict[str, str]:
    """Give an API exactly the desired consumers; return the rule of each by its consumer.

    What is missing is granted before anything is withdrawn. Returns when the cloud shows the set.

    Raises:
        CloudError: If the cloud refuses, does not show the set in time, or the wait is cancelled.
    """
    change = _Change(api, inputs, operation)
    return wait_until_shown(change.probe, operation, inputs.model_api_id)


def withdraw_consumers(
    api: ApigApi, api_id: str, environment_id: str, operation: Operation
) -> None:
    """Withdraw the rights of all consumers on an API, and wait until none is shown.

    Raises:
        CloudError: If the cloud refuses, shows a rule for too long, or the wait is cancelled.
    """
    _withdraw_shown(api, partial(rules_on, api, api_id, environment_id), operation, api_id)


def withdraw_rights(
    api: ApigApi,
    operation: Operation,
    *,
    api_id: str | None = None,
    consumer_id: str | None = None,
) -> None:
    """Withdraw every right on an API, or of a consumer, and wait until none is shown.

    No source states that rules go with their API or consumer.

    Raises:
        CloudError: If the cloud refuses, shows a rule for too long, or the wait is cancelled.
    """

    def rules() -> list[Json]:
        every = api.authorizations(api_id=api_id, consumer_id=consumer_id)
        return [rule for rule in every if consumer_id in (None, consumer_of(rule))]

    _withdraw_shown(api, rules, operation, str(api_id or consumer_id))


def _withdraw_shown(
    api: ApigApi, rules: Callable[[], list[Json]], operation: Operation, subject: str
) -> None:
    """Withdraw all `rules`, each once, until there are none."""
    withdrawn: set[str] = set()

    def probe() -> bool | Pending:
        shown = {rule_id_of(rule) for rule in rules()}
        _withdraw(api, sorted(shown - withdrawn))
        withdrawn.update(shown)
        if not shown:
            return True
        return not_shown(f"{_rights(len(shown))} of {subject} still exist")

    wait_until_shown(probe, operation, subject)


class _Change:
    """Change of the rights on one API; each rule is requested and removed once."""

    def __init__(
        self, api: ApigApi, inputs: ModelApiAuthorizationInputs, operation: Operation
    ) -> None:
        self._api = api
        self._operation = operation
        self._inputs = inputs
        self._desired = set(inputs.consumer_ids)
        self._granted: set[str] = set()
        self._withdrawn: set[str] = set()

    def probe(self) -> dict[str, str] | Pending:
        """Request what is missing and not requested yet; return the rights once they are exact."""
        rules = self._rules()
        if self._request(rules):
            rules = self._rules()
        granted = {}
        for rule in rules:
            if consumer_of(rule) in self._desired:
                granted[consumer_of(rule)] = rule_id_of(rule)
        missing = len(self._desired) - len(granted)
        surplus = len(_of_others(rules, self._desired))
        if missing:
            return not_shown(f"{_rights(missing)} on {self._inputs.model_api_id} are not shown yet")
        if surplus:
            return not_shown(f"{_rights(surplus)} on {self._inputs.model_api_id} still exist")
        return dict(sorted(granted.items()))

    def _rules(self) -> list[Json]:
        return rules_on(self._api, self._inputs.model_api_id, self._inputs.environment_id)

    def _request(self, rules: Sequence[Json]) -> bool:
        """Grant and withdraw what was not requested before; return whether there was any."""
        present = {consumer_of(rule) for rule in rules}
        grant = sorted(self._desired - present - self._granted)
        self._granted.update(grant)
        for consumer_ids in _chunks(grant):
            self._grant(consumer_ids)
        withdraw = sorted(_of_others(rules, self._desired) - self._withdrawn)
        self._withdrawn.update(withdraw)
        if withdraw:
            self._operation.report(f"withdrawing {len(withdraw)} rights that are not listed")
        _withdraw(self._api, withdraw)
        return bool(grant or withdraw)

    def _grant(self, consumer_ids: Sequence[str]) -> None:
        """Grant rights; one that exists already, although it is not shown, is no error."""
        granted = self._api.authorize(
            [authorization_rule(self._inputs, one) for one in consumer_ids]
        )
        if not granted and len(consumer_ids) > 1:
            for consumer_id in consumer_ids:
                self._grant([consumer_id])


def authorization_rule(inputs: ModelApiAuthorizationInputs, consumer_id: str) -> dict[str, Any]:
    """Return one rule of CreateConsumerAuthorizationRules."""
    fixed = {"principalType": CONSUMER, "expireMode": FOREVER, "consumerId": consumer_id}
    return {**fixed, **to_api(inputs)}


def _of_others(rules: Sequence[Json], desired: set[str]) -> set[str]:
    """Return the ids of the rules of consumers that are not desired."""
    return {rule_id_of(rule) for rule in rules if consumer_of(rule) not in desired}


def _withdraw(api: ApigApi, rule_ids: Sequence[str]) -> None:
    for chunk in _chunks(rule_ids):
        api.withdraw(chunk)


def _chunks(items: Sequence[_ItemT]) -> Iterator[Sequence[_ItemT]]:
    for start in range(0, len(items), _MOST_RULES):
        yield items[start : start + _MOST_RULES]


def _rights(count: int) -> str:
    return f"{count} of the rights"
