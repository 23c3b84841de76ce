"""What is so before anybody calls: accounts, regions, endpoint services, quotas, read from the data files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from dashlink_sandbox.state import EndpointService


@dataclass(frozen=True)
class Account:
    """An account of the cloud. ``access_key_secret`` is public: see data/accounts.toml."""

    id: str
    access_key_id: str
    access_key_secret: str
    resource_group_ids: tuple[str, ...]

    @property
    def resource_group_id(self) -> str:
        """The default resource group."""
        return self.resource_group_ids[0]

    @property
    def arn(self) -> str:
        """The account's own name among resources."""
        return f"acs:ram::{self.id}:root"


@dataclass(frozen=True)
class Region:
    """A region; ``zones`` are whole ids (``cn-beijing-h``)."""

    id: str
    local_name: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class Catalog:
    """The data files, read."""

    accounts: tuple[Account, ...]
    model_key: str
    regions: Mapping[str, Region]
    endpoint_services: tuple[EndpointService, ...]
    quotas: Mapping[str, int]

    @classmethod
    def read(cls) -> Catalog:
        """Read the data files of this package."""
        accounts = _table("accounts")
        regions = {
            name: Region(name, row["local_name"], tuple(f"{name}-{letter}" for letter in row["zones"]))
            for name, row in _table("regions").items()
        }
        services = (
            EndpointService(**{**row, "zones": [f"{row['region']}-{letter}" for letter in row["zones"]]})
            for row in _table("endpoint_services")["services"]
        )
        return cls(
            accounts=tuple(
                Account(**{**row, "resource_group_ids": tuple(row["resource_group_ids"])})
                for row in accounts["accounts"]
            ),
            model_key=accounts["model_key"],
            regions=regions,
            endpoint_services=tuple(services),
            quotas=_table("quotas"),
        )

    def account(self, account_id: str) -> Account | None:
        """The account with this id, if there is one."""
        return next((account for account in self.accounts if account.id == account_id), None)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("dashlink_sandbox.data") / f"{name}.toml").read_text("utf-8"))
