"""The sandbox's certificates, with real handshakes in memory."""

from __future__ import annotations

import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashlink_sandbox.certificates import Authority


def handshake(server: ssl.SSLContext, ca_file: Path, name: str | None) -> list[str]:
    """Shake hands as a client that requests ``name``; the names of the server's certificate."""
    client = ssl.create_default_context(cafile=str(ca_file))
    client.check_hostname = name is not None
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    far = server.wrap_bio(to_server, to_client, server_side=True)
    near = client.wrap_bio(to_client, to_server, server_hostname=name)
    done: set[ssl.SSLObject] = set()
    for _ in range(10):
        for side in (near, far):
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                continue
    assert done == {near, far}
    certificate = near.getpeercert()
    assert certificate is not None
    return sorted(value for _, value in certificate["subjectAltName"])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path / "ca")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", None], ids=str)
def test_loopback_has_a_certificate_for_each_of_its_names(authority, name):
    names = handshake(authority.context(tuple), authority.ca_file, name)
    assert names == ["127.0.0.1", "localhost"]


def test_an_added_name_has_its_own_certificate(authority):
    names: list[str] = []
    context = authority.context(lambda: names)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"is not valid for 'vpc\.example\.com'"):
        handshake(context, authority.ca_file, "vpc.example.com")
    names.append("vpc.example.com")
    assert handshake(context, authority.ca_file, "vpc.example.com") == ["vpc.example.com"]


def test_without_a_name_for_the_certificate_tls_fails(authority):
    context = authority.context_by_name(lambda _name: ())
    with pytest.raises(ssl.SSLError, match="CALLBACK_FAILED"):
        handshake(context, authority.ca_file, "ep-1.example.com")


def test_an_existing_authority_is_loaded(authority):
    again = Authority.open(authority.ca_file.parent)
    assert again.ca_file.read_bytes() == authority.ca_file.read_bytes()
    assert handshake(again.context(tuple), authority.ca_file, "localhost")


def test_a_deleted_certificate_file_is_restored(authority):
    before = authority.ca_file.read_bytes()
    authority.ca_file.unlink()
    assert Authority.open(authority.ca_file.parent).ca_file.read_bytes() == before


def test_an_authority_opened_concurrently_is_created_once(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: Authority.open(tmp_path), range(4)))
    assert handshake(opened[0].context(tuple), opened[3].ca_file, "localhost")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ca-with-key.pem", "ca.pem"]


def test_the_private_key_is_only_in_a_file_of_mode_0600(authority):
    secret = authority.ca_file.parent / "ca-with-key.pem"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert "PRIVATE KEY" in secret.read_text()
    assert "PRIVATE KEY" not in authority.ca_file.read_text()
