"""Model APIs, by the official SDK: what is read is what was written, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import (
    Body,
    Place,
    fallback,
    make_api,
    make_domain,
    make_gateway,
    policy,
    refused,
    standing,
    until,
)

from dashlink_sandbox.model_routes import LEGACY, builtin_routes

KINDS = [(category, protocol) for category, protocols in builtin_routes().items() for protocol in protocols]
READ_ONLY = {"customDomainInfos", "envDomainInfos", "gatewayInfo", "subDomains"}


@pytest.fixture(scope="module")
def place():
    with standing() as made:
        yield made


def _read(place: Place, api_id: str) -> Body:
    return place.apig.get_http_api(api_id, models.GetHttpApiRequest()).body.data.to_map()


def _config(place: Place, api_id: str) -> Body:
    """The deploy configuration as it was written: without what only reading gives."""
    (config,) = _read(place, api_id)["deployConfigs"]
    services = [{key: value for key, value in row.items() if key != "name"} for row in config["serviceConfigs"]]
    return {**{key: value for key, value in config.items() if key not in READ_ONLY}, "serviceConfigs": services}


def _update(place: Place, api_id: str, **body: Any) -> None:
    request = models.UpdateHttpApiRequest().from_map({"basePath": "/", **body})
    place.apig.update_http_api(api_id, request)


def _listed(place: Place, **filters: Any) -> list[models.HttpApiInfoByName]:
    return place.apig.list_http_apis(models.ListHttpApisRequest(page_size=100, **filters)).body.data.items


def _body(place: Place, config: Body | None = None, **changed: Any) -> Body:
    plain = place.deploy_config([], [{"serviceId": place.service("studio")}], "SingleService")
    return place.body(place.new_name("api"), config or plain, **changed)


def _undeploy(place: Place, api_id: str) -> None:
    request = models.UndeployHttpApiRequest(environment_id=place.environment_id, gateway_id=place.gateway_id)
    place.apig.undeploy_http_api(api_id, request)


@pytest.mark.parametrize(("category", "protocol"), KINDS)
def test_a_model_api_of_every_kind_reads_as_it_was_written(place, category, protocol):
    domain_id = make_domain(place.cloud, f"{place.new_name('kind')}.example.com")
    config = place.deploy_config([domain_id], [{"serviceId": place.service("studio")}], "SingleService")
    asked = _body(place, config, category=category, protocol=protocol, base_path="/team", description="for tests")
    if category == LEGACY:
        del asked["modelCategory"]
    api_id = make_api(place.cloud, asked)
    found = _read(place, api_id)
    told = set(asked) - {"deployConfigs", "removeBasePathOnForward"}
    assert {key: found[key] for key in told} == {key: asked[key] for key in told}
    assert "modelCategory" in found or category == LEGACY
    assert (found["gatewayId"], _config(place, api_id)) == (place.gateway_id, config)
    assert [(row["domainId"], row["protocol"]) for row in found["deployConfigs"][0]["customDomainInfos"]] == [
        (domain_id, "HTTP")
    ]


def _targets(place: Place, scene: str) -> list[Body]:
    one, two = place.service("studio"), place.service("second")
    return {
        "SingleService": [{"serviceId": one, "modelName": "qwen-max"}],
        "MultiServiceByRatio": [{"serviceId": one, "weight": 70}, {"serviceId": two, "weight": 30}],
        "MultiServiceByModelName": [
            {"serviceId": one, "modelNamePattern": "qwen*", "modelName": "qwen-max"},
            {"serviceId": two, "modelNamePattern": "*"},
        ],
    }[scene]


@pytest.mark.parametrize("scene", ["SingleService", "MultiServiceByRatio", "MultiServiceByModelName"])
def test_services_and_policies_of_each_scene_read_as_they_were_written(place, scene):
    second = place.service("second")
    rules = [{"limitType": "LimitByConsumer", "limitMode": "TokenPerMinute", "limitValue": 5, "matchValue": "*"}]
    policies = [
        fallback(second, only_upstream=True, **{second: "qwen-turbo"}),
        policy("AiTokenRateLimit", rules=rules, enableGlobalRules=False, globalRules=[]),
        policy("AiStatistics", logRequestContent=True, logResponseContent=False),
        policy("AiSecurityGuard", checkRequest=True, checkResponse=False, riskAlertLevel="high"),
        policy("AiCache", cacheMode="exact", cacheTTL=60),
    ]
    config = place.deploy_config([], _targets(place, scene), scene, *policies)
    config["builtinRouteNames"] = ["create-chat-completion"]
    api_id = make_api(place.cloud, _body(place, config))
    written = models.HttpApiDeployConfig().from_map(config).to_map()  # with the SDK's own empty lists
    assert _config(place, api_id) == {key: value for key, value in written.items() if key not in READ_ONLY}
    (environment,) = _read(place, api_id)["environments"]
    assert (environment["backendScene"], environment["environmentId"]) == (scene, place.environment_id)


def test_the_services_names_are_answered_beside_their_ids(place):
    api_id = place.serve().api_id
    (service,) = _read(place, api_id)["deployConfigs"][0]["serviceConfigs"]
    assert service == {"serviceId": place.service("studio"), "name": "studio"}


def test_authentication_reads_as_it_was_written(place):
    auth = {"authType": "Apikey", "authMode": "Consumer"}
    found = _read(place, make_api(place.cloud, _body(place, enableAuth=True, authConfig=auth)))
    assert (found["enableAuth"], found["authConfig"]) == (True, auth)


def test_the_secrets_of_a_cache_are_masked(place):
    redis, vector = {"host": "r.example", "password": "0123456789abcdef"}, {"apiKey": "fedcba9876543210"}
    cache = policy("AiCache", cacheMode="semantic", redisConfig=redis, vectorConfig=vector)
    (told,) = _config(place, place.serve(policies=[cache]).api_id)["policyConfigs"]
    assert told["aiCacheConfig"]["redisConfig"] == {"host": "r.example", "password": "0123****cdef"}
    assert told["aiCacheConfig"]["vectorConfig"] == {"apiKey": "fedc****3210"}


def test_an_api_is_being_deployed_then_is_deployed_then_is_not(place):
    api_id = make_api(place.cloud, _body(place))

    def status() -> str:
        return _read(place, api_id)["environments"][0]["deployStatus"]

    assert status() == "Deploying"
    until("it is deployed", lambda: status() == "Deployed")
    _undeploy(place, api_id)
    assert status() == "NotDeployed"
    config = models.DeployHttpApiRequestHttpApiConfig(gateway_id=place.gateway_id)
    place.apig.deploy_http_api(api_id, models.DeployHttpApiRequest(http_api_config=config))
    assert status() == "Deploying"


def test_an_api_that_is_not_to_be_deployed_is_not(place):
    config = place.deploy_config([], _targets(place, "SingleService"), "SingleService")
    api_id = make_api(place.cloud, _body(place, {**config, "autoDeploy": False}))
    assert _read(place, api_id)["environments"][0]["deployStatus"] == "NotDeployed"


def test_a_deployed_api_is_not_deleted(place):
    api_id = make_api(place.cloud, _body(place))
    with refused("Conflict.HttpApiDeployed", 409):
        place.apig.delete_http_api(api_id, models.DeleteHttpApiRequest())
    _undeploy(place, api_id)
    place.apig.delete_http_api(api_id, models.DeleteHttpApiRequest())
    with refused("DatabaseError.RecordNotFound", 404):
        _read(place, api_id)


def test_an_update_replaces_what_it_names_and_leaves_the_rest(place):
    served = place.serve(description="before", base_path="/old")
    second = place.service("second")
    config = {**_config(place, served.api_id), "serviceConfigs": [{"serviceId": second}]}
    _update(place, served.api_id, basePath="/new", deployConfigs=[config])
    found = _read(place, served.api_id)
    assert (found["basePath"], found["description"], found["name"]) == ("/new", "before", served.name)
    assert _config(place, served.api_id)["serviceConfigs"] == [{"serviceId": second}]
    _update(place, served.api_id, description="after")
    assert _read(place, served.api_id)["description"] == "after"
    assert _config(place, served.api_id) == config


def test_an_update_needs_the_base_path(place):
    with refused("MissingbasePath"):
        _update(place, place.serve().api_id, basePath="")


def test_read_only_references_of_policies_are_not_kept(place):
    limit = policy("AiTokenRateLimit", rules=[], enableGlobalRules=False)
    written = {**limit, "policyReference": {"policyId": "p-1", "policyAttachmentId": "pa-1"}}
    api_id = place.serve(policies=[written]).api_id
    assert _config(place, api_id)["policyConfigs"][0].get("policyReference") is None


RULES: list[tuple[Body, str]] = [
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
    ({"enableAuth": True}, "authConfig"),
]


@pytest.mark.parametrize(("changed", "name"), RULES)
def test_an_api_is_refused_for_each_rule_that_it_breaks(place, changed, name):
    with refused(f"InvalidParameter.{name}"):
        make_api(place.cloud, {**_body(place), **changed})


@pytest.mark.parametrize(
    ("scene", "rows"),
    [
        ("SingleService", []),
        ("SingleService", [{}, {}]),
        ("MultiServiceByRatio", [{"weight": 60}, {"weight": 30}]),
        ("MultiServiceByRatio", [{"weight": 100}, {"weight": 0}]),
        ("MultiServiceByRatio", [{}, {}]),
        ("MultiServiceByModelName", [{"modelNamePattern": "qwen*"}, {}]),
        ("MultiServiceByModelName", []),
        ("SingleService", [{"serviceId": "svc-absent"}]),
    ],
)
def test_services_are_refused_where_the_scene_does_not_allow_them(place, scene, rows):
    services = [{"serviceId": place.service("studio"), **row} for row in rows]
    with refused("InvalidParameter.serviceConfigs"):
        make_api(place.cloud, _body(place, place.deploy_config([], services, scene)))


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"backendScene": "MultiServiceByMood"}, "InvalidParameter.backendScene", 400),
        ({"gatewayId": "gw-absent"}, "NotFound.GatewayNotFound", 404),
        ({"environmentId": "env-absent"}, "NotFound.EnvironmentNotFound", 404),
        ({"customDomainIds": ["d-absent"]}, "NotFound.DomainNotFound", 404),
        ({"policyConfigs": [policy("AiMood")]}, "InvalidParameter.policyConfigs.type", 400),
        ({"policyConfigs": [fallback("svc-absent")]}, "InvalidParameter.aiFallbackConfig", 400),
        (
            {"policyConfigs": [policy("AiTokenRateLimit", rules=[{"limitValue": 0}])]},
            "InvalidParameter.aiTokenRateLimitConfig",
            400,
        ),
    ],
)
def test_a_deploy_configuration_is_refused_for_each_rule_that_it_breaks(place, changed, code, status):
    config = {**place.deploy_config([], _targets(place, "SingleService"), "SingleService"), **changed}
    with refused(code, status):
        make_api(place.cloud, _body(place, config))


def test_two_deploy_configurations_are_refused(place):
    config = place.deploy_config([], _targets(place, "SingleService"), "SingleService")
    with refused("InvalidParameter.deployConfigs"):
        make_api(place.cloud, {**_body(place), "deployConfigs": [config, config]})


def test_the_environment_of_another_gateway_is_refused(place):
    other = make_gateway(place.cloud, place.network, place.new_name("other"))
    config = place.deploy_config([], _targets(place, "SingleService"), "SingleService")
    with refused("InvalidParameter.deployConfigs.environmentId"):
        make_api(place.cloud, _body(place, {**config, "gatewayId": other}))


def test_a_name_comes_once_for_an_account(place):
    with refused("Conflict.HttpApiNameExisted", 409):
        make_api(place.cloud, {**_body(place), "name": place.serve().name})


@pytest.mark.parametrize("base_path", ["/one", "/one/"])
def test_a_domain_with_a_base_path_comes_once(place, base_path):
    served = place.serve(base_path="/one")
    config = _config(place, served.api_id)
    with refused("Conflict.DomainBasePathExisted", 409):
        make_api(place.cloud, _body(place, config, base_path=base_path))
    beside = make_api(place.cloud, _body(place, config, base_path="/two"))
    with refused("Conflict.DomainBasePathExisted", 409):
        _update(place, beside, basePath=base_path)


def test_ids_that_are_not_there_are_not_found(place):
    for ask in (
        lambda: _read(place, "api-absent"),
        lambda: _update(place, "api-absent"),
        lambda: place.apig.delete_http_api("api-absent", models.DeleteHttpApiRequest()),
        lambda: place.apig.deploy_http_api("api-absent", models.DeployHttpApiRequest()),
        lambda: _undeploy(place, "api-absent"),
    ):
        with refused("DatabaseError.RecordNotFound", 404):
            ask()


def test_a_list_has_the_gateway_in_its_own_spelling(place):
    served = place.serve()
    (found,) = _listed(place, name=served.name)
    assert found.to_map()["GatewayId"] == place.gateway_id
    assert (found.gateway_id, found.type, found.version_enabled) == (place.gateway_id, "LLM", False)
    assert [row.http_api_id for row in found.versioned_http_apis] == [served.api_id]


def test_apis_are_found_by_each_filter(place):
    served = place.serve()
    for filters in ({"keyword": served.name}, {"name": served.name, "types": "Rest,LLM"}):
        assert served.name in [row.name for row in _listed(place, **filters)]
    assert _listed(place, name=served.name, types="Rest") == _listed(place, gateway_id="gw-absent") == []


def _again(place: Place, token: str, **changed: Any) -> str:
    body = {**_body(place), "name": f"again-{token}", **changed}
    request = models.CreateHttpApiRequest().from_map(body)
    request.client_token = token
    return place.apig.create_http_api(request).body.data.http_api_id


def test_the_same_client_token_gets_the_same_answer_and_no_second_api(place):
    token = place.new_name("token")
    made = _again(place, token)
    assert _again(place, token) == made
    with refused("IdempotentParameterMismatch"):
        _again(place, token, basePath="/other")
    assert len(_listed(place, keyword=f"again-{token}")) == 1


def test_a_dry_run_makes_and_changes_nothing(place):
    served = place.serve(base_path="/dry")
    body = _body(place, dryRun=True)
    with refused("DryRunOperation"):
        make_api(place.cloud, body)
    assert _listed(place, name=body["name"]) == []
    with refused("InvalidParameter.basePath"):
        make_api(place.cloud, {**body, "basePath": "x"})
    with refused("DryRunOperation"):
        _update(place, served.api_id, basePath="/other", dryRun=True)
    assert _read(place, served.api_id)["basePath"] == "/dry"


def _routes(place: Place, api_id: str) -> list[models.HttpRoute]:
    return place.apig.list_http_api_routes(api_id, models.ListHttpApiRoutesRequest(page_size=100)).body.data.items


def test_the_built_in_routes_are_listed_with_the_base_path(place):
    found = _routes(place, place.serve(category="Others", base_path="/team").api_id)
    assert {(row.name, row.builtin, row.match.path.type, row.match.path.value) for row in found} == {
        ("models", "true", "Prefix", "/team/v1/models"),
        ("files", "true", "Prefix", "/team/v1/files"),
        ("batches", "true", "Prefix", "/team/v1/batches"),
        ("fine-tuning-jobs", "true", "Prefix", "/team/v1/fine_tuning/jobs"),
    }


def test_a_route_of_its_own_is_made_read_and_deleted(place):
    api_id = place.serve().api_id
    match = {"path": {"type": "Exact", "value": "/v1/moderations"}, "methods": ["POST"]}
    request = models.CreateHttpApiRouteRequest().from_map({"name": "moderations", "match": match})
    route_id = place.apig.create_http_api_route(api_id, request).body.data.route_id
    found = place.apig.get_http_api_route(api_id, route_id).body.data
    assert (found.name, found.builtin, found.match.to_map()["path"]) == ("moderations", "false", match["path"])
    with refused("Conflict.RouteNameExisted", 409):
        place.apig.create_http_api_route(api_id, request)
    place.apig.delete_http_api_route(api_id, route_id)
    with refused("NotFound.RouteNotFound", 404):
        place.apig.get_http_api_route(api_id, route_id)
    builtin = _routes(place, api_id)[0]
    with refused("NotFound.RouteNotFound", 404):
        place.apig.delete_http_api_route(api_id, builtin.route_id)
