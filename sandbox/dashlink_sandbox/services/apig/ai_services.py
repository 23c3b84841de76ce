"""Services of a gateway: AI services, and plain ones (VIP, DNS) with any addresses.

Sources: SDK 11.6.0, models AiServiceConfig, CreateServiceRequest, UpdateServiceRequest, Service.
Vendors: the example of aiServiceConfig.provider in alibabacloud-go/apig-20240327 10.1.0, and the
alicloud provider's list (v1.291.0: dify, vllm). At most 10 keys: ros-cdk-apig 1.15.0. Health
checks: SDK (HTTP needs a path and the expected statuses) and the alicloud provider (TCP, HTTP,
GRPC), which reads them back as healthCheck and outlierDetection, and has the codes
NotFound.ServiceNotFound and Conflict.LockFailed. The cloud's dialect answers whether keys are
masked, whether a service is locked after a change, whether its protocols are validated, and the
words of PAI-EAS. That keys must differ, and other codes, are unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dashlink_sandbox.gateways import LOCK_SECONDS, AiService, HttpApi
from dashlink_sandbox.model_routes import all_words
from dashlink_sandbox.services.apig.answers import (
    changes_of,
    check_unique_name,
    conflict,
    items_of,
    listed,
    mask,
    masked,
    milliseconds,
    new_record,
    ok,
    required,
)
from dashlink_sandbox.services.apig.gateways import check_running, the_gateway
from dashlink_sandbox.services.apig.late import shown_group
from dashlink_sandbox.services.apig.verification import check_service
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.wire.errors import check_choice, invalid

_SOURCES = ("AI", "VIP", "DNS", "AGENT", "FC3", "K8S", "MSE_NACOS", "SAE_K8S_SERVICE")
_VENDORS = (
    "qwen",
    "moonshot",
    "baichuan",
    "yi",
    "zhipuai",
    "360ai",
    "hunyuan",
    "stepfun",
    "spark",
    "openai",
    "anthropic",
    "claude",
    "doubao",
    "minimax",
    "gemini",
    "azure",
    "deepseek",
    "custom",
    "pai-eas",
    "bedrock",
    "vertex",
    "dify",
    "vllm",
)
_MOST_KEYS = 10
_CHECKS = ("TCP", "HTTP", "GRPC")
_SECONDS = range(1, 3601)
_PERCENT = range(1, 101)
_WITHOUT_ADDRESS = ("pai-eas", "bedrock", "vertex")
_PLAIN = "HTTP"  # among the protocols of a service in Terraform's test
_SECRETS = {"bedrockServiceConfig": "awsSecretKey", "vertexServiceConfig": "vertexAuthKey"}
_FIELDS = {
    "healthCheckConfig": "health_check",
    "outlierDetectionConfig": "outlier_detection",
    "healthyPanicThreshold": "healthy_panic_threshold",
    "addresses": "addresses",
    "dnsServers": "dns_servers",
    "ports": "ports",
    "protocol": "protocol",
}


def create(call: Call) -> Answer:
    """CreateService: one or several; names are unique on their gateway."""
    gateway = the_gateway(call, required(call.body, "gatewayId"))
    source = required(call.body, "sourceType")
    check_choice("sourceType", source, _SOURCES)
    check_running(gateway)
    service_ids = []
    for config in required(call.body, "serviceConfigs"):
        name = required(config, "name")
        siblings = services_of(call, gateway.gateway_id)
        message = f"The gateway has a service {name} already."
        code = f"Service{call.dialect['name-conflicts']}"
        check_unique_name(siblings, name, code, message)
        ai_config = {}
        if source == "AI":
            ai_config = _validated(call, required(config, "aiServiceConfig"))
        service = AiService(
            service_id=call.new_id("svc"),
            gateway_id=gateway.gateway_id,
            name=name,
            source_type=source,
            ai_config=ai_config,
            addresses=tuple(items_of(config, "addresses")),
            dns_servers=tuple(items_of(config, "dnsServers")),
            model_provider_id=config.get("modelProviderId") or "",
            updated=call.now,
            **new_record(call),
        )
        if source == "AI":
            check_service(call, gateway, service, config.get("validationOptions") or {})
        call.state.ai_services[service.service_id] = service
        service_ids.append(service.service_id)
    return ok({"serviceIds": service_ids})


def describe(call: Call) -> Answer:
    """GetService."""
    return ok(_shape(call, _requested(call)))


def list_services(call: Call) -> Answer:
    """ListServices."""
    sources = [*call.params.split("sourceType"), *call.params.split("sourceTypes")]
    rows = []
    filters = {"gatewayId": "gateway_id", "name": "name"}
    for service in call.select(call.state.ai_services, filters):
        if not sources or service.source_type in sources:
            rows.append(service)
    return listed(call, rows, partial(_shape, call))


def update(call: Call) -> Answer:
    """UpdateService: replaces the fields of the body as a whole; the others stay unchanged."""
    service = _requested(call)
    _check_unlocked(call, service)
    changes = {**changes_of(call.body, _FIELDS), "updated": call.now}
    if call.body.get("aiServiceConfig") is not None:
        changes["ai_config"] = _validated(call, call.body["aiServiceConfig"])
    _check_health_check(call.body.get("healthCheckConfig") or {})
    _check_outlier_detection(call.body.get("outlierDetectionConfig") or {})
    call.state.ai_services[service.service_id] = service.model_copy(update=changes)
    return ok()


def delete(call: Call) -> Answer:
    """DeleteService: refused while an API uses it, also as a fallback."""
    service = _requested(call)
    _check_unlocked(call, service)
    users = []
    for api in call.state.http_apis.values():
        if service.service_id in _used_services(api):
            users.append(api.name)
    if users:
        message = f"The service {service.name} is used by {', '.join(sorted(users))}."
        raise conflict("ServiceInUse", message)
    del call.state.ai_services[service.service_id]
    return ok()


def services_of(call: Call, gateway_id: str) -> list[AiService]:
    """List the services of a gateway."""
    services = call.state.ai_services.values()
    return [service for service in services if service.gateway_id == gateway_id]


def _requested(call: Call) -> AiService:
    service_id = call.params.required("serviceId")
    return call.find(call.state.ai_services, service_id, "NotFound.ServiceNotFound", "service")


def _used_services(api: HttpApi) -> set[str]:
    """Return the ids of all services that an API names."""
    rows = items_of(api.deploy_config, "serviceConfigs")
    for policy in items_of(api.deploy_config, "policyConfigs"):
        rows += items_of(policy.get("aiFallbackConfig") or {}, "serviceConfigs")
        cache = policy.get("aiCacheConfig") or {}
        rows.append(cache.get("embeddingConfig") or {})
    return {row.get("serviceId", "") for row in rows}


def _check_unlocked(call: Call, service: AiService) -> None:
    """Refuse a further change of a service right after the last one, in some dialects.

    Raises:
        ApiError: Conflict.LockFailed.
    """
    locked = call.dialect["service-locks"] == "after-a-change"
    if locked and call.now < service.updated + LOCK_SECONDS:
        raise conflict("LockFailed", f"The service {service.name} is being changed.")


def _check_health_check(config: Mapping[str, Any]) -> None:
    """Refuse a health check without what its protocol needs; one that is off needs nothing."""
    if not config.get("enable"):
        return
    protocol = required(config, "protocol")
    check_choice("healthCheckConfig.protocol", protocol, _CHECKS)
    if protocol == "HTTP":
        required(config, "httpPath")
        required(config, "expectedStatuses")


def _check_outlier_detection(config: Mapping[str, Any]) -> None:
    """Refuse numbers out of the ranges of ServiceOutlierDetection (SDK)."""
    ranges = {
        "baseEjectionTime": _SECONDS,
        "interval": _SECONDS,
        "failurePercentageThreshold": _PERCENT,
    }
    for name, allowed in ranges.items():
        value = config.get(name)
        if value is not None and value not in allowed:
            message = f"It is a number from {allowed[0]} to {allowed[-1]}."
            raise invalid(f"outlierDetectionConfig.{name}", message)


def _validated(call: Call, config: dict[str, Any]) -> dict[str, Any]:
    """Return ``config`` if it is a valid aiServiceConfig."""
    provider = required(config, "provider")
    check_choice("aiServiceConfig.provider", provider, _VENDORS)
    has_url = str(config.get("address", "")).startswith(("http://", "https://"))
    if provider not in _WITHOUT_ADDRESS and not has_url:
        raise invalid("aiServiceConfig.address", "It must be a URL with http or https.")
    if provider == "pai-eas":
        eas = required(config, "paiEASServiceConfig")
        endpoint_type = eas.get("endpointType")
        words = tuple(call.dialect.words("eas-endpoint-types").values())
        check_choice("paiEASServiceConfig.endpointType", endpoint_type, words)
    if call.dialect["service-protocols"] == "checked":
        words = (*all_words(call.dialect), _PLAIN)
        for field in ("protocols", "compatibleProtocols"):
            for word in items_of(config, field):
                check_choice(f"aiServiceConfig.{field}", word, words)
    keys = items_of(config, "apiKeys")
    if len(keys) > _MOST_KEYS:
        raise invalid("aiServiceConfig.apiKeys", f"There are at most {_MOST_KEYS}.")
    if len(set(keys)) != len(keys):
        raise invalid("aiServiceConfig.apiKeys", "The keys must be different.")
    return config


def _shown_config(call: Call, service: AiService) -> dict[str, Any] | None:
    """Return the AI configuration with keys in plain, or masked."""
    config = dict(service.ai_config)
    if call.dialect["service-keys"] == "masked":
        if "apiKeys" in config:
            config["apiKeys"] = [mask(key) for key in config["apiKeys"]]
        for section, secret in _SECRETS.items():
            if section in config:
                config[section] = masked(config[section], secret)
    return config or None


def _shape(call: Call, service: AiService) -> Answer:
    unhealthy = service.service_id in call.unhealthy
    return {
        "serviceId": service.service_id,
        "gatewayId": service.gateway_id,
        "name": service.name,
        "sourceType": service.source_type,
        "aiServiceConfig": _shown_config(call, service),
        "addresses": list(service.addresses),
        "dnsServers": list(service.dns_servers),
        "ports": list(service.ports),
        "protocol": service.protocol or "HTTP",
        "healthCheck": dict(service.health_check) or None,
        "outlierDetection": dict(service.outlier_detection) or None,
        "healthyPanicThreshold": service.healthy_panic_threshold or None,
        "healthStatus": "Unhealthy" if unhealthy else "Healthy",
        "unhealthyEndpoints": [service.name] if unhealthy else [],
        "modelProviderId": service.model_provider_id or None,
        "resourceGroupId": shown_group(call, service.service_id, service),
        "createTimestamp": milliseconds(service.created),
        "updateTimestamp": milliseconds(service.updated),
    }
