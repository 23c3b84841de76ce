"""What is known of upstreams: private hosts, vendors by host, scenes of vendors and models."""

from __future__ import annotations

import pytest

from dashlink.gateway.catalog import SCENES, VENDORS
from dashlink.gateway.upstreams import (
    HOST_VENDORS,
    MODEL_FAMILIES,
    VENDOR_SCENES,
    host_of,
    is_private_host,
    known_vendor,
    lacks_protocol,
    lacks_scene,
    scene_of_model,
)

PRIVATE_HOSTS = [
    "10.0.0.1",
    "172.31.255.1",
    "192.168.0.1",
    "100.100.2.136",
    "127.0.0.1",
    "fd00::1",
    "llm",
    "models.example.internal",
    "llm.default.svc.cluster.local",
    "vpc-cn-beijing.dashscope.aliyuncs.com",
    "1234567.vpc.cn-beijing.pai-eas.aliyuncs.com",
    "oss-cn-beijing-internal.aliyuncs.com",
    "ep-1.dashscope.cn-beijing.privatelink.aliyuncs.com",
]
PUBLIC_HOSTS = [
    "8.8.8.8",
    "172.32.0.1",
    "2001:4860:4860::8888",
    "api.openai.com",
    "dashscope.aliyuncs.com",
    "internal.example.com",
    "vpc-models.example.com",
    "localhost.example.com",
    "vpcs.aliyuncs.com",
    "",
]


@pytest.mark.parametrize("host", PRIVATE_HOSTS, ids=str)
def test_a_host_is_private_by_its_form(host):
    assert is_private_host(host)


@pytest.mark.parametrize("host", PUBLIC_HOSTS, ids=lambda host: host or "empty")
def test_any_other_host_may_be_on_the_internet(host):
    assert not is_private_host(host)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Models.Example.com:8443/v1", "models.example.com"),
        ("http://[fd00::1]:8000/v1", "fd00::1"),
        ("http://[broken/v1", ""),
    ],
    ids=["name", "IPv6", "broken"],
)
def test_the_host_of_a_url_is_read_in_lower_case(url, host):
    assert host_of(url) == host


def test_a_custom_vendor_is_known_by_its_host():
    assert known_vendor("custom", "https://api.deepseek.com/v1") == "deepseek"
    assert known_vendor("custom", "https://models.example.com/v1") == "custom"
    assert known_vendor("openai", "https://api.deepseek.com/v1") == "openai"
    assert known_vendor("custom", None) == "custom"


def test_the_tables_name_vendors_and_scenes_that_exist():
    assert set(HOST_VENDORS.values()) <= set(VENDORS)
    assert set(VENDOR_SCENES) <= set(VENDORS)
    scenes = {scene for listed in VENDOR_SCENES.values() for scene in listed}
    assert scenes | set(MODEL_FAMILIES.values()) <= set(SCENES)


def test_vendors_without_an_entry_lack_nothing():
    for vendor in set(VENDORS) - set(VENDOR_SCENES):
        assert not any(lacks_scene(vendor, scene) for scene in SCENES)
    assert lacks_scene("deepseek", "image")
    assert not lacks_scene("deepseek", "others")


def test_only_own_hosts_run_self_hosted_protocols():
    assert lacks_protocol("openai", "vLLM")
    assert lacks_protocol("qwen", "ComfyUI")
    assert not lacks_protocol("openai", "Anthropic")
    for vendor in ("custom", "pai-eas", "of-tomorrow"):
        assert not lacks_protocol(vendor, "vLLM")
        assert not lacks_protocol(vendor, "ComfyUI")


@pytest.mark.parametrize(
    ("model", "scene"),
    [
        ("wanx2.1-t2i-turbo", "image"),
        ("wan2.5-t2i-preview", "image"),
        ("wan2.6-t2v", "video"),
        ("qwen-image*", "image"),
        ("qwen3-rerank", "rerank"),
        ("text-embedding-v4", "embedding"),
        ("cosyvoice-v2", "audio"),
        ("qwen-plus-latest", "text"),
        ("qwen*", None),
        ("house-model", None),
    ],
    ids=str,
)
def test_a_model_has_the_scene_of_its_family(model, scene):
    assert scene_of_model(model, {}) == scene


def test_scenes_of_the_settings_come_first():
    assert scene_of_model("qwen-image-chat", {"qwen-image-*": "text"}) == "text"
