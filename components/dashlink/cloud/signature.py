"""The signature of a request to the cloud: ACS3-HMAC-SHA256.

Source: help.aliyun.com, "V3 request structure and signature" (2026-11). A test compares it with
alibabacloud_tea_openapi 0.4.6.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def query_string(query: Mapping[str, str]) -> str:
    """Return the query as it is signed and sent: sorted, percent-encoded but for ``-_.~``."""
    pairs = []
    for name, value in sorted(query.items()):
        pairs.append(f"{quote(name, safe='~')}={quote(value, safe='~')}")
    return "&".join(pairs)


def body_hash(body: bytes) -> str:
    """Return the value of the header ``x-acs-content-sha256``."""
    return hashlib.sha256(body).hexdigest()


def authorization(
    method: str, path: str, query: str, headers: Mapping[str, str], key_id: str, secret: str
) -> str:
    """Return the header ``Authorization``, which signs all other headers.

    Args:
        method: HTTP method.
        path: Path, percent-encoded.
        query: The result of `query_string`.
        headers: Headers by their names in lower case, ``x-acs-content-sha256`` among them.
        key_id: Id of the access key.
        secret: Its secret.
    """
    names = sorted(headers)
    lines = [f"{name}:{headers[name].strip()}\n" for name in names]
    signed = ";".join(names)
    digest = headers["x-acs-content-sha256"]
    canonical = "\n".join((method, path, query, "".join(lines), signed, digest))
    text = f"{ALGORITHM}\n{body_hash(canonical.encode())}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"
