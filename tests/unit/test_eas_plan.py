"""The service JSON of a deployment, and the names of services."""

from __future__ import annotations

import pytest

from dashlink.eas.plan import service_json, service_name
from dashlink.eas.settings import EasDeployment, EasServiceSettings

IMAGE = {"image": "i", "instance_type": "ecs.c7.large"}
# Settings beside an image -> where they are in the service JSON.
PLACES = {
    "port": ({"port": 8000}, "containers.0.port", 8000),
    "command": ({"command": "serve"}, "containers.0.command", "serve"),
    "environment": ({"environment": {"A": "b"}}, "containers.0.env.0.value", "b"),
    "instances": ({"instances": 3}, "metadata.instance", 3),
    "gateway": ({"gateway": "gw-1"}, "networking.gateway", "gw-1"),
    "internet": ({"internet": False}, "networking.disable_internet_endpoint", True),
    "rate": ({"rate_limit": 0}, "rpc.rate_limit", 0),
    "keepalive": ({"keepalive_ms": 9}, "rpc.keepalive", 9),
    "queue": ({"max_queue_size": 9}, "rpc.max_queue_size", 9),
    "extra": ({"extra": {"metadata": {"shm_size": 64}}}, "metadata.shm_size", 64),
    "extra-beside": ({"extra": {"metadata": {"shm_size": 64}}}, "metadata.instance", 1),
    "storage": (
        {"storage": [{"mount_path": "/m", "oss": "oss://b/m/"}]},
        "storage.0.oss.readOnly",
        True,
    ),
    "scaling": (
        {"autoscaling": {"min_instances": 1, "max_instances": 4, "qps": 10}},
        "autoscaler.strategies.qps",
        10,
    ),
}


@pytest.mark.parametrize(("written", "path", "value"), PLACES.values(), ids=PLACES)
def test_a_setting_has_its_place_in_the_service_json(written, path, value):
    found = service_json(EasDeployment(**IMAGE, **written))
    for step in path.split("."):
        found = found[int(step)] if step.isdigit() else found[step]
    assert found == value


def test_what_is_not_written_is_not_sent():
    assert service_json(EasDeployment(**IMAGE)) == {
        "metadata": {"instance": 1},
        "containers": [{"image": "i"}],
        "cloud": {"computing": {"instances": [{"type": "ecs.c7.large"}]}},
    }


def test_a_processor_has_its_model_and_a_group_its_size():
    deploy = EasDeployment(
        processor="pmml", model_path="oss://b/m", resource="eas-r-a", cpu=2, memory_mb=4000, gpu=1
    )
    sent = service_json(deploy)
    assert (sent["processor"], sent["model_path"]) == ("pmml", "oss://b/m")
    expected = {"instance": 1, "resource": "eas-r-a", "cpu": 2, "memory": 4000, "gpu": 1}
    assert sent["metadata"] == expected


@pytest.mark.parametrize(
    ("stack", "written", "name"),
    [
        ("dev", None, "shop_dev_my_chat"),
        ("Prod-CN", None, "shop_prod_cn_my_chat"),
        ("dev", "qwen_chat", "qwen_chat"),
    ],
    ids=["default", "capitals", "written"],
)
def test_a_name_has_the_form_that_the_cloud_takes(stack, written, name):
    settings = EasServiceSettings(name=written, deploy=EasDeployment(**IMAGE))
    assert service_name("shop", stack, "my-chat", settings) == name


def test_a_long_name_is_cut():
    settings = EasServiceSettings(deploy=EasDeployment(**IMAGE))
    assert len(service_name("shop", "s" * 80, "chat", settings)) <= 63
