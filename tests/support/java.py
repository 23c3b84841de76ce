"""The DashScope SDK for Java and Spring AI, of the poms in tests/java, and machines that run them.

Maven copies their jars into the user's cache folder, under the hash of the pom.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509 import load_pem_x509_certificates
from support.inside import Machine
from support.installed import installed
from support.processes import Run, run, run_ok

PROJECT = Path(__file__).parents[1] / "java"
SPRING = PROJECT / "spring"
_INSTALL_SECONDS = 600
_PASSWORD = "sandbox"  # of a trust store, which holds no key
_ADVICE = "Install a JDK of version 17 or newer and Maven to run the clients for Java"


def jars(project: Path = PROJECT) -> Path:
    """The folder with a project's jars; installed at first, by a package registry.

    Without Java or Maven the test is skipped, on CI it fails.
    """
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            if os.environ.get("CI"):
                pytest.fail(_ADVICE)
            pytest.skip(_ADVICE)
    pom = project / "pom.xml"

    def install(home: Path) -> None:
        goal = ("dependency:copy-dependencies", f"-DoutputDirectory={home}")
        command = ["mvn", "--batch-mode", "--quiet", "--file", str(pom), *goal]
        run_ok(command, environment=os.environ, seconds=_INSTALL_SECONDS)

    return installed("java", pom.read_bytes(), install)


@dataclass(frozen=True)
class JavaMachine:
    """A machine with Java and the clients, in a VPC of a sandbox.

    No name resolves there but by the proxy: Java reads an empty file of hosts.

    Attributes:
        machine: The machine.
        folder: Its files.
    """

    machine: Machine
    folder: Path

    def calls(self, *cases: tuple[str, str], user: str = "vpc-main", **environment: str) -> Any:
        """Run calls of Calls.java with the client file of each folder, in one process."""
        done = self.run(*cases, user=user, **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run(self, *cases: tuple[str, str], user: str = "vpc-main", **environment: str) -> Run:
        """Run Calls.java with the client file of each folder, and names of its calls."""
        port = str(self.machine.inside.proxy_port)
        arguments = [str(PROJECT / "Calls.java"), "127.0.0.1", port, user]
        for folder, names in cases:
            arguments += [str(self.folder / folder) if folder else "", names]
        return self._java(PROJECT, *arguments, **environment)

    def spring(self, folder: str, *calls: str, user: str = "vpc-main", **environment: str) -> Run:
        """Start a Spring application with a folder's application.yml, and run calls of Ask.java."""
        options = (
            "-Dhttps.proxyHost=127.0.0.1",
            f"-Dhttps.proxyPort={self.machine.inside.proxy_port}",
            "-Djdk.http.auth.tunneling.disabledSchemes=",  # the proxy's Basic is one by default
            "-Dspring.http.client.factory=simple",  # which asks the default Authenticator
        )
        arguments = (str(SPRING / "Ask.java"), user, str(self.folder / folder), *calls)
        return self._java(SPRING, *options, *arguments, **environment)

    def _java(self, project: Path, *arguments: str, **environment: str) -> Run:
        hosts = self.folder / "hosts"
        hosts.touch()
        options = (
            f"-Djdk.net.hosts.file={hosts}",
            f"-Djavax.net.ssl.trustStore={self._trust_store()}",
            f"-Djavax.net.ssl.trustStorePassword={_PASSWORD}",
            "-XX:TieredStopAtLevel=1",
        )
        command = [
            shutil.which("java") or "java",
            *options,
            "-cp",
            f"{jars(project)}/*",
            *arguments,
        ]
        variables = {"PATH": os.defpath, "HOME": str(self.folder), **environment}
        return run(command, environment=variables, seconds=120, folder=self.folder)

    def _trust_store(self) -> Path:
        """The sandbox's authority in the form that Java reads, PKCS #12."""
        certificates = []
        for certificate in load_pem_x509_certificates(self.machine.ca_file.read_bytes()):
            certificates.append(pkcs12.PKCS12Certificate(certificate, b"sandbox"))
        encryption = BestAvailableEncryption(_PASSWORD.encode())
        file = self.folder / "trust.p12"
        file.write_bytes(pkcs12.serialize_java_truststore(certificates, encryption))
        return file


def java_machine(machine: Machine, folder: Path) -> JavaMachine:
    """A machine with Java, whose files are in ``folder``."""
    jars()
    return JavaMachine(machine, folder)
