"""Variables by which clients trust the certificates of a private authority.

Each was found by running its client (November 2026); those of Python and Java trust the file's
authorities in place of their own list, Node beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

_JAVA = "JAVA_TOOL_OPTIONS"
_FILE_VARIABLES: Mapping[str, str] = {
    "SSL_CERT_FILE": "OpenSSL: Python's ssl, httpx (OpenAI, Anthropic), Go, Ruby, Codex",
    "REQUESTS_CA_BUNDLE": "requests (DashScope, qwen-agent)",
    "WEBSOCKET_CLIENT_CA_BUNDLE": "websocket-client (speech and realtime of DashScope)",
    "CURL_CA_BUNDLE": "curl",
    "NODE_EXTRA_CA_CERTS": "Node, only where it is set before Node starts",
}


def authority_variables(ca_file: str) -> dict[str, str]:
    """Return the variables that make clients trust the authorities of a file.

    Java reads no PEM, and a PKCS12 store only with its password; a store of type JKS needs none.
    Where the store does not exist, Java uses its own (OpenJDK 17).

    Args:
        ca_file: Path of the PEM file on the clients' machines; empty for none.
    """
    if not ca_file:
        return {}
    variables = dict.fromkeys(_FILE_VARIABLES, ca_file)
    variables[_JAVA] = f"-Djavax.net.ssl.trustStore={java_store(ca_file)}"
    return variables


def java_store(ca_file: str) -> str:
    """Return the path of the trust store for Java, beside the PEM file."""
    return str(PurePosixPath(ca_file).with_suffix(".jks"))


def java_command(ca_file: str) -> str:
    """Return the command that creates the trust store; its password protects nothing secret."""
    store = java_store(ca_file)
    return (
        f"keytool -importcert -noprompt -alias private-ca -file {ca_file} -keystore {store} "
        "-storetype JKS -storepass changeit"
    )
