"""JSON Web Key Sets of consumers: their type in the API, and comparison of written and returned.

Sources: APIG, struct JwtIdentityConfig (alibabacloud.com, 2025-12): `secretType` is Asymmetry or
Symmetry. "Create a consumer" (AI gateway, 2025-12): for a symmetric key the gateway generates a key
set; for an asymmetric key a complete key set must be entered. Whether the gateway takes a key set
with symmetric keys of one's own is not verified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashlink.cloud.words import ASYMMETRIC, SYMMETRIC
from dashlink.provider.codec import UNKNOWN_KEY
from dashlink.provider.gateway.masked_keys import matched_key


def secret_type(jwks: str) -> str:
    """Return the type of a key set: symmetric if it has a symmetric key (`kty: oct`)."""
    for key in _keys_of(jwks):
        if isinstance(key, Mapping) and key.get("kty") == "oct":
            return SYMMETRIC
    return ASYMMETRIC


def matched_key_set(known: str | None, returned: str | None) -> str:
    """Return the key set of the stack if the API returned the same, in any form of JSON.

    Args:
        known: Key set of the stack; None for an import.
        returned: Key set of the API, in plain or masked; None or empty if it returned none.

    Returns:
        `known`, or `UNKNOWN_KEY` if the API returned another.
    """
    if known is not None and returned:
        document = _document(returned)
        if document is not None:
            return known if _document(known) == document else UNKNOWN_KEY
    return matched_key(known, returned)


def _keys_of(jwks: str) -> list[Any]:
    document = _document(jwks)
    keys = document.get("keys") if isinstance(document, Mapping) else None
    return keys if isinstance(keys, list) else []


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
