"""Temporary keys: their seal and their expiry."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import quote

import pytest

from dashlink_sandbox.catalog import Catalog
from dashlink_sandbox.keyring import Keyring
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.request import WireRequest

_NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def _identify(keyring: Keyring, key_id: str, secret: str, token: str) -> str:
    """The ARN of a request that is signed at `_NOW` with this temporary key."""
    fields = {
        "AccessKeyId": key_id,
        "SecurityToken": token,
        "SignatureNonce": "nonce",
        "Timestamp": "2027-01-15T08:00:00Z",
    }
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(fields.items()))
    text = "POST&%2F&" + quote(pairs, safe="")
    signature = base64.b64encode(
        hmac.digest((secret + "&").encode(), text.encode(), hashlib.sha1)
    ).decode()
    request = WireRequest("POST", "/", {**fields, "Signature": signature}, {})
    return keyring.identify(request, _NOW).arn


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(Catalog.read())


def test_a_temporary_key_is_valid_until_it_expires(keyring):
    account = Catalog.read().accounts[0]
    valid = keyring.issue(account, "acs:x", _NOW + 1)
    expired = keyring.issue(account, "acs:x", _NOW - 1)
    assert (
        _identify(keyring, valid.access_key_id, valid.access_key_secret, valid.security_token)
        == "acs:x"
    )
    with pytest.raises(ApiError, match=r"InvalidSecurityToken\.Expired"):
        _identify(keyring, expired.access_key_id, expired.access_key_secret, expired.security_token)


def test_a_token_that_was_not_issued_is_malformed(keyring):
    account = Catalog.read().accounts[0]
    issued = keyring.issue(account, "acs:x", _NOW + 1)
    content, _, seal = issued.security_token.partition(".")
    longer = base64.urlsafe_b64encode(json.dumps([account.id, "acs:x", _NOW + 9]).encode()).decode()
    for token in (
        f"{content}.{'0' * len(seal)}",
        f"{longer}.{seal}",
        "",
        ".",
        "e30=.x",
        "bnVsbA==.x",
    ):
        with pytest.raises(ApiError, match=r"InvalidSecurityToken\.Malformed"):
            _identify(keyring, issued.access_key_id, issued.access_key_secret, token)
    with pytest.raises(ApiError, match=r"InvalidSecurityToken\.Malformed"):
        _identify(keyring, "STS.other", issued.access_key_secret, issued.security_token)
