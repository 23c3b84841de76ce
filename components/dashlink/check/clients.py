"""Check a user's settings of clients: that no client gets a key without a host of the stack.

Known clients, their variables and the public hosts that they dial without them are in
clients/catalog.py. No value of a key is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dashlink.check.client_settings import Setting, read_settings
from dashlink.check.findings import Finding, Findings
from dashlink.clients.catalog import (
    CLIENTS,
    HOST_VARIABLES,
    OFF_VARIABLES,
    Client,
    HostVariable,
    Reading,
    is_blocked,
    is_public,
    url_of,
    value_of,
)
from dashlink.clients.outputs import Outputs

_VARIABLES: Mapping[str, HostVariable] = {variable.name: variable for variable in HOST_VARIABLES}
_KEYS = frozenset(key for client in CLIENTS for reading in client.readings for key in reading.keys)
# Keys of settings in which clients read a base URL, without case and signs.
_URL_KEYS = ("baseurl", "apibase", "apibaseurl")
_SHORT = 2
_NO = ("0", "false")
_RENDER = "as in the .env of `dashlink render --format dotenv`"


def check_client_files(files: Iterable[Path], outputs: Outputs) -> list[Finding]:
    """Check files with settings of clients against the hosts of a stack.

    Raises:
        DashlinkError: A file cannot be read.
    """
    findings: list[Finding] = []
    hosts = stack_hosts(outputs)
    base_urls = _base_urls(outputs)
    for file in files:
        found = Findings(str(file))
        settings = read_settings(file)
        for setting in settings:
            _check_host(found, setting, hosts, base_urls)
        _check_keys(found, settings, base_urls)
        if not found.rows:
            found.not_checked("hosts", "it has no variable or URL of a known client")
        findings += found.rows
    return findings


def stack_hosts(outputs: Outputs) -> dict[str, str]:
    """Return every host that clients of a stack may dial, and the section that it is of."""
    hosts: dict[str, str] = {}
    for name, endpoint in outputs.endpoints.items():
        names = [endpoint.host, endpoint.private_domain, endpoint.endpoint_domain]
        for zone in endpoint.zones.values():
            names += [zone.domain, zone.address]
        for host in (*names, *endpoint.addresses):
            hosts[host or ""] = f"endpoints.{name}"
    for name, api in outputs.model_apis.items():
        for host in (api.host, *api.domains):
            hosts[host] = f"model_apis.{name}"
    for name, service in outputs.eas_services.items():
        for url in service.base_urls.values():
            hosts[_host_of(url)] = f"eas_services.{name}"
    for name, maas in outputs.maas_services.items():
        for url in maas.base_urls.values():
            hosts[_host_of(url)] = f"maas_services.{name}, on the internet"
    hosts.pop("", None)
    return hosts


def _base_urls(outputs: Outputs) -> dict[str, str]:
    """Return a base URL of the stack for each protocol: of an endpoint, or else a Model API."""
    base_urls: dict[str, str] = {}
    for api in outputs.model_apis.values():
        base_urls.update(api.base_urls)
    for endpoint in outputs.endpoints.values():
        base_urls.update(endpoint.base_urls)
    return base_urls


def _host_of(url: str) -> str:
    """Return the host of a URL, also of one without a scheme; empty if it has none."""
    try:
        return (urlsplit(url if "://" in url else f"//{url}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _check_host(
    found: Findings, setting: Setting, hosts: Mapping[str, str], base_urls: Mapping[str, str]
) -> None:
    """Check the host of a variable or of a URL; other values are passed over."""
    letters = "".join(letter for letter in setting.name.lower() if letter.isalnum())
    is_setting = setting.name in _VARIABLES or letters in _URL_KEYS
    if not setting.value or not (is_setting or "://" in setting.value):
        return
    host = _host_of(setting.value)
    if is_setting and setting.references:
        found.not_checked(setting.path, f"its value is set elsewhere: {setting.references[0]}")
    elif host in hosts:
        found.ok(setting.path, f"{host}, a host of {hosts[host]}")
    elif is_blocked(host):
        found.ok(setting.path, f"{host} answers nobody")
    elif is_public(host):
        advice = _advice([setting.name], base_urls)
        found.failed(setting.path, f"{host} is a public host, which gets key and prompt", advice)
    elif is_setting and _is_loopback(host):
        found.not_checked(
            setting.path, f"{host} is this machine: check the settings of what listens"
        )
    elif is_setting:
        problem = f"{host or 'its value'} is no host of the stack"
        found.failed(setting.path, problem, _advice([setting.name], base_urls))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_keys(found: Findings, settings: Iterable[Setting], base_urls: Mapping[str, str]) -> None:
    """Check that each client that finds a key finds a host too."""
    names: set[str] = set()
    for setting in settings:
        if setting.value and setting.value.lower() not in _NO:
            names.update((setting.name, *(set(setting.references) & _KEYS)))
    # Clients that lack the same variables are one finding.
    lacking: dict[tuple[str, ...], list[Client]] = {}
    in_code = []
    for client in CLIENTS:
        reached = [reading for reading in client.readings if names.intersection(reading.keys)]
        missing = tuple(reading.hosts[0] for reading in reached if _lacks_host(reading, names))
        if missing:
            lacking.setdefault(missing, []).append(client)
        if reached and client.in_code:
            in_code.append(_title(client))
    for variables, clients in lacking.items():
        publics = _publics(clients, variables)
        titles = ", ".join(_title(client) for client in clients)
        problem = f"not set, but a key is: {titles} would dial {publics}"
        if len(variables) > 1:
            problem = f"{problem}, also without {', '.join(variables[1:])}"
        found.failed(variables[0], problem, _advice(variables, base_urls))
    if in_code:
        reason = f"{', '.join(in_code)} read no variable for some calls, see docs/clients.md"
        found.not_checked("code", reason)


def _lacks_host(reading: Reading, names: set[str]) -> bool:
    """Return whether a client reads variables of which none is set."""
    return bool(reading.hosts) and not names.intersection(reading.hosts)


def _publics(clients: Iterable[Client], variables: Sequence[str]) -> str:
    """Return the public hosts that clients dial without variables."""
    publics: dict[str, None] = {}
    for client in clients:
        for reading in client.readings:
            if reading.hosts and reading.hosts[0] in variables:
                publics[reading.public] = None
    return ", ".join(publics)


def _title(client: Client) -> str:
    return f"{client.name} {client.version}"


def _advice(names: Iterable[str], base_urls: Mapping[str, str]) -> str:
    """Return what to write for variables, with the stack's own base URLs."""
    pairs = []
    for name in names:
        variable = _VARIABLES.get(name)
        if name in OFF_VARIABLES:
            pairs.append(f"{name}={OFF_VARIABLES[name]}")
            continue
        if variable is None:
            return f"Write a base URL of the stack, {_RENDER}."
        url = url_of(base_urls, variable.protocol)
        value = url if is_blocked(_host_of(url)) else value_of(variable, url)
        pairs.append(f"{name}={value}")
    if len(pairs) > _SHORT:
        return f"Write {pairs[0]}, and the others {_RENDER}."
    return f"Write {' and '.join(pairs)}."
