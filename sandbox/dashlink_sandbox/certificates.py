"""The sandbox's own certificate authority: TLS for the names that the real cloud has certificates for.

:meth:`Authority.open` loads the authority from a folder, or makes it there once; clients trust ``ca_file`` and nothing
else. :meth:`Authority.context_by_name` makes the TLS context of a server that decides by the name which the client asks
for (SNI) what its certificate is valid for; :meth:`Authority.context` is the common case, a server on loopback that has
some further names. A certificate is made when it is first asked for and kept in memory: nothing but the authority is
written to disk.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

import trustme

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
CA_FILE_NAME = "ca.pem"
SECRET_FILE_NAME = "ca-with-key.pem"  # noqa: S105 - a file's name


class Authority:
    """A certificate authority of a sandbox.

    Attributes:
        ca_file: The authority's certificate in PEM, absolute: for SSL_CERT_FILE and REQUESTS_CA_BUNDLE.
    """

    def __init__(self, ca: trustme.CA, ca_file: Path) -> None:
        self.ca_file = ca_file
        self._ca = ca
        self._leaves: dict[tuple[str, ...], ssl.SSLContext] = {}

    @classmethod
    def open(cls, folder: Path) -> Authority:
        """Load the authority in ``folder``, or make it there: key and certificate in one file of mode 0600.

        Key and certificate are in one file, written beside and renamed, so that no interruption leaves half of them.
        Whoever comes second at making them takes those of the first.
        """
        folder.mkdir(parents=True, exist_ok=True)
        secret_file = folder / SECRET_FILE_NAME
        if not secret_file.exists():
            made = trustme.CA(organization_name="dashlink sandbox")
            _write_once(secret_file, made.private_key_pem.bytes() + made.cert_pem.bytes())
        pem = secret_file.read_bytes()
        ca = trustme.CA.from_pem(pem, pem)
        ca_file = (folder / CA_FILE_NAME).resolve()
        if not ca_file.exists() or ca_file.read_bytes() != ca.cert_pem.bytes():
            _replace(ca_file, ca.cert_pem.bytes(), mode=0o644)
        return cls(ca, ca_file)

    def context(self, names: Callable[[], Collection[str]]) -> ssl.SSLContext:
        """A server's TLS context for 127.0.0.1 and localhost, and for a name in ``names()`` where a client asks for it.

        Args:
            names: The further names, asked for at each handshake, so that they may change.
        """
        return self.context_by_name(
            lambda asked: (asked,) if asked is not None and asked in names() else LOOPBACK_NAMES
        )

    def context_by_name(self, choose: Callable[[str | None], Collection[str]]) -> ssl.SSLContext:
        """A server's TLS context that decides at each handshake what its certificate is valid for.

        Args:
            choose: Gets the name that the client asks for in lower case (None: it asks for none) and returns the
                names for the certificate. With none at all the handshake fails; asyncio then closes the connection
                without sending the alert.
        """
        context = _server_context()

        def by_name(connection: ssl.SSLObject, asked: str | None, _context: ssl.SSLContext) -> int | None:
            names = choose(asked.lower() if asked is not None else None)
            if not names:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = self._leaf(tuple(sorted(names)))
            return None

        context.sni_callback = by_name
        return context

    def _leaf(self, names: tuple[str, ...]) -> ssl.SSLContext:
        if names not in self._leaves:
            context = _server_context()
            self._ca.issue_cert(*names, organization_name="dashlink sandbox").configure_cert(context)
            self._leaves[names] = context
        return self._leaves[names]


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _write_once(path: Path, content: bytes) -> None:
    """Write ``path`` with mode 0600 unless it exists by then."""
    beside = _write_beside(path, content, mode=0o600)
    try:
        os.link(beside, path)  # fails where the file exists: the first one wins
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _replace(path: Path, content: bytes, *, mode: int) -> None:
    _write_beside(path, content, mode=mode).replace(path)


def _write_beside(path: Path, content: bytes, *, mode: int) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600 from its first byte
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    beside = Path(name)
    beside.chmod(mode)
    return beside
