"""The sandbox's certificate authority: TLS for the names that the real cloud has certificates for.

:meth:`Authority.open` loads the authority from a folder, or creates it there once; clients trust
``ca_file`` and nothing else. :meth:`Authority.context_by_name` returns the TLS context of a server
that chooses the names of its certificate by the name that the client requests (SNI);
:meth:`Authority.context` is the common case, a server on loopback with some further names. A
certificate is issued at its first use and stored in memory: only the authority is written to disk.
"""

from __future__ import annotations

import logging
import os
import ssl
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

import trustme

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
CA_FILE_NAME = "ca.pem"
SECRET_FILE_NAME = "ca-with-key.pem"  # noqa: S105 - a file's name
_ORGANIZATION = "dashlink sandbox"

_log = logging.getLogger(__name__)


class Authority:
    """A certificate authority of a sandbox.

    Attributes:
        ca_file: The authority's certificate in PEM, an absolute path: for SSL_CERT_FILE and
            REQUESTS_CA_BUNDLE.
    """

    def __init__(self, ca: trustme.CA, ca_file: Path) -> None:
        self.ca_file = ca_file
        self._ca = ca
        self._leaves: dict[tuple[str, ...], ssl.SSLContext] = {}

    @classmethod
    def open(cls, folder: Path) -> Authority:
        """Load the authority in ``folder``, or create it there.

        Key and certificate are in one file of mode 0600, written to a temporary file and linked, so
        that no interruption leaves half of them. Of two processes that create the authority at the
        same time, the second uses the files of the first.
        """
        folder.mkdir(parents=True, exist_ok=True)
        secret_file = folder / SECRET_FILE_NAME
        if not secret_file.exists():
            created = trustme.CA(organization_name=_ORGANIZATION)
            _write_once(secret_file, created.private_key_pem.bytes() + created.cert_pem.bytes())
        ca = _read(secret_file)
        if ca is None:
            _log.warning("%s is not a certificate authority; creating another", secret_file)
            secret_file.unlink()
            return cls.open(folder)
        ca_file = (folder / CA_FILE_NAME).resolve()
        if not ca_file.exists() or ca_file.read_bytes() != ca.cert_pem.bytes():
            _write_beside(ca_file, ca.cert_pem.bytes(), mode=0o644).replace(ca_file)
        return cls(ca, ca_file)

    def context(self, names: Callable[[], Collection[str]]) -> ssl.SSLContext:
        """Return the TLS context of a server on 127.0.0.1 and localhost with further names.

        Args:
            names: Returns the further names; called at each handshake, so that they may change.
        """

        def choose(requested: str | None) -> Collection[str]:
            if requested is not None and requested in names():
                return (requested,)
            return LOOPBACK_NAMES

        return self.context_by_name(choose)

    def context_by_name(self, choose: Callable[[str | None], Collection[str]]) -> ssl.SSLContext:
        """Return the TLS context of a server that chooses its certificate at each handshake.

        Args:
            choose: Takes the name that the client requests in lower case (None: it requests none)
                and returns the names of the certificate. Without any name the handshake fails;
                asyncio then closes the connection without sending the alert.
        """
        context = _server_context()

        def by_name(
            connection: ssl.SSLObject, requested: str | None, _context: ssl.SSLContext
        ) -> int | None:
            if requested is not None:
                requested = requested.lower()
            names = choose(requested)
            if not names:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = self._leaf(tuple(sorted(names)))
            return None

        context.sni_callback = by_name
        return context

    def _leaf(self, names: tuple[str, ...]) -> ssl.SSLContext:
        if names not in self._leaves:
            context = _server_context()
            self._ca.issue_cert(*names, organization_name=_ORGANIZATION).configure_cert(context)
            self._leaves[names] = context
        return self._leaves[names]


def _read(secret_file: Path) -> trustme.CA | None:
    """Return the authority in ``secret_file``, None if the file does not hold one."""
    pem = secret_file.read_bytes()
    try:
        return trustme.CA.from_pem(pem, pem)
    except ValueError:
        return None


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _write_once(path: Path, content: bytes) -> None:
    """Write ``path`` with mode 0600 unless it exists by then."""
    draft = _write_beside(path, content, mode=0o600)
    try:
        os.link(draft, path)  # fails where the file exists: the first one wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write_beside(path: Path, content: bytes, *, mode: int) -> Path:
    """Write ``content`` to a temporary file in the folder of ``path``."""
    # mkstemp creates the file with mode 0600, before its first byte.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft = Path(name)
    draft.chmod(mode)
    return draft
