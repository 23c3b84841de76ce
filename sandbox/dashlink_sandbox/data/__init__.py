"""Reference data of the cloud, and :func:`read_data`, which reads one of its files."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def read_data(name: str) -> dict[str, Any]:
    """Read one TOML file of data/ by its name without the extension."""
    file = resources.files("dashlink_sandbox.data") / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8"))
