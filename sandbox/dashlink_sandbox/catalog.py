"""Reference data of the cloud: accounts, regions, endpoint services and quotas.

Read once from the TOML files in data/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashlink_sandbox.data import read_data
from dashlink_sandbox.state import EndpointService

_DASHED = ("cn-shanghai-finance-1",)  # see data/regions.toml


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
        """The account's resource name."""
        return f"acs:ram::{self.id}:root"


@dataclass(frozen=True)
class Region:
    """A region; ``zones`` are whole ids (``cn-beijing-h``).

    ``classic_network``: whether it has security groups without a VPC.
    """

    id: str
    local_name: str
    zones: tuple[str, ...]
    classic_network: bool


@dataclass(frozen=True)
class Catalog:
    """The content of the data files."""

    accounts: tuple[Account, ...]
    model_key: str
    regions: Mapping[str, Region]
    endpoint_services: tuple[EndpointService, ...]
    quotas: Mapping[str, int]

    @classmethod
    def read(cls) -> Catalog:
        """Read the data files of this package."""
        table = read_data("accounts")
        accounts = []
        for row in table["accounts"]:
            row["resource_group_ids"] = tuple(row["resource_group_ids"])
            accounts.append(Account(**row))
        regions = {}
        for name, row in read_data("regions").items():
            zones = tuple(_zone_ids(name, row["zones"]))
            classic = row.get("classic_network", False)
            regions[name] = Region(name, row["local_name"], zones, classic_network=classic)
        services = []
        for row in read_data("endpoint_services")["services"]:
            row["zones"] = _zone_ids(row["region"], row["zones"])
            services.append(EndpointService(**row))
        return cls(
            accounts=tuple(accounts),
            model_key=table["model_key"],
            regions=regions,
            endpoint_services=tuple(services),
            quotas=read_data("quotas"),
        )

    def account(self, account_id: str) -> Account | None:
        """The account with this id, None if there is none."""
        for account in self.accounts:
            if account.id == account_id:
                return account
        return None


def _zone_ids(region: str, letters: str) -> list[str]:
    """Return the ids of zones; data/regions.toml has their form and its source."""
    dash = "-"
    if region[-1].isdigit() and region not in _DASHED:
        dash = ""
    return [f"{region}{dash}{letter}" for letter in letters]
