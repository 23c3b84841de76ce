"""`dashlink check` without a proxy: each step against a real server on loopback, each failure with its advice.

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
from dashlink.clients.probe import probe

NAME = "vpc-cn-beijing.dashscope.aliyuncs.com"
OTHER = "other.dashscope.aliyuncs.com"


class Answers(http.server.BaseHTTPRequestHandler):
    status = 401

    def do_GET(self):
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
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

    def start(status=401, certificate_for=None):
        handler = type("Handler", (Answers,), {"status": status})
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

    def look_up(host, *words, **named):
        if host in table:
            return real(table[host], *words, **named)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
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


def test_all_steps_of_a_working_endpoint_are_good(serve):
    serve(certificate_for=NAME)
    findings = probe(endpoint(), 5)
    assert steps(findings) == [(step, "ok") for step in ("name", "address", "port", "tls", "http")]
    assert findings[-1].said == "answers 401: reachable, a key is missing"
    assert not any(finding.advice for finding in findings)


def test_an_endpoint_that_is_dialled_by_http_has_no_certificate_to_check(serve):
    serve()
    assert ("tls", "skipped") in steps(probe(endpoint("http"), 5))


@pytest.mark.parametrize(
    ("served", "dialled", "step", "advice"),
    [
        ({}, {"host": "nowhere.aliyuncs.com"}, "name", "Attach the private zone"),
        ({}, {"address": "10.20.0.5"}, "address", "leads past the endpoint"),
        ({"certificate_for": OTHER}, {}, "tls", "Turn on the custom service domain"),
        ({"certificate_for": None}, {}, "tls", "Turn on the custom service domain"),
        ({"certificate_for": NAME, "status": 503}, {}, "http", "The network is fine"),
    ],
)
def test_a_failure_ends_the_walk_with_one_line_of_advice(serve, served, dialled, step, advice):
    serve(**served)
    findings = probe(endpoint(**dialled), 5)
    assert (findings[-1].step, findings[-1].state) == (step, "failed")
    assert advice in findings[-1].advice
    assert all(finding.state != "failed" for finding in findings[:-1])


def test_a_closed_port_is_told_from_a_silent_one(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setattr(probing, "_PORTS", {"http": port, "https": port})
    assert "Refused" in probe(endpoint(), 5)[-1].advice

    def silent(*words, **named):
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    assert "let this machine in on TCP" in probe(endpoint(), 5)[-1].advice


def test_a_proxys_own_words_are_given_back(monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse():
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(
                b"HTTP/1.1 502 security group sg-1 lets no tcp 443 in\r\nContent-Length: 0\r\n\r\n"
            )

    thread = threading.Thread(target=refuse)
    thread.start()
    monkeypatch.setenv("HTTPS_PROXY", f"http://vpc-1:x@127.0.0.1:{listener.getsockname()[1]}")
    findings = probe(endpoint(), 5)
    thread.join()
    listener.close()
    assert findings[-1].step == "proxy"
    assert "security group sg-1 lets no tcp 443 in" in findings[-1].said
