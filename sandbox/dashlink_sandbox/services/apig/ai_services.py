"""Services of a gateway: AI services above all, and the plain kinds (VIP, DNS) that reach any address.

Keys are answered masked: whether the cloud does so is unknown, and whoever reads them back must not depend on it.

Sources: SDK 11.6.0, models AiServiceConfig, CreateServiceRequest, UpdateServiceRequest, Service. Codes are unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink_sandbox.gateways import AiService, HttpApi
from dashlink_sandbox.services.apig.answers import bad, birth, conflict, find, listed, millis, ok, own, required
from dashlink_sandbox.services.apig.gateways import the_gateway
from dashlink_sandbox.services.base import Answer, Call

_SOURCES = ("AI", "VIP", "DNS", "AGENT", "FC3", "K8S", "MSE_NACOS", "SAE_K8S_SERVICE")
_WITHOUT_ADDRESS = ("pai-eas", "bedrock", "vertex")
_SHOWN = 4


def create(call: Call) -> Answer:
    """CreateService: one or several at once; names are unique on their gateway."""
    gateway = the_gateway(call, required(call.body, "gatewayId"))
    source = required(call.body, "sourceType")
    if source not in _SOURCES:
        raise bad("sourceType", f"It must be one of {', '.join(_SOURCES)}.")
    if gateway.status != "Running":
        raise conflict("GatewayNotRunning", f"The gateway is {gateway.status}.")
    made = []
    for config in required(call.body, "serviceConfigs"):
        name = required(config, "name")
        if any(row.name == name and row.gateway_id == gateway.gateway_id for row in call.state.ai_services.values()):
            raise conflict("ServiceNameExisted", f"The gateway has a service {name} already.")
        service_id = call.new_id("svc")
        call.state.ai_services[service_id] = AiService(
            service_id=service_id,
            gateway_id=gateway.gateway_id,
            name=name,
            source_type=source,
            ai_config=_checked(config.get("aiServiceConfig") or {}) if source == "AI" else {},
            addresses=tuple(config.get("addresses") or ()),
            dns_servers=tuple(config.get("dnsServers") or ()),
            model_provider_id=config.get("modelProviderId") or "",
            updated=call.now,
            **birth(call),
        )
        made.append(service_id)
    return ok({"serviceIds": made})


def describe(call: Call) -> Answer:
    """GetService."""
    return ok(_shape(the_service(call, call.params.required("serviceId"))))


def list_services(call: Call) -> Answer:
    """ListServices."""
    text = call.params.text
    kinds = [kind for kind in (text("sourceType"), *text("sourceTypes").split(",")) if kind]
    found = [
        row
        for row in own(call, call.state.ai_services)
        if text("gatewayId", row.gateway_id) == row.gateway_id
        and text("name", row.name) == row.name
        and (not kinds or row.source_type in kinds)
    ]
    return listed(call, [_shape(row) for row in found])


def update(call: Call) -> Answer:
    """UpdateService: what is in the body is replaced as a whole, the rest stays."""
    row = the_service(call, call.params.required("serviceId"))
    body = call.body
    changes: dict[str, Any] = {"updated": call.now}
    if body.get("aiServiceConfig") is not None:
        changes["ai_config"] = _checked(body["aiServiceConfig"])
    for field, name in (("health_check", "healthCheckConfig"), ("outlier_detection", "outlierDetectionConfig")):
        if body.get(name) is not None:
            changes[field] = body[name]
    for field, name in (("addresses", "addresses"), ("dns_servers", "dnsServers"), ("ports", "ports")):
        if body.get(name) is not None:
            changes[field] = tuple(body[name])
    if body.get("protocol") is not None:
        changes["protocol"] = body["protocol"]
    call.state.ai_services[row.service_id] = row.model_copy(update=changes)
    return ok()


def delete(call: Call) -> Answer:
    """DeleteService: refused while an API sends to it, first or as a fallback."""
    row = the_service(call, call.params.required("serviceId"))
    users = sorted(api.name for api in call.state.http_apis.values() if row.service_id in used_services(api))
    if users:
        raise conflict("ServiceInUse", f"The service {row.name} is used by {', '.join(users)}.")
    del call.state.ai_services[row.service_id]
    return ok()


def the_service(call: Call, service_id: str) -> AiService:
    """The caller's service.

    Raises:
        ApiError: NotFound.ServiceNotFound.
    """
    return find(call, call.state.ai_services, service_id, "NotFound.ServiceNotFound", "service")


def used_services(api: HttpApi) -> set[str]:
    """The ids of all services that an API names."""
    config = api.deploy_config
    named = {row.get("serviceId", "") for row in config.get("serviceConfigs") or ()}
    for policy in config.get("policyConfigs") or ():
        fallback = policy.get("aiFallbackConfig") or {}
        named |= {row.get("serviceId", "") for row in fallback.get("serviceConfigs") or ()}
        cache = policy.get("aiCacheConfig") or {}
        named.add((cache.get("embeddingConfig") or {}).get("serviceId", ""))
    return named


def _checked(config: dict[str, Any]) -> dict[str, Any]:
    provider = required(config, "provider")
    if provider not in _WITHOUT_ADDRESS and not str(config.get("address", "")).startswith(("http://", "https://")):
        raise bad("aiServiceConfig.address", "It must be a URL with http or https.")
    if provider == "pai-eas":
        eas = required(config, "paiEASServiceConfig")
        if eas.get("endpointType") not in ("vpc", "public"):
            raise bad("paiEASServiceConfig.endpointType", "It must be vpc or public.")
    if len(set(config.get("apiKeys") or ())) != len(config.get("apiKeys") or ()):
        raise bad("aiServiceConfig.apiKeys", "A key comes twice.")
    return config


def mask(key: str) -> str:
    """A key as it is answered."""
    return f"{key[:_SHOWN]}****{key[-_SHOWN:]}" if len(key) > 2 * _SHOWN else "****"


def masked(config: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """``config`` with its secret masked, if it has it."""
    return {**config, secret: mask(str(config[secret]))} if config.get(secret) else dict(config)


def _shape(row: AiService) -> Answer:
    config = dict(row.ai_config)
    if "apiKeys" in config:
        config["apiKeys"] = [mask(key) for key in config["apiKeys"]]
    for part, secret in (("bedrockServiceConfig", "awsSecretKey"), ("vertexServiceConfig", "vertexAuthKey")):
        if part in config:
            config[part] = masked(config[part], secret)
    return {
        "serviceId": row.service_id,
        "gatewayId": row.gateway_id,
        "name": row.name,
        "sourceType": row.source_type,
        "aiServiceConfig": config or None,
        "addresses": list(row.addresses),
        "dnsServers": list(row.dns_servers),
        "ports": list(row.ports),
        "protocol": row.protocol or "HTTP",
        "healthCheck": dict(row.health_check) or None,
        "outlierDetection": dict(row.outlier_detection) or None,
        "healthStatus": "Healthy",
        "unhealthyEndpoints": [],
        "modelProviderId": row.model_provider_id or None,
        "resourceGroupId": row.resource_group_id,
        "createTimestamp": millis(row.created),
        "updateTimestamp": millis(row.updated),
    }
