"""The inside of a small, fixed cloud, and machines with a clean environment in its VPCs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from support.processes import Run, run

from dashlink_sandbox.inside import Inside
from dashlink_sandbox.state import (
    DnsRecord,
    Endpoint,
    EndpointService,
    EndpointZone,
    PrivateZone,
    Rule,
    SecurityGroup,
    State,
    Vpc,
    VSwitch,
    ZoneVpc,
)
from engine.process import clean_environment

API_KEY = "sk-inside-test"
PRIVATE_DOMAIN = "vpc-cn-beijing.dashscope.aliyuncs.com"
ENDPOINT_DOMAIN = "ep-2ze1.dashscope.cn-beijing.privatelink.aliyuncs.com"
FINANCE_DOMAIN = "ep-2ze2.epsrv-zm0.cn-beijing.privatelink.aliyuncs.com"
_REGION = "cn-beijing"
_TIMEOUT_SECONDS = 60


def small_cloud() -> State:
    """Two VPCs; in vpc-main two endpoints.

    ep-2ze1 leads to a public service in two zones and has a private name; ep-2ze2 leads to a
    finance service in one zone, without TLS.
    """
    public = EndpointService(
        service_id="epsrv-dash",
        service_name="com.aliyuncs.dashscope",
        region=_REGION,
        zones=["cn-beijing-h", "cn-beijing-k"],
        private_domain=PRIVATE_DOMAIN,
        tls_names=[PRIVATE_DOMAIN],
    )
    finance = EndpointService(
        service_id="epsrv-zm0", service_name="finance", region=_REGION, zones=["cn-beijing-h"]
    )
    state = State(endpoint_services={"epsrv-dash": public, "epsrv-zm0": finance})
    _add_vpc(state, "vpc-main", "10.20", "hk")
    _add_vpc(state, "vpc-other", "10.30", "o")
    rules = []
    for port in (80, 443):
        rule = Rule(rule_id=f"sgr-{port}", ports=f"{port}/{port}", source_cidr="10.20.0.0/16")
        rules.append(rule)
    _add_group(state, "sg-main", rules)
    _add_group(state, "sg-app", [])
    addresses = {"h": "10.20.1.5", "k": "10.20.2.5"}
    _add_endpoint(state, "ep-2ze1", public, ENDPOINT_DOMAIN, addresses)
    _add_endpoint(state, "ep-2ze2", finance, FINANCE_DOMAIN, {"h": "10.20.1.6"})
    record = DnsRecord(record_id="r-1", rr="@", type="CNAME", value=ENDPOINT_DOMAIN)
    state.private_zones["pz-1"] = PrivateZone(
        zone_id="pz-1",
        name=PRIVATE_DOMAIN,
        records={"r-1": record},
        vpcs=[ZoneVpc(region=_REGION, vpc_id="vpc-main")],
    )
    return state


def _add_vpc(state: State, vpc_id: str, prefix: str, zones: str) -> None:
    state.vpcs[vpc_id] = Vpc(vpc_id=vpc_id, region=_REGION, cidr=f"{prefix}.0.0/16")
    for number, letter in enumerate(zones, 1):
        vswitch = VSwitch(
            vswitch_id=f"vsw-{letter}",
            vpc_id=vpc_id,
            zone_id=f"cn-beijing-{letter}",
            cidr=f"{prefix}.{number}.0/24",
        )
        state.vswitches[vswitch.vswitch_id] = vswitch


def _add_group(state: State, group_id: str, rules: list[Rule]) -> None:
    state.security_groups[group_id] = SecurityGroup(
        security_group_id=group_id, region=_REGION, vpc_id="vpc-main", rules=rules
    )


def _add_endpoint(
    state: State,
    endpoint_id: str,
    service: EndpointService,
    domain: str,
    addresses: dict[str, str],
) -> None:
    """Add a connected endpoint; ``addresses`` are by the letters of its zones."""
    zones = {}
    for letter, address in addresses.items():
        zone = EndpointZone(
            zone_id=f"cn-beijing-{letter}",
            vswitch_id=f"vsw-{letter}",
            eni_id=f"eni-{letter}",
            eni_ip=address,
            zone_domain=f"ep-2ze1-cn-beijing-{letter}.dashscope.cn-beijing.privatelink.aliyuncs.com",
            status="Connected",
        )
        zones[zone.zone_id] = zone
    state.endpoints[endpoint_id] = Endpoint(
        endpoint_id=endpoint_id,
        region=_REGION,
        vpc_id="vpc-main",
        service_id=service.service_id,
        service_name=service.service_name,
        service_region=_REGION,
        endpoint_domain=domain,
        connection_status="Connected",
        security_group_ids=["sg-main"],
        zones=zones,
    )


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="inside-under-test")
        self._thread.start()

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(_TIMEOUT_SECONDS)

    def close(self) -> None:
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_TIMEOUT_SECONDS)
        self._loop.close()


class Machine:
    """A machine in the VPCs of a cloud: it has the proxy, the CA, the model key, nothing else."""

    def __init__(self, state: State, inside: Inside, ca_file: Path) -> None:
        self.state = state
        self.inside = inside
        self.ca_file = ca_file
        self.api_key = API_KEY

    def proxy(self, user: str = "vpc-main") -> str:
        return f"http://{user}:inside@127.0.0.1:{self.inside.proxy_port}"

    def run(self, *command: str, user: str = "vpc-main", api_key: str = API_KEY, **env: str) -> Run:
        """Run a command to its end with the machine's environment and ``env``."""
        environment = {
            "PATH": os.defpath,
            "PYTHONUTF8": "1",
            "DASHSCOPE_API_KEY": api_key,
            "OPENAI_API_KEY": api_key,
            **vpc_environment(self.proxy(user), self.ca_file),
            **env,
        }
        return run(command, environment=environment, seconds=120)

    def python(self, program: str, *, python: str = sys.executable, **options: str) -> Run:
        return self.run(python, "-c", program, **options)

    def seen(self, program: str, **options: str) -> Any:
        """Run a Python program, which must succeed, and return its variable ``seen``."""
        text = f"import json\nseen = {{}}\n{program}\nprint(json.dumps(seen))\n"
        done = self.python(text, **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


_ASK = """
import sys
from openai import OpenAI

client = OpenAI(base_url=sys.argv[1])
messages = [{"role": "user", "content": sys.argv[2]}]
answer = client.chat.completions.create(model="qwen-plus", messages=messages)
print(answer.choices[0].message.content)
"""


def ask(cloud: Any, vpc_id: str, base_url: str, message: str) -> Run:
    """Send one message to ``base_url`` with OpenAI's SDK, on a machine in a VPC of a sandbox."""
    proxy = cloud.proxy.replace("http://", f"http://{vpc_id}:inside@")
    environment = {**clean_environment(), **vpc_environment(proxy, cloud.ca_file)}
    environment["OPENAI_API_KEY"] = cloud.api_key
    command = [sys.executable, "-c", _ASK, base_url, message]
    return run(command, environment=environment, seconds=_TIMEOUT_SECONDS)


def vpc_environment(proxy: str, ca_file: Path) -> dict[str, str]:
    """Environment variables that put a client behind ``proxy``, into a VPC of the sandbox."""
    environment = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"), proxy)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        environment[name] = str(ca_file)
    return environment
