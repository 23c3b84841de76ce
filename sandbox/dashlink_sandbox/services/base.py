"""Shared base of the services: a product's table of handlers, and the call that a handler serves.

A handler is a plain function: it takes a :class:`Call`, checks the rules, changes ``call.state``
and returns the response without its RequestId. A write works on a draft of the state, which is
discarded when the handler raises or the request is a dry run. A handler may therefore change the
draft before all checks are done; a refused call has no effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from dashlink_sandbox.catalog import Account, Catalog, Region
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.keyring import Identity, Keyring
from dashlink_sandbox.records import Tagged
from dashlink_sandbox.state import State
from dashlink_sandbox.wire.errors import ApiError, not_found
from dashlink_sandbox.wire.params import Params
from dashlink_sandbox.wire.request import WireRequest
from dashlink_sandbox.wire.routes import Routes

Answer = dict[str, Any]
_Owned = TypeVar("_Owned", bound=Tagged)
_NAME = re.compile(r"(?!https?://).{1,128}")
_READS = ("Describe", "List", "Get", "Query", "Assume")  # Assume…: STS stores no temporary key


@dataclass(frozen=True)
class Call:
    """One authorised request to one service.

    Attributes:
        params: The parameters, including the values in a ROA path.
        now: The time of the call, seconds since the epoch.
        host: The host and port that the request was sent to.
        body: The JSON body; empty in the RPC style.
        unhealthy: The ids of AI services whose health check fails.
    """

    state: State
    params: Params
    identity: Identity
    catalog: Catalog
    keyring: Keyring
    now: float
    host: str
    body: Mapping[str, Any] = field(default_factory=dict)
    unhealthy: frozenset[str] = frozenset()

    @property
    def account(self) -> Account:
        """The calling account."""
        return self.identity.account

    @property
    def dialect(self) -> Dialect:
        """How the cloud answers the open questions."""
        return self.state.dialect

    def region(self) -> Region:
        """Return the region that the request names.

        Raises:
            ApiError: No RegionId, or one that does not exist.
        """
        name = self.params.required("RegionId")
        if name not in self.catalog.regions:
            message = "The specified RegionId does not exist."
            raise not_found("InvalidRegionId.NotFound", message)
        return self.catalog.regions[name]

    def new_number(self) -> int:
        """Return the next number of this state; numbers are never reused."""
        number = self.state.next_number
        self.state.next_number += 1
        return number

    def new_id(self, prefix: str) -> str:
        """Return a new id in the cloud's form, e.g. ``vpc-sb0000000007``."""
        return f"{prefix}-sb{self.new_number():010d}"

    def own(self, records: Mapping[str, _Owned]) -> list[_Owned]:
        """List the account's records in the requested region, or in all if none is requested."""
        return [record for record in records.values() if self._is_visible(record)]

    def find(self, records: Mapping[str, _Owned], record_id: str, code: str, label: str) -> _Owned:
        """Return the account's record with this id in the requested region, if one is requested.

        Raises:
            ApiError: ``code``, HTTP 404, also for a record of another account or region.
        """
        record = records.get(record_id)
        if record is None or not self._is_visible(record):
            raise not_found(code, f"The specified {label} {record_id} does not exist.")
        return record

    def select(
        self, records: Mapping[str, _Owned], filters: Mapping[str, str], keyword: str = ""
    ) -> list[_Owned]:
        """List the account's records that match the request's filters and tags.

        Args:
            records: Records by id.
            filters: Parameter -> attribute that must equal it; absent parameters match all.
            keyword: The parameter whose text must occur in the record's name.
        """
        rows = []
        for record in self.own(records):
            if keyword and self.params.text(keyword) not in str(getattr(record, "name", "")):
                continue
            if self._matches(record, filters) and tags_match(self.params, record.tags):
                rows.append(record)
        return rows

    def new_record(self) -> dict[str, Any]:
        """Return the common fields of a new record, from the parameters."""
        return self.ownership(self.params.tags(), self.params.text("ResourceGroupId"))

    def ownership(self, tags: Mapping[str, str], resource_group_id: str) -> dict[str, Any]:
        """Return the common fields of a new record: owner, tags, resource group, creation time.

        Args:
            tags: The record's tags.
            resource_group_id: Empty: the account's default resource group.

        Raises:
            ApiError: InvalidResourceGroup.NotFound.
        """
        group = resource_group_id or self.account.resource_group_id
        return {
            "owner": self.account.id,
            "tags": tags,
            "resource_group_id": self.resource_group(group),
            "created": self.now,
        }

    def resource_group(self, group: str) -> str:
        """Return ``group`` if it is one of the account's.

        Raises:
            ApiError: InvalidResourceGroup.NotFound.
        """
        if group not in self.account.resource_group_ids:
            message = "The specified resource group does not exist."
            raise not_found("InvalidResourceGroup.NotFound", message)
        return group

    def check_quota(self, name: str, used: int, code: str) -> None:
        """Refuse one more resource if ``used`` has reached the quota ``name``.

        Raises:
            ApiError: ``code``, HTTP 400.
        """
        quota = self.catalog.quotas[name]
        if used >= quota:
            raise ApiError(code, f"The quota {name} ({quota}) is used up.")

    def _is_visible(self, record: Tagged) -> bool:
        region = self.params.text("RegionId")
        in_region = not region or getattr(record, "region", region) == region
        return in_region and record.owner == self.account.id

    def _matches(self, record: Tagged, filters: Mapping[str, str]) -> bool:
        for name, attribute in filters.items():
            if name in self.params and self.params.text(name) != getattr(record, attribute):
                return False
        return True


Handler = Callable[[Call], Answer]


class DryRunPassed(Exception):  # noqa: N818 - an answer, not a failure
    """A dry run has passed every check of a product that answers it like a success."""

    def __init__(self, answer: Answer) -> None:
        """Store the answer, which has no RequestId."""
        super().__init__()
        self.answer = answer


@dataclass(frozen=True)
class Service:
    """A product: its name, the API version that requests name, and its actions.

    ``routes`` are the paths of a product in ROA style; they identify the action of a request that
    does not name it.
    """

    product: str
    version: str
    actions: Mapping[str, Handler]
    routes: Routes | None = None

    def resolve(self, request: WireRequest) -> tuple[str, dict[str, str]]:
        """Return the action of ``request`` and the values in its path."""
        match = None
        if self.routes is not None:
            match = self.routes.find(request.method, request.path)
        return match or (request.action, {})


def is_read(action: str) -> bool:
    """Whether ``action`` changes nothing, by the cloud's naming of actions."""
    return action.startswith(_READS)


def is_valid_name(name: str) -> bool:
    """Whether a resource may have this name: at most 128 characters, no URL; empty is no name.

    Source: help.aliyun.com, CreateVpc, CreateVSwitch, CreateSecurityGroup (2024): VpcName etc.
    """
    return not name or _NAME.fullmatch(name) is not None


def name_of(records: Mapping[str, Any], record_id: str) -> str:
    """Return the name of a record; empty if the record does not exist."""
    record = records.get(record_id)
    return record.name if record else ""


def tags_match(params: Params, tags: Mapping[str, str]) -> bool:
    """Whether ``tags`` satisfy every filter ``Tag.N``; one without a value matches any value."""
    for condition in params.elements("Tag"):
        value = tags.get(condition.text("Key"))
        if value is None or condition.text("Value", value) != value:
            return False
    return True


def timestamp(seconds: float) -> str:
    """Format a time as the cloud writes it, e.g. ``2026-11-21T04:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
