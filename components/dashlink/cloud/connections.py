"""HTTP connections to the cloud, reused between requests and threads.

The environment has its usual effect: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE.
"""

from __future__ import annotations

import os
import ssl
import urllib.request
from functools import cache
from urllib.parse import unquote

import certifi
import urllib3
from urllib3.util import make_headers, parse_url

_CONNECTIONS_PER_HOST = 64
_TIMEOUT = urllib3.Timeout(connect=10, read=30)


def connections_to(protocol: str, host: str) -> urllib3.PoolManager:
    """Return the connections to use for a host, through a proxy where the environment names one.

    Args:
        protocol: ``https`` or ``http``.
        host: Host, with a port where it is not the protocol's own.
    """
    proxy = None
    if not urllib.request.proxy_bypass(host):
        proxy = urllib.request.getproxies().get(protocol)
    return _connections(proxy, os.environ.get("SSL_CERT_FILE"))


@cache
def _connections(proxy: str | None, authorities: str | None) -> urllib3.PoolManager:  # noqa: ARG001 - a key of the cache, read by ssl itself
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())  # systems without authorities of their own
    if proxy is None:
        return urllib3.PoolManager(
            maxsize=_CONNECTIONS_PER_HOST, ssl_context=context, timeout=_TIMEOUT, retries=False
        )
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    return urllib3.ProxyManager(
        proxy,
        proxy_headers=make_headers(proxy_basic_auth=unquote(parse_url(proxy).auth or "") or None),
        maxsize=_CONNECTIONS_PER_HOST,
        ssl_context=context,
        timeout=_TIMEOUT,
        retries=False,
    )
