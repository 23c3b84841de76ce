"""Settings of an AI service as inputs of its resource: address, protocols, checks. Pure.

The gateway's API takes one address and two lists of protocols for a service:

    protocols             what is at the address: `OpenAI/v1`, or the vendor's own protocol
    compatibleProtocols   further protocols in which the gateway offers the service

A protocol is sent only where it is documented for the vendor, is written in the settings, or a
Model API uses it: a value that the cloud does not know is refused with the whole service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from dashlink.cloud.words import UPSTREAM, spelled
from dashlink.gateway.ai_service import (
    AiServiceSettings,
    base_url_key,
    first_protocol,
    vendor_of,
)
from dashlink.gateway.catalog import MODEL_STUDIO, OFFERED_BY_MODEL_STUDIO, OPENAI, VENDORS
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.model_api.plan import choices_of, protocol_of
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.gateway.translation import SecretReader, common_fields
from dashlink.resources.blocks import HealthCheck, OutlierDetection
from dashlink.resources.models.ai_service import AiServiceInputs, EasInputs


def service_inputs(
    settings: AiServiceSettings,
    spellings: Mapping[str, str],
    read_secret: SecretReader,
    used: Collection[str] = (),
) -> dict[str, Any]:
    """Inputs of the `AiService` resource, without gateway, name, address and resource group.

    Args:
        settings: The service.
        spellings: Spellings of the settings.
        read_secret: Returns the secret for a reference.
        used: Protocols of the Model APIs that use the service.
    """
    inputs = common_fields(
        settings, AiServiceInputs, read_secret, but=("eas", "health_check", "outlier_detection")
    )
    protocols, compatible = declared_protocols(settings, used)
    inputs["vendor"] = vendor_of(settings)
    inputs["protocols"] = _spelled(protocols, spellings)
    inputs["compatible_protocols"] = _spelled(compatible, spellings)
    inputs["health_check"] = _block(settings.health_check, HealthCheck)
    inputs["outlier_detection"] = _block(settings.outlier_detection, OutlierDetection)
    if settings.eas is not None:
        inputs["eas"] = common_fields(settings.eas, EasInputs)
        inputs["eas"]["endpoint_type"] = spelled(f"eas.{settings.eas.access}", spellings)
    return inputs


def declared_protocols(
    settings: AiServiceSettings, used: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Protocols at the address of a service, and further ones in which the gateway offers it.

    Args:
        settings: The service; protocols that it lists are sent as they are.
        used: Protocols of the Model APIs that use the service.
    """
    if settings.protocols is not None:
        return settings.protocols, settings.compatible_protocols
    vendor = vendor_of(settings)
    spoken = VENDORS.get(vendor, ())
    if vendor == MODEL_STUDIO:
        further = [protocol for protocol in spoken if protocol in used]
        offered = (*OFFERED_BY_MODEL_STUDIO, *further, *settings.compatible_protocols)
        return (OPENAI,), tuple(dict.fromkeys(offered))
    own = tuple(protocol for protocol in spoken if protocol == OPENAI or protocol in used)
    return own, settings.compatible_protocols


def protocols_used(config: GatewayConfig) -> dict[str, set[str]]:
    """Protocols of the Model APIs that use each AI service, by its name."""
    used: dict[str, set[str]] = {}
    for api in config.model_apis.values():
        for _, choice in choices_of(api):
            used.setdefault(choice.service, set()).add(protocol_of(api))
    return used


def endpoint_address(
    outputs: Mapping[str, Any], settings: AiServiceSettings, spellings: Mapping[str, str]
) -> str:
    """Address of a service at an endpoint of the stack.

    It is the endpoint's base URL for the first protocol of the service. Its path is replaced by the
    `endpoint_path` of the service, else, for Model Studio, by a spelling of
    `upstream.model-studio`: `/` is the host alone.

    Args:
        outputs: Outputs of the endpoint (`EndpointOutputs`).
        settings: The service.
        spellings: Spellings of the settings.
    """
    base_url = str(outputs["base_urls"][base_url_key(first_protocol(settings))])
    path = settings.endpoint_path
    if path is None and vendor_of(settings) == MODEL_STUDIO:
        path = spellings.get(UPSTREAM)
    if path is None:
        return base_url
    url = urlsplit(base_url)
    return f"{url.scheme}://{url.netloc}{path.rstrip('/')}"


def service_terms(api: ModelApiSettings, config: GatewayConfig) -> frozenset[str]:
    """Terms whose spellings decide whether a Model API reaches its services, keys of `WORDS`."""
    terms = set()
    for _, choice in choices_of(api):
        service = config.ai_services[choice.service]
        if service.eas is not None:
            terms.add(f"eas.{service.eas.access}")
        by_catalog = service.endpoint is not None and service.endpoint_path is None
        is_studio = by_catalog and vendor_of(service) == MODEL_STUDIO
        if is_studio and protocol_of(api) != first_protocol(service):
            terms.add(UPSTREAM)
    return frozenset(terms)


def _spelled(protocols: Sequence[str], spellings: Mapping[str, str]) -> list[str]:
    return [spelled(f"protocol.{protocol}", spellings) for protocol in protocols]


def _block(
    written: HealthCheck | OutlierDetection | bool,
    model: type[HealthCheck] | type[OutlierDetection],
) -> dict[str, Any] | None:
    """Fields of a block that `true` turns on with its defaults; None where it is off."""
    if written is False:
        return None
    block = model() if written is True else written
    return block.model_dump()
