"""A chat request in progress: how it reaches the API, and what its error messages are built of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dashlink.clients.chat.request import ChatRequest, ChatTarget
from dashlink.clients.proxy_status import proxy_error

_SINGLE_SERVICE = "/v1/infers/"  # of MaaS; its other hosts have one list, at /v1/models


@dataclass
class Exchange:
    """One request in progress.

    Attributes:
        target: The API that receives the request.
        request: The request.
        timeout_seconds: Limit for the connection, and for each next chunk.
        proxy_error: The error that a proxy reports in the last response; empty for none.
        path: Path of the request after the base URL.
    """

    target: ChatTarget
    request: ChatRequest
    timeout_seconds: float
    proxy_error: str = ""
    path: str = "/chat/completions"

    def watch(self, http_request: Any) -> None:
        """Read ``Proxy-Status`` of each response; the SDK drops the headers of a refused tunnel."""

        def trace(event: str, details: Mapping[str, Any]) -> None:
            if event.endswith("receive_response_headers.complete"):
                headers = details["return_value"][3]
                values = [value for name, value in headers if name.lower() == b"proxy-status"]
                self.proxy_error = proxy_error(b", ".join(values).decode("latin-1"))

        http_request.extensions["trace"] = trace

    @property
    def address(self) -> str:
        """Host and port of the API, without a user."""
        return urlsplit(self.target.base_url).netloc.rpartition("@")[2]

    @property
    def proxy(self) -> str:
        """The proxy by its variable and address, without its user; empty without one."""
        if proxy_bypass(self.address):
            return ""
        proxies = getproxies()
        name = self._scheme
        if not proxies.get(name):
            name = "all"
        address = proxies.get(name, "").rpartition("//")[2].rpartition("@")[2].rstrip("/")
        return f"the proxy of {name.upper()}_PROXY ({address})" if address else ""

    @property
    def _scheme(self) -> str:
        """The scheme by which environments name proxies: that of HTTP, of WebSockets too."""
        scheme = urlsplit(self.target.base_url).scheme
        return {"ws": "http", "wss": "https"}.get(scheme, scheme)

    def refused_by_proxy(self, status: int) -> bool:
        """Return whether a proxy, not the API, has sent a response with this status.

        What comes through a tunnel, that is over https, is never the proxy's.
        """
        if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return True
        return bool(self._scheme == "http" and self.proxy and self.proxy_error)

    def fields(self, error: Exception) -> dict[str, Any]:
        """Return the values of the placeholders in messages."""
        url = urlsplit(self.target.base_url)
        return {
            "status": getattr(error, "status_code", 200),
            "model": self.request.model,
            "host": url.hostname,
            "address": self.address,
            "url": f"{url.scheme}://{self.address}{url.path.rstrip('/')}{self.path}",
            "path": self.path,
            "proxy": self.proxy or "a proxy",
            "variable": f"{self._scheme.upper()}_PROXY",
            "timeout": self.timeout_seconds,
            "after": _retry_time(error),
            **self._names(),
        }

    def _names(self) -> dict[str, str]:
        """The names of key and addresses; behind a Model API those of the AI service."""
        base = self.target.base_url.rstrip("/")
        names = {"key": self.target.key_name, "base": base, "models": f"{base}/models"}
        if self.target.kind == "model-api":
            names["key"] = "`api_keys` of the AI service"
            names["base"] = "the address of the AI service"
            names["models"] = "its list of models"
        elif self.target.kind == "maas" and _SINGLE_SERVICE not in base:
            url = urlsplit(base)
            names["models"] = f"{url.scheme}://{url.netloc}/v1/models"
        return names


def _retry_time(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is None or not response.headers.get("retry-after"):
        return "later"
    after = response.headers["retry-after"]
    return f"after {after} s" if after.isdigit() else f"after {after}"
