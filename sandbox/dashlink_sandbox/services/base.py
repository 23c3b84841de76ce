"""What every service is made of: a table from action to handler, and the call that a handler works on.

A handler is a plain function: it takes a :class:`Call`, checks the rules, changes ``call.state`` and returns the answer
without its RequestId. A write works on a draft of the state, which is thrown away when the handler raises or the
request is a dry run; so a handler may change before it has checked everything, and a refused call has changed nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from dashlink_sandbox.catalog import Account, Catalog, Region
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
_READS = ("Describe", "List", "Get", "Query", "Assume")  # Assume…: STS keeps nothing of the keys that it gives


@dataclass(frozen=True)
class Call:
    """One authorised request to one service. ``params`` also hold what stands in a ROA path; ``body`` is its JSON."""

    state: State
    params: Params
    identity: Identity
    catalog: Catalog
    keyring: Keyring
    now: float
    host: str
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        """The account that calls."""
        return self.identity.account

    def region(self) -> Region:
        """The region that the request is for.

        Raises:
            ApiError: No RegionId, or one that does not exist.
        """
        name = self.params.required("RegionId")
        if name not in self.catalog.regions:
            raise not_found("InvalidRegionId.NotFound", "The specified RegionId does not exist.")
        return self.catalog.regions[name]

    def number(self) -> int:
        """The next number of this state; no number comes twice."""
        number = self.state.next_number
        self.state.next_number += 1
        return number

    def new_id(self, prefix: str) -> str:
        """A new id, in the form of the cloud's: ``vpc-sb0000000007``."""
        return f"{prefix}-sb{self.number():010d}"

    def mine(self, records: Iterable[_Owned]) -> list[_Owned]:
        """Those of ``records`` that the calling account owns and that are in the region asked for, if one was."""
        return [record for record in records if record.owner == self.account.id and self._here(record)]

    def owned(self, records: Mapping[str, _Owned], record_id: str, code: str, what: str) -> _Owned:
        """The record with this id, if it is the calling account's and in the region asked for, if one was.

        Raises:
            ApiError: ``code``, HTTP 404: absent, another account's or another region's is the same thing to a caller.
        """
        record = records.get(record_id)
        if record is None or record.owner != self.account.id or not self._here(record):
            raise not_found(code, f"The specified {what} {record_id} does not exist.")
        return record

    def birth(self) -> dict[str, Any]:
        """What every new record gets: owner, tags, resource group, moment of creation."""
        tags = {tag.required("Key"): tag.text("Value") for tag in self.params.elements("Tag")}
        group = self.params.text("ResourceGroupId", self.account.resource_group_id)
        return {
            "owner": self.account.id,
            "tags": tags,
            "resource_group_id": self.resource_group(group),
            "created": self.now,
        }

    def resource_group(self, group: str) -> str:
        """``group``, if the account has it.

        Raises:
            ApiError: InvalidResourceGroup.NotFound.
        """
        if group not in self.account.resource_group_ids:
            raise not_found("InvalidResourceGroup.NotFound", "The specified resource group does not exist.")
        return group

    def refuse_over_quota(self, name: str, used: int, code: str) -> None:
        """Refuse one more where ``used`` has reached the quota ``name``.

        Raises:
            ApiError: ``code``, HTTP 400.
        """
        if used >= self.catalog.quotas[name]:
            raise ApiError(code, f"The quota {name} ({self.catalog.quotas[name]}) is used up.")

    def _here(self, record: Tagged) -> bool:
        asked = self.params.text("RegionId")
        return not asked or getattr(record, "region", asked) == asked


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Service:
    """A product: its name, the version that requests name, and what it can do.

    ``routes`` are the paths of a product in ROA style: a request is known by them, whether it names its action or not.
    """

    product: str
    version: str
    actions: Mapping[str, Handler]
    routes: Routes | None = None

    def asked(self, request: WireRequest) -> tuple[str, dict[str, str]]:
        """The action that ``request`` means, and the values in its path."""
        found = self.routes.find(request.method, request.path) if self.routes is not None else None
        return found if found is not None else (request.action, {})


def is_read(action: str) -> bool:
    """Whether ``action`` changes nothing, by the cloud's way of naming."""
    return action.startswith(_READS)


def wrong_name(name: str) -> bool:
    """Whether ``name`` cannot be a resource's name or description: empty, over 128 characters, or starting as a URL.

    Source: help.aliyun.com, CreateVpc, CreateVSwitch, CreateSecurityGroup (2024): VpcName and the like.
    """
    return _NAME.fullmatch(name) is None


def moment(seconds: float) -> str:
    """A time as the cloud writes it: ``2026-11-21T04:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
