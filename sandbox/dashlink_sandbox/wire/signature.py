"""Signatures of requests: who signed, over what, and whether the secret fits.

Three schemes are in use. RPC HMAC-SHA1 1.0 (the Terraform and Pulumi provider): all parameters, sorted.
ACS3-HMAC-SHA256 (the official SDKs of today): a canonical form of the request and a hash of its body. ROA HMAC-SHA1
(the provider's ROA products): some headers and the path. Each is turned into a :class:`Claim`; :func:`check` judges a
claim.

Sources: help.aliyun.com "RPC signature method", "ROA signature method" and "V3 request structure and signature"
(2024-2026); the error codes from "Common error codes".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import quote

from dashlink_sandbox.wire.errors import ApiError, missing
from dashlink_sandbox.wire.request import WireRequest

_ACS3 = "ACS3-HMAC-SHA256"
_ACS3_HEADER = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)")
_ACS3_SIGNED = ("host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version")
_ROA_HEADER = re.compile(r"acs ([^:]+):(.+)")
_SKEW_SECONDS = 15 * 60


@dataclass(frozen=True)
class Claim:
    """What a request says of itself: the key, the moment, the nonce, and the signature with the way to make it."""

    access_key_id: str
    signature: str
    nonce: str
    moment: datetime
    security_token: str
    sign: Callable[[str], str]


def claim_of(request: WireRequest) -> Claim:
    """The claim of ``request`` by the scheme that it uses.

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
    """Judge ``claim`` by the ``secret`` of its key at ``now`` (seconds since the epoch).

    Raises:
        ApiError: SignatureDoesNotMatch, or InvalidTimeStamp.Expired where the clocks are 15 minutes apart.
    """
    if abs(now - claim.moment.timestamp()) > _SKEW_SECONDS:
        raise ApiError("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
    if not hmac.compare_digest(claim.sign(secret).encode(), claim.signature.encode()):
        raise ApiError("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")


def _rpc(request: WireRequest) -> Claim:
    fields = request.fields
    for name in ("AccessKeyId", "Signature", "Timestamp", "SignatureNonce"):
        if not fields.get(name):
            raise missing(name)
    signed = "&".join(f"{_code(name)}={_code(fields[name])}" for name in sorted(fields) if name != "Signature")
    text = f"{request.method}&{_code('/')}&{_code(signed)}"
    return Claim(
        access_key_id=fields["AccessKeyId"],
        signature=fields["Signature"],
        nonce=fields["SignatureNonce"],
        moment=_moment(fields["Timestamp"]),
        security_token=fields.get("SecurityToken", ""),
        sign=lambda secret: _sha1(secret + "&", text),
    )


def _acs3(request: WireRequest, authorization: str) -> Claim:
    match = _ACS3_HEADER.fullmatch(authorization)
    headers = request.headers
    signed = match[2].split(";") if match else []
    if match is None or not set(_ACS3_SIGNED) <= set(signed):
        raise ApiError("IncompleteSignature", f"The signature must cover {', '.join(_ACS3_SIGNED)}.")
    if hashlib.sha256(request.body).hexdigest() != headers["x-acs-content-sha256"]:
        raise ApiError("SignatureDoesNotMatch", "The body is not the one that x-acs-content-sha256 speaks of.")
    query = "&".join(f"{_code(name)}={_code(request.query[name])}" for name in sorted(request.query))
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed)
    canonical = "\n".join((request.method, request.path, query, lines, match[2], headers["x-acs-content-sha256"]))
    text = f"{_ACS3}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return Claim(
        access_key_id=match[1],
        signature=match[3],
        nonce=headers["x-acs-signature-nonce"],
        moment=_moment(headers["x-acs-date"]),
        security_token=headers.get("x-acs-security-token", ""),
        sign=lambda secret: hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(),
    )


def _roa(request: WireRequest, authorization: str) -> Claim:
    match = _ROA_HEADER.fullmatch(authorization)
    headers = request.headers
    nonce = headers.get("x-acs-signature-nonce", "")
    if match is None or not nonce:
        raise ApiError("IncompleteSignature", "The Authorization header or x-acs-signature-nonce is not complete.")
    plain = [headers.get(name, "") for name in ("accept", "content-md5", "content-type", "date")]
    acs = [f"{name}:{headers[name].strip()}" for name in sorted(headers) if name.startswith("x-acs-")]
    query = "&".join(f"{name}={value}" if value else name for name, value in sorted(request.query.items()))
    text = "\n".join((request.method, *plain, *acs, f"{request.path}?{query}" if query else request.path))
    return Claim(
        access_key_id=match[1],
        signature=match[2],
        nonce=nonce,
        moment=_moment(headers.get("date", "")),
        security_token=headers.get("x-acs-security-token", ""),
        sign=lambda secret: _sha1(secret, text),
    )


def _sha1(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _code(text: str) -> str:
    """Percent-encoding as the cloud wants it: all but letters, digits and ``-_.~``."""
    return quote(text, safe="~")


def _moment(text: str) -> datetime:
    """A time stamp: ISO 8601 for RPC and ACS3, RFC 1123 for ROA."""
    try:
        if text[:1].isdigit():
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return parsedate_to_datetime(text)
    except ValueError as error:
        message = "Specified time stamp or date value is not well formatted."
        raise ApiError("InvalidTimeStamp.Format", message, HTTPStatus.BAD_REQUEST) from error
