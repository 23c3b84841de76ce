"""Model APIs, by the official SDK: reads return what was written; invalid input is refused."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.clouds import create_gateway
from support.gateways import (
    BY_MODEL,
    Body,
    Place,
    create_api,
    create_domain,
    fallback,
    policy,
    refused,
)
from support.waiting import wait_for

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.model_routes import LEGACY, builtin_routes
from dashlink_sandbox.services.apig.limits import check_policies
from dashlink_sandbox.wire.errors import ParameterError

KINDS: list[tuple[str, str]] = []
for _category, _protocols in builtin_routes().items():
    KINDS += [(_category, protocol) for protocol in _protocols]
READ_ONLY = {"customDomainInfos", "envDomainInfos", "gatewayInfo", "subDomains"}


def _read(place: Place, api_id: str) -> Body:
    return place.apig.get_http_api(api_id, models.GetHttpApiRequest()).body.data.to_map()


def _config(place: Place, api_id: str) -> Body:
    """Return the deploy configuration without its read-only fields."""
    (config,) = _read(place, api_id)["deployConfigs"]
    for row in config["serviceConfigs"]:
        del row["name"]
    return _without_read_only(config)


def _without_read_only(config: Body) -> Body:
    return {key: value for key, value in config.items() if key not in READ_ONLY}


def _update(place: Place, api_id: str, **body: Any) -> None:
    request = models.UpdateHttpApiRequest().from_map({"basePath": "/", **body})
    place.apig.update_http_api(api_id, request)


def _listed(place: Place, **filters: Any) -> list[models.HttpApiInfoByName]:
    request = models.ListHttpApisRequest(page_size=100, **filters)
    return place.apig.list_http_apis(request).body.data.items


def _single(place: Place, *domain_ids: str) -> Body:
    """Return a deploy configuration with one service."""
    services = [{"serviceId": place.service("studio")}]
    return place.deploy_config(domain_ids, services, "SingleService")


def _body(place: Place, config: Body | None = None, **changed: Any) -> Body:
    return place.body(place.new_name("api"), config or _single(place), **changed)


def _deploy_status(place: Place, api_id: str) -> str:
    return _read(place, api_id)["environments"][0]["deployStatus"]


def _undeploy(place: Place, api_id: str) -> None:
    target = {"environment_id": place.environment_id, "gateway_id": place.gateway_id}
    place.apig.undeploy_http_api(api_id, models.UndeployHttpApiRequest(**target))


@pytest.mark.parametrize(("category", "protocol"), KINDS, ids=str)
def test_model_apis_of_each_kind_read_as_written(place, category, protocol):
    domain_id = create_domain(place.cloud, f"{place.new_name('kind')}.example.com")
    config = _single(place, domain_id)
    body = _body(place, config, category=category, protocol=protocol, base_path="/team")
    body["description"] = "for tests"
    if category == LEGACY:
        del body["modelCategory"]
    api_id = create_api(place.cloud, body)
    api = _read(place, api_id)
    assert "modelCategory" in api or category == LEGACY
    assert (api["gatewayId"], _config(place, api_id)) == (place.gateway_id, config)
    (domain,) = api["deployConfigs"][0]["customDomainInfos"]
    assert (domain["domainId"], domain["protocol"]) == (domain_id, "HTTP")
    del body["deployConfigs"], body["removeBasePathOnForward"]
    assert api == api | body


def _targets(place: Place, scene: str) -> list[Body]:
    one, two = place.service("studio"), place.service("second")
    return {
        "SingleService": [{"serviceId": one, "modelName": "qwen-max"}],
        "MultiServiceByRatio": [{"serviceId": one, "weight": 70}, {"serviceId": two, "weight": 30}],
        BY_MODEL: [
            {"serviceId": one, "modelNamePattern": "qwen*", "modelName": "qwen-max"},
            {"serviceId": two, "modelNamePattern": "*"},
        ],
    }[scene]


@pytest.mark.parametrize("scene", ["SingleService", "MultiServiceByRatio", BY_MODEL], ids=str)
def test_services_and_policies_of_each_scene_read_as_written(place, scene):
    second = place.service("second")
    rule = {"limitType": "Consumer", "limitMode": "TokenPerMinute"}
    rule |= {"limitValue": 5, "matchType": "All"}
    policies = [
        fallback(second, only_upstream=True, **{second: "qwen-turbo"}),
        policy("AiTokenRateLimit", rules=[rule], enableGlobalRules=False, globalRules=[]),
        policy("AiStatistics", logRequestContent=True, logResponseContent=False),
        policy("AiSecurityGuard", checkRequest=True, checkResponse=False, riskAlertLevel="high"),
        policy("AiCache", cacheMode="exact", cacheTTL=60),
    ]
    config = place.deploy_config([], _targets(place, scene), scene, *policies)
    config["builtinRouteNames"] = ["create-chat-completion"]
    api_id = create_api(place.cloud, _body(place, config))
    written = models.HttpApiDeployConfig().from_map(config).to_map()  # with the SDK's empty lists
    assert _config(place, api_id) == _without_read_only(written)
    (environment,) = _read(place, api_id)["environments"]
    assert environment["backendScene"] == scene
    assert environment["environmentId"] == place.environment_id


def test_services_are_returned_with_their_names(place):
    api_id = place.serve().api_id
    (service,) = _read(place, api_id)["deployConfigs"][0]["serviceConfigs"]
    assert service == {"serviceId": place.service("studio"), "name": "studio"}


def test_authentication_reads_as_written(place):
    auth = {"authType": "Apikey", "authMode": "Custom"}
    api_id = create_api(place.cloud, _body(place, enableAuth=True, authConfig=auth))
    api = _read(place, api_id)
    assert (api["enableAuth"], api["authConfig"]) == (True, auth)


def test_the_secrets_of_a_cache_are_masked(place):
    redis = {"host": "r.example", "password": "0123456789abcdef"}
    sections = {
        "redisConfig": redis,
        "vectorConfig": {"type": "dashvector", "apiKey": "fedcba9876543210"},
        "embeddingConfig": {"type": "dashscope", "serviceId": place.service("studio")},
    }
    cache = policy("AiCache", cacheMode="semantic", **sections)
    (read,) = _config(place, place.serve(policies=[cache]).api_id)["policyConfigs"]
    config = read["aiCacheConfig"]
    assert config["redisConfig"] == {"host": "r.example", "password": "0123****cdef"}
    assert config["vectorConfig"] == {"type": "dashvector", "apiKey": "fedc****3210"}


def test_an_api_is_deployed_in_the_background_and_undeployed(place):
    api_id = create_api(place.cloud, _body(place))
    assert _deploy_status(place, api_id) == "Deploying"
    wait_for(lambda: _deploy_status(place, api_id) == "Deployed", "it is deployed")
    _undeploy(place, api_id)
    assert _deploy_status(place, api_id) == "NotDeployed"
    config = models.DeployHttpApiRequestHttpApiConfig(gateway_id=place.gateway_id)
    place.apig.deploy_http_api(api_id, models.DeployHttpApiRequest(http_api_config=config))
    assert _deploy_status(place, api_id) == "Deploying"


def test_an_api_without_auto_deploy_is_not_deployed(place):
    config = {**_single(place), "autoDeploy": False}
    api_id = create_api(place.cloud, _body(place, config))
    assert _deploy_status(place, api_id) == "NotDeployed"


def test_a_deployed_api_is_not_deleted(place):
    api_id = create_api(place.cloud, _body(place))
    with refused("Conflict.HttpApiDeployed", 409):
        place.apig.delete_http_api(api_id, models.DeleteHttpApiRequest())
    _undeploy(place, api_id)
    place.apig.delete_http_api(api_id, models.DeleteHttpApiRequest())
    with refused("DatabaseError.RecordNotFound", 404):
        _read(place, api_id)


def test_an_update_replaces_only_the_fields_it_names(place):
    served = place.serve(description="before", base_path="/old")
    second = place.service("second")
    config = {**_config(place, served.api_id), "serviceConfigs": [{"serviceId": second}]}
    _update(place, served.api_id, basePath="/new", deployConfigs=[config])
    api = _read(place, served.api_id)
    assert (api["basePath"], api["description"]) == ("/new", "before")
    assert api["name"] == served.name
    assert _config(place, served.api_id)["serviceConfigs"] == [{"serviceId": second}]
    _update(place, served.api_id, description="after")
    assert _read(place, served.api_id)["description"] == "after"
    assert _config(place, served.api_id) == config


def test_an_update_needs_the_base_path(place):
    with refused("InvalidParameter.IsEmpty", field="basePath"):
        _update(place, place.serve().api_id, basePath="")


def test_read_only_references_of_policies_are_not_stored(place):
    limit = policy("AiTokenRateLimit", rules=[LIMIT], enableGlobalRules=False)
    written = {**limit, "policyReference": {"policyId": "p-1", "policyAttachmentId": "pa-1"}}
    (read,) = _config(place, place.serve(policies=[written]).api_id)["policyConfigs"]
    assert read.get("policyReference") is None


AUTH = {"authType": "Apikey", "authMode": "Custom"}
LIMIT = {"limitType": "Model", "limitMode": "TokenPerDay", "limitValue": 1, "matchType": "All"}
HEADER = {**LIMIT, "limitType": "Header"}
GLOBAL = {"limitType": "Global", "limitMode": "TokenPerDay", "limitValue": 1}
INVALID: list[tuple[Body, str]] = [
    ({"name": "a b"}, "name"),
    ({"name": "x" * 65}, "name"),
    ({"type": "Sql"}, "type"),
    ({"basePath": "v1"}, "basePath"),
    ({"basePath": "/" + "x" * 256}, "basePath"),
    ({"modelCategory": "Smell"}, "modelCategory"),
    ({"aiProtocols": ["OpenAI/v1", "Anthropic"]}, "aiProtocols"),
    ({"aiProtocols": ["DashScope"]}, "aiProtocols"),
    ({"aiProtocols": []}, "aiProtocols"),
    ({"deployConfigs": []}, "deployConfigs"),
    ({"enableAuth": True, "authConfig": {**AUTH, "authType": "Face"}}, "authConfig.authType"),
    ({"enableAuth": True, "authConfig": {**AUTH, "authMode": "Mood"}}, "authConfig.authMode"),
]


@pytest.mark.parametrize(("changed", "name"), INVALID, ids=[name for _, name in INVALID])
def test_each_invalid_field_of_an_api_is_refused(place, changed, name):
    with refused("InvalidParameter.WithValue", field=name):
        create_api(place.cloud, {**_body(place), **changed})


@pytest.mark.parametrize("absent", ["authType", "authMode"], ids=str)
def test_authentication_without_its_configuration_is_refused(place, absent):
    auth = {key: value for key, value in AUTH.items() if key != absent}
    with refused("InvalidParameter.IsEmpty", field=absent):
        create_api(place.cloud, _body(place, enableAuth=True, authConfig=auth))


def test_an_api_of_the_type_ai_has_several_protocols(place):
    body = {**_body(place), "type": "Ai", "aiProtocols": ["OpenAI/v1", "Anthropic"]}
    api = _read(place, create_api(place.cloud, body))
    assert (api["type"], api["aiProtocols"]) == ("Ai", ["OpenAI/v1", "Anthropic"])
    for changed, field in (
        ({"deployConfigs": []}, "deployConfigs"),
        ({"aiProtocols": ["OpenAI/v1", "Smoke"]}, "aiProtocols"),
        ({"aiProtocols": []}, "aiProtocols"),
    ):
        with refused("InvalidParameter.WithValue", field=field):
            create_api(place.cloud, {**body, "name": place.new_name("ai"), **changed})


def test_a_multimodal_api_is_accepted_and_has_no_known_routes(place):
    body = {**_body(place), "modelCategory": "MultiModal"}
    api_id = create_api(place.cloud, body)
    assert _read(place, api_id)["modelCategory"] == "MultiModal"
    request = models.ListHttpApiRoutesRequest()
    assert place.apig.list_http_api_routes(api_id, request).body.data.items == []


@pytest.mark.parametrize(
    ("scene", "rows"),
    [
        ("SingleService", []),
        ("SingleService", [{}, {}]),
        ("MultiServiceByRatio", [{"weight": 60}, {"weight": 30}]),
        ("MultiServiceByRatio", [{"weight": 100}, {"weight": 0}]),
        ("MultiServiceByRatio", [{}, {}]),
        (BY_MODEL, [{"modelNamePattern": "qwen*"}, {}]),
        (BY_MODEL, []),
        ("SingleService", [{"serviceId": "svc-absent"}]),
    ],
    ids=str,
)
def test_services_that_the_scene_does_not_allow_are_refused(place, scene, rows):
    services = [{"serviceId": place.service("studio"), **row} for row in rows]
    with refused("InvalidParameter.WithValue", field="serviceConfigs"):
        create_api(place.cloud, _body(place, place.deploy_config([], services, scene)))


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"backendScene": "MultiServiceByMood"}, "InvalidParameter.WithValue", "backendScene"),
        ({"gatewayId": "gw-absent"}, "NotFound.GatewayNotFound", ""),
        ({"environmentId": "env-absent"}, "NotFound.EnvironmentNotFound", ""),
        ({"customDomainIds": ["d-absent"]}, "DatabaseError.RecordNotFound", ""),
        (
            {"policyConfigs": [policy("AiMood")]},
            "InvalidParameter.WithValue",
            "policyConfigs.type",
        ),
        (
            {"policyConfigs": [fallback("svc-absent")]},
            "InvalidParameter.WithValue",
            "aiFallbackConfig",
        ),
        (
            {"envDomainIds": ["d-absent"]},
            "InvalidParameter.WithValue",
            "deployConfigs.envDomainIds",
        ),
        (
            {"builtinRouteNames": ["create-mood"]},
            "InvalidParameter.WithValue",
            "deployConfigs.builtinRouteNames",
        ),
    ],
    ids=[
        "scene",
        "gateway",
        "environment",
        "domain",
        "policy type",
        "fallback service",
        "environment's domain",
        "route",
    ],
)
def test_each_invalid_field_of_a_deploy_configuration_is_refused(place, changed, code, field):
    config = {**_single(place), **changed}
    with refused(code, 400 if field else 404, field):
        create_api(place.cloud, _body(place, config))


def test_a_scene_that_the_sandbox_lacks_is_not_taken_for_invalid(place):
    config = {**_single(place), "backendScene": "SemanticRouter"}
    with refused("Sandbox.UnsupportedParameter"):
        create_api(place.cloud, _body(place, config))


def _limits(*rules: Body, **more: Any) -> Body:
    return policy("AiTokenRateLimit", rules=list(rules), **more)


@pytest.mark.parametrize(
    ("limits", "code", "field"),
    [
        (_limits(), "WithValue", "aiTokenRateLimitConfig"),
        (_limits({**LIMIT, "limitValue": 0}), "WithValue", "aiTokenRateLimitConfig"),
        (
            _limits({**LIMIT, "limitType": "LimitByModel"}),
            "WithValue",
            "aiTokenRateLimitConfig.limitType",
        ),
        (
            _limits({**LIMIT, "limitMode": "TokenPerYear"}),
            "WithValue",
            "aiTokenRateLimitConfig.limitMode",
        ),
        (
            _limits({**LIMIT, "matchType": "Near", "matchValue": "x"}),
            "WithValue",
            "aiTokenRateLimitConfig.matchType",
        ),
        (_limits({**LIMIT, "matchType": ""}), "IsEmpty", "matchType"),
        (_limits({**LIMIT, "matchType": "Exact"}), "IsEmpty", "matchValue"),
        (_limits(HEADER), "IsEmpty", "matchKey"),
        (
            _limits(globalRules=[{**GLOBAL, "limitType": "Model"}]),
            "WithValue",
            "aiTokenRateLimitConfig.limitType",
        ),
    ],
    ids=[
        "no rule",
        "value",
        "type",
        "mode",
        "match",
        "no match",
        "no value",
        "no key",
        "global type",
    ],
)
def test_each_invalid_field_of_a_limit_is_refused(place, limits, code, field):
    config = {**_single(place), "policyConfigs": [limits]}
    with refused(f"InvalidParameter.{code}", field=field):
        create_api(place.cloud, _body(place, config))


@pytest.mark.parametrize(
    ("cache", "code", "field"),
    [
        ({"cacheMode": "NORMAL"}, "WithValue", "aiCacheConfig.cacheMode"),
        ({"cacheMode": ""}, "IsEmpty", "cacheMode"),
        ({"cacheMode": "semantic"}, "IsEmpty", "embeddingConfig"),
        (
            {"cacheMode": "semantic", "embeddingConfig": {"type": "x"}, "vectorConfig": {"a": 1}},
            "IsEmpty",
            "type",
        ),
    ],
    ids=["mode", "no mode", "no embedding", "no vector type"],
)
def test_each_invalid_field_of_a_cache_is_refused(place, cache, code, field):
    config = {**_single(place), "policyConfigs": [policy("AiCache", **cache)]}
    with refused(f"InvalidParameter.{code}", field=field):
        create_api(place.cloud, _body(place, config))


FIELD = {"fieldKey": "user", "source": "request_body", "jsonPath": "user", "rule": "first"}


@pytest.mark.parametrize(
    ("groups", "absent", "field"),
    [
        ({"extra": [FIELD]}, False, "aiStatisticsConfig.fieldPaths"),
        ({"custom": [{**FIELD, "source": "mood"}]}, False, "aiStatisticsConfig.source"),
        ({"custom": [{**FIELD, "rule": "last"}]}, False, "aiStatisticsConfig.rule"),
        ({"custom": [{**FIELD, "fieldKey": ""}]}, True, "fieldKey"),
    ],
    ids=["group", "source", "rule", "no key"],
)
def test_each_invalid_log_field_is_refused(groups, absent, field):
    """Without the SDK: its model of fieldPaths has no lists, which its text states."""
    rows = [{"path": "/v1/chat/completions", "fieldPaths": groups}]
    statistics = policy("AiStatistics", pathFieldConfigs=rows)
    with pytest.raises(ParameterError) as caught:
        check_policies([statistics], (), Dialect.default(), words=True)
    assert (caught.value.name, caught.value.absent) == (field, absent)


def test_log_fields_of_both_groups_are_accepted():
    rows = [{"path": "/v1/messages", "fieldPaths": {"basic": [FIELD], "custom": [FIELD]}}]
    statistics = policy("AiStatistics", pathFieldConfigs=rows)
    check_policies([statistics], (), Dialect.default(), words=True)


def test_two_deploy_configurations_are_refused(place):
    config = _single(place)
    with refused("InvalidParameter.WithValue", field="deployConfigs"):
        create_api(place.cloud, {**_body(place), "deployConfigs": [config, config]})


def test_the_environment_of_another_gateway_is_refused(place):
    other = create_gateway(place.cloud, place.network, place.new_name("other"))
    config = {**_single(place), "gatewayId": other}
    with refused("InvalidParameter.WithValue", field="deployConfigs.environmentId"):
        create_api(place.cloud, _body(place, config))


def test_api_names_are_unique_in_an_account(place):
    with refused("Conflict.HttpApiNameExisted", 409):
        create_api(place.cloud, {**_body(place), "name": place.serve().name})


@pytest.mark.parametrize("base_path", ["/one", "/one/"], ids=str)
def test_a_base_path_is_unique_under_a_domain(place, base_path):
    served = place.serve(base_path="/one")
    config = _config(place, served.api_id)
    with refused("Conflict.DomainBasePathExisted", 409):
        create_api(place.cloud, _body(place, config, base_path=base_path))
    beside = create_api(place.cloud, _body(place, config, base_path="/two"))
    with refused("Conflict.DomainBasePathExisted", 409):
        _update(place, beside, basePath=base_path)


def test_an_api_has_the_domain_of_its_environment_unless_named(place):
    bound = _single(place)
    del bound["envDomainIds"]
    api_id = create_api(place.cloud, _body(place, bound, base_path="/bound"))
    (config,) = _read(place, api_id)["deployConfigs"]
    (domain,) = config["envDomainInfos"]
    assert domain["protocol"] == "HTTP"
    with refused("Conflict.DomainBasePathExisted", 409):
        create_api(place.cloud, _body(place, bound, base_path="/bound"))
    named = {**bound, "envDomainIds": [domain["domainId"]]}
    with refused("Conflict.DomainBasePathExisted", 409):
        create_api(place.cloud, _body(place, named, base_path="/bound"))
    create_api(place.cloud, _body(place, base_path="/bound"))


def test_an_absent_api_is_not_found(place):
    with refused("DatabaseError.RecordNotFound", 404):
        place.apig.delete_http_api("api-absent", models.DeleteHttpApiRequest())
    with refused("DatabaseError.RecordNotFound", 404):
        place.apig.deploy_http_api("api-absent", models.DeployHttpApiRequest())
    for call in (_read, _update, _undeploy):
        with refused("DatabaseError.RecordNotFound", 404):
            call(place, "api-absent")


def test_a_list_spells_the_gateway_differently(place):
    served = place.serve()
    (row,) = _listed(place, name=served.name)
    assert row.to_map()["GatewayId"] == place.gateway_id
    assert (row.gateway_id, row.type) == (place.gateway_id, "LLM")
    assert row.version_enabled is False
    (version,) = row.versioned_http_apis
    assert version.http_api_id == served.api_id


def test_apis_are_listed_by_each_filter(place):
    name = place.serve().name
    named = {"name": name, "types": "Rest,LLM"}
    for filters in ({"keyword": name}, named, {"name": name, "gateway_type": "AI"}):
        assert name in [row.name for row in _listed(place, **filters)]
    assert _listed(place, name=name, types="Rest") == []
    assert _listed(place, name=name, gateway_type="API") == []
    assert _listed(place, gateway_id="gw-absent") == []


def test_a_client_token_creates_one_api(place):
    token = place.new_name("token")

    def create(base_path: str) -> str:
        body = {**_body(place, base_path=base_path), "name": f"again-{token}"}
        request = models.CreateHttpApiRequest().from_map(body)
        request.client_token = token
        return place.apig.create_http_api(request).body.data.http_api_id

    assert create("/") == create("/")
    with refused("IdempotentParameterMismatch"):
        create("/other")
    assert len(_listed(place, keyword=f"again-{token}")) == 1


def test_a_dry_run_creates_and_changes_nothing(place):
    served = place.serve(base_path="/dry")
    body = _body(place, dryRun=True)
    request = models.CreateHttpApiRequest().from_map(body)
    passed = place.apig.create_http_api(request).body
    assert (passed.code, passed.data) == ("Ok", None)
    assert _listed(place, name=body["name"]) == []
    with refused("InvalidParameter.WithValue", field="basePath"):
        create_api(place.cloud, {**body, "basePath": "x"})
    _update(place, served.api_id, basePath="/other", dryRun=True)
    assert _read(place, served.api_id)["basePath"] == "/dry"
    with refused("InvalidParameter.WithValue", field="basePath"):
        _update(place, served.api_id, basePath="x", dryRun=True)


def _routes(place: Place, api_id: str) -> list[models.HttpRoute]:
    request = models.ListHttpApiRoutesRequest(page_size=100)
    return place.apig.list_http_api_routes(api_id, request).body.data.items


def test_built_in_routes_are_listed_with_the_base_path(place):
    paths = {}
    for row in _routes(place, place.serve(category="Others", base_path="/team").api_id):
        assert (row.builtin, row.match.path.type) == ("true", "Prefix")
        paths[row.name] = row.match.path.value
    assert paths == {
        "models": "/team/v1/models",
        "files": "/team/v1/files",
        "batches": "/team/v1/batches",
        "fine-tuning-jobs": "/team/v1/fine_tuning/jobs",
    }


def test_a_custom_route_is_created_read_and_deleted(place):
    api_id = place.serve().api_id
    match = {"path": {"type": "Exact", "value": "/v1/moderations"}, "methods": ["POST"]}
    request = models.CreateHttpApiRouteRequest().from_map({"name": "moderations", "match": match})
    route_id = place.apig.create_http_api_route(api_id, request).body.data.route_id
    route = place.apig.get_http_api_route(api_id, route_id).body.data
    assert (route.name, route.builtin) == ("moderations", "false")
    assert route.match.to_map()["path"] == match["path"]
    with refused("Conflict.RouteNameExisted", 409):
        place.apig.create_http_api_route(api_id, request)
    place.apig.delete_http_api_route(api_id, route_id)
    with refused("NotFound.RouteNotFound", 404):
        place.apig.get_http_api_route(api_id, route_id)
    builtin = _routes(place, api_id)[0]
    with refused("NotFound.RouteNotFound", 404):
        place.apig.delete_http_api_route(api_id, builtin.route_id)
