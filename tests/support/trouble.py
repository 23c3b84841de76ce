"""What goes wrong on purpose: the console's part of the sandbox, processes that are ended, waiting with a time-out."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path


def console(cloud, what, **body):
    """Do what only the console can."""
    _post(cloud, f"console/{what}", body)


def plant(cloud, **fault):
    """Plant a fault of the sandbox."""
    _post(cloud, "faults", fault)


def limit(cloud, product, calls_per_second):
    """Throttle a product of the sandbox."""
    _post(cloud, "limits", {"product": product, "calls_per_second": calls_per_second})


def _post(cloud, path, body):
    request = urllib.request.Request(
        f"{cloud.url}/_sandbox/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()


def processes_of(stack):
    """Ids of the processes that run in the stack's environment."""
    mark = f"PULUMI_HOME={stack.folder / 'home'}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0") and b"Z" not in _status(
                    entry
                ):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _status(entry):
    return (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]


def until(true, seconds, what="it"):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not come to pass in {seconds} s"
        time.sleep(0.1)
