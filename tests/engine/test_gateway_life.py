"""Model APIs on the real engine: made for every scene and way of routing, changed in place, mended, and gone again."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from alibabacloud_apig20240327 import models
from support import official
from support.ground import (
    CONSUMER_KEY,
    DOMAIN,
    SPARE_KEY,
    STUDIO_KEY,
    api,
    ground,
    nothing_of_ours_left,
    settled,
    with_secrets,
)

pytestmark = pytest.mark.engine

CONSUMERS = {"search-team": {"api_keys": [{"config": "searchTeamKey"}]}}
SCENES = {
    "text": api("text", "/text", consumers=["search-team"]),
    "messages": api("text", "/messages", protocol="Anthropic"),
    "legacy": api("text", "/legacy", routes="llm"),
    "image": api("image", "/image", protocol="OpenAI/v1"),
    "image-native": api("image", "/image-native", protocol="DashScope"),
    "video": api("video", "/video"),
    "speech": api("audio", "/speech", protocol="DashScope"),
    "embedding": api(
        "embedding",
        "/embedding",
        by_weight=[
            {"service": "studio", "weight": 90},
            {"service": "spare", "weight": 10, "model": "text-embedding-v3"},
        ],
    ),
    "rerank": api("rerank", "/rerank", protocol="DashScope"),
    "others": api("others", "/others"),
    "by-name": api(
        "text",
        "/by-name",
        by_model=[
            {"match": "qwen-max*", "service": "studio"},
            {"match": "qwen-?*", "service": "spare", "model": "qwen-plus"},
        ],
        default={"service": "studio", "model": "qwen-turbo"},
        fallbacks=[{"service": "spare", "model": "qwen-flash"}, {"service": "spare"}],
    ),
}
CATEGORIES = {
    "text": "Text",
    "messages": "Text",
    "legacy": None,
    "speech": "Audio",
    "by-name": "Text",
}


def whole(cloud):
    config = ground(cloud)
    return {
        **config,
        "dashlink:consumers": deepcopy(CONSUMERS),
        "dashlink:model_apis": deepcopy(SCENES),
    }


def read_back(cloud, stack):
    """Every Model API as the official SDK reads it, by name; one with log fields it cannot read (SDK 11.6.0)."""
    client = official.apig(cloud)
    apis = stack.outputs()["model_apis"]
    ids = {name: found["api_id"] for name, found in apis.items() if name != "fields"}
    return {
        name: client.get_http_api(api_id, models.GetHttpApiRequest()).body.data
        for name, api_id in ids.items()
    }


def test_every_scene_and_way_of_routing_is_read_back_by_the_official_sdk_and_leaves_nothing(
    make_stack, cloud
):
    config = whole(cloud)
    stack = make_stack(config)
    with_secrets(stack)
    stack.deploy()
    settled(stack)
    services = {row.name: key for key, row in cloud.state.ai_services.items()}
    studio, spare = services["dashlink-test-studio"], services["dashlink-test-spare"]
    found = read_back(cloud, stack)
    assert set(found) == set(SCENES)
    for name, data in found.items():
        wanted = SCENES[name]
        assert data.name == name
        assert data.type == "LLM"
        assert data.model_category == CATEGORIES.get(name, wanted["scene"].capitalize())
        assert data.ai_protocols == [
            wanted.get("protocol") or ("DashScope" if name == "video" else "OpenAI/v1")
        ]
        assert data.base_path == wanted["base_path"]
        assert [row.deploy_status for row in data.environments] == ["Deployed"]
        (deployed,) = data.deploy_configs
        assert [domain.name for domain in deployed.custom_domain_infos] == [DOMAIN]
        if "service" in wanted:
            assert deployed.backend_scene == "SingleService"
            assert [row.service_id for row in deployed.service_configs] == [studio]
    weighted = found["embedding"].deploy_configs[0]
    assert weighted.backend_scene == "MultiServiceByRatio"
    assert [(row.service_id, row.weight, row.model_name) for row in weighted.service_configs] == [
        (studio, 90, None),
        (spare, 10, "text-embedding-v3"),
    ]
    named = found["by-name"].deploy_configs[0]
    assert [
        (row.model_name_pattern, row.service_id, row.model_name) for row in named.service_configs
    ] == [
        ("qwen-max*", studio, None),
        ("qwen-?*", spare, "qwen-plus"),
        ("*", studio, "qwen-turbo"),
    ]
    (fallback,) = [
        row.ai_fallback_config for row in named.policy_configs if row.type == "AiFallback"
    ]
    assert [
        (row.service_id, row.target_model_name, row.pass_through_model_name)
        for row in fallback.service_configs
    ] == [(spare, "qwen-flash", False), (spare, None, True)]
    assert found["text"].enable_auth
    stack.destroy()
    nothing_of_ours_left(cloud)
    assert_no_key_in_plain(stack)


def assert_no_key_in_plain(stack, *more):
    everything = "\n".join((stack.state(), *stack.log, *more))
    for key in (STUDIO_KEY, SPARE_KEY, CONSUMER_KEY):
        assert key not in everything


SHARES = [{"service": "studio", "weight": 60}, {"service": "spare", "weight": 40}]
# One change for each field that the API can change: each is made to an API of its own, and nothing else changes.
CHANGES = {
    "service": {"service": "spare"},
    "model": {"model": "qwen-plus"},
    "by-model": {
        "service": None,
        "by_model": [{"match": "qwen*", "service": "studio"}],
        "default": "none",
    },
    "by-weight": {"service": None, "by_weight": SHARES},
    "fallbacks": {"fallbacks": [{"service": "spare"}, {"service": "studio", "model": "qwen-plus"}]},
    "only-upstream": {"fallbacks": [{"service": "spare"}], "fallback_only_on_upstream_codes": True},
    "base-path": {"base_path": "/another"},
    "remove-base-path": {"service": "plain", "remove_base_path": False},
    "domains": {"domains": [DOMAIN, "second.example.internal"]},
    "routes": {"routes": ["create-chat-completion"]},
    "protocol": {"protocol": "Anthropic"},
    "limits": {
        "limits": [
            {"tokens": 500, "per": "hour"},
            {"tokens": 50, "by": "model", "value": "qwen-max"},
        ]
    },
    "content-security": {
        "content_security": {"service_address": "green-cip-vpc.cn-beijing.aliyuncs.com"}
    },
    "cache": {"cache": {"ttl_seconds": 60}},
    "observe": {"observe": {"logging": True}},
    "fields": {"observe": {"fields": [{"key": "user", "source": "request_body", "path": "user"}]}},
    "first-byte-timeout": {"first_byte_timeout_seconds": 30},
    "description": {"description": "For the search team"},
}


def test_every_field_that_the_api_can_change_is_changed_in_place(make_stack, cloud):
    config = ground(cloud)
    config["dashlink:domains"]["second.example.internal"] = {"scheme": "http"}
    config["dashlink:ai_services"]["plain"] = {"base_url": "https://plain.example.com/v1"}
    before = {name: api("text", f"/{name}") for name in CHANGES}
    before["remove-base-path"] = api("text", "/remove-base-path", service="plain")
    config["dashlink:model_apis"] = before
    stack = make_stack(config)
    with_secrets(stack)
    stack.deploy()
    changed = deepcopy(config)
    for name, change in CHANGES.items():
        entry = {**before[name], **change}
        changed["dashlink:model_apis"][name] = {
            key: value for key, value in entry.items() if value is not None
        }
    changed["dashlink:ai_services"]["spare"]["api_keys"] = [
        {"config": "spareKey"},
        {"config": "studioKey"},
    ]
    changed["dashlink:ai_services"]["studio"]["health_check"] = {
        "protocol": "HTTP",
        "path": "/health",
    }
    stack.configure(changed)
    names = [*(f"api-{name}" for name in CHANGES), "service-spare", "service-studio"]
    assert stack.plan() == {"update": sorted(f"access-gateway-{name}" for name in names)}
    ids = set(cloud.state.http_apis) | set(cloud.state.ai_services)
    stack.deploy()
    assert set(cloud.state.http_apis) | set(cloud.state.ai_services) == ids
    settled(stack)
    assert_read_as_changed(read_back(cloud, stack), cloud)
    spare = next(row for row in cloud.state.ai_services.values() if row.name.endswith("-spare"))
    assert list(spare.ai_config["apiKeys"]) == [SPARE_KEY, STUDIO_KEY]
    assert_a_new_scene_replaces(stack, changed, cloud)
    stack.destroy()
    nothing_of_ours_left(cloud)
    assert_no_key_in_plain(stack)


def assert_read_as_changed(found, cloud):
    """What the official SDK reads, and what the sandbox keeps of what the API never tells."""
    deployed = {name: data.deploy_configs[0] for name, data in found.items()}
    kinds = {name: {row.type for row in config.policy_configs} for name, config in deployed.items()}
    assert [row.weight for row in deployed["by-weight"].service_configs] == [60, 40]
    assert [row.model_name_pattern for row in deployed["by-model"].service_configs] == ["qwen*"]
    assert [row.model_name for row in deployed["model"].service_configs] == ["qwen-plus"]
    assert len(deployed["domains"].custom_domain_infos) == 2
    assert deployed["routes"].builtin_route_names == ["create-chat-completion"]
    assert found["protocol"].ai_protocols == ["Anthropic"]
    assert found["base-path"].base_path == "/another"
    assert found["description"].description == "For the search team"
    wanted = {
        "fallbacks": "AiFallback",
        "only-upstream": "AiFallback",
        "limits": "AiTokenRateLimit",
        "content-security": "AiSecurityGuard",
        "cache": "AiCache",
    }
    for name, kind in wanted.items():
        assert kinds[name] == {kind, "AiStatistics"}, name
    kept = {row.name: row for row in cloud.state.http_apis.values()}
    assert kept["first-byte-timeout"].first_byte_timeout == 30
    assert not kept["remove-base-path"].remove_base_path_on_forward


def assert_a_new_scene_replaces(stack, config, cloud):
    """The cause is announced, and the old API is gone before the new one takes its name and place."""
    replaced = deepcopy(config)
    replaced["dashlink:model_apis"]["service"] = api("embedding", "/service", service="spare")
    stack.configure(replaced)
    document = json.loads(stack.run("preview", "--json").output)
    (step,) = [step for step in document["steps"] if step["op"] == "replace"]
    assert step["urn"].endswith("access-gateway-api-service")
    assert "category" in step["replaceReasons"]
    stack.deploy()
    assert sorted(row.name for row in cloud.state.http_apis.values()) == sorted(CHANGES)
    assert stack.plan() == {}


def test_what_the_console_changed_is_found_by_a_refresh_and_mended(make_stack, cloud):
    config = whole(cloud)
    stack = make_stack(config)
    with_secrets(stack)
    stack.deploy()
    client = official.apig(cloud)
    data = read_back(cloud, stack)["embedding"]
    body = data.deploy_configs[0].to_map()
    body["serviceConfigs"][0]["weight"], body["serviceConfigs"][1]["weight"] = 50, 50
    request = {"basePath": data.base_path, "description": "by hand", "deployConfigs": [body]}
    client.update_http_api(data.http_api_id, models.UpdateHttpApiRequest().from_map(request))
    (consumer_id,) = cloud.state.consumers
    client.update_consumer(consumer_id, models.UpdateConsumerRequest(enable=False))
    spare = next(key for key, row in cloud.state.ai_services.items() if row.name.endswith("-spare"))
    config_now = dict(cloud.state.ai_services[spare].ai_config) | {
        "apiKeys": ["sk-by-hand-0123456789abcdef"]
    }
    client.update_service(
        spare, models.UpdateServiceRequest().from_map({"aiServiceConfig": config_now})
    )
    (rule_id,) = cloud.state.authorization_rules
    client.remove_consumer_authorization_rule(rule_id)

    assert stack.run("refresh", "--yes", "--skip-preview").code == 0
    names = ("api-embedding", "consumer-search-team", "service-spare")
    assert stack.plan() == {
        "create": ["access-gateway-api-text-for-search-team"],
        "update": [f"access-gateway-{name}" for name in names],
    }
    stack.deploy()
    settled(stack)
    mended = read_back(cloud, stack)["embedding"]
    assert [row.weight for row in mended.deploy_configs[0].service_configs] == [90, 10]
    assert cloud.state.consumers[consumer_id].enabled
    assert list(cloud.state.ai_services[spare].ai_config["apiKeys"]) == []
    stack.destroy()
    nothing_of_ours_left(cloud)
    assert_no_key_in_plain(stack)
