"""Services of AI gateways, and domains, by the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import (
    Body,
    Place,
    ai_config,
    fallback,
    make_domain,
    make_gateway,
    make_service,
    refused,
    standing,
)

OTHERS: list[Body] = [
    {"provider": "openai", "address": "https://api.openai.com/v1", "protocols": ["OpenAI/v1"]},
    {"provider": "vllm", "address": "http://10.20.1.50:8000/v1", "protocols": ["OpenAI/v1"]},
    {"provider": "pai-eas", "paiEASServiceConfig": {"endpointType": "vpc", "workspaceId": "1", "serviceName": "chat"}},
    {"provider": "bedrock", "bedrockServiceConfig": {"awsRegion": "us-east-1", "awsAccessKey": "AK"}},
    {"provider": "vertex", "vertexServiceConfig": {"vertexProjectId": "p", "vertexRegion": "us-central1"}},
]


@pytest.fixture(scope="module")
def place():
    with standing() as made:
        yield made


def _read(place: Place, service_id: str) -> models.Service:
    return place.apig.get_service(service_id).body.data


def _config(place: Place, service_id: str) -> Body:
    return _read(place, service_id).ai_service_config.to_map()


def _update(place: Place, service_id: str, **body: Any) -> None:
    place.apig.update_service(service_id, models.UpdateServiceRequest().from_map(body))


def _listed(place: Place, **filters: Any) -> list[str]:
    return [row.name for row in place.apig.list_services(models.ListServicesRequest(**filters)).body.data.items]


def test_a_service_reads_as_it_was_written_but_for_its_keys(place):
    name = place.new_name("read")
    keys = ["sk-0123456789abcdef", "short"]
    service_id = make_service(place.cloud, place.gateway_id, name, apiKeys=keys, defaultModelName="qwen-plus")
    found = _read(place, service_id)
    assert (found.name, found.gateway_id, found.source_type, found.health_status) == (
        name,
        place.gateway_id,
        "AI",
        "Healthy",
    )
    masked = ["sk-0****cdef", "****"]
    assert _config(place, service_id) == ai_config(place.cloud, apiKeys=masked, defaultModelName="qwen-plus")
    assert place.cloud.state.ai_services[service_id].ai_config["apiKeys"] == keys


@pytest.mark.parametrize("config", OTHERS, ids=lambda config: config["provider"])
def test_services_of_every_provider_read_as_they_were_written(place, config):
    asked = {"gatewayId": place.gateway_id, "sourceType": "AI"}
    service = {"name": place.new_name("provider"), "aiServiceConfig": config}
    request = models.CreateServiceRequest().from_map({**asked, "serviceConfigs": [service]})
    (service_id,) = place.apig.create_service(request).body.data.service_ids
    found = _config(place, service_id)
    assert {key: found[key] for key in config} == config


@pytest.mark.parametrize(
    ("provider", "part", "secret"),
    [("bedrock", "bedrockServiceConfig", "awsSecretKey"), ("vertex", "vertexServiceConfig", "vertexAuthKey")],
)
def test_secrets_of_other_clouds_are_masked_too(place, provider, part, secret):
    name = place.new_name("secret")
    config = {"provider": provider, part: {secret: "0123456789abcdef"}, "address": None, "apiKeys": None}
    service_id = make_service(place.cloud, place.gateway_id, name, **config)
    assert _config(place, service_id)[part][secret] == "0123****cdef"


def test_several_services_are_made_at_once(place):
    names = [place.new_name("several") for _ in range(2)]
    configs = [{"name": name, "aiServiceConfig": ai_config(place.cloud)} for name in names]
    body = {"gatewayId": place.gateway_id, "sourceType": "AI", "serviceConfigs": configs}
    made = place.apig.create_service(models.CreateServiceRequest().from_map(body)).body.data.service_ids
    assert [_read(place, service_id).name for service_id in made] == names


def test_a_plain_service_has_addresses(place):
    config = {"name": place.new_name("plain"), "addresses": ["10.20.1.50:8000"]}
    body = {"gatewayId": place.gateway_id, "sourceType": "VIP", "serviceConfigs": [config]}
    (service_id,) = place.apig.create_service(models.CreateServiceRequest().from_map(body)).body.data.service_ids
    found = _read(place, service_id)
    assert (found.source_type, found.addresses, found.ai_service_config) == ("VIP", config["addresses"], None)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"provider": ""}, "Missingprovider"),
        ({"address": ""}, "InvalidParameter.aiServiceConfig.address"),
        ({"address": "ftp://models.example"}, "InvalidParameter.aiServiceConfig.address"),
        ({"apiKeys": ["sk-twice", "sk-twice"]}, "InvalidParameter.aiServiceConfig.apiKeys"),
        ({"provider": "pai-eas"}, "MissingpaiEASServiceConfig"),
        (
            {"provider": "pai-eas", "paiEASServiceConfig": {"endpointType": "moon"}},
            "InvalidParameter.paiEASServiceConfig.endpointType",
        ),
    ],
)
def test_a_service_is_refused_for_each_rule_that_it_breaks(place, changed, code):
    with refused(code):
        make_service(place.cloud, place.gateway_id, place.new_name("bad"), **changed)


def test_a_name_comes_once_on_a_gateway(place):
    name = place.new_name("once")
    make_service(place.cloud, place.gateway_id, name)
    with refused("Conflict.ServiceNameExisted", 409):
        make_service(place.cloud, place.gateway_id, name)
    other = make_gateway(place.cloud, place.network, place.new_name("other"))
    make_service(place.cloud, other, name)
    assert _listed(place, gateway_id=other) == [name]


def test_a_service_needs_a_gateway_that_runs(place):
    with refused("NotFound.GatewayNotFound", 404):
        make_service(place.cloud, "gw-absent", "x")
    gone = make_gateway(place.cloud, place.network, place.new_name("gone"))
    place.apig.delete_gateway(gone)
    with refused("Conflict.GatewayNotRunning", 409):
        make_service(place.cloud, gone, "x")


def test_an_update_replaces_a_part_as_a_whole(place):
    service_id = make_service(place.cloud, place.gateway_id, place.new_name("update"))
    health = {"enable": True, "protocol": "HTTP", "httpPath": "/health", "interval": 5}
    _update(place, service_id, healthCheckConfig=health)
    assert _read(place, service_id).health_check.to_map() == health
    changed = {"provider": "openai", "address": "https://models.example/v1", "apiKeys": ["sk-0123456789abcdef"]}
    _update(place, service_id, aiServiceConfig=changed)
    kept = _config(place, service_id)
    assert (kept["provider"], kept["apiKeys"], kept.get("defaultModelName")) == ("openai", ["sk-0****cdef"], None)
    assert _read(place, service_id).health_check.to_map() == health


def test_services_are_found_by_each_filter(place):
    name = place.new_name("filtered")
    make_service(place.cloud, place.gateway_id, name)
    for filters in ({"name": name}, {"name": name, "source_type": "AI"}, {"name": name, "source_types": "VIP,AI"}):
        assert _listed(place, gateway_id=place.gateway_id, **filters) == [name]
    assert _listed(place, name=name, source_type="VIP") == []


def test_a_service_in_use_is_not_deleted_whether_first_or_a_fallback(place):
    first, second = (make_service(place.cloud, place.gateway_id, place.new_name("used")) for _ in range(2))
    place.serve({"serviceId": first}, policies=[fallback(second)])
    for service_id in (first, second):
        with refused("Conflict.ServiceInUse", 409):
            place.apig.delete_service(service_id)


def test_a_service_that_nobody_uses_is_deleted(place):
    service_id = make_service(place.cloud, place.gateway_id, place.new_name("unused"))
    place.apig.delete_service(service_id)
    for ask in (_read, _update, lambda _, gone: place.apig.delete_service(gone)):
        with refused("NotFound.ServiceNotFound", 404):
            ask(place, service_id)


def _again(place: Place, token: str, key: str) -> str:
    configs = [{"name": f"again-{token}", "aiServiceConfig": ai_config(place.cloud, apiKeys=[key])}]
    body = {"gatewayId": place.gateway_id, "sourceType": "AI", "serviceConfigs": configs}
    request = models.CreateServiceRequest().from_map(body)
    request.client_token = token
    return place.apig.create_service(request).body.data.service_ids[0]


def test_the_same_client_token_gets_the_same_answer(place):
    token = place.new_name("token")
    assert _again(place, token, "sk-one") == _again(place, token, "sk-one")
    with refused("IdempotentParameterMismatch"):
        _again(place, token, "sk-two")


def _domain(place: Place, domain_id: str) -> models.GetDomainResponseBodyData:
    return place.apig.get_domain(domain_id, models.GetDomainRequest()).body.data


def test_a_domain_reads_as_it_was_written(place):
    name = f"{place.new_name('domain')}.example.com"
    https = {"protocol": "HTTPS", "certIdentifier": "cert-1", "forceHttps": True, "tlsMin": "TLS 1.2"}
    found = _domain(place, make_domain(place.cloud, name, **https)).to_map()
    assert (found["name"], found["default"]) == (name, False)
    assert {key: found[key] for key in https} == https


def test_a_domain_is_updated(place):
    domain_id = make_domain(place.cloud, f"{place.new_name('domain')}.example.com")
    with refused("InvalidParameter.certIdentifier"):
        place.apig.update_domain(domain_id, models.UpdateDomainRequest(protocol="HTTPS"))
    changed = models.UpdateDomainRequest(protocol="HTTPS", cert_identifier="cert-2", force_https=False)
    place.apig.update_domain(domain_id, changed)
    found = _domain(place, domain_id)
    assert (found.protocol, found.cert_identifier, found.force_https) == ("HTTPS", "cert-2", False)


@pytest.mark.parametrize(
    ("name", "changed", "code"),
    [
        ("no domain", {}, "InvalidParameter.name"),
        ("", {}, "Missingname"),
        ("a.example.com", {"protocol": "FTP"}, "InvalidParameter.protocol"),
        ("a.example.com", {"protocol": "HTTPS"}, "InvalidParameter.certIdentifier"),
    ],
)
def test_a_domain_is_refused_for_each_rule_that_it_breaks(place, name, changed, code):
    with refused(code):
        make_domain(place.cloud, name, **changed)


def test_a_domain_comes_once_for_each_type_of_gateway(place):
    name = f"{place.new_name('once')}.example.com"
    make_domain(place.cloud, name)
    with refused("Conflict.DomainExisted", 409):
        make_domain(place.cloud, name)
    make_domain(place.cloud, name, gatewayType="API")
    request = models.ListDomainsRequest(name_like=name, gateway_type="API")
    assert [row.name for row in place.apig.list_domains(request).body.data.items] == [name]


def test_a_domain_in_use_is_not_deleted(place):
    served = place.serve()
    (domain,) = [row for row in place.cloud.state.domains.values() if row.name == served.host]
    assert _domain(place, domain.domain_id).statistics_info.total_count == 1
    with refused("Conflict.DomainInUse", 409):
        place.apig.delete_domain(domain.domain_id)


def test_a_domain_that_nobody_uses_is_deleted(place):
    domain_id = make_domain(place.cloud, f"{place.new_name('unused')}.example.com")
    place.apig.delete_domain(domain_id)
    for ask in (lambda: _domain(place, domain_id), lambda: place.apig.delete_domain(domain_id)):
        with refused("NotFound.DomainNotFound", 404):
            ask()


def test_a_dry_run_makes_no_domain(place):
    name = f"{place.new_name('dry')}.example.com"
    asked = {"name": name, "gateway_type": "AI", "dry_run": True}
    with refused("DryRunOperation"):
        place.apig.create_domain(models.CreateDomainRequest(protocol="HTTP", **asked))
    with refused("InvalidParameter.protocol"):
        place.apig.create_domain(models.CreateDomainRequest(protocol="FTP", **asked))
    assert place.apig.list_domains(models.ListDomainsRequest(name_like=name)).body.data.items == []


def test_a_domain_with_the_same_client_token_is_the_same(place):
    asked = {"name": f"{place.new_name('token')}.example.com", "gateway_type": "AI", "client_token": "domain-token"}
    made = [
        place.apig.create_domain(models.CreateDomainRequest(protocol="HTTP", **asked)).body.data.domain_id
        for _ in range(2)
    ]
    assert made[0] == made[1]
    with refused("IdempotentParameterMismatch"):
        place.apig.create_domain(models.CreateDomainRequest(protocol="HTTPS", cert_identifier="c", **asked))
