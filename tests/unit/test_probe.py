"""`dashlink check` against a real server on loopback: each step, each failure with its advice.

Names are resolved by a table: no name of a test ever leaves the machine.
"""

from __future__ import annotations

import http.server
import socket
import ssl
import threading

import pytest
import trustme

from dashlink.clients import probe as probing
from dashlink.clients.outputs import EndpointOutputs, base_urls
from dashlink.clients.targets import probe

NAME = "vpc-cn-beijing.dashscope.aliyuncs.com"
OTHER = "other.dashscope.aliyuncs.com"


class Answers(http.server.BaseHTTPRequestHandler):
    status = 401
    headers_to_send = ()

    def do_GET(self):
        self.send_response(self.status)
        for name, value in self.headers_to_send:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def authority(monkeypatch, tmp_path):
    authority = trustme.CA()
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return authority


@pytest.fixture
def serve(monkeypatch, authority):
    """Start the endpoint's server: its status, the name of its certificate (None: plain http)."""
    servers = []

    def start(status=401, certificate_for=None, **headers):
        own = {"status": status, "headers_to_send": tuple(headers.items())}
        handler = type("Handler", (Answers,), own)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if certificate_for:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(certificate_for).configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        port = server.server_address[1]
        monkeypatch.setattr(probing, "_PORTS", {"http": port, "https": port})

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """The machine's DNS: a table. And no proxy of the machine's own."""
    table = {NAME: "127.0.0.1", "127.0.0.1": "127.0.0.1"}
    real = socket.getaddrinfo

    def look_up(host, *arguments, **named):
        if host in table:
            return real(table[host], *arguments, **named)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return table


def endpoint(scheme="https", host=NAME, address="127.0.0.1"):
    return EndpointOutputs(
        endpoint_id="ep-1",
        service_name="com.aliyuncs.dashscope",
        service_id="epsrv-1",
        private_domain=host if scheme == "https" else None,
        endpoint_domain=host,
        zones={"cn-beijing-h": {"domain": f"h.{host}", "address": address}},
        scheme=scheme,
        host=host,
        base_urls=base_urls(scheme, host, {"openai": "/compatible-mode/v1"}),
    )


def steps(findings):
    return [(finding.step, finding.state) for finding in findings]


def test_every_step_of_a_working_endpoint_is_ok(serve):
    serve(certificate_for=NAME)
    findings = probe(endpoint(), 5)
    assert steps(findings) == [(step, "ok") for step in ("name", "address", "port", "tls", "http")]
    assert findings[-1].message == "responds 401: reachable, a key is missing"
    assert not any(finding.advice for finding in findings)


def test_an_endpoint_on_plain_http_skips_the_certificate(serve):
    serve()
    assert ("tls", "skipped") in steps(probe(endpoint("http"), 5))


@pytest.mark.parametrize(
    ("served", "dialled", "step", "advice"),
    [
        ({}, {"host": "nowhere.aliyuncs.com"}, "name", "Attach the private zone"),
        ({}, {"address": "10.20.0.5"}, "address", "does not resolve to the endpoint"),
        ({"certificate_for": OTHER}, {}, "tls", "Turn on the custom service domain"),
        ({"certificate_for": None}, {}, "tls", "Turn on the custom service domain"),
        ({"certificate_for": NAME, "status": 503}, {}, "http", "The network works"),
    ],
    ids=["unknown-name", "other-address", "other-certificate", "no-certificate", "status"],
)
def test_a_failure_is_the_last_step_and_has_advice(serve, served, dialled, step, advice):
    serve(**served)
    findings = probe(endpoint(**dialled), 5)
    assert (findings[-1].step, findings[-1].state) == (step, "failed")
    assert advice in findings[-1].advice
    assert all(finding.state != "failed" for finding in findings[:-1])


def test_a_closed_port_is_distinguished_from_a_silent_one(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setattr(probing, "_PORTS", {"http": port, "https": port})
    assert "Refused" in probe(endpoint(), 5)[-1].advice

    def silent(*arguments, **named):
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    assert "Allow this machine to connect to TCP" in probe(endpoint(), 5)[-1].advice


def test_the_reason_of_a_proxy_is_quoted(monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse():
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(
                b"HTTP/1.1 502 security group sg-1 allows no tcp 443\r\nContent-Length: 0\r\n\r\n"
            )

    thread = threading.Thread(target=refuse)
    thread.start()
    monkeypatch.setenv("HTTPS_PROXY", f"http://vpc-1:x@127.0.0.1:{listener.getsockname()[1]}")
    findings = probe(endpoint(), 5)
    thread.join()
    listener.close()
    assert findings[-1].step == "proxy"
    assert "security group sg-1 allows no tcp 443" in findings[-1].message


def test_a_failing_response_quotes_what_a_proxy_reports(serve):
    status = {"Proxy-Status": 'edge; error=connection_timeout; details="no upstream"'}
    serve(status=504, certificate_for=NAME, **status)
    assert probe(endpoint(), 5)[-1].message == "responds 504 no upstream"


WORKSPACE = "llm-34o9-vpc-2ze1.cn-beijing.maas.aliyuncs.com"


def connection(host=WORKSPACE, addresses=()):
    """A connection of a workspace, which has no zones that dashlink knows."""
    return EndpointOutputs(
        endpoint_id=None,
        service_name=None,
        service_id=None,
        private_domain=host,
        endpoint_domain=None,
        zones={},
        scheme="https",
        host=host,
        base_urls=base_urls("https", host, {"openai": "/compatible-mode/v1"}),
        workspace_id="ws-ac3e",
        addresses=addresses,
    )


def test_every_step_of_a_working_connection_is_ok(serve, names):
    names[WORKSPACE] = "127.0.0.1"
    serve(certificate_for=WORKSPACE)
    findings = probe(connection(), 5)
    assert steps(findings) == [(step, "ok") for step in ("name", "address", "port", "tls", "http")]


@pytest.mark.parametrize(
    ("dialled", "address", "step", "advice"),
    [
        ({"host": "nowhere.aliyuncs.com"}, "127.0.0.1", "name", "advanced configuration"),
        ({}, "47.94.0.1", "address", "the workspace's public one"),
        ({"addresses": ("10.20.0.5",)}, "127.0.0.1", "address", "does not resolve"),
        ({}, "127.0.0.1", "tls", "private host that the console shows"),
    ],
    ids=["unknown-name", "public-address", "other-address", "other-certificate"],
)
def test_a_failing_connection_has_advice(serve, names, dialled, address, step, advice):
    names[WORKSPACE] = address
    serve(certificate_for=OTHER)
    findings = probe(connection(**dialled), 5)
    assert (findings[-1].step, findings[-1].state) == (step, "failed")
    assert advice in findings[-1].advice


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("10.0.0.1:3128", "HTTPS_PROXY is no URL of an HTTP proxy"),
        ("socks5://10.0.0.1:1080", "HTTPS_PROXY is no URL of an HTTP proxy"),
        ("http://10.0.0.1:99999", "a port that is no number up to 65535"),
        ("http://user:secret@127.0.0.1:9", "the proxy 127.0.0.1:9 of HTTPS_PROXY"),
    ],
    ids=["no-scheme", "socks", "port", "refused"],
)
def test_a_broken_proxy_variable_is_named(monkeypatch, variable, text):
    monkeypatch.setenv("HTTPS_PROXY", variable)
    (*_, last) = probe(endpoint(), 5)
    assert (last.step, last.state) == ("proxy", "failed")
    assert text in last.message
    assert "unset" in last.advice
    assert "secret" not in last.message + last.advice


def test_a_host_in_no_proxy_is_dialled_directly(serve, monkeypatch):
    serve(certificate_for=NAME)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", NAME)
    assert steps(probe(endpoint(), 5))[-1] == ("http", "ok")


def test_an_authority_that_is_not_trusted_is_named(serve, monkeypatch, tmp_path):
    serve(certificate_for=NAME)
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    (*_, last) = probe(endpoint(), 5)
    assert (last.step, last.state) == ("tls", "failed")
    assert "does not trust the authority" in last.message
    assert "client_ca_file" in last.advice


def test_connection_and_response_are_timed(serve):
    serve(certificate_for=NAME)
    timed = {finding.step for finding in probe(endpoint(), 5) if finding.milliseconds is not None}
    assert timed == {"port", "http"}
