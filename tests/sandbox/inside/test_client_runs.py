"""Real clients by rendered files alone: each answers, and dials the private host and no other.

Every host is recorded, by the proxy and within the process (support/audit). Public hosts answer
too, so that a client which dials one succeeds, as on the internet. The files are all that names
the sandbox's authority. docs/clients-table.md is generated from the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from support import client_runs
from support.client_place import ClientPlace, client_place
from support.client_runs import HOSTS, Client

from dashlink.clients.authorities import authority_variables
from dashlink.clients.catalog import HOST_VARIABLES, OFF_VARIABLES

# What leads a client to a host, or keeps it from one.
_LEADING = {variable.name for variable in HOST_VARIABLES} | OFF_VARIABLES.keys()


def rows(clients: Iterable[Client]) -> pytest.MarkDecorator:
    """Parametrize a test by clients and what they are run against."""
    cases = []
    for client in clients:
        for path in client.paths:
            cases.append((client, path))
    ids = [f"{client.title} {path}" for client, path in cases]
    return pytest.mark.parametrize(("client", "path"), cases, ids=ids)


def defaults(clients: Iterable[Client]) -> pytest.MarkDecorator:
    """Parametrize a test by the clients that dial a public host by default."""
    cases = [client for client in clients if client.public]
    return pytest.mark.parametrize("client", cases, ids=lambda client: client.title)


@pytest.fixture(scope="module")
def place() -> Iterator[ClientPlace]:
    for name in client_runs.LOCK_FILES:  # an installation needs the proxy, which a place removes
        client_runs.python_of(name)
    with client_place() as started:
        yield started


def assert_private(place: ClientPlace, client: Client, path: str, folder):
    is_env = client.file == ".env"
    variables = place.variables(path) if is_env or client.with_env else place.key(path)
    if not is_env:
        place.write(path, (client.format,), folder)
    hosts, done = place.run(client.command, variables, folder)
    model = "glm-5.1" if path == client_runs.MAAS else "qwen-plus"
    assert done.stdout.strip() == client.reply.replace("MODEL", model), done
    assert hosts == (HOSTS[path.partition("/")[0]],)


def assert_public_by_default(place: ClientPlace, client: Client, folder):
    """Without what the file sets, the same program dials exactly the public hosts of its row."""
    variables = place.variables(client.paths[0])
    kept = {name: value for name, value in variables.items() if name not in _LEADING}
    hosts, done = place.run(client.command, kept, folder)
    assert hosts == client.public, done


@rows(client_runs.SDKS)
def test_an_sdk_answers_by_the_file_alone(place, client, path, tmp_path):
    assert_private(place, client, path, tmp_path)


@rows(client_runs.FRAMEWORKS)
def test_a_framework_answers_by_the_file_alone(place, client, path, tmp_path):
    assert_private(place, client, path, tmp_path)


@rows(client_runs.TOOLS)
def test_a_tool_answers_by_the_file_alone(place, client, path, tmp_path):
    assert_private(place, client, path, tmp_path)


@rows(client_runs.FILES)
def test_a_rendered_program_answers(place, client, path, tmp_path):
    assert_private(place, client, path, tmp_path)


@defaults(client_runs.SDKS)
def test_without_the_file_an_sdk_is_public(place, client, tmp_path):
    assert_public_by_default(place, client, tmp_path)


@defaults([*client_runs.FRAMEWORKS, *client_runs.TOOLS])
def test_without_the_file_a_framework_is_public(place, client, tmp_path):
    assert_public_by_default(place, client, tmp_path)


@pytest.mark.parametrize(
    "client",
    [client for client in client_runs.SDKS if client.name in ("openai", "requests", "curl")],
    ids=lambda client: client.title,
)
def test_without_the_authority_no_client_connects(place, client, tmp_path):
    variables = place.variables(client_runs.ENDPOINT)
    for name in authority_variables("/ca.pem"):
        del variables[name]
    hosts, done = place.run(client.command, variables, tmp_path)
    assert "certificate" in done.stderr.lower() or "connection error" in done.stderr.lower(), done
    assert (done.stdout.strip(), hosts) == ("", (HOSTS[client_runs.ENDPOINT],))
    assert list(place.place.cloud.inside.requests) == []
