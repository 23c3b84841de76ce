"""Model APIs on the real engine: every scene and routing mode, drift."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from alibabacloud_apig20240327 import models
from support import official
from support.base_stacks import (
    CONSUMER_KEY,
    DOMAIN,
    assert_no_key,
    assert_no_model_apis,
    assert_settled,
    assert_sound,
    gateway_stack,
    model_api,
    read_model_apis,
    resource_names,
    service_id,
    set_secrets,
)
from support.gateways import api_keys, authorize, create_consumer
from support.waiting import wait_for

pytestmark = pytest.mark.engine

CONSUMERS = {"search-team": {"api_keys": [{"config": "searchTeamKey"}]}}
SCENES = {
    "text": model_api("text", "/text", consumers=["search-team"]),
    "messages": model_api("text", "/messages", protocol="Anthropic"),
    "legacy": model_api("text", "/legacy", routes="llm"),
    "image": model_api("image", "/image", protocol="OpenAI/v1"),
    "image-native": model_api("image", "/image-native", protocol="DashScope"),
    "video": model_api("video", "/video"),
    "speech": model_api("audio", "/speech", protocol="DashScope"),
    "embedding": model_api(
        "embedding",
        "/embedding",
        by_weight=[
            {"service": "studio", "weight": 90, "model": "text-embedding-v4"},
            {"service": "spare", "weight": 10, "model": "text-embedding-v4"},
        ],
    ),
    "rerank": model_api("rerank", "/rerank", protocol="DashScope"),
    "others": model_api("others", "/others"),
    "by-name": model_api(
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
FOREIGN_CONSUMER = "made-by-hand"
FOREIGN_KEY = "sk-made-by-hand-0123456789"
CATEGORIES = {
    "text": "Text",
    "messages": "Text",
    "legacy": None,
    "speech": "Audio",
    "by-name": "Text",
}


@pytest.fixture(scope="class")
def scenes(create_stack, cloud):
    """The deployed stack with an API for every scene."""
    config = gateway_stack(cloud)
    config["dashlink:consumers"] = deepcopy(CONSUMERS)
    config["dashlink:model_apis"] = deepcopy(SCENES)
    stack = create_stack(config)
    set_secrets(stack)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def apis(cloud, scenes):
    return read_model_apis(cloud, scenes)


class TestEveryScene:
    def test_up_leaves_nothing_to_do(self, scenes):
        assert_settled(scenes)
        assert_sound(scenes)

    def test_the_services_have_the_names_of_the_stack(self, cloud, scenes):
        services = {row.name for row in cloud.state.ai_services.values()}
        assert services == {"dashlink-test-studio", "dashlink-test-spare"}

    def test_every_api_exists(self, apis):
        assert set(apis) == set(SCENES)

    @pytest.mark.parametrize("name", SCENES, ids=str)
    def test_an_api_is_read_as_declared(self, cloud, apis, name):
        api, declared = apis[name], SCENES[name]
        assert api.name == name
        assert api.type == "LLM"
        assert api.model_category == CATEGORIES.get(name, declared["scene"].capitalize())
        default = "DashScope" if name == "video" else "OpenAI/v1"
        assert api.ai_protocols == [declared.get("protocol", default)]
        assert api.base_path == declared["base_path"]
        assert [row.deploy_status for row in api.environments] == ["Deployed"]
        (deployed,) = api.deploy_configs
        assert [domain.name for domain in deployed.custom_domain_infos] == [DOMAIN]
        if "service" in declared:
            assert deployed.backend_scene == "SingleService"
            studio = service_id(cloud, "studio")
            assert [row.service_id for row in deployed.service_configs] == [studio]

    def test_weights_are_read_as_declared(self, cloud, apis):
        deployed = apis["embedding"].deploy_configs[0]
        assert deployed.backend_scene == "MultiServiceByRatio"
        rows = [(row.service_id, row.weight, row.model_name) for row in deployed.service_configs]
        assert rows == [
            (service_id(cloud, "studio"), 90, "text-embedding-v4"),
            (service_id(cloud, "spare"), 10, "text-embedding-v4"),
        ]

    def test_model_names_are_read_as_declared(self, cloud, apis):
        studio, spare = service_id(cloud, "studio"), service_id(cloud, "spare")
        rows = []
        for row in apis["by-name"].deploy_configs[0].service_configs:
            rows.append((row.model_name_pattern, row.service_id, row.model_name))
        assert rows == [
            ("qwen-max*", studio, None),
            ("qwen-?*", spare, "qwen-plus"),
            ("*", studio, "qwen-turbo"),
        ]

    def test_fallbacks_are_read_as_declared(self, cloud, apis):
        policies = apis["by-name"].deploy_configs[0].policy_configs
        (policy,) = [row for row in policies if row.type == "AiFallback"]
        rows = []
        for row in policy.ai_fallback_config.service_configs:
            rows.append((row.service_id, row.target_model_name, row.pass_through_model_name))
        spare = service_id(cloud, "spare")
        assert rows == [(spare, "qwen-flash", False), (spare, None, True)]

    def test_consumers_turn_authentication_on(self, apis):
        for name, api in apis.items():
            assert bool(api.enable_auth) is (name == "text")
        auth = apis["text"].auth_config
        assert (auth.auth_type, auth.auth_mode) == ("Apikey", "Custom")

    def test_destroy_leaves_nothing(self, cloud, scenes):
        scenes.destroy()
        assert_no_model_apis(cloud)

    def test_no_key_is_in_state_or_output(self, scenes):
        assert_no_key(scenes)


@pytest.fixture(scope="class")
def drifted(cloud, scenes):
    """The stack after changes in the console and a refresh."""
    client = official.apig(cloud)
    api = read_model_apis(cloud, scenes)["embedding"]
    deploy_config = api.deploy_configs[0].to_map()
    for row in deploy_config["serviceConfigs"]:
        row["weight"] = 50
    body = {"basePath": api.base_path, "description": "by hand", "deployConfigs": [deploy_config]}
    client.update_http_api(api.http_api_id, models.UpdateHttpApiRequest().from_map(body))
    (consumer_id,) = cloud.state.consumers
    keys = models.UpdateConsumerRequest().from_map({"enable": False, **api_keys(FOREIGN_KEY)})
    client.update_consumer(consumer_id, keys)
    spare = service_id(cloud, "spare")
    ai_config = cloud.state.ai_services[spare].ai_config
    body = {"aiServiceConfig": {**ai_config, "apiKeys": ["sk-by-hand-0123456789abcdef"]}}
    client.update_service(spare, models.UpdateServiceRequest().from_map(body))
    (rule,) = cloud.state.authorization_rules.values()
    client.remove_consumer_authorization_rule(rule.rule_id)
    foreign_id = create_consumer(cloud, FOREIGN_CONSUMER)
    authorize(cloud, foreign_id, rule.resource_id, rule.environment_id)
    query = models.QueryConsumerAuthorizationRulesRequest(resource_id=rule.resource_id)

    def authorized():
        rows = client.query_consumer_authorization_rules(query).body.data.items
        return [row.consumer_id for row in rows]

    wait_for(lambda: authorized() == [foreign_id], "the rights that were changed by hand")
    assert scenes.run("refresh", "--yes", "--skip-preview").returncode == 0
    return scenes


@pytest.fixture(scope="class")
def planned(drifted):
    """The preview of the repair."""
    return drifted.preview()


@pytest.fixture(scope="class")
def repaired(drifted, planned):
    """The stack after the repair; the foreign consumer is deleted."""
    drifted.deploy()
    return drifted


@pytest.fixture(scope="class")
def rights(cloud, repaired):
    """The names of the consumers with a right after the repair."""
    consumers = cloud.state.consumers
    rules = cloud.state.authorization_rules.values()
    names = [consumers[rule.consumer_id].name for rule in rules]
    for consumer_id, row in consumers.items():
        if row.name == FOREIGN_CONSUMER:
            official.apig(cloud).delete_consumer(consumer_id)
    return names


class TestConsoleDrift:
    def test_a_refresh_finds_every_change(self, planned):
        changed = ("api-embedding", "api-text-consumers", "consumer-search-team", "service-spare")
        assert planned == {"update": resource_names(*changed)}

    def test_a_foreign_key_reaches_neither_state_nor_output(self, drifted, planned):
        state = json.dumps(drifted.export("--show-secrets"))
        del drifted.log[-2:]  # which now has every key of the stack
        assert "a key that this stack does not know" in state
        assert FOREIGN_KEY not in state + "".join(drifted.log)

    def test_a_right_given_by_hand_is_withdrawn(self, rights):
        assert rights == ["search-team"]

    def test_up_leaves_nothing_to_do(self, repaired):
        assert_settled(repaired)

    def test_the_weights_are_restored(self, cloud, repaired):
        api = read_model_apis(cloud, repaired)["embedding"]
        assert [row.weight for row in api.deploy_configs[0].service_configs] == [90, 10]

    def test_the_consumer_is_enabled_again(self, cloud, repaired):
        (consumer,) = cloud.state.consumers.values()
        assert consumer.enabled
        assert consumer.api_key_config["credentials"][0]["apikey"] == CONSUMER_KEY

    def test_a_foreign_key_is_removed(self, cloud, repaired):
        spare = cloud.state.ai_services[service_id(cloud, "spare")]
        assert list(spare.ai_config["apiKeys"]) == []

    def test_destroy_leaves_nothing(self, cloud, repaired):
        repaired.destroy()
        assert_no_model_apis(cloud)

    def test_no_key_is_in_state_or_output(self, repaired):
        assert_no_key(repaired)
