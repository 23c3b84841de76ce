"""`dashlink sandbox`: a loopback Alibaba Cloud, to try and test without an account."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dashlink.errors import DashlinkError


def run_sandbox(
    port: Annotated[
        int, typer.Option(help="Port of the cloud on 127.0.0.1; 0: any.", min=0, max=65535)
    ] = 0,
    proxy_port: Annotated[
        int, typer.Option(help="Port of the proxy into the VPCs; 0: any.", min=0, max=65535)
    ] = 0,
    state: Annotated[
        Path | None, typer.Option(help="File that keeps the cloud; default: kept nowhere.")
    ] = None,
) -> None:
    """Run the sandbox cloud until it is ended. Its first line is JSON: url, proxy, ca_file, api_key, pid, env."""
    try:
        from dashlink_sandbox import main  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        raise DashlinkError(
            f'the sandbox needs more packages ({error.name}): pip install "dashlink[sandbox]"'
        ) from None
    words = [
        "--port",
        str(port),
        "--proxy-port",
        str(proxy_port),
        *(["--state", str(state)] if state else []),
    ]
    sys.exit(main.main(words))
