"""The service JSON of a deployment, and the names of services."""

from __future__ import annotations

import pytest

from dashlink.eas.deployment import service_json
from dashlink.eas.plan import eas_outputs, service_name, vpc_zones
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
    "script": ({"script": "a\nb"}, "containers.0.script", "a\nb"),
    "http-check": (
        {"port": 8000, "startup_check": {"path": "/health", "failure_threshold": 60}},
        "containers.0.startup_check",
        {"http_get": {"path": "/health", "port": 8000}, "failure_threshold": 60},
    ),
    "tcp-check": (
        {"liveness_check": {"port": 9000, "period_seconds": 5}},
        "containers.0.liveness_check",
        {"tcp_socket": {"port": 9000}, "period_seconds": 5},
    ),
    "command-check": (
        {"readiness_check": {"command": ["test", "-f", "/ready"], "timeout_seconds": 2}},
        "containers.0.readiness_check",
        {"exec": {"command": ["test", "-f", "/ready"]}, "timeout_seconds": 2},
    ),
    "spot": (
        {"spot_price_limit": 1.5},
        "cloud.computing.instances.0",
        {"type": "ecs.c7.large", "spot_price_limit": 1.5},
    ),
    "shared-memory": ({"shm_size_gb": 64}, "metadata.shm_size", 64),
    "rolling": (
        {"rolling_update": {"max_surge": "2%", "max_unavailable": 0}},
        "metadata.rolling_strategy",
        {"max_surge": "2%", "max_unavailable": 0},
    ),
    "grace": ({"termination_grace_seconds": 60}, "runtime.termination_grace_period", 60),
    "gateway-limits": (
        {"gateway_limits": {"requests_per_second": 100, "concurrent_requests": 8}},
        "networking.gateway_policy",
        {
            "rate_limit": {"enable": True, "limit": 100},
            "concurrency_limit": {"enable": True, "limit": 8},
        },
    ),
    "balancer": (
        {"nlb": [{"port": 8443}, {"id": "nlb-1", "port": 80, "internet": True}]},
        "networking.nlb",
        [
            {"id": "default", "listener_port": 8443, "netType": "intranet"},
            {"id": "nlb-1", "listener_port": 80, "netType": "internet"},
        ],
    ),
    "scaling-of-the-api": (
        {
            "autoscaling": {
                "min_instances": 1,
                "max_instances": 4,
                "qps": 10,
                "spelling": "scaleStrategies",
            }
        },
        "autoscaler.scaleStrategies.0",
        {"metricName": "qps", "threshold": 10},
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


def test_a_quota_has_its_type_and_the_size_of_an_instance():
    deploy = EasDeployment(image="i", quota_id="quota1a", quota_type="Lingjun", gpu=8)
    sent = service_json(deploy)["metadata"]
    assert sent == {"instance": 1, "quota_id": "quota1a", "quota_type": "Lingjun", "gpu": 8}


def test_no_secret_is_in_the_service_json():
    secrets = {"docker_auth": {"config": "login"}, "secret_environment": {"A": {"config": "a"}}}
    sent = service_json(EasDeployment(**IMAGE, environment={"B": "b"}, **secrets))
    assert sent["containers"] == [{"image": "i", "env": [{"name": "B", "value": "b"}]}]
    assert "dockerAuth" not in sent


ZONES = ("cn-beijing-k", "cn-beijing-h")


@pytest.mark.parametrize(
    ("written", "zones"),
    [
        ({}, ["cn-beijing-h"]),
        ({"nlb": [{"port": 80}]}, ["cn-beijing-h", "cn-beijing-k"]),
        ({"vpc_zones": ["cn-beijing-k"]}, ["cn-beijing-k"]),
    ],
    ids=["first", "balancer", "written"],
)
def test_instances_are_in_the_zones_that_they_need(written, zones):
    assert vpc_zones(EasDeployment(**IMAGE, in_vpc=True, **written), ZONES) == zones


def address(kind, host, **more):
    url = f"http://{host}/api/predict"
    path_type = more.get("path_type", "Service")
    end = "chat" if path_type == "Service" else "group"
    return {
        "kind": kind,
        "gateway_id": "gw-1" if kind == "PrivateGateway" else "default",
        "vpc_urls": [f"{url.replace('//', '//vpc.')}/{end}"],
        "internet_urls": [f"{url}/{end}"],
        "path_type": path_type,
        "port": None,
    }


SHARED = address("DefaultGateway", "shared")
DEDICATED = address("PrivateGateway", "dedicated")
SHARED_NOTES = ("1,000 requests a second", "idle for 180 seconds")


def outputs(*rows, stack_region="cn-beijing", queue_urls=(), **settings):
    service = EasServiceSettings(**{"name": "chat", **settings})
    return eas_outputs(
        "chat", "eas-m-1", service, rows, queue_urls=queue_urls, stack_region=stack_region
    )


def test_a_far_service_has_no_address_at_the_shared_gateway():
    far = outputs(SHARED, region="cn-shanghai")
    assert (far["base_urls"], far["region"]) == ({}, "cn-shanghai")
    assert any("The service is in cn-shanghai" in note for note in far["notes"])
    near = outputs(SHARED, region="cn-beijing")
    assert (near["base_urls"]["predict"], near["region"]) == (SHARED["vpc_urls"][0], None)


@pytest.mark.parametrize(
    ("rows", "access", "url"),
    [
        ([SHARED], "internet", SHARED["internet_urls"][0]),
        ([SHARED, DEDICATED], "vpc", DEDICATED["vpc_urls"][0]),
    ],
    ids=["internet", "dedicated"],
)
def test_a_far_service_is_called_where_that_can_work(rows, access, url):
    far = outputs(*rows, region="cn-shanghai", access=access)
    assert far["base_urls"]["predict"] == url


def test_a_group_and_a_queue_have_addresses_of_their_own():
    group = address("DefaultGateway", "shared", path_type="Group")
    urls = outputs(group, SHARED, queue_urls=["http://shared/api/predict/async_path.chat/"])
    assert urls["base_urls"] == {
        "predict": SHARED["vpc_urls"][0],
        "openai": f"{SHARED['vpc_urls'][0]}/v1",
        "group": group["vpc_urls"][0],
        "queue": "http://shared/api/predict/async_path.chat",
    }


def test_notes_are_those_of_the_gateways():
    shared, dedicated = outputs(SHARED)["notes"], outputs(DEDICATED)["notes"]
    for text in SHARED_NOTES:
        assert any(text in note for note in shared)
        assert not any(text in note for note in dedicated)
    assert any("linked to it" in note for note in dedicated)


def test_a_web_application_is_sent_to_the_console():
    deploy = {**IMAGE, "extra": {"metadata": {"enable_webservice": True}}}
    notes = outputs(SHARED, deploy=deploy)["notes"]
    assert any("web application" in note for note in notes)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({"internet": False}, "networking.disable_internet_endpoint"),
        (PLACES["scaling"][0], "autoscaler.strategies"),
        (PLACES["scaling-of-the-api"][0], "autoscaler.scaleStrategies"),
        (PLACES["balancer"][0], "`nlb`"),
    ],
    ids=["internet", "strategies", "scaleStrategies", "nlb"],
)
def test_what_is_second_hand_is_unverified(written, text):
    (sentence,) = outputs(SHARED, deploy={**IMAGE, **written})["unverified"]
    assert text in sentence
