"""The header `Proxy-Status`, by the examples and the grammar of RFC 9209 and RFC 8941."""

from __future__ import annotations

import pytest

from dashlink.clients.proxy_status import proxy_error

HEADERS = {
    "no-header": (None, ""),
    "empty": ("", ""),
    "no-error": ("r34.example.net; received-status=200", ""),
    "error-type": ("ExampleCDN; error=connection_timeout", "connection_timeout"),
    "details": ('cdn; error=dns_error; details="no record"', "no record"),
    "details-first": ('cdn; details="no record"; error=dns_error', "no record"),
    "details-without-error": ('cdn; details="all well"', ""),
    "name-in-quotes": ('"a, b"; error=dns_error; details="x"', "x"),
    "comma-and-semicolon": ('cdn; error=dns_error; details="a, b; c"', "a, b; c"),
    "escapes": (r'cdn; error=dns_error; details="a \"b\" \\ c"', r'a "b" \ c'),
    "nearest-is-last": (
        'far; error=dns_error; details="x", near; error=tls_alert_received',
        "tls_alert_received",
    ),
    "nearest-passes-on": ('far; error=dns_error; details="x", near', ""),
    "unclosed-string": ('cdn; error=dns_error; details="no', ""),  # malformed: ignored whole
}


@pytest.mark.parametrize(("header", "error"), HEADERS.values(), ids=HEADERS)
def test_the_error_of_the_nearest_proxy_is_read(header, error):
    assert proxy_error(header) == error
