"""A small cloud by hand, its inside on a loop of its own, and clients with a clean environment in its VPCs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine
from typing import Any

from dashlink_sandbox.certificates import Authority
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

API_KEY = "sk-inside-test"
PRIVATE_DOMAIN = "vpc-cn-beijing.dashscope.aliyuncs.com"
ENDPOINT_DOMAIN = "ep-2ze1.dashscope.cn-beijing.privatelink.aliyuncs.com"
FINANCE_DOMAIN = "ep-2ze2.epsrv-zm0.cn-beijing.privatelink.aliyuncs.com"
STEP_SECONDS = 60


def zone(letter: str, address: str, status: str = "Connected") -> EndpointZone:
    return EndpointZone(
        zone_id=f"cn-beijing-{letter}",
        vswitch_id=f"vsw-{letter}",
        eni_id=f"eni-{letter}",
        eni_ip=address,
        zone_domain=f"ep-2ze1-cn-beijing-{letter}.dashscope.cn-beijing.privatelink.aliyuncs.com",
        status=status,
    )


def endpoint(
    endpoint_id: str, service: EndpointService, domain: str, *zones: EndpointZone
) -> Endpoint:
    return Endpoint(
        endpoint_id=endpoint_id,
        region="cn-beijing",
        vpc_id="vpc-main",
        service_id=service.service_id,
        service_name=service.service_name,
        service_region="cn-beijing",
        endpoint_domain=domain,
        connection_status="Connected",
        security_group_ids=["sg-main"],
        zones={each.zone_id: each for each in zones},
    )


def make_state() -> State:
    """Two VPCs; in vpc-main a public endpoint in two zones with a private name, and a finance one without TLS."""
    services = [
        EndpointService(
            service_id="epsrv-dash",
            service_name="com.aliyuncs.dashscope",
            region="cn-beijing",
            zones=["cn-beijing-h", "cn-beijing-k"],
            private_domain=PRIVATE_DOMAIN,
            tls_names=[PRIVATE_DOMAIN],
        ),
        EndpointService(
            service_id="epsrv-zm0",
            service_name="finance",
            region="cn-beijing",
            zones=["cn-beijing-h"],
        ),
    ]
    endpoints = [
        endpoint(
            "ep-2ze1", services[0], ENDPOINT_DOMAIN, zone("h", "10.20.1.5"), zone("k", "10.20.2.5")
        ),
        endpoint("ep-2ze2", services[1], FINANCE_DOMAIN, zone("h", "10.20.1.6")),
    ]
    vpcs = {"vpc-main": "10.20.0.0/16", "vpc-other": "10.30.0.0/16"}
    vswitches = {
        "vsw-h": ("vpc-main", "10.20.1.0/24"),
        "vsw-k": ("vpc-main", "10.20.2.0/24"),
        "vsw-o": ("vpc-other", "10.30.1.0/24"),
    }
    rules = [
        Rule(rule_id=f"sgr-{port}", ports=f"{port}/{port}", source_cidr="10.20.0.0/16")
        for port in (80, 443)
    ]
    record = DnsRecord(record_id="r-1", rr="@", type="CNAME", value=ENDPOINT_DOMAIN)
    return State(
        vpcs={
            name: Vpc(vpc_id=name, region="cn-beijing", cidr=cidr) for name, cidr in vpcs.items()
        },
        vswitches={
            name: VSwitch(
                vswitch_id=name, vpc_id=vpc_id, zone_id=f"cn-beijing-{name[-1]}", cidr=cidr
            )
            for name, (vpc_id, cidr) in vswitches.items()
        },
        security_groups={
            "sg-main": SecurityGroup(
                security_group_id="sg-main", region="cn-beijing", vpc_id="vpc-main", rules=rules
            ),
            "sg-app": SecurityGroup(
                security_group_id="sg-app", region="cn-beijing", vpc_id="vpc-main"
            ),
        },
        endpoints={each.endpoint_id: each for each in endpoints},
        endpoint_services={each.service_id: each for each in services},
        private_zones={
            "pz-1": PrivateZone(
                zone_id="pz-1",
                name=PRIVATE_DOMAIN,
                records={"r-1": record},
                vpcs=[ZoneVpc(region="cn-beijing", vpc_id="vpc-main")],
            )
        },
    )


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="inside-under-test")
        self._thread.start()

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(STEP_SECONDS)

    def close(self) -> None:
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STEP_SECONDS)
        self._loop.close()


class Running:
    """The inside of a cloud, running; tests change ``state`` as they like."""

    def __init__(self, state: State, inside: Inside, authority: Authority) -> None:
        self.state = state
        self.inside = inside
        self.ca_file = authority.ca_file
        self.api_key = API_KEY

    def proxy(self, user: str = "vpc-main") -> str:
        return f"http://{user}:inside@127.0.0.1:{self.inside.proxy_port}"

    def run(
        self, *command: str, user: str = "vpc-main", api_key: str = API_KEY, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a client to its end with a clean environment: the proxy, the CA, the key and ``env``, nothing else."""
        proxies = {name: self.proxy(user) for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy")}
        authorities = dict.fromkeys(
            ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(self.ca_file)
        )
        keys = {"DASHSCOPE_API_KEY": api_key, "OPENAI_API_KEY": api_key}
        return subprocess.run(
            command,
            env={"PATH": os.defpath, "PYTHONUTF8": "1", **proxies, **authorities, **keys, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def python(
        self, program: str, *, python: str = sys.executable, **options: str
    ) -> subprocess.CompletedProcess[str]:
        return self.run(python, "-c", program, **options)
