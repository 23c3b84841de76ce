"""The plugin's process: a gRPC server on loopback whose port is the first line of its output."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from dashlink import __version__
from dashlink.provider.server import Provider, engine_log, no_log

# A blocking operation holds a thread: this many can wait, and a cancel still gets a thread.
_THREADS = 64
_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
_GRACE_SECONDS = 5.0


def serve() -> int:
    """Serve until the engine stops this process or exits; return the exit code.

    The engine passes its own address as the last argument.
    """
    address = sys.argv[-1] if len(sys.argv) > 1 else ""
    log = engine_log(address) if ":" in address else no_log
    provider = Provider(__version__, log)
    stopped = _stop_signal()
    server = grpc.server(
        ThreadPoolExecutor(max_workers=_THREADS),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    engine_pid = os.getppid()
    print(port, flush=True)  # noqa: T201 - the engine reads it
    _ = provider.handlers  # imported while the engine connects and starts other plugins
    while not stopped.wait(timeout=1) and os.getppid() == engine_pid:
        pass
    provider.cancelled.set()
    server.stop(grace=_GRACE_SECONDS).wait()
    return 0


def _stop_signal() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stopped = threading.Event()

    def stop(number: int, frame: object) -> None:  # noqa: ARG001 - the signature of handlers
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopped
