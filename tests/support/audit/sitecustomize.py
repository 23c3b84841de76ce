"""Refuse and record connections that pass by the proxy, in a client's process.

Python imports this module at start where its folder is on PYTHONPATH. Only the proxy is on
loopback; a lookup of any other name, or a connection to any other address, is written to the file
DIALLED_DIRECTLY and refused.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_LOOPBACK = ("127.0.0.1", "localhost", "::1", "", None)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _LOOPBACK:
        with Path(os.environ["DIALLED_DIRECTLY"]).open("a") as file:
            file.write(f"{name}\n")
        raise OSError(f"{name} is not the proxy")


sys.addaudithook(_refuse)
