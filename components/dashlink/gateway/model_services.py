"""AI services at a model service of the stack, of PAI-EAS or of MaaS: address, faults, warnings.

Both are declared as vendor `custom` with the full URL and the key of the model service: no source
states which header the gateway sends to a service of vendor `pai-eas`, and the gateway's list of
vendors has no Huawei.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashlink.eas.settings import EasServiceSettings
from dashlink.errors import ConfigError, Fault, shown
from dashlink.gateway.catalog import ANTHROPIC, OPENAI, VLLM
from dashlink.gateway.checks import unknown_name_fault
from dashlink.maas.catalog import LOW_REQUESTS, LOWEST_LIMIT, PROTOCOL_PATHS, Limit
from dashlink.maas.plan import base_urls_of, limit_of, limit_text
from dashlink.maas.settings import MaasServiceSettings
from dashlink.validation import suggestion_for

EasServices = Mapping[str, EasServiceSettings | None]
MaasServices = Mapping[str, MaasServiceSettings | None]

_EAS_URLS: Mapping[str, str] = {OPENAI: "openai", VLLM: "openai", ANTHROPIC: "anthropic"}
"""Base URL of an EAS service at which a protocol is spoken; any other one is at `predict`."""
_MAAS_URLS: Mapping[str, tuple[str, ...]] = {
    OPENAI: ("openai", "v1", "v2"),
    VLLM: ("v1",),
    ANTHROPIC: ("anthropic",),
}
"""Base URLs of a MaaS service at which a protocol is spoken: rerank has its path under /v1."""
_UNVERIFIED_PATH = "v2"


def eas_address(outputs: Mapping[str, Any], name: str, protocol: str) -> str:
    """Return the address of an EAS service for a protocol, e.g. `http://…/api/predict/chat/v1`.

    Args:
        outputs: Outputs of the service (`EasServiceOutputs`).
        name: Name of the service in the settings.
        protocol: First protocol of the AI service.

    Raises:
        ConfigError: The cloud lists no address of the kind that the settings name.
    """
    urls = outputs["base_urls"]
    key = _EAS_URLS.get(protocol, "predict")
    if key not in urls:
        problem = f"the service has no address for {protocol}, so that no gateway can call it"
        advice = "Look at its gateways in the console, or change `access`."
        raise ConfigError([Fault(f"eas_services.{name}", problem, advice)])
    return str(urls[key])


def maas_address(service: MaasServiceSettings, protocol: str) -> str | None:
    """Return the address of a MaaS service for a protocol; None where it has none.

    Of several the first that ends in /v1 is taken, because an AI gateway is known to append paths
    to such an address.
    """
    urls = base_urls_of(service)
    keys = [key for key in urls if key in _MAAS_URLS.get(protocol, ())]
    keys.sort(key=lambda key: key == _UNVERIFIED_PATH)
    return urls[keys[0]] if keys else None


def eas_faults(
    where: str, name: str, protocol: str, services: EasServices | None
) -> Iterator[Fault]:
    """Yield the faults of an AI service at an EAS service; ``services`` is None if unknown."""
    if services is None:
        return
    if name not in services:
        yield unknown_name_fault(where, "EAS service", "eas_services", name, list(services))
        return
    service = services[name]
    key = _EAS_URLS.get(protocol)
    if service is not None and key is not None and key not in service.protocols:
        problem = f"this EAS service has no base URL for {protocol}"
        advice = f"Add `{key}` to `eas_services.{name}.protocols`."
        yield Fault(where, problem, advice, name)


def maas_faults(
    where: str, name: str, protocol: str, services: MaasServices | None
) -> Iterator[Fault]:
    """Yield the faults of an AI service at a MaaS service; ``services`` is None if unknown."""
    if services is None:
        return
    if name not in services:
        yield unknown_name_fault(where, "MaaS service", "maas_services", name, list(services))
        return
    service = services[name]
    if service is None:
        return
    if service.api_key is None:
        advice = "Write `api_key: {config: maasKey}`, and store the key as a secret."
        yield Fault(f"maas_services.{name}.api_key", f"missing: {where} needs it", advice)
    if maas_address(service, protocol) is None:
        keys = _MAAS_URLS.get(protocol)
        advice = "MaaS does not speak it."
        if keys is not None:
            advice = f"Add `{keys[0]}` to `maas_services.{name}.protocols`."
        yield Fault(where, f"this MaaS service has no base URL for {protocol}", advice, name)


def path_warnings(where: str, name: str, protocol: str, services: MaasServices) -> Iterator[Fault]:
    """Yield a warning where the only address of a MaaS service is one without /v1 at its end."""
    service = services.get(name)
    if service is None or protocol != OPENAI:
        return
    address = maas_address(service, protocol)
    if address is not None and address.endswith(PROTOCOL_PATHS["v2"]):
        problem = "no source states which path an AI gateway appends to an address that ends in /v2"
        advice = f"Add `openai` to `maas_services.{name}.protocols`, if the model answers it."
        yield Fault(where, problem, advice, name)


def model_warnings(
    where: str, name: str, model: str | None, services: MaasServices
) -> Iterator[Fault]:
    """Yield a warning of a model that the settings of its MaaS service do not list."""
    service = services.get(name)
    if service is None or model is None or not service.models or model in service.models:
        return
    problem = f"not one of `maas_services.{name}.models`; names are taken literally, capitals too"
    advice = suggestion_for(model, service.models)
    for known in service.models:
        if known.lower() == model.lower():
            advice = f"Write {known}."
    yield Fault(where, problem, advice, shown(model))


def fallback_warnings(
    where: str, name: str, model: str | None, services: MaasServices
) -> Iterator[Fault]:
    """Yield a warning of a fallback that answers few requests a minute."""
    service = services.get(name)
    if service is None:
        return
    model, limit = _lowest_limit(service, model)
    if limit.requests >= LOW_REQUESTS:
        return
    origin = "the default; the figure is second-hand"
    if service.requests_per_minute is not None:
        origin = "by the settings"
    problem = (
        f"at most {limit_text(limit)} for {model or 'some models'} ({origin}), so that this "
        "fallback fails under load"
    )
    advice = (
        "Name another model, or write the account's own limit: "
        f"`maas_services.{name}.requests_per_minute`."
    )
    yield Fault(where, problem, advice, name)


def _lowest_limit(service: MaasServiceSettings, model: str | None) -> tuple[str | None, Limit]:
    """Return the model with the lowest limit of those that a choice may ask for, and the limit."""
    models = service.models if model is None else (model,)
    if not models and service.requests_per_minute is None:
        return None, LOWEST_LIMIT
    if not models:
        return "the account", limit_of(service, "")
    lowest = min(models, key=lambda one: limit_of(service, one).requests)
    return lowest, limit_of(service, lowest)
