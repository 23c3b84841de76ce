"""Request signatures: the key that signed, the string to sign, and its verification.

Three schemes are in use. RPC HMAC-SHA1 1.0 (the Terraform and Pulumi provider): all parameters,
sorted. ACS3-HMAC-SHA256 (the official SDKs): a canonical form of the request and a hash of its
body. ROA HMAC-SHA1 (the provider's ROA products): some headers and the path. Each one yields a
:class:`Claim`, which :func:`check` verifies.

Sources: help.aliyun.com "RPC signature method", "ROA signature method" and "V3 request structure
and signature" (2024-2026); the error codes from "Common error codes".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import quote

from dashlink_sandbox.wire.errors import ApiError, missing
from dashlink_sandbox.wire.request import WireRequest

_ACS3 = "ACS3-HMAC-SHA256"
_ACS3_HEADER = re.compile(
    r"ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)"
)
_ACS3_SIGNED = (
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
)
_ROA_HEADER = re.compile(r"acs ([^:]+):(.+)")
_SKEW_SECONDS = 15 * 60


@dataclass(frozen=True)
class Claim:
    """The unverified signature of a request.

    Attributes:
        text: The string to sign.
        sign: The scheme: secret and string to sign -> signature.
    """

    access_key_id: str
    signature: str
    nonce: str
    moment: datetime
    security_token: str
    text: str
    sign: Callable[[str, str], str]


def claim_of(request: WireRequest) -> Claim:
    """Read the signature of ``request`` by the scheme that it uses.

    Raises:
        ApiError: No signature, an unreadable one, or one that covers too little.
    """
    authorization = request.headers.get("authorization", "")
    if authorization.startswith(_ACS3):
        return _acs3(request, authorization)
    if authorization.startswith("acs "):
        return _roa(request, authorization)
    return _rpc(request)


def check(claim: Claim, secret: str, now: float) -> None:
    """Verify ``claim`` with the ``secret`` of its key at ``now`` (seconds since the epoch).

    Raises:
        ApiError: SignatureDoesNotMatch, or InvalidTimeStamp.Expired if the clocks differ by more
            than 15 minutes.
    """
    if abs(now - claim.moment.timestamp()) > _SKEW_SECONDS:
        message = "Specified time stamp or date value is expired."
        raise ApiError("InvalidTimeStamp.Expired", message)
    expected = claim.sign(secret, claim.text)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        message = "Specified signature is not matched with our calculation."
        raise ApiError("SignatureDoesNotMatch", message)


def _rpc(request: WireRequest) -> Claim:
    fields = dict(request.fields)
    for name in ("AccessKeyId", "Signature", "Timestamp", "SignatureNonce"):
        if not fields.get(name):
            raise missing(name)
    signature = fields.pop("Signature")
    return Claim(
        access_key_id=fields["AccessKeyId"],
        signature=signature,
        nonce=fields["SignatureNonce"],
        moment=_moment(fields["Timestamp"]),
        security_token=fields.get("SecurityToken", ""),
        text=f"{request.method}&{_encode('/')}&{_encode(_canonical_query(fields))}",
        sign=_sign_rpc,
    )


def _acs3(request: WireRequest, authorization: str) -> Claim:
    match = _ACS3_HEADER.fullmatch(authorization)
    signed = match[2].split(";") if match else []
    if match is None or not set(_ACS3_SIGNED) <= set(signed):
        required = ", ".join(_ACS3_SIGNED)
        raise ApiError("IncompleteSignature", f"The signature must cover {required}.")
    headers = request.headers
    digest = headers["x-acs-content-sha256"]
    if hashlib.sha256(request.body).hexdigest() != digest:
        message = "The body does not match the header x-acs-content-sha256."
        raise ApiError("SignatureDoesNotMatch", message)
    query = _canonical_query(request.query)
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed)
    canonical = "\n".join((request.method, request.path, query, lines, match[2], digest))
    return Claim(
        access_key_id=match[1],
        signature=match[3],
        nonce=headers["x-acs-signature-nonce"],
        moment=_moment(headers["x-acs-date"]),
        security_token=headers.get("x-acs-security-token", ""),
        text=f"{_ACS3}\n{hashlib.sha256(canonical.encode()).hexdigest()}",
        sign=_sign_acs3,
    )


def _roa(request: WireRequest, authorization: str) -> Claim:
    match = _ROA_HEADER.fullmatch(authorization)
    headers = request.headers
    nonce = headers.get("x-acs-signature-nonce", "")
    if match is None or not nonce:
        message = "The Authorization header or x-acs-signature-nonce is not complete."
        raise ApiError("IncompleteSignature", message)
    return Claim(
        access_key_id=match[1],
        signature=match[2],
        nonce=nonce,
        moment=_moment(headers.get("date", "")),
        security_token=headers.get("x-acs-security-token", ""),
        text=_roa_text(request),
        sign=_sign_sha1,
    )


def _roa_text(request: WireRequest) -> str:
    """Build the string to sign of the ROA style: method, headers, path with its sorted query."""
    lines = [request.method]
    for name in ("accept", "content-md5", "content-type", "date"):
        lines.append(request.headers.get(name, ""))
    for name in sorted(request.headers):
        if name.startswith("x-acs-"):
            lines.append(f"{name}:{request.headers[name].strip()}")
    pairs = []
    for name, value in sorted(request.query.items()):
        pairs.append(f"{name}={value}" if value else name)
    resource = request.path
    if pairs:
        resource += "?" + "&".join(pairs)
    return "\n".join((*lines, resource))


def _canonical_query(fields: Mapping[str, str]) -> str:
    pairs = sorted(fields.items())
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)


def _sign_rpc(secret: str, text: str) -> str:
    return _sign_sha1(secret + "&", text)


def _sign_sha1(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _sign_acs3(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _encode(text: str) -> str:
    """Percent-encode as the cloud requires: all but letters, digits and ``-_.~``."""
    return quote(text, safe="~")


def _moment(text: str) -> datetime:
    """Read a time stamp: ISO 8601 for RPC and ACS3, RFC 1123 for ROA."""
    try:
        if text[:1].isdigit():
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return parsedate_to_datetime(text)
    except ValueError as error:
        message = "Specified time stamp or date value is not well formatted."
        raise ApiError("InvalidTimeStamp.Format", message, HTTPStatus.BAD_REQUEST) from error
