"""Settings of stacks on a network and a gateway that exist, so that a test has no fixed waits."""

from __future__ import annotations

from typing import Any

from alibabacloud_apig20240327 import models as apig_models
from support import clouds, official
from support.clouds import REGION, ZONES, Network
from support.stacks import Stack

from dashlink_sandbox import Sandbox

DOMAIN = "models.example.internal"
STUDIO_KEY = "sk-studio-0123456789abcdef"
SPARE_KEY = "sk-spare-0123456789abcdef"
CONSUMER_KEY = "sk-search-team-0123456789"


def gateway_stack(cloud: Sandbox) -> dict[str, Any]:
    """Create a network and a gateway; return settings that use them, with two AI services."""
    vpc_id = clouds.create_vpc(cloud, "10.50.0.0/16")
    blocks = {ZONES[0]: "10.50.0.0/20", ZONES[1]: "10.50.16.0/20"}
    vswitch_ids = clouds.create_vswitches(cloud, vpc_id, blocks)
    network = Network(vpc_id, tuple(vswitch_ids.values()))
    logs = {"sls": {"enable": True}}
    gateway_id = clouds.create_gateway(cloud, network, "shared", logConfig=logs)
    studio_url = "https://studio.example.com/compatible-mode/v1"
    private = {"vendor": "qwen", "private_address": True}
    studio = {"base_url": studio_url, "api_keys": [{"config": "studioKey"}], **private}
    spare = {"base_url": "https://spare.example.com/v1", **private}
    return {
        "alicloud:region": REGION,
        "dashlink:private_only": True,
        "dashlink:network": {"vpc_id": vpc_id, "zones": list(ZONES), "vswitch_ids": vswitch_ids},
        "dashlink:gateway": {"id": gateway_id},
        "dashlink:domains": {DOMAIN: {"scheme": "http"}},
        "dashlink:ai_services": {"studio": studio, "spare": spare},
    }


def set_secrets(stack: Stack) -> None:
    """Set the secrets that the settings refer to."""
    stack.set_secret("dashlink:studioKey", STUDIO_KEY)
    stack.set_secret("dashlink:spareKey", SPARE_KEY)
    stack.set_secret("dashlink:searchTeamKey", CONSUMER_KEY)


def model_api(scene: str, base_path: str, **more: Any) -> dict[str, Any]:
    """Settings of a Model API; on the service `studio` unless ``more`` has another routing."""
    api = {"scene": scene, "domains": [DOMAIN], "base_path": base_path}
    if "by_model" not in more and "by_weight" not in more:
        api["service"] = "studio"
    return api | more


def resource_names(*suffixes: str) -> list[str]:
    """Logical names of the gateway's resources, sorted."""
    return sorted(f"access-gateway-{suffix}" for suffix in suffixes)


def read_model_apis(cloud: Sandbox, stack: Stack) -> dict[str, Any]:
    """Every Model API by name, as the official SDK reads it.

    Without `fields` and `observe`: SDK 11.6.0 cannot read an API with log fields.
    """
    client = official.apig(cloud)
    apis = {}
    for name, output in stack.outputs()["model_apis"].items():
        if name not in ("fields", "observe"):
            request = apig_models.GetHttpApiRequest()
            apis[name] = client.get_http_api(output["api_id"], request).body.data
    return apis


def service_id(cloud: Sandbox, name: str) -> str:
    """The id of an AI service, by its name in the settings."""
    services = {row.name: key for key, row in cloud.state.ai_services.items()}
    return services[f"dashlink-test-{name}"]


def assert_settled(stack: Stack) -> None:
    """Assert that program, state and cloud agree.

    The refresh finds no change, so the preview after it also answers for the state before it.
    """
    stack.refresh()
    assert stack.preview() == {}


def assert_sound(stack: Stack) -> None:
    """Assert that `dashlink check` finds nothing wrong."""
    done = stack.check()
    assert done.returncode == 0, done


def assert_no_network(cloud: Sandbox) -> None:
    _assert_none(cloud, "vpcs", "vswitches", "security_groups", "endpoints", "private_zones")


def assert_no_model_apis(cloud: Sandbox) -> None:
    """Assert that nothing is left of what a stack creates on a gateway."""
    _assert_none(cloud, "http_apis", "ai_services", "domains", "consumers")
    _assert_none(cloud, "authorization_rules", "private_zones")


def _assert_none(cloud: Sandbox, *records: str) -> None:
    for name in records:
        assert not getattr(cloud.state, name), name


def assert_no_key(stack: Stack, *keys: str) -> None:
    """Assert that no key is in the stack's state and in the output of its runs."""
    text = "\n".join((stack.state(), *stack.log))
    for key in keys or (STUDIO_KEY, SPARE_KEY, CONSUMER_KEY):
        assert key not in text
