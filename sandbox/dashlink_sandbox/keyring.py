"""Keys: which account a request acts for, and the temporary keys that STS hands out.

A temporary key is its own record: the token holds account, role and end, sealed by an HMAC, and the secret is derived
from the token. So nothing of it is stored, and it outlives a restart. The seal is public like everything in the
sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

from dashlink_sandbox.catalog import Account, Catalog
from dashlink_sandbox.wire.errors import ApiError, not_found
from dashlink_sandbox.wire.request import WireRequest
from dashlink_sandbox.wire.signature import check, claim_of

_SEAL = b"the sandbox's public seal"
_TEMPORARY = "STS."
_NONCE_SECONDS = 30 * 60  # twice the allowed skew: after that the time stamp itself is refused


@dataclass(frozen=True)
class Identity:
    """Who calls: an account, and the role's session where a temporary key was used."""

    account: Account
    arn: str


@dataclass(frozen=True)
class TemporaryKey:
    """What STS hands out."""

    access_key_id: str
    access_key_secret: str
    security_token: str
    expires: float


class Keyring:
    """Verifies signatures, and remembers the nonces that were used while their time stamps are good."""

    def __init__(self, catalog: Catalog) -> None:
        """Know the accounts of ``catalog``."""
        self._catalog = catalog
        self._nonces: dict[str, float] = {}

    def identify(self, request: WireRequest, now: float) -> Identity:
        """Who signed ``request``.

        Raises:
            ApiError: The key, the signature, the moment or the nonce is not good.
        """
        claim = claim_of(request)
        if claim.access_key_id.startswith(_TEMPORARY):
            identity, secret = self._temporary(claim.access_key_id, claim.security_token, now)
        else:
            account = self._owner(claim.access_key_id)
            identity, secret = Identity(account, account.arn), account.access_key_secret
        check(claim, secret, now)
        self._use(claim.nonce, now)
        return identity

    def issue(self, account: Account, arn: str, expires: float) -> TemporaryKey:
        """A temporary key of ``account`` that acts as ``arn`` until ``expires`` (seconds since the epoch)."""
        content = json.dumps([account.id, arn, expires], separators=(",", ":")).encode()
        token = f"{base64.urlsafe_b64encode(content).decode()}.{_hmac(content)}"
        return TemporaryKey(f"{_TEMPORARY}{_hmac(token.encode())[:20]}", _hmac(token.encode()), token, expires)

    def _owner(self, access_key_id: str) -> Account:
        for account in self._catalog.accounts:
            if account.access_key_id == access_key_id:
                return account
        raise not_found("InvalidAccessKeyId.NotFound", "Specified access key is not found.")

    def _temporary(self, access_key_id: str, token: str, now: float) -> tuple[Identity, str]:
        """Who holds the key that ``token`` was issued with, and the key's secret."""
        account_id, arn, expires = _open_token(token)
        account = self._catalog.account(account_id)
        if account is None:
            raise _malformed()
        issued = self.issue(account, arn, expires)
        if (access_key_id, token) != (issued.access_key_id, issued.security_token):
            raise _malformed()
        if now > expires:
            raise ApiError("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
        return Identity(account, arn), issued.access_key_secret

    def _use(self, nonce: str, now: float) -> None:
        while self._nonces and now - next(iter(self._nonces.values())) > _NONCE_SECONDS:
            del self._nonces[next(iter(self._nonces))]
        if nonce in self._nonces:
            raise ApiError("SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces[nonce] = now


def _open_token(token: str) -> tuple[str, str, float]:
    """Account id, role and end as a token says; whether it is one that was issued is not looked at here."""
    try:
        account_id, arn, expires = json.loads(base64.urlsafe_b64decode(token.partition(".")[0]))
        return str(account_id), str(arn), float(expires)
    except (TypeError, ValueError) as error:
        raise _malformed() from error


def _malformed() -> ApiError:
    return ApiError("InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")


def _hmac(content: bytes) -> str:
    return hmac.new(_SEAL, content, hashlib.sha256).hexdigest()
