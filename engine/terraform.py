"""Terraform beside Pulumi: a CLI and Terraform's own alicloud provider, for the same sandbox.

The CLI is `terraform` or `tofu` from PATH, else OpenTofu built from Go modules. The provider is
built from the modules that the Pulumi plugin is bridged from. A CLI configuration names the
provider's folder under `dev_overrides`, so that no registry is used and `init` is not needed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.build import TERRAFORM_ALICLOUD, TOFU, build

_CONFIGURATION = """\
provider_installation {{
  dev_overrides {{
    "aliyun/alicloud" = "{folder}"
  }}
  direct {{}}
}}
disable_checkpoint = true
"""


@dataclass(frozen=True)
class Terraform:
    """A Terraform CLI that is configured with the alicloud provider.

    Attributes:
        program: `terraform` or `tofu`.
        settings: Environment variables that it reads.
    """

    program: Path
    settings: Mapping[str, str]

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return ``base`` with the CLI's settings."""
        return {**base, **self.settings}


def cli() -> Path:
    """Return the Terraform CLI of this machine: the one on PATH, else a built OpenTofu.

    Raises:
        EngineError: If there is none and it cannot be built.
    """
    installed = shutil.which("terraform") or shutil.which("tofu")
    if installed:
        return Path(installed)
    return build(TOFU)


def provider() -> Path:
    """Return Terraform's alicloud provider, from the cache or built now.

    Raises:
        EngineError: If it cannot be built.
    """
    return build(TERRAFORM_ALICLOUD)


def terraform(folder: Path) -> Terraform:
    """Return Terraform with its CLI configuration and its data in ``folder``.

    Raises:
        EngineError: If the CLI or the provider is missing and cannot be built.
    """
    configuration = folder / "terraform.rc"
    configuration.write_text(_CONFIGURATION.format(folder=provider().parent), encoding="utf-8")
    settings = {
        "TF_CLI_CONFIG_FILE": str(configuration),
        "TF_DATA_DIR": str(folder / ".terraform"),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
    }
    return Terraform(cli(), settings)
