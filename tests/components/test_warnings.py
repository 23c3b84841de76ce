"""Warnings: settings that are accepted and probably a mistake, as components and `up` show them."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pulumi
import pytest
from support.declared_gateway import KEYS, chat, gateway

from dashlink import (
    EndpointSettings,
    PrivateEndpoint,
    PrivateEndpointArgs,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
)
from dashlink.cloud.credentials import resolve_account
from dashlink.settings import find_warnings

REGION = "cn-beijing"
ZONES = ("cn-beijing-h", "cn-beijing-k")
PROGRAM = Path(__file__).parents[2] / "stacks" / "__main__.py"
POLICY = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}],
}
OPEN_API = (
    "model_apis.chat.consumers: no consumers: every client that reaches the gateway may use the "
    "keys of the AI services (got chat). List `consumers`, or write `consumers: []` where that is "
    "intended."
)
SETTINGS = StackSettings.model_validate(
    {
        "network": {"cidr": "10.20.0.0/16", "zones": ZONES},
        "endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope", "policy": POLICY}},
        "gateway": {},
        "domains": {"models.example.internal": {"scheme": "http"}},
        "ai_services": {"studio": {"endpoint": "dashscope"}},
        "model_apis": {
            "chat": {"scene": "text", "domains": "models.example.internal", "service": "studio"}
        },
    }
)


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The secrets of the stack."""
    values = {f"dashlink:{name}": value for name, value in KEYS.items()}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(values))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(list(values)))


def test_a_gateway_warns_of_open_apis(deploy):
    assert deploy(lambda: list(gateway().warnings)).result == [OPEN_API]
    meant = {"chat": chat(consumers=[])}
    assert deploy(lambda: list(gateway(model_apis=meant).warnings)).result == []


def test_an_endpoint_warns_of_a_policy_without_effect(deploy):
    def program():
        args = PrivateEndpointArgs(
            settings=EndpointSettings(service="com.aliyuncs.dashscope", policy=POLICY),
            region=REGION,
            vpc_id="vpc-1",
            vswitch_ids=dict.fromkeys(ZONES, "vsw-1"),
            security_group_ids=["sg-1"],
        )
        return list(PrivateEndpoint("models", args).warnings)

    (warning,) = deploy(program).result
    assert warning.startswith("policy: Model Studio is not among the services that support")


def test_a_stack_has_the_warnings_of_its_sections(deploy):
    def program():
        args = PrivateModelAccessArgs(settings=SETTINGS, region=REGION)
        return list(PrivateModelAccess("access", args).warnings)

    warnings = deploy(program).result
    assert warnings == [str(warning) for warning in find_warnings(SETTINGS, REGION)]
    assert [line.split(": ")[0] for line in warnings] == [
        "endpoints.dashscope.policy",
        "model_apis.chat.consumers",
    ]


def test_up_prints_the_warnings_of_settings_and_preflight(deploy, monkeypatch):
    printed = []
    monkeypatch.setattr("dashlink.stack.read_settings", lambda: (SETTINGS, REGION))
    account = resolve_account({"access_key": "id", "secret_key": "secret"}, {})
    monkeypatch.setattr("dashlink.stack.alicloud_account", lambda: account)
    found = ("network.security_group_id: as the cloud says",)
    monkeypatch.setattr("dashlink.preflight.preflight", lambda *passed, **named: found)
    monkeypatch.setattr(pulumi.log, "warn", printed.append)
    deploy(lambda: runpy.run_path(str(PROGRAM)) and None)
    own = [str(warning) for warning in find_warnings(SETTINGS, REGION)]
    assert printed == [*own, *found]
