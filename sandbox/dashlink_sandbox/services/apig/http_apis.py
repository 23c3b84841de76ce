"""APIs of every type; Model APIs, of type LLM or Ai, are created with one deploy configuration.

The type Ai is in the SDK's text about aiProtocols and deployConfigs, and not in its list of types;
what else differs from LLM is open: its built-in routes are those of all its protocols.

Fields that GetHttpApi does not return (removeBasePathOnForward, firstByteTimeout, belongGatewayId)
are stored all the same: the data plane uses them. Sources: SDK 11.6.0, models CreateHttpApiRequest,
UpdateHttpApiRequest, HttpApiDeployConfig (envDomainIds: absent, all domains of the environment are
bound; empty, none), HttpApiApiInfo, HttpApiInfoByName (whose gateway is spelt GatewayId),
ListHttpApisRequest, HttpRoute; the alicloud provider v1.285.0 for DatabaseError.RecordNotFound.
The cloud's dialect answers whether a deployed API can be deleted, what becomes of its
authorizations, and what an update does to fields that it lacks. All other codes are unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dashlink_sandbox.gateways import DEPLOY_SECONDS, HttpApi
from dashlink_sandbox.model_routes import Route, routes_of
from dashlink_sandbox.services.apig import rules
from dashlink_sandbox.services.apig.ai_services import services_of
from dashlink_sandbox.services.apig.answers import (
    changes_of,
    check_unique_name,
    conflict,
    items_of,
    listed,
    masked,
    milliseconds,
    new_record,
    ok,
    required,
)
from dashlink_sandbox.services.apig.authorizations import end_authorizations
from dashlink_sandbox.services.apig.domains import find_domain
from dashlink_sandbox.services.apig.dry_runs import checks_words
from dashlink_sandbox.services.apig.environments import the_environment
from dashlink_sandbox.services.apig.gateways import check_running, the_gateway
from dashlink_sandbox.services.apig.late import shown_group
from dashlink_sandbox.services.apig.limits import check_policies
from dashlink_sandbox.services.apig.log_field_rules import with_kept_fields
from dashlink_sandbox.services.base import Answer, Call, name_of
from dashlink_sandbox.wire.errors import check_choice, invalid, not_found

_MODEL_TYPES = ("LLM", "Ai")
_TYPES = ("Http", "Rest", "WebSocket", "HttpIngress", "MCP", "Agent", *_MODEL_TYPES)
_FIELDS = {
    "description": "description",
    "basePath": "base_path",
    "enableAuth": "enable_auth",
    "removeBasePathOnForward": "remove_base_path_on_forward",
    "firstByteTimeout": "first_byte_timeout",
    "authConfig": "auth_config",
    "protocols": "protocols",
    "aiProtocols": "ai_protocols",
}
_CACHE_SECRETS = {"redisConfig": "password", "vectorConfig": "apiKey"}


def create(call: Call) -> Answer:
    """CreateHttpApi."""
    body = call.body
    kind = body.get("type") or "Rest"
    check_choice("type", kind, _TYPES)
    rules.check_name(required(body, "name"), call.own(call.state.http_apis), call.dialect)
    blank = HttpApi(
        http_api_id=call.new_id("api"),
        name=body["name"],
        type=kind,
        model_category=body.get("modelCategory") or "",
        gateway_id=body.get("belongGatewayId") or "",
        **new_record(call),
    )
    api = _changed(call, blank)
    if kind in _MODEL_TYPES and not api.deploy_config:
        raise invalid("deployConfigs", f"An API of type {kind} has exactly one.")
    _store(call, api)
    return ok({"httpApiId": api.http_api_id, "name": api.name})


def describe(call: Call) -> Answer:
    """GetHttpApi."""
    return ok(_shape(call, _requested(call)))


def list_apis(call: Call) -> Answer:
    """ListHttpApis: grouped by name, each with its versions."""
    types = call.params.split("types")
    filters = {"gatewayId": "gateway_id", "name": "name"}
    gateway_type = call.params.one_of("gatewayType", ("", "API", "AI"), "")
    if not gateway_type and call.dialect["list-without-gateway-type"] == "cloud-native":
        gateway_type = "API"
    apis = []
    for api in call.select(call.state.http_apis, filters, "keyword"):
        if types and api.type not in types:
            continue
        if gateway_type in ("", _gateway_type(call, api)):
            apis.append(api)
    return listed(call, apis, partial(_named_shape, call))


def _gateway_type(call: Call, api: HttpApi) -> str:
    gateway = call.state.gateways.get(api.gateway_id)
    return gateway.type if gateway else "API"


def update(call: Call) -> Answer:
    """UpdateHttpApi: replaces the fields of the body; the base path is required."""
    required(call.body, "basePath")
    _store(call, _changed(call, _requested(call)))
    return ok()


def delete(call: Call) -> Answer:
    """DeleteHttpApi."""
    api = _requested(call)
    if api.deployed is not None and call.dialect["deployed-apis"] == "undeploy-first":
        message = f"The API {api.name} is deployed. Undeploy it first."
        raise conflict("HttpApiDeployed", message)
    end_authorizations(call, "resource_id", api.http_api_id)
    del call.state.http_apis[api.http_api_id]
    return ok()


def deploy(call: Call) -> Answer:
    """DeployHttpApi: continues in the background."""
    api = _requested(call)
    if not api.gateway_id:
        raise invalid("httpApiConfig", "The API belongs to no gateway.")
    return _replace(call, api, deployed=call.now)


def undeploy(call: Call) -> Answer:
    """UndeployHttpApi."""
    return _replace(call, _requested(call), deployed=None)


def create_route(call: Call) -> Answer:
    """CreateHttpApiRoute: a route in addition to the built-in ones."""
    api = _requested(call)
    name = required(call.body, "name")
    message = f"The API has a route {name} already."
    check_unique_name(routes_of(api, call.dialect), name, "RouteNameExisted", message)
    route_id = call.new_id("hr")
    _replace(call, api, custom_routes={**api.custom_routes, route_id: dict(call.body)})
    return ok({"routeId": route_id})


def list_routes(call: Call) -> Answer:
    """ListHttpApiRoutes: none on another gateway."""
    api = _requested(call)
    routes = []
    for route in routes_of(api, call.dialect):
        on_gateway = call.params.text("gatewayId", api.gateway_id) == api.gateway_id
        if on_gateway and call.params.text("name", route.name) == route.name:
            routes.append(route)
    return listed(call, routes, partial(_route_shape, call, api))


def describe_route(call: Call) -> Answer:
    """GetHttpApiRoute."""
    api = _requested(call)
    for route in routes_of(api, call.dialect):
        if _route_id(api, route) == call.params.required("routeId"):
            return ok(_route_shape(call, api, route))
    raise not_found("NotFound.RouteNotFound", "The route does not exist.")


def delete_route(call: Call) -> Answer:
    """DeleteHttpApiRoute: only a custom route."""
    api = _requested(call)
    routes = dict(api.custom_routes)
    if routes.pop(call.params.required("routeId"), None) is None:
        raise not_found("NotFound.RouteNotFound", "The API has no custom route with this id.")
    return _replace(call, api, custom_routes=routes)


def find_api(call: Call, api_id: str) -> HttpApi:
    """Return the caller's API with this id.

    Raises:
        ApiError: DatabaseError.RecordNotFound.
    """
    return call.find(call.state.http_apis, api_id, "DatabaseError.RecordNotFound", "API")


def _requested(call: Call) -> HttpApi:
    return find_api(call, call.params.required("httpApiId"))


def _replace(call: Call, api: HttpApi, **changes: Any) -> Answer:
    call.state.http_apis[api.http_api_id] = api.model_copy(update=changes)
    return ok()


def _store(call: Call, api: HttpApi) -> None:
    """Store a new or changed API, and deploy it if its configuration requests that."""
    deployed = call.now if api.deploy_config.get("autoDeploy") else api.deployed
    _replace(call, api, deployed=deployed)


def _changed(call: Call, api: HttpApi) -> HttpApi:
    """Return ``api`` with the body's changes, validated by every rule."""
    body = call.body
    changes = {**changes_of(body, _FIELDS), "updated": call.now}
    if body.get("deployConfigs"):
        config = _deploy_config(call, body["deployConfigs"], api.deploy_config)
        changes["deploy_config"] = config
        changes["gateway_id"] = config["gatewayId"]
    changed = api.model_copy(update=changes)
    rules.check_base_path(changed.base_path)
    words = checks_words(call)
    if changed.type in _MODEL_TYPES:
        several = changed.type == "Ai"
        category, protocols = changed.model_category, changed.ai_protocols
        rules.check_category(category)
        if words:
            rules.check_protocols(category, protocols, call.dialect, several=several)
            rules.check_routes(changed, call.dialect)
        rules.check_authentication(changed, words=words)
    others = call.own(call.state.http_apis)
    rules.check_path_is_free(changed, others, partial(_bound_domains, call))
    return changed


def _bound_domains(call: Call, api: HttpApi) -> set[str]:
    """Return the ids of the domains that an API answers under, its environment's among them."""
    config = api.deploy_config
    domains = set(items_of(config, "customDomainIds"))
    if config:
        domains.update(row["domainId"] for row in _environment_domains(call, config))
    return domains


def _kept_fields(call: Call, previous: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the last deploy configuration that stay unless they are sent."""
    kept = {}
    for name, value in previous.items():
        question = "absent-routes" if name == "builtinRouteNames" else "absent-fields"
        if call.dialect[question] == "kept":
            kept[name] = value
    return kept


def _deploy_config(
    call: Call, configs: list[dict[str, Any]], previous: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the one deploy configuration, without its read-only fields."""
    if len(configs) != 1:
        raise invalid("deployConfigs", "There is exactly one.")
    config = {**_kept_fields(call, previous), **configs[0]}
    gateway = the_gateway(call, required(config, "gatewayId"))
    check_running(gateway)
    environment = the_environment(call, required(config, "environmentId"))
    if environment.gateway_id != gateway.gateway_id:
        message = "The environment is another gateway's."
        raise invalid("deployConfigs.environmentId", message)
    for domain_id in items_of(config, "customDomainIds"):
        find_domain(call, domain_id)
    for domain_id in items_of(config, "envDomainIds"):
        check_choice("deployConfigs.envDomainIds", domain_id, (environment.domain_id,))
    service_ids = {service.service_id for service in services_of(call, gateway.gateway_id)}
    words = checks_words(call)
    rules.check_services(config, service_ids, call.dialect, words=words)
    policies = [dict(policy) for policy in items_of(config, "policyConfigs")]
    check_policies(policies, service_ids, call.dialect, words=words)
    for policy in policies:
        policy.pop("policyReference", None)
    kept = with_kept_fields(policies, items_of(previous, "policyConfigs"))
    return {**config, "policyConfigs": kept}


def _status(call: Call, api: HttpApi) -> str:
    if api.deployed is None:
        return "NotDeployed"
    return "Deployed" if call.now >= api.deployed + DEPLOY_SECONDS else "Deploying"


def _named_shape(call: Call, api: HttpApi) -> Answer:
    """Return the APIs of one name, which has one version."""
    return {
        "name": api.name,
        "type": api.type,
        "GatewayId": api.gateway_id,
        "versionEnabled": False,
        "versionedHttpApis": [_shape(call, api)],
    }


def _shape(call: Call, api: HttpApi) -> Answer:
    configs = []
    environments = []
    if api.deploy_config:
        config = _config_shape(call, api.deploy_config)
        configs.append(config)
        environments.append(_environment_shape(call, api, config))
    return {
        "httpApiId": api.http_api_id,
        "name": api.name,
        "type": api.type,
        "basePath": api.base_path,
        "protocols": list(api.protocols),
        "aiProtocols": list(api.ai_protocols),
        "modelCategory": _category(call, api),
        "description": api.description,
        "enableAuth": api.enable_auth,
        "authConfig": dict(api.auth_config) or None,
        "gatewayId": api.gateway_id,
        "resourceGroupId": shown_group(call, api.http_api_id, api),
        "deployConfigs": configs,
        "environments": environments,
        "versionInfo": {"enable": False},
    }


def _category(call: Call, api: HttpApi) -> str | None:
    legacy = api.type == "LLM" and not api.model_category
    if legacy and call.dialect["legacy-category"] == "Text":
        return "Text"
    return api.model_category or None


def _config_shape(call: Call, config: Mapping[str, Any]) -> Answer:
    state = call.state
    domains = []
    for domain_id in items_of(config, "customDomainIds"):
        domain = state.domains.get(domain_id)
        if domain is not None:
            row = {"domainId": domain_id, "name": domain.name, "protocol": domain.protocol}
            domains.append(row)
    services = []
    for row in items_of(config, "serviceConfigs"):
        services.append({**row, "name": name_of(state.ai_services, row["serviceId"])})
    environment_domains = _environment_domains(call, config)
    gateway_id = config["gatewayId"]
    return {
        **config,
        "policyConfigs": [_policy_shape(policy) for policy in items_of(config, "policyConfigs")],
        "customDomainInfos": domains,
        "envDomainInfos": environment_domains,
        "subDomains": [{**row, "networkType": "Internet"} for row in environment_domains],
        "gatewayInfo": {"gatewayId": gateway_id, "name": name_of(state.gateways, gateway_id)},
        "serviceConfigs": services,
    }


def _environment_domains(call: Call, config: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows of the environment's domains that a configuration is bound to."""
    environment = call.state.environments.get(config["environmentId"])
    bound = config.get("envDomainIds")
    if environment is None or (bound is not None and environment.domain_id not in bound):
        return []
    row = {"domainId": environment.domain_id, "name": environment.domain, "protocol": "HTTP"}
    return [row]


def _policy_shape(policy: Mapping[str, Any]) -> Answer:
    """Return a policy with the secrets of its cache masked."""
    shape = dict(policy)
    if policy.get("aiCacheConfig"):
        cache = dict(policy["aiCacheConfig"])
        for section, secret in _CACHE_SECRETS.items():
            if cache.get(section):
                cache[section] = masked(cache[section], secret)
        shape["aiCacheConfig"] = cache
    return shape


def _environment_shape(call: Call, api: HttpApi, config: Mapping[str, Any]) -> Answer:
    environment_id = config["environmentId"]
    environment = call.state.environments.get(environment_id)
    return {
        "environmentId": environment_id,
        "name": environment.name if environment else "",
        "alias": environment.alias if environment else "",
        "deployStatus": _status(call, api),
        "backendScene": config["backendScene"],
        "customDomains": config["customDomainInfos"],
        "subDomains": config["subDomains"],
        "gatewayInfo": config["gatewayInfo"],
    }


def _route_id(api: HttpApi, route: Route) -> str:
    for route_id, row in api.custom_routes.items():
        if row.get("name") == route.name:
            return route_id
    return f"hr-{api.http_api_id.removeprefix('api-')}-{route.name}"


def _route_shape(call: Call, api: HttpApi, route: Route) -> Answer:
    kind = "Prefix" if route.path.endswith("/*") else "Exact"
    path = route.path.removesuffix("/*")
    if call.dialect["route-paths"] == "with-base-path":
        path = api.base_path.rstrip("/") + path
    return {
        "routeId": _route_id(api, route),
        "name": route.name,
        "builtin": str(route.builtin).lower(),
        "deployStatus": _status(call, api),
        "match": {"path": {"type": kind, "value": path}, "methods": list(route.methods)},
        "createTimestamp": milliseconds(api.created),
        "updateTimestamp": milliseconds(api.updated),
    }
