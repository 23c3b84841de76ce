"""Changes of Model APIs on the real engine: in place where the cloud can, else a replacement."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from alibabacloud_apig20240327.models import (
    GetApiPathFieldConfigRequest,
    UpdateNetworkAccessRequest,
)
from support import official
from support.base_stacks import (
    DOMAIN,
    SPARE_KEY,
    STUDIO_KEY,
    assert_no_key,
    assert_no_model_apis,
    assert_settled,
    gateway_stack,
    model_api,
    read_model_apis,
    resource_names,
    service_id,
    set_secrets,
)

pytestmark = pytest.mark.engine

SHARES = [{"service": "studio", "weight": 60}, {"service": "spare", "weight": 40}]
LIMITS = [{"tokens": 500, "per": "hour"}, {"tokens": 50, "by": "model", "value": "qwen-max"}]
GREEN = "green-cip-vpc.cn-beijing.aliyuncs.com"
# One API and one change for each field that the cloud can change in place; None removes a setting.
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
    "limits": {"limits": LIMITS},
    "content-security": {"content_security": {"service_address": GREEN}},
    "cache": {"cache": {"ttl_seconds": 60}},
    "observe": {"observe": {"logging": True}},
    "fields": {"observe": {"fields": [{"key": "user", "source": "request_body", "path": "user"}]}},
    "first-byte-timeout": {"first_byte_timeout_seconds": 30},
    "description": {"description": "For the search team"},
}
# The policy that a change adds, as the gateway gets it; services by their names in the settings.
FALLBACKS = [
    {"serviceId": "spare", "passThroughModelName": True},
    {"serviceId": "studio", "targetModelName": "qwen-plus", "passThroughModelName": False},
]
POLICIES = {
    "fallbacks": (
        "AiFallback",
        {"serviceConfigs": FALLBACKS, "onlyRedirectUpstreamCode": False},
    ),
    "only-upstream": (
        "AiFallback",
        {"serviceConfigs": FALLBACKS[:1], "onlyRedirectUpstreamCode": True},
    ),
    "limits": (
        "AiTokenRateLimit",
        {
            "rules": [
                {
                    "limitType": "Model",
                    "limitMode": "TokenPerMinute",
                    "limitValue": 50,
                    "matchType": "Exact",
                    "matchValue": "qwen-max",
                }
            ],
            "enableGlobalRules": True,
            "globalRules": [
                {
                    "limitType": "Global",
                    "limitMode": "TokenPerHour",
                    "limitValue": 500,
                    "matchType": "All",
                }
            ],
        },
    ),
    "content-security": (
        "AiSecurityGuard",
        {
            "serviceAddress": GREEN,
            "checkRequest": True,
            "checkResponse": False,
            "riskAlertLevel": "medium",
            "bufferLimit": 1000,
        },
    ),
    "cache": (
        "AiCache",
        {"cacheMode": "exact", "cacheKeyStrategy": "lastQuestion", "cacheTTL": 60},
    ),
}
LOG_FIELDS = {
    "fields": [("user", "request_body", "user")],
    "observe": [
        ("request_body", "request_body", "@this"),
        ("response_body", "response_body", "@this"),
        ("response_stream", "response_streaming_body", "@this"),
    ],
}
CHAT_PATHS = {"/v1/chat/completions", "/v1/completions"}
NO_LOGS = {"logRequestContent": False, "logResponseContent": False}


def changed(config):
    """``config`` with `CHANGES`, a further key and a health check."""
    changed = deepcopy(config)
    for name, change in CHANGES.items():
        entry = changed["dashlink:model_apis"][name] | change
        settings = {key: value for key, value in entry.items() if value is not None}
        changed["dashlink:model_apis"][name] = settings
    services = changed["dashlink:ai_services"]
    services["spare"]["api_keys"] = [{"config": "spareKey"}, {"config": "studioKey"}]
    services["studio"]["health_check"] = {"protocol": "HTTP", "path": "/health"}
    return changed


def ids_of(cloud):
    return set(cloud.state.http_apis) | set(cloud.state.ai_services)


@pytest.fixture(scope="class")
def config(cloud):
    """The settings before `CHANGES`."""
    config = gateway_stack(cloud)
    config["dashlink:domains"]["second.example.internal"] = {"scheme": "http"}
    plain = {"base_url": "https://plain.example.com/v1", "private_address": True}
    config["dashlink:ai_services"]["plain"] = plain
    apis = {name: model_api("text", f"/{name}") for name in CHANGES}
    apis["remove-base-path"]["service"] = "plain"
    config["dashlink:model_apis"] = apis
    return config


@pytest.fixture(scope="class")
def stack(create_stack, config):
    """The deployed stack, before `CHANGES`."""
    stack = create_stack(config)
    set_secrets(stack)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def planned(stack, config):
    """The preview of `CHANGES`."""
    stack.configure(changed(config))
    return stack.preview()


@pytest.fixture(scope="class")
def ids_before(stack, cloud):
    return ids_of(cloud)


@pytest.fixture(scope="class")
def changed_stack(stack, planned, ids_before):
    """The deployed stack, after `CHANGES`."""
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def apis(cloud, changed_stack):
    return read_model_apis(cloud, changed_stack)


def policies_of(cloud, api):
    """The content of each policy of an API by its type, with services by their names."""
    text = json.dumps(api.deploy_configs[0].to_map()["policyConfigs"])
    for name in ("studio", "spare"):
        text = text.replace(service_id(cloud, name), name)
    contents = {}
    for row in json.loads(text):
        kind = row["type"]
        assert row["enable"], kind
        content = row[f"a{kind[1:]}Config"]
        # The SDK has an empty list where the answer has none.
        contents[kind] = {name: value for name, value in content.items() if value != []}
    return contents


@pytest.fixture(scope="class")
def steps(changed_stack, config):
    """Change the scene of an API and deploy; return the steps of the preview."""
    replaced = changed(config)
    replaced["dashlink:model_apis"]["service"] = model_api("embedding", "/service", service="spare")
    changed_stack.configure(replaced)
    steps = changed_stack.preview_steps()
    changed_stack.deploy()
    return steps


class TestChangesInPlace:
    def test_the_preview_updates_every_changed_resource(self, planned):
        apis = [f"api-{name}" for name in CHANGES]
        assert planned == {"update": resource_names(*apis, "service-spare", "service-studio")}

    def test_the_changed_resources_have_their_ids(self, cloud, changed_stack, ids_before):
        assert ids_of(cloud) == ids_before

    def test_up_leaves_nothing_to_do(self, changed_stack):
        assert_settled(changed_stack)

    def test_routing_is_read_as_changed(self, cloud, apis):
        names = {service_id(cloud, name): name for name in ("studio", "spare")}
        rows = {}
        for name in ("service", "model", "by-model", "by-weight"):
            rows[name] = []
            for row in apis[name].deploy_configs[0].service_configs:
                target = (names[row.service_id], row.model_name)
                rows[name].append((*target, row.model_name_pattern, row.weight))
        assert rows == {
            "service": [("spare", None, None, None)],
            "model": [("studio", "qwen-plus", None, None)],
            "by-model": [("studio", None, "qwen*", None)],
            "by-weight": [("studio", None, None, 60), ("spare", None, None, 40)],
        }

    def test_domains_and_routes_are_read_as_changed(self, apis):
        domains = apis["domains"].deploy_configs[0].custom_domain_infos
        assert {row.name for row in domains} == {DOMAIN, "second.example.internal"}
        routes = apis["routes"].deploy_configs[0].builtin_route_names
        assert routes == ["create-chat-completion"]

    def test_fields_of_the_api_are_read_as_changed(self, apis):
        assert apis["protocol"].ai_protocols == ["Anthropic"]
        assert apis["base-path"].base_path == "/another"
        assert apis["description"].description == "For the search team"

    @pytest.mark.parametrize("name", POLICIES, ids=str)
    def test_a_policy_is_read_as_added(self, cloud, apis, name):
        kind, content = POLICIES[name]
        expected = {"AiStatistics": NO_LOGS, kind: content}
        assert policies_of(cloud, apis[name]) == expected

    @pytest.mark.parametrize("name", LOG_FIELDS, ids=str)
    def test_log_fields_are_read_as_added(self, cloud, changed_stack, name):
        output = changed_stack.outputs()["model_apis"][name]
        gateway_id = changed_stack.outputs()["gateway"]["gateway_id"]
        request = GetApiPathFieldConfigRequest(gateway_id=gateway_id, http_api_id=output["api_id"])
        answer = official.apig(cloud).get_api_path_field_config(request).body.data
        fields = {}
        for config in answer.path_configs:
            rows = config.field_paths["custom"]
            fields[config.path] = [(row.field_key, row.source, row.json_path) for row in rows]
            assert all(row.record_enabled for row in rows)
        assert fields == dict.fromkeys(CHAT_PATHS, LOG_FIELDS[name])

    def test_the_cloud_stores_what_its_api_does_not_return(self, cloud, changed_stack):
        stored = {row.name: row for row in cloud.state.http_apis.values()}
        assert stored["first-byte-timeout"].first_byte_timeout == 30
        assert not stored["remove-base-path"].remove_base_path_on_forward

    def test_a_further_key_is_added(self, cloud, changed_stack):
        spare = cloud.state.ai_services[service_id(cloud, "spare")]
        assert list(spare.ai_config["apiKeys"]) == [SPARE_KEY, STUDIO_KEY]

    def test_a_changed_scene_replaces_its_api(self, steps):
        (step,) = [step for step in steps if step["op"] == "replace"]
        assert step["urn"].endswith("access-gateway-api-service")
        assert "category" in step["replaceReasons"]

    def test_a_replacement_takes_the_name_of_the_old_api(self, cloud, changed_stack, steps):
        assert sorted(row.name for row in cloud.state.http_apis.values()) == sorted(CHANGES)
        assert changed_stack.preview() == {}

    def test_destroy_leaves_nothing(self, cloud, changed_stack):
        changed_stack.destroy()
        assert_no_model_apis(cloud)

    def test_no_key_is_in_state_or_output(self, changed_stack):
        assert_no_key(changed_stack)


# -- the network access of a gateway that the stack creates ----------------------------------------


def own_gateway(cloud, *, internet):
    """Settings of a stack that creates its gateway, with one Model API."""
    config = gateway_stack(cloud)
    config["dashlink:private_only"] = False
    config["dashlink:gateway"] = {"internet": internet}
    config["dashlink:model_apis"] = {"chat": model_api("text", "/chat")}
    return config


def kept_ids(cloud):
    return set(cloud.state.gateways) | ids_of(cloud)


def public_addresses(stack):
    return stack.outputs()["gateway"]["internet_addresses"]


@pytest.fixture(scope="class")
def private(cloud):
    """The settings with a private gateway."""
    return own_gateway(cloud, internet=False)


@pytest.fixture(scope="class")
def own_stack(create_stack, private):
    """The deployed stack with its own, private gateway."""
    stack = create_stack(private)
    set_secrets(stack)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def first_ids(cloud, own_stack):
    """The ids before any change."""
    return kept_ids(cloud)


class TestInternetInPlace:
    def test_a_new_gateway_is_private(self, own_stack, first_ids):
        assert public_addresses(own_stack) == []
        assert_settled(own_stack)

    def test_an_address_is_added_in_place(self, cloud, own_stack, first_ids, private):
        own_stack.configure({**private, "dashlink:gateway": {"internet": True}})
        assert own_stack.deploy() == {"update": resource_names("ai-addresses", "ai-gateway")}
        assert len(public_addresses(own_stack)) == 1
        assert kept_ids(cloud) == first_ids
        assert_settled(own_stack)

    def test_the_address_is_removed_in_place(self, cloud, own_stack, first_ids, private):
        own_stack.configure(private)
        assert own_stack.deploy() == {"update": resource_names("ai-addresses", "ai-gateway")}
        assert public_addresses(own_stack) == []
        assert kept_ids(cloud) == first_ids
        assert_settled(own_stack)

    def test_an_address_of_the_console_is_found_and_removed(self, cloud, own_stack, first_ids):
        gateway_id = own_stack.outputs()["gateway"]["gateway_id"]
        request = UpdateNetworkAccessRequest(network_access_type="private&pubnet")
        official.apig(cloud).update_network_access(gateway_id, request)
        refreshed = own_stack.run("refresh", "--yes", "--skip-preview")
        assert refreshed.returncode == 0
        assert own_stack.deploy() == {"update": resource_names("ai-addresses")}
        assert public_addresses(own_stack) == []
        assert kept_ids(cloud) == first_ids
        assert_settled(own_stack)
