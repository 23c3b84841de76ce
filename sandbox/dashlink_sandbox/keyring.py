"""Keys: the account that a request acts for, and the temporary keys that STS issues.

A temporary key needs no storage: the token holds account, role and expiry, sealed by an HMAC, and
the secret is derived from the token. So a key is valid after a restart. The seal is public like
everything in the sandbox.
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
_NONCE_SECONDS = 30 * 60  # twice the allowed skew: after that the timestamp itself is refused


@dataclass(frozen=True)
class Identity:
    """The caller: an account, and the role's session where a temporary key was used."""

    account: Account
    arn: str

    @property
    def role(self) -> str:
        """The ARN of the assumed role without its session; empty without a temporary key."""
        if self.arn == self.account.arn:
            return ""
        return self.arn.rpartition("/")[0]


@dataclass(frozen=True)
class TemporaryKey:
    """A key that STS issues; ``expires`` is seconds since the epoch."""

    access_key_id: str
    access_key_secret: str
    security_token: str
    expires: float


class Keyring:
    """Verifies signatures, and refuses a nonce that was used while its timestamp is valid."""

    def __init__(self, catalog: Catalog) -> None:
        """Use the accounts of ``catalog``."""
        self._catalog = catalog
        self._nonces: dict[str, float] = {}

    def identify(self, request: WireRequest, now: float) -> Identity:
        """Return the identity that signed ``request``.

        Raises:
            ApiError: The key, the signature, the timestamp or the nonce is not valid.
        """
        claim = claim_of(request)
        if claim.access_key_id.startswith(_TEMPORARY):
            identity, secret = self._temporary(claim.access_key_id, claim.security_token, now)
        else:
            account = self._owner(claim.access_key_id)
            identity = Identity(account, account.arn)
            secret = account.access_key_secret
        check(claim, secret, now)
        self._use(claim.nonce, now)
        return identity

    def issue(self, account: Account, arn: str, expires: float) -> TemporaryKey:
        """Issue a temporary key of ``account``.

        Args:
            account: The account that the key belongs to.
            arn: The role's session that the key acts as.
            expires: The key's expiry, seconds since the epoch.
        """
        content = json.dumps([account.id, arn, expires], separators=(",", ":")).encode()
        token = f"{base64.urlsafe_b64encode(content).decode()}.{_hmac(content)}"
        secret = _hmac(token.encode())
        return TemporaryKey(f"{_TEMPORARY}{secret[:20]}", secret, token, expires)

    def _owner(self, access_key_id: str) -> Account:
        for account in self._catalog.accounts:
            if account.access_key_id == access_key_id:
                return account
        raise not_found("InvalidAccessKeyId.NotFound", "Specified access key is not found.")

    def _temporary(self, access_key_id: str, token: str, now: float) -> tuple[Identity, str]:
        """Return the identity and the secret of the key that ``token`` was issued with."""
        account_id, arn, expires = _open_token(token)
        account = self._catalog.account(account_id)
        if account is None:
            raise _malformed()
        issued = self.issue(account, arn, expires)
        if (access_key_id, token) != (issued.access_key_id, issued.security_token):
            raise _malformed()
        if now > expires:
            message = "Specified SecurityToken is expired."
            raise ApiError("InvalidSecurityToken.Expired", message)
        return Identity(account, arn), issued.access_key_secret

    def _use(self, nonce: str, now: float) -> None:
        while self._nonces:
            oldest = next(iter(self._nonces))
            if now - self._nonces[oldest] <= _NONCE_SECONDS:
                break
            del self._nonces[oldest]
        if nonce in self._nonces:
            message = "Specified signature nonce was used already."
            raise ApiError("SignatureNonceUsed", message)
        self._nonces[nonce] = now


def _open_token(token: str) -> tuple[str, str, float]:
    """Return account id, role and expiry of a token; whether it was issued is not checked here."""
    try:
        content = base64.urlsafe_b64decode(token.partition(".")[0])
        account_id, arn, expires = json.loads(content)
        return str(account_id), str(arn), float(expires)
    except (TypeError, ValueError) as error:
        raise _malformed() from error


def _malformed() -> ApiError:
    return ApiError("InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")


def _hmac(content: bytes) -> str:
    return hmac.new(_SEAL, content, hashlib.sha256).hexdigest()
