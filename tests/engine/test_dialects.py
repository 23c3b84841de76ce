"""A stack of Model APIs on clouds that answer the open questions in different ways.

Each class is the whole life of the same stack on a cloud of one dialect: the default one, and three
that are drawn by seeds whose answers have every option of every question between them.
"""

from __future__ import annotations

import json
from copy import deepcopy
from types import MappingProxyType

import pytest
from alibabacloud_apig20240327 import models
from support import official
from support.base_stacks import (
    DOMAIN,
    assert_no_model_apis,
    gateway_stack,
    model_api,
    service_id,
    set_secrets,
)
from support.cli import DASHLINK
from support.processes import run

from dashlink_sandbox import Sandbox
from dashlink_sandbox.dialects import Dialect, questions
from dashlink_sandbox.eas import EasService
from dashlink_sandbox.model_routes import word_of

pytestmark = pytest.mark.engine

SEEDS = (3656, 2263, 3599)
NAMES = "create-chat-completion"  # the catalog's names of routes, as a dialect names them
COMFY = {
    "base_url": "http://comfy.example.com",
    "private_address": True,
    "vendor": "custom",
    "protocols": ["ComfyUI"],
}
EAS = {"workspace_id": "1", "service_name": "chat"}
LIMITS = [
    {"tokens": 1000, "per": "day"},
    {"tokens": 100, "by": "consumer"},
    {"requests": 60, "by": "ip"},
    {"concurrent": 8, "by": "model", "value": "qwen-max"},
]
APIS = {
    "by-model": model_api(
        "text",
        "/by-model",
        by_model=[{"match": "qwen-*", "service": "studio"}],
        default={"service": "spare", "model": "qwen-plus"},
        fallbacks=[{"service": "spare"}],
    ),
    "by-weight": model_api(
        "embedding",
        "/by-weight",
        by_weight=[{"service": "studio", "weight": 90}, {"service": "spare", "weight": 10}],
    ),
    "limited": model_api(
        "text", "/limited", consumers=["search-team"], limits=LIMITS, cache={"ttl_seconds": 60}
    ),
    "messages": model_api("text", "/messages", protocol="Anthropic"),
    "images": model_api("image", "/images", protocol="DashScope"),
    "drawn": model_api("image", "/drawn", protocol="ComfyUI", service="comfy"),
    "ranked": model_api("rerank", "/ranked", protocol="vLLM"),
    "legacy": model_api("text", "/legacy", routes="llm"),
    "eas": model_api("text", "/eas", service="eas"),
}
EDITS = {
    "by-model": {"fallbacks": []},
    "by-weight": {
        "by_weight": [{"service": "studio", "weight": 50}, {"service": "spare", "weight": 50}]
    },
    "limited": {"limits": [{"tokens": 5, "per": "minute"}], "consumers": []},
    "messages": {"base_path": "/changed"},
    "legacy": {"consumers": ["search-team"]},
}
BY_HAND = model_api("text", "/by-hand", service="spare", description="made by hand", consumers=[])


def settings(cloud, apis):
    """Settings of a stack with some Model APIs, one of which has consumers if it is listed."""
    config = gateway_stack(cloud)
    if "limited" in apis:
        config["dashlink:consumers"] = {"search-team": {"api_keys": [{"config": "searchTeamKey"}]}}
    eas = {**EAS, "vpc_id": config["dashlink:network"]["vpc_id"]}
    config["dashlink:ai_services"] |= {"comfy": COMFY, "eas": {"eas": eas}}
    config["dashlink:model_apis"] = deepcopy(dict(apis))
    return config


def edited(config):
    """``config`` with `EDITS`."""
    changed = deepcopy(config)
    for name, edit in EDITS.items():
        changed["dashlink:model_apis"][name] |= edit
    return changed


def api_named(cloud, name):
    """The cloud's record of an API."""
    (api,) = [row for row in cloud.state.http_apis.values() if row.name == name]
    return api


def policy_named(api, kind):
    """The section of a policy of an API."""
    (policy,) = [row for row in api.deploy_config["policyConfigs"] if row["type"] == kind]
    return policy[f"a{kind[1:]}Config"]


def create_in_console(cloud):
    """Create the Model API of `BY_HAND` as a user of the console does; return its id."""
    (gateway_id,) = cloud.state.gateways
    (environment_id,) = cloud.state.environments
    (domain_id,) = cloud.state.domains
    deploy_config = {
        "gatewayId": gateway_id,
        "environmentId": environment_id,
        "gatewayType": "AI",
        "autoDeploy": True,
        "backendScene": "SingleService",
        "customDomainIds": [domain_id],
        "serviceConfigs": [{"serviceId": service_id(cloud, "spare")}],
    }
    body = {
        "name": "by-hand",
        "type": "LLM",
        "modelCategory": "Text",
        "aiProtocols": ["OpenAI/v1"],
        "basePath": BY_HAND["base_path"],
        "description": BY_HAND["description"],
        "deployConfigs": [deploy_config],
    }
    request = models.CreateHttpApiRequest().from_map(body)
    return official.apig(cloud).create_http_api(request).body.data.http_api_id


def import_api(stack, api_id):
    """Import the Model API ``by-hand`` by the documented command."""
    urns = {}
    for resource in stack.export()["deployment"]["resources"]:
        urns[resource["urn"].rpartition("::")[2]] = resource["urn"]
    done = stack.run(
        *("import", "dashlink:gateway:ModelApi", "access-gateway-api-by-hand", api_id),
        *("--generate-code=false", "--protect=false", "--yes"),
        *("--parent", f"gateway={urns['access-gateway']}"),
        *("--provider", f"dashlink={urns['access-gateway-provider']}"),
    )
    assert done.returncode == 0, done


def test_the_seeds_draw_every_option_of_every_question():
    drawn = [Dialect.default(), *(Dialect.draw(seed) for seed in SEEDS)]
    for name, question in questions().items():
        assert {dialect[name] for dialect in drawn} == set(question.options), name


@pytest.fixture(scope="class")
def cloud(request, folder):
    """An empty cloud of the dialect of the class."""
    dialect = request.cls.dialect
    with Sandbox(state_file=folder / "cloud" / "state.json", dialect=dialect) as sandbox:
        draft = sandbox.cloud.draft()
        draft.eas_services["eas-m-1"] = EasService(
            service_id="eas-m-1",
            name="chat",
            region="cn-beijing",
            owner=sandbox.cloud.catalog.accounts[0].id,
            token="token-of-the-service",
            config={"metadata": {"name": "chat", "instance": 1}},
            status="Running",
        )
        sandbox.cloud.replace(draft)
        yield sandbox


@pytest.fixture(scope="class")
def config(request, cloud):
    return settings(cloud, request.cls.apis)


@pytest.fixture(scope="class")
def created(create_stack, config):
    """The stack, not deployed."""
    stack = create_stack(config)
    set_secrets(stack)
    return stack


@pytest.fixture(scope="class")
def stack(created):
    """The deployed stack."""
    created.deploy()
    return created


@pytest.fixture(scope="class")
def verified(stack):
    """The findings of `dashlink verify --write` by subject, and the preview after it."""
    report = stack.folder / "verify.json"
    command = [DASHLINK, "verify", stack.name, "--write", "--report", str(report)]
    done = run(command, folder=stack.folder, environment=stack.environment(), seconds=120)
    assert "Traceback" not in done.output
    findings = {}
    for finding in json.loads(report.read_text())["findings"]:
        findings.setdefault(finding["subject"], finding)
    return findings, stack.preview()


@pytest.fixture(scope="class")
def changed(stack, config, verified):
    """Deploy `EDITS`; return what that changed."""
    stack.configure(edited(config))
    return stack.deploy()


@pytest.fixture(scope="class")
def imported(stack, changed, cloud, config):
    """The id of the API that is imported into the stack, and deployed with it."""
    api_id = create_in_console(cloud)
    both = edited(config)
    both["dashlink:model_apis"]["by-hand"] = BY_HAND
    stack.configure(both)
    import_api(stack, api_id)
    for names in stack.deploy().values():  # the edits have left nothing to do
        assert names == ["access-gateway-api-by-hand"]
    return api_id


class Life:
    """The life of the stack on a cloud of ``dialect``."""

    dialect: Dialect
    apis = APIS

    def test_up_leaves_nothing_to_do(self, stack):
        assert stack.preview() == {}
        stack.refresh()

    def test_the_cloud_has_every_api(self, cloud, stack):
        apis = {row.name: row.deployed for row in cloud.state.http_apis.values()}
        assert set(apis) == set(APIS)
        assert None not in apis.values()

    def test_the_words_are_those_of_the_cloud(self, cloud, stack):
        dialect = cloud.state.dialect
        by_model = api_named(cloud, "by-model").deploy_config
        assert by_model["backendScene"] == dialect["routing-by-model"]
        for name, api in APIS.items():
            words = api_named(cloud, name).ai_protocols
            assert words == (word_of(dialect, api.get("protocol", "OpenAI/v1")),)
        limited = api_named(cloud, "limited")
        limits = policy_named(limited, "AiTokenRateLimit")
        types = dialect.words("limit-types")
        assert [rule["limitType"] for rule in limits["globalRules"]] == [dialect["limit-global"]]
        expected = [types["consumer"], types["ip"], types["model"]]
        assert [rule["limitType"] for rule in limits["rules"]] == expected
        modes = [rule["limitMode"] for rule in limits["rules"]]
        requests = dialect.words("limit-requests")["minute"]
        assert modes == ["TokenPerMinute", requests, dialect["limit-concurrency"]]
        cache = policy_named(limited, "AiCache")
        assert cache["cacheMode"] == dialect.words("cache-modes")["exact"]
        assert cache["cacheKeyStrategy"] == dialect["cache-key"]
        eas = cloud.state.ai_services[service_id(cloud, "eas")].ai_config["paiEASServiceConfig"]
        assert eas["endpointType"] == dialect.words("eas-endpoint-types")["vpc"]

    def test_the_outputs_have_the_routes_of_the_cloud(self, cloud, stack):
        version = "/v1" if cloud.state.dialect["route-versions"] == "v1" else ""
        outputs = stack.outputs()["model_apis"]["limited"]
        assert outputs["base_urls"] == {"openai": f"http://{DOMAIN}/limited{version}"}

    def test_the_outputs_have_the_words_that_were_found(self, cloud, stack):
        outputs = stack.outputs()["model_apis"]["by-model"]
        found = {row["term"]: row["value"] for row in outputs["verified"]}
        if "routing.by-model" in found:
            assert found["routing.by-model"] == cloud.state.dialect["routing-by-model"]
        else:  # the first choice was right, and no dry run checks words
            assert cloud.state.dialect["dry-run-checks"] == "structure"

    def test_verify_finds_the_words_of_the_cloud(self, cloud, stack, verified):
        findings, _ = verified
        finding = findings["routing.by-model"]
        word = cloud.state.dialect["routing-by-model"]
        if cloud.state.dialect["dry-run-checks"] == "structure":
            assert finding["outcome"] == "not asked"
        elif word == finding["used"]:
            assert finding["outcome"] == "confirmed"
        else:
            assert (finding["outcome"], finding["spelling"]) == ("contradicted", word)

    def test_verify_finds_the_routes_of_the_cloud(self, cloud, stack, verified):
        findings, _ = verified
        dialect = cloud.state.dialect
        is_as_in_the_catalog = dialect["route-versions"] == "v1" and dialect["route-names"] == NAMES
        expected = "confirmed" if is_as_in_the_catalog else "contradicted"
        assert findings["model_apis.by-weight"]["outcome"] == expected

    def test_words_that_verify_writes_change_nothing(self, verified):
        _, planned = verified
        assert planned == {}

    def test_edits_change_the_apis_in_place(self, cloud, stack, changed):
        assert not [step for step in changed if "replace" in step]
        assert changed["create"] == ["access-gateway-api-legacy-consumers"]
        assert changed["delete"] == ["access-gateway-api-limited-consumers"]
        apis = {f"access-gateway-api-{name}" for name in EDITS}
        assert apis <= set(changed["update"])
        shares = api_named(cloud, "by-weight").deploy_config["serviceConfigs"]
        assert [row["weight"] for row in shares] == [50, 50]
        assert api_named(cloud, "messages").base_path == "/changed"
        (rule,) = cloud.state.authorization_rules.values()
        assert rule.resource_id == api_named(cloud, "legacy").http_api_id
        limits = policy_named(api_named(cloud, "limited"), "AiTokenRateLimit")
        assert len([*limits.get("rules", ()), *limits["globalRules"]]) == 1
        kinds = [row["type"] for row in api_named(cloud, "by-model").deploy_config["policyConfigs"]]
        assert "AiFallback" not in kinds

    def test_an_api_of_the_console_is_imported(self, cloud, stack, imported):
        assert api_named(cloud, "by-hand").http_api_id == imported
        assert stack.preview() == {}
        stack.refresh()

    def test_destroy_leaves_nothing(self, cloud, stack, imported):
        stack.destroy()
        assert_no_model_apis(cloud)


class TestTheDefaultDialect(Life):
    dialect = Dialect.default()


class TestTheFirstSeed(Life):
    dialect = Dialect.draw(SEEDS[0])


class TestTheSecondSeed(Life):
    dialect = Dialect.draw(SEEDS[1])


class TestTheThirdSeed(Life):
    dialect = Dialect.draw(SEEDS[2])


class TestAWordThatNoCandidateMeets:
    """The cloud's word of routing by model name is one that no source suggests."""

    dialect = Dialect(choices={"routing-by-model": "MultiServiceByMagic"})
    apis = MappingProxyType({"by-model": APIS["by-model"]})

    @pytest.fixture(scope="class")
    @staticmethod
    def refusal(created):
        return created.refused()

    def test_up_shows_the_message_of_the_api_in_one_line(self, refusal):
        lines = [line for line in refusal.splitlines() if "MultiServiceByMagic" in line]
        (message,) = {line.partition("error: ")[2] for line in lines}
        assert "InvalidParameter.WithValue" in message
        assert "backendScene" in message

    def test_nothing_is_half_made(self, cloud, created, refusal):
        assert not cloud.state.http_apis
        resources = created.export()["deployment"]
        assert "pending_operations" not in resources
        types = [row["type"] for row in resources["resources"]]
        assert "dashlink:gateway:ModelApi" not in types

    def test_the_word_of_the_settings_is_sent(self, cloud, created, config, refusal):
        spelled = deepcopy(config)
        spelled["dashlink:gateway"]["spellings"] = {"routing.by-model": "MultiServiceByMagic"}
        created.configure(spelled)
        created.deploy()
        assert api_named(cloud, "by-model").deployed is not None
        assert created.preview() == {}
        created.destroy()
        assert_no_model_apis(cloud)
