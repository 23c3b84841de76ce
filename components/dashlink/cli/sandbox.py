"""`dashlink sandbox`: run a loopback Alibaba Cloud, to try and test without an account."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

from dashlink.errors import DashlinkError


def run_sandbox(
    port: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            help="Port of the API on 127.0.0.1; 0 for any free port.",
            min=0,
            max=65535,
        ),
    ] = 0,
    proxy_port: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            help="Port of the proxy into the VPCs; 0 for any free port.",
            min=0,
            max=65535,
        ),
    ] = 0,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File that stores the cloud's state. Default: in memory only."
        ),
    ] = None,
    dialect: Annotated[
        str | None,
        typer.Option(
            metavar="DIALECT",
            help="How the cloud answers what no source settles: a seed, or question=option with "
            "commas. Default: as the best sources state.",
        ),
    ] = None,
) -> None:
    """Run the sandbox cloud until it is interrupted.

    Its first line of output is JSON: url, proxy, ca_file, api_key, pid,
    admin_token (for the calls below /_sandbox/), dialect, env.
    """
    arguments = ["--port", str(port), "--proxy-port", str(proxy_port)]
    if state is not None:
        arguments += ["--state", str(state)]
    if dialect is not None:
        arguments += ["--dialect", dialect]
    sys.argv = ["dashlink sandbox", *arguments]
    try:
        runpy.run_module(
            "dashlink_sandbox", run_name="__main__", alter_sys=True
        )  # as python -m does
    except ModuleNotFoundError as error:
        raise DashlinkError(
            f'sandbox: the package {error.name} is missing. Run `pip install "dashlink[sandbox]"`.'
        ) from None
