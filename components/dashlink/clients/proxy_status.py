"""The header ``Proxy-Status``, in which a proxy reports why it refused a request (RFC 9209)."""

from __future__ import annotations

import re

# A member of the list is one proxy: `name; error=dns_error; details="…"`. A string may hold commas.
_MEMBER = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')
_PARAMETER = re.compile(r';\s*([a-z*][a-z0-9_.*-]*)=("(?:[^"\\]|\\.)*"|[^\s;,"]+)')


def proxy_error(header: str | None) -> str:
    """Return the error that the proxy nearest to the client reports.

    Args:
        header: The value of ``Proxy-Status``, several headers joined by commas; None without one.

    Returns:
        The ``details`` of the error, or else its type (``connection_refused``). Empty where the
        proxy reports none, as where it passes on the response of the next server.
    """
    members = _MEMBER.findall(header or "")
    if not members:
        return ""
    parameters = dict(_PARAMETER.findall(members[-1]))  # proxies append: the last is the nearest
    if "error" not in parameters:
        return ""
    return _text(parameters.get("details", "")) or _text(parameters["error"])


def _text(value: str) -> str:
    """Return a token as it is, and a quoted string without quotes and escapes."""
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1])
