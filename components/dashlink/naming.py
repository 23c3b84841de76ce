"""Physical names and tags: the same for the same meaning, whatever run makes them.

A name says what it is, so that what a killed run has left can be found by it: `<project>-<stack>-<component>-<part>`.
"""

from __future__ import annotations

import re
from hashlib import sha256

# CreateVpc, CreateVSwitch: 1 to 128 characters; CreateSecurityGroup: 2 to 128, a letter first; CreateVpcEndpoint: 2 to
# 128, a letter first, then letters, digits, "_" and "-" (Alibaba Cloud API references, 2026).
LONGEST_NAME = 128
_HASH_LENGTH = 8


def physical_name(*parts: str, limit: int = LONGEST_NAME) -> str:
    """A name of letters, digits and dashes, a letter first, at most ``limit`` long.

    What is too long is cut and gets a short hash of the whole, so that two long names stay two.
    """
    name = re.sub(r"[^0-9A-Za-z]+", "-", "-".join(parts)).strip("-")
    if not name[:1].isalpha():
        name = f"d-{name}"
    if len(name) <= limit:
        return name
    digest = sha256("\0".join(parts).encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: limit - _HASH_LENGTH - 1].rstrip('-')}-{digest}"


def default_tags(project: str, stack: str) -> dict[str, str]:
    """The tags of everything that a stack makes: who made it, and for which stack."""
    return {"made-by": "dashlink", "dashlink-project": project, "dashlink-stack": stack}


def ownership_mark(owner: str) -> str:
    """Description of resources that a stack owns, where the settings write none.

    Args:
        owner: `<project>-<stack>`, as `physical_name` writes it.
    """
    return f"dashlink: {owner}"
