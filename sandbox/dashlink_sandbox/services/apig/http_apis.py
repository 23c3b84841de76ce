"""APIs of every type; of type LLM they are Model APIs, made with their one deploy configuration.

What GetHttpApi does not answer (removeBasePathOnForward, firstByteTimeout, belongGatewayId) is kept all the same: the
data plane goes by it. Sources: SDK 11.6.0, models CreateHttpApiRequest, UpdateHttpApiRequest, HttpApiApiInfo,
HttpApiInfoByName (whose gateway is spelt GatewayId), HttpRoute; the alicloud provider v1.285.0 for
DatabaseError.RecordNotFound. That a deployed API cannot be deleted is unverified, as are all other codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink_sandbox.gateways import DEPLOY_SECONDS, HttpApi
from dashlink_sandbox.model_routes import Route, routes_of
from dashlink_sandbox.services.apig import rules
from dashlink_sandbox.services.apig.ai_services import masked
from dashlink_sandbox.services.apig.answers import bad, birth, conflict, find, listed, millis, ok, own, required
from dashlink_sandbox.services.apig.gateways import the_environment, the_gateway
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.wire.errors import not_found

_TYPES = ("Http", "Rest", "WebSocket", "HttpIngress", "LLM", "MCP", "Agent")


def create(call: Call) -> Answer:
    """CreateHttpApi."""
    body = call.body
    kind = body.get("type") or "Rest"
    if kind not in _TYPES:
        raise bad("type", f"It must be one of {', '.join(_TYPES)}.")
    rules.check_name(required(body, "name"), own(call, call.state.http_apis))
    api = _changed(
        call,
        HttpApi(
            http_api_id=call.new_id("api"),
            name=body["name"],
            type=kind,
            model_category=body.get("modelCategory") or "",
            gateway_id=body.get("belongGatewayId") or "",
            **birth(call),
        ),
    )
    if kind == "LLM" and not api.deploy_config:
        raise bad("deployConfigs", "An API of type LLM has exactly one.")
    call.state.http_apis[api.http_api_id] = _deployed(call, api)
    return ok({"httpApiId": api.http_api_id, "name": api.name})


def describe(call: Call) -> Answer:
    """GetHttpApi."""
    return ok(_shape(call, the_api(call)))


def list_apis(call: Call) -> Answer:
    """ListHttpApis: grouped by name, each with its versions."""
    text = call.params.text
    kinds = [kind for kind in text("types").split(",") if kind]
    found = [
        api
        for api in own(call, call.state.http_apis)
        if text("gatewayId", api.gateway_id) == api.gateway_id
        and text("name", api.name) == api.name
        and text("keyword") in api.name
        and (not kinds or api.type in kinds)
    ]
    items = [
        {
            "name": api.name,
            "type": api.type,
            "GatewayId": api.gateway_id,
            "versionEnabled": False,
            "versionedHttpApis": [_shape(call, api)],
        }
        for api in found
    ]
    return listed(call, items)


def update(call: Call) -> Answer:
    """UpdateHttpApi: what is in the body is replaced; the base path must be there."""
    required(call.body, "basePath")
    api = _changed(call, the_api(call))
    call.state.http_apis[api.http_api_id] = _deployed(call, api)
    return ok()


def delete(call: Call) -> Answer:
    """DeleteHttpApi: refused while it is deployed; authorizations for it go with it."""
    api = the_api(call)
    if api.deployed is not None:
        raise conflict("HttpApiDeployed", f"The API {api.name} is deployed. Undeploy it first.")
    del call.state.http_apis[api.http_api_id]
    for rule in [r for r in call.state.authorization_rules.values() if r.resource_id == api.http_api_id]:
        del call.state.authorization_rules[rule.rule_id]
    return ok()


def deploy(call: Call) -> Answer:
    """DeployHttpApi: it goes on in the background."""
    api = the_api(call)
    if not api.gateway_id:
        raise bad("httpApiConfig", "The API belongs to no gateway.")
    call.state.http_apis[api.http_api_id] = api.model_copy(update={"deployed": call.now})
    return ok()


def undeploy(call: Call) -> Answer:
    """UndeployHttpApi."""
    api = the_api(call)
    call.state.http_apis[api.http_api_id] = api.model_copy(update={"deployed": None})
    return ok()


def create_route(call: Call) -> Answer:
    """CreateHttpApiRoute: a route beside the built-in ones."""
    api = the_api(call)
    name = required(call.body, "name")
    if any(route.name == name for route in routes_of(api)):
        raise conflict("RouteNameExisted", f"The API has a route {name} already.")
    route_id = call.new_id("hr")
    routes = {**api.custom_routes, route_id: dict(call.body)}
    call.state.http_apis[api.http_api_id] = api.model_copy(update={"custom_routes": routes})
    return ok({"routeId": route_id})


def list_routes(call: Call) -> Answer:
    """ListHttpApiRoutes."""
    api = the_api(call)
    wanted = call.params.text("name")
    rows = [_route_shape(call, api, route) for route in routes_of(api) if wanted in ("", route.name)]
    return listed(call, rows)


def describe_route(call: Call) -> Answer:
    """GetHttpApiRoute."""
    api = the_api(call)
    for route in routes_of(api):
        if _route_id(api, route) == call.params.required("routeId"):
            return ok(_route_shape(call, api, route))
    raise not_found("NotFound.RouteNotFound", "The route does not exist.")


def delete_route(call: Call) -> Answer:
    """DeleteHttpApiRoute: only a route that is not built in."""
    api = the_api(call)
    route_id = call.params.required("routeId")
    if route_id not in api.custom_routes:
        raise not_found("NotFound.RouteNotFound", "The API has no route of its own with this id.")
    routes = {key: row for key, row in api.custom_routes.items() if key != route_id}
    call.state.http_apis[api.http_api_id] = api.model_copy(update={"custom_routes": routes})
    return ok()


def the_api(call: Call) -> HttpApi:
    """The caller's API that the path names.

    Raises:
        ApiError: DatabaseError.RecordNotFound.
    """
    api_id = call.params.required("httpApiId")
    return find(call, call.state.http_apis, api_id, "DatabaseError.RecordNotFound", "API")


def _changed(call: Call, api: HttpApi) -> HttpApi:
    """``api`` with what the body says, held against every rule."""
    body = call.body
    changes: dict[str, Any] = {"updated": call.now}
    for field, name in (
        ("description", "description"),
        ("base_path", "basePath"),
        ("enable_auth", "enableAuth"),
        ("remove_base_path_on_forward", "removeBasePathOnForward"),
        ("first_byte_timeout", "firstByteTimeout"),
        ("auth_config", "authConfig"),
    ):
        if body.get(name) is not None:
            changes[field] = body[name]
    for field, name in (("protocols", "protocols"), ("ai_protocols", "aiProtocols")):
        if body.get(name) is not None:
            changes[field] = tuple(body[name])
    if body.get("deployConfigs"):
        changes |= _deploy_config(call, body["deployConfigs"])
    changed = api.model_copy(update=changes)
    rules.check_base_path(changed.base_path)
    if changed.type == "LLM":
        rules.check_protocols(changed.model_category, list(changed.ai_protocols))
        if changed.enable_auth and not changed.auth_config.get("authType"):
            raise bad("authConfig", "enableAuth needs an authType.")
    rules.check_place(changed, own(call, call.state.http_apis))
    return changed


def _deploy_config(call: Call, configs: list[dict[str, Any]]) -> dict[str, Any]:
    """The one deploy configuration, without what is read-only in it, and its gateway."""
    if len(configs) != 1:
        raise bad("deployConfigs", "There is exactly one.")
    config = configs[0]
    gateway = the_gateway(call, required(config, "gatewayId"))
    if gateway.status != "Running":
        raise conflict("GatewayNotRunning", f"The gateway is {gateway.status}.")
    if the_environment(call, required(config, "environmentId")).gateway_id != gateway.gateway_id:
        raise bad("deployConfigs.environmentId", "The environment is another gateway's.")
    for domain in config.get("customDomainIds") or ():
        find(call, call.state.domains, domain, "NotFound.DomainNotFound", "domain")
    services = {row.service_id for row in call.state.ai_services.values() if row.gateway_id == gateway.gateway_id}
    rules.check_services(config, services)
    rules.check_policies(config.get("policyConfigs") or (), services)
    policies = [
        {key: value for key, value in policy.items() if key != "policyReference"}
        for policy in config.get("policyConfigs") or ()
    ]
    return {"deploy_config": {**config, "policyConfigs": policies}, "gateway_id": gateway.gateway_id}


def _deployed(call: Call, api: HttpApi) -> HttpApi:
    return api.model_copy(update={"deployed": call.now}) if api.deploy_config.get("autoDeploy") else api


def _status(call: Call, api: HttpApi) -> str:
    if api.deployed is None:
        return "NotDeployed"
    return "Deployed" if call.now >= api.deployed + DEPLOY_SECONDS else "Deploying"


def _shape(call: Call, api: HttpApi) -> Answer:
    config = _config_shape(call, api.deploy_config) if api.deploy_config else None
    return {
        "httpApiId": api.http_api_id,
        "name": api.name,
        "type": api.type,
        "basePath": api.base_path,
        "protocols": list(api.protocols),
        "aiProtocols": list(api.ai_protocols),
        "modelCategory": api.model_category or None,
        "description": api.description,
        "enableAuth": api.enable_auth,
        "authConfig": dict(api.auth_config) or None,
        "gatewayId": api.gateway_id,
        "resourceGroupId": api.resource_group_id,
        "deployConfigs": [config] if config else [],
        "environments": [_environment_shape(call, api, config)] if config else [],
        "versionInfo": {"enable": False},
    }


def _config_shape(call: Call, config: Mapping[str, Any]) -> Answer:
    domains = [call.state.domains[name] for name in config.get("customDomainIds") or () if name in call.state.domains]
    gateway = call.state.gateways.get(config["gatewayId"])
    return {
        **config,
        "policyConfigs": [_policy_shape(policy) for policy in config.get("policyConfigs") or ()],
        "customDomainInfos": [
            {"domainId": domain.domain_id, "name": domain.name, "protocol": domain.protocol} for domain in domains
        ],
        "subDomains": [],
        "gatewayInfo": {"gatewayId": config["gatewayId"], "name": gateway.name if gateway else ""},
        "serviceConfigs": [
            {**row, "name": service.name if (service := call.state.ai_services.get(row["serviceId"])) else ""}
            for row in config.get("serviceConfigs") or ()
        ],
    }


def _policy_shape(policy: Mapping[str, Any]) -> Answer:
    """A policy with the secrets of its cache masked."""
    cache = policy.get("aiCacheConfig")
    if not cache:
        return dict(policy)
    secrets = (("redisConfig", "password"), ("vectorConfig", "apiKey"))
    shown = {part: masked(cache[part], secret) for part, secret in secrets if cache.get(part)}
    return {**policy, "aiCacheConfig": {**cache, **shown}}


def _environment_shape(call: Call, api: HttpApi, config: Mapping[str, Any]) -> Answer:
    environment = call.state.environments.get(config["environmentId"])
    return {
        "environmentId": config["environmentId"],
        "name": environment.name if environment else "",
        "alias": environment.alias if environment else "",
        "deployStatus": _status(call, api),
        "backendScene": config["backendScene"],
        "customDomains": config["customDomainInfos"],
        "subDomains": [],
        "gatewayInfo": config["gatewayInfo"],
    }


def _route_id(api: HttpApi, route: Route) -> str:
    for route_id, row in api.custom_routes.items():
        if row.get("name") == route.name:
            return route_id
    return f"hr-{api.http_api_id.removeprefix('api-')}-{route.name}"


def _route_shape(call: Call, api: HttpApi, route: Route) -> Answer:
    prefix = route.path.endswith("/*")
    base = api.base_path.rstrip("/")
    return {
        "routeId": _route_id(api, route),
        "name": route.name,
        "builtin": str(route.builtin).lower(),
        "deployStatus": _status(call, api),
        "match": {
            "path": {"type": "Prefix" if prefix else "Exact", "value": base + route.path.removesuffix("/*")},
            "methods": list(route.methods),
        },
        "createTimestamp": millis(api.created),
        "updateTimestamp": millis(api.updated),
    }
