"""A running sandbox: the cloud, its server and the inside of its VPCs, on one event loop.

:class:`Running` runs on the caller's event loop, for the command. :class:`Sandbox` runs in a thread
with a loop of its own, for tests: ``with Sandbox() as cloud: …``.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from dashlink_sandbox.certificates import Authority
from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.inside import Inside
from dashlink_sandbox.listener import Listener
from dashlink_sandbox.server import build_app
from dashlink_sandbox.state import State

_PRODUCTS = (
    "VPC",
    "ECS",
    "PRIVATELINK",
    "PVTZ",
    "APIG",
    "EAS",
    "MODELSTUDIO",
    "NLB",
    "SLB",
    "CBN",
    "VPCPEER",
    "BSSOPENAPI",
    "RESOURCEMANAGER",
    "STS",
    "LOCATION",
)
_TIMEOUT_SECONDS = 60.0
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Options:
    """Options of a sandbox.

    Attributes:
        state_file: The file of the cloud's state, with the certificate authority beside it; None:
            in memory only.
        port: The port of the API; 0 for any free port.
        proxy_port: The port of the proxy into the VPCs; 0 for any free port.
        dialect: How the cloud answers the open questions; None: that of the state file, of a new
            cloud the default.
    """

    state_file: Path | None = None
    port: int = 0
    proxy_port: int = 0
    dialect: Dialect | None = None


class Running:
    """A sandbox that runs on the current event loop."""

    def __init__(
        self, cloud: Cloud, authority: Authority, listener: Listener, inside: Inside
    ) -> None:
        """Combine what :meth:`start` has started; use that."""
        self.cloud = cloud
        self.inside = inside
        self.ca_file: Path = authority.ca_file
        self.url = f"http://127.0.0.1:{listener.port}"
        self.proxy = f"http://127.0.0.1:{inside.proxy_port}"
        self._port = listener.port
        self._listener = listener

    @property
    def env(self) -> dict[str, str]:
        """Environment variables for the provider and the SDKs, as the sandbox's first account."""
        account = self.cloud.catalog.accounts[0]
        host = f"127.0.0.1:{self._port}"
        endpoints = {f"ALIBABA_CLOUD_ENDPOINT_{product}": host for product in _PRODUCTS}
        return {
            "ALICLOUD_ACCESS_KEY": account.access_key_id,
            "ALICLOUD_SECRET_KEY": account.access_key_secret,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": account.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": account.access_key_secret,
            "ALIBABA_CLOUD_ACCOUNT_TYPE": "Domestic",
            **endpoints,
            "STS_ENDPOINT": host,
            "LOCATION_ENDPOINT": host,
            "SSL_CERT_FILE": str(self.ca_file),
            "REQUESTS_CA_BUNDLE": str(self.ca_file),
        }

    def describe(self) -> dict[str, Any]:
        """The ready line of ``dashlink sandbox``."""
        return {
            "url": self.url,
            "proxy": self.proxy,
            "ca_file": str(self.ca_file),
            "api_key": self.cloud.catalog.model_key,
            "pid": os.getpid(),
            "admin_token": self.cloud.admin_token,
            "dialect": dict(self.cloud.current().dialect.choices),
            "env": self.env,
        }

    @classmethod
    async def start(cls, options: Options, folder: Path) -> Running:
        """Start the API and the proxy.

        Args:
            options: The sandbox's options.
            folder: The folder of the certificate authority.

        Raises:
            OSError: A port is already in use, or the state cannot be written.
            BrokenFile: The state file is not that of a sandbox.
        """
        cloud = Cloud(options.state_file, dialect=options.dialect)
        authority = Authority.open(folder)
        context = authority.context(lambda: ())
        listener = await Listener.start(build_app(cloud), port=options.port, ssl_context=context)
        try:
            inside = await Inside.start(
                cloud.current,
                authority,
                proxy_port=options.proxy_port,
                api_key=cloud.catalog.model_key,
                journal=cloud.journal,
                health=cloud.health,
            )
        except BaseException:
            await listener.stop()
            raise
        return cls(cloud, authority, listener, inside)

    async def stop(self) -> None:
        """End every connection and write the state."""
        await self._listener.stop()
        await self.inside.stop()
        self.cloud.save()


class Sandbox:
    """A sandbox in a thread of its own, as a context manager.

    Attributes:
        url: The URL of its API, ``http://127.0.0.1:<port>``; the same port speaks TLS.
        proxy: The URL of the proxy into its VPCs.
        ca_file: The certificate authority that clients must trust.
        api_key: The key that its model server accepts.
        env: Environment variables for the provider and the SDKs.
        admin_token: What callers of the admin API send in the header X-Sandbox-Token.
        cloud: The cloud behind the API.
        inside: The VPCs behind the proxy.
    """

    url: str
    proxy: str
    ca_file: Path
    api_key: str
    env: Mapping[str, str]
    admin_token: str
    cloud: Cloud
    inside: Inside

    def __init__(
        self,
        state_file: Path | None = None,
        *,
        port: int = 0,
        proxy_port: int = 0,
        dialect: Dialect | None = None,
    ) -> None:
        """Prepare a sandbox; it starts on entering. See :class:`Options`."""
        self._options = Options(state_file, port, proxy_port, dialect)
        self._resources = ExitStack()

    @property
    def state(self) -> State:
        """The cloud's current state."""
        return self.cloud.current()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = stack.enter_context(authority_folder(self._options))
            loop = stack.enter_context(_loop_in_thread())
            running = _run(loop, Running.start(self._options, folder))
            stack.callback(lambda: _run(loop, running.stop()))
            self._resources = stack.pop_all()
        self.url = running.url
        self.proxy = running.proxy
        self.ca_file = running.ca_file
        self.api_key = running.cloud.catalog.model_key
        self.env = running.env
        self.admin_token = running.cloud.admin_token
        self.cloud = running.cloud
        self.inside = running.inside
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()


@contextmanager
def authority_folder(options: Options) -> Iterator[Path]:
    """The folder of the certificate authority: that of the state file, or a temporary one."""
    if options.state_file is not None:
        yield options.state_file.parent
        return
    with tempfile.TemporaryDirectory(prefix="dashlink-sandbox-") as folder:
        yield Path(folder)


@contextmanager
def _loop_in_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="dashlink-sandbox", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_TIMEOUT_SECONDS)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run ``work`` on the loop of another thread and wait for its result."""
    return asyncio.run_coroutine_threadsafe(work, loop).result(_TIMEOUT_SECONDS)
