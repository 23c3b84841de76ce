"""The plugin's process: a gRPC server on loopback, whose port is the first line of its output."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from dashlink import __version__
from dashlink.provider.server import Provider, engine_log

# A wait holds a thread; this many resources can wait at once, and a cancel still finds one.
_THREADS = 64
_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
_GRACE_SECONDS = 5.0


def serve() -> int:
    """Serve until the engine says so, or is gone."""
    address = sys.argv[-1] if len(sys.argv) > 1 else ""
    provider = Provider(
        __version__, engine_log(address) if ":" in address else lambda urn, text: None
    )
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    sizes = [
        ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
        ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES),
    ]
    server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=sizes)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    parent = os.getppid()
    print(port, flush=True)  # noqa: T201 - the engine reads it
    while not stopped.wait(timeout=1) and os.getppid() == parent:
        pass
    provider.ended.set()
    server.stop(grace=_GRACE_SECONDS).wait()
    return 0
