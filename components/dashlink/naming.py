"""Names and tags of resources in the cloud: the same on every run.

A name is `<project>-<stack>-<component>-<resource>`, so that resources left by a killed run are
found by their names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

MAX_NAME_LENGTH = 128
"""CreateVpc, CreateVSwitch: 1 to 128 characters; CreateSecurityGroup: 2 to 128, a letter first;
CreateVpcEndpoint: 2 to 128, a letter first, then letters, digits, "_" and "-" (Alibaba Cloud API
references, 2026)."""
MAX_REMARK_LENGTH = 50
"""UpdateZoneRemark of PrivateZone: at most 50 characters, letters, digits and few signs, else the
code Zone.Remark (Alibaba Cloud's OpenAPI metadata, 2024-07-30)."""
_HASH_LENGTH = 8
STACK_TAG = "dashlink-stack"
"""Tag of every resource of a stack that supports tags; its value is the stack's name."""


def physical_name(*parts: str, limit: int = MAX_NAME_LENGTH) -> str:
    """Return a name of letters, digits and dashes, a letter first, at most ``limit`` long.

    A longer name is cut and gets a short hash of the whole, so that two long names stay distinct.
    """
    name = re.sub(r"[^0-9A-Za-z]+", "-", "-".join(parts)).strip("-")
    if not name[:1].isalpha():
        name = f"d-{name}"
    if len(name) <= limit:
        return name
    digest = sha256("\0".join(parts).encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: limit - _HASH_LENGTH - 1].rstrip('-')}-{digest}"


def default_tags(project: str, stack: str) -> dict[str, str]:
    """Return the tags of all resources of a stack: who created them, and for which stack."""
    return {"made-by": "dashlink", "dashlink-project": project, STACK_TAG: stack}


def has_tags_of(owner: str, tags: Mapping[str, str]) -> bool:
    """Return whether ``tags`` are those of a stack.

    Args:
        owner: `<project>-<stack>`, as `physical_name` writes it.
        tags: Tags of a resource in the cloud.
    """
    project = tags.get("dashlink-project")
    stack = tags.get(STACK_TAG)
    return bool(project and stack) and physical_name(str(project), str(stack)) == owner


def ownership_mark(owner: str) -> str:
    """Return the description of resources that a stack owns, where the settings write none.

    Args:
        owner: `<project>-<stack>`, as `physical_name` writes it.
    """
    return f"dashlink: {owner}"


@dataclass(frozen=True)
class NamePattern:
    """Form of the names in a section of the settings.

    Attributes:
        expression: Regular expression of the whole name.
        advice: How to write a name, one sentence.
    """

    expression: str
    advice: str

    def matches(self, name: str) -> bool:
        """Return whether ``name`` has the form."""
        return re.fullmatch(self.expression, name) is not None


ENTRY_NAME = NamePattern(
    r"[a-z][a-z0-9-]{0,31}",
    "Use lower-case letters, digits and dashes, a letter first, at most 32.",
)
"""Names of endpoints, AI services and consumers."""

FILE_PATH = re.compile(r"(/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*)+")
"""Absolute paths of files that need no quotes, wherever they are written."""
