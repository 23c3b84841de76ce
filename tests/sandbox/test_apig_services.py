"""Services of AI gateways, and domains, by the official SDK."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.clouds import create_gateway
from support.gateways import (
    Body,
    Place,
    ai_config,
    create_domain,
    create_service,
    fallback,
    refused,
    running_gateway,
)
from support.waiting import wait_for
from Tea.exceptions import TeaException

from dashlink_sandbox.dialects import Dialect

_EAS = {"endpointType": "vpc", "workspaceId": "1", "serviceName": "chat"}
_BEDROCK = {"awsRegion": "us-east-1", "awsAccessKey": "AK"}
_VERTEX = {"vertexProjectId": "p", "vertexRegion": "us-central1"}
OTHERS: dict[str, Body] = {
    "openai": {"address": "https://api.openai.com/v1", "protocols": ["OpenAI/v1"]},
    "vllm": {"address": "http://10.20.1.50:8000/v1", "protocols": ["OpenAI/v1"]},
    "pai-eas": {"paiEASServiceConfig": _EAS},
    "bedrock": {"bedrockServiceConfig": _BEDROCK},
    "vertex": {"vertexServiceConfig": _VERTEX},
}


def _read(place: Place, service_id: str) -> models.Service:
    return place.apig.get_service(service_id).body.data


def _config(place: Place, service_id: str) -> Body:
    return _read(place, service_id).ai_service_config.to_map()


def _update(place: Place, service_id: str, **body: Any) -> None:
    place.apig.update_service(service_id, models.UpdateServiceRequest().from_map(body))


def _listed(place: Place, **filters: Any) -> list[str]:
    response = place.apig.list_services(models.ListServicesRequest(**filters))
    return [row.name for row in response.body.data.items]


def _create(place: Place, *configs: Body, source: str = "AI") -> list[str]:
    body = {"gatewayId": place.gateway_id, "sourceType": source, "serviceConfigs": list(configs)}
    request = models.CreateServiceRequest().from_map(body)
    return place.apig.create_service(request).body.data.service_ids


@pytest.fixture(scope="module")
def masking():
    """A gateway in a cloud that masks the keys of services."""
    with running_gateway(dialect=Dialect.of({"service-keys": "masked"})) as started:
        yield started


def test_a_service_reads_as_written(place):
    name = place.new_name("read")
    keys = ["sk-0123456789abcdef", "short"]
    config = {"apiKeys": keys, "defaultModelName": "qwen-plus"}
    service_id = create_service(place.cloud, place.gateway_id, name, **config)
    service = _read(place, service_id)
    assert (service.name, service.gateway_id) == (name, place.gateway_id)
    assert (service.source_type, service.health_status) == ("AI", "Healthy")
    assert _config(place, service_id) == ai_config(place.cloud, **config)


def test_a_cloud_may_mask_the_keys_of_services(masking):
    name = masking.new_name("hidden")
    keys = ["sk-0123456789abcdef", "short"]
    service_id = create_service(masking.cloud, masking.gateway_id, name, apiKeys=keys)
    assert _config(masking, service_id)["apiKeys"] == ["sk-0****cdef", "****"]
    assert masking.cloud.state.ai_services[service_id].ai_config["apiKeys"] == keys


@pytest.mark.parametrize("provider", OTHERS, ids=str)
def test_services_of_every_provider_read_as_written(place, provider):
    config = {"provider": provider, **OTHERS[provider]}
    service = {"name": place.new_name("provider"), "aiServiceConfig": config}
    (service_id,) = _create(place, service)
    read = _config(place, service_id)
    assert read == read | config


@pytest.mark.parametrize(
    ("provider", "section", "secret"),
    [
        ("bedrock", "bedrockServiceConfig", "awsSecretKey"),
        ("vertex", "vertexServiceConfig", "vertexAuthKey"),
    ],
    ids=["bedrock", "vertex"],
)
def test_a_cloud_may_mask_secrets_of_other_clouds(place, masking, provider, section, secret):
    config = {"provider": provider, section: {secret: "0123456789abcdef"}}
    unset = {"address": None, "apiKeys": None}
    for where, shown in ((place, "0123456789abcdef"), (masking, "0123****cdef")):
        name = where.new_name("secret")
        service_id = create_service(where.cloud, where.gateway_id, name, **config, **unset)
        assert _config(where, service_id)[section][secret] == shown


def test_one_request_creates_several_services(place):
    one, two = place.new_name("several"), place.new_name("several")
    config = ai_config(place.cloud)
    service_ids = _create(
        place, {"name": one, "aiServiceConfig": config}, {"name": two, "aiServiceConfig": config}
    )
    assert [_read(place, service_id).name for service_id in service_ids] == [one, two]


def test_a_plain_service_has_addresses(place):
    config = {"name": place.new_name("plain"), "addresses": ["10.20.1.50:8000"]}
    (service_id,) = _create(place, config, source="VIP")
    service = _read(place, service_id)
    assert (service.source_type, service.addresses) == ("VIP", config["addresses"])
    assert service.ai_service_config is None


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"provider": ""}, "IsEmpty", "provider"),
        ({"address": ""}, "WithValue", "aiServiceConfig.address"),
        ({"address": "ftp://models.example"}, "WithValue", "aiServiceConfig.address"),
        ({"apiKeys": ["sk-twice", "sk-twice"]}, "WithValue", "aiServiceConfig.apiKeys"),
        ({"apiKeys": [f"sk-{n}" for n in range(11)]}, "WithValue", "aiServiceConfig.apiKeys"),
        ({"provider": "nobody"}, "WithValue", "aiServiceConfig.provider"),
        ({"provider": "pai-eas"}, "IsEmpty", "paiEASServiceConfig"),
        (
            {"provider": "pai-eas", "paiEASServiceConfig": {"endpointType": "moon"}},
            "WithValue",
            "paiEASServiceConfig.endpointType",
        ),
    ],
    ids=str,
)
def test_each_invalid_field_of_a_service_is_refused(place, changed, reason, field):
    with refused(f"InvalidParameter.{reason}", field=field):
        create_service(place.cloud, place.gateway_id, place.new_name("bad"), **changed)


def test_service_names_are_unique_on_a_gateway(place):
    name = place.new_name("once")
    create_service(place.cloud, place.gateway_id, name)
    with refused("Conflict.ServiceNameExisted", 409):
        create_service(place.cloud, place.gateway_id, name)
    other = create_gateway(place.cloud, place.network, place.new_name("other"))
    create_service(place.cloud, other, name)
    assert _listed(place, gateway_id=other) == [name]


def test_a_service_needs_a_running_gateway(place):
    with refused("NotFound.GatewayNotFound", 404):
        create_service(place.cloud, "gw-absent", "x")
    gone = create_gateway(place.cloud, place.network, place.new_name("gone"))
    place.apig.delete_gateway(gone)
    with refused("Conflict.GatewayNotRunning", 409):
        create_service(place.cloud, gone, "x")


def test_an_update_replaces_each_field_as_a_whole(place):
    service_id = create_service(place.cloud, place.gateway_id, place.new_name("update"))
    health = {"enable": True, "protocol": "HTTP", "httpPath": "/health", "interval": 5}
    _update(place, service_id, healthCheckConfig={**health, "expectedStatuses": ["200"]})
    assert _read(place, service_id).health_check.to_map() == health
    stored = place.cloud.state.ai_services[service_id].health_check
    assert stored["expectedStatuses"] == ["200"]
    changed = {"provider": "openai", "address": "https://models.example/v1"}
    _update(place, service_id, aiServiceConfig={**changed, "apiKeys": ["sk-0123456789abcdef"]})
    config = _config(place, service_id)
    assert (config["provider"], config["apiKeys"]) == ("openai", ["sk-0123456789abcdef"])
    assert config.get("defaultModelName") is None
    assert _read(place, service_id).health_check.to_map() == health


@pytest.mark.parametrize(
    ("section", "config", "reason", "field"),
    [
        ("healthCheckConfig", {"protocol": "UDP"}, "WithValue", "healthCheckConfig.protocol"),
        ("healthCheckConfig", {"protocol": ""}, "IsEmpty", "protocol"),
        ("healthCheckConfig", {"protocol": "HTTP"}, "IsEmpty", "httpPath"),
        ("healthCheckConfig", {"protocol": "HTTP", "httpPath": "/"}, "IsEmpty", "expectedStatuses"),
        (
            "outlierDetectionConfig",
            {"failurePercentageThreshold": 101},
            "WithValue",
            "outlierDetectionConfig.failurePercentageThreshold",
        ),
        (
            "outlierDetectionConfig",
            {"baseEjectionTime": 0},
            "WithValue",
            "outlierDetectionConfig.baseEjectionTime",
        ),
    ],
    ids=["protocol", "no protocol", "no path", "no statuses", "percent", "ejection"],
)
def test_each_invalid_check_of_a_service_is_refused(place, section, config, reason, field):
    service_id = create_service(place.cloud, place.gateway_id, place.new_name("check"))
    with refused(f"InvalidParameter.{reason}", field=field):
        _update(place, service_id, **{section: {"enable": True, **config}})


def test_a_check_that_is_off_needs_nothing(place):
    service_id = create_service(place.cloud, place.gateway_id, place.new_name("off"))
    _update(place, service_id, healthCheckConfig={"enable": False})
    assert _read(place, service_id).health_check.enable is False


def test_a_cloud_may_lock_a_service_after_a_change():
    dialect = Dialect.of({"service-locks": "after-a-change"})
    with running_gateway(dialect=dialect) as place:
        service_id = create_service(place.cloud, place.gateway_id, "locked")
        with refused("Conflict.LockFailed", 409):
            _update(place, service_id, healthyPanicThreshold=0.5)

        def is_changed() -> bool:
            with contextlib.suppress(TeaException):
                place.apig.delete_service(service_id)
            return service_id not in place.cloud.state.ai_services

        wait_for(is_changed, "the lock ends")


def _verified(place: Place, skip: bool | None, **config: Any) -> None:
    options = {} if skip is None else {"skipVerifyAIChatCompletion": skip}
    row = {"name": place.new_name("verified"), "aiServiceConfig": ai_config(place.cloud, **config)}
    _create(place, {**row, "validationOptions": options})


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"apiKeys": ["sk-wrong"]}, "the API key is invalid"),
        ({"address": "https://nowhere.example"}, "no such name"),
    ],
    ids=["key", "address"],
)
def test_a_service_is_verified_where_that_is_not_skipped(place, config, reason):
    _verified(place, False)
    for skip in (None, True):
        _verified(place, skip, **config)
    with pytest.raises(TeaException, match=reason) as caught:
        _verified(place, False, **config)
    assert caught.value.code == "InvalidParameter.WithDetail"


def test_a_cloud_may_verify_no_service():
    with running_gateway(dialect=Dialect.of({"service-verification": "never"})) as place:
        _verified(place, False, apiKeys=["sk-wrong"])


def test_services_are_listed_by_each_filter(place):
    name = place.new_name("filtered")
    create_service(place.cloud, place.gateway_id, name)
    for filters in ({}, {"source_type": "AI"}, {"source_types": "VIP,AI"}):
        assert _listed(place, gateway_id=place.gateway_id, name=name, **filters) == [name]
    assert _listed(place, name=name, source_type="VIP") == []


def test_a_service_in_use_even_as_a_fallback_is_not_deleted(place):
    first = create_service(place.cloud, place.gateway_id, place.new_name("used"))
    second = create_service(place.cloud, place.gateway_id, place.new_name("used"))
    place.serve({"serviceId": first}, policies=[fallback(second)])
    for service_id in (first, second):
        with refused("Conflict.ServiceInUse", 409):
            place.apig.delete_service(service_id)


def test_an_unused_service_is_deleted(place):
    service_id = create_service(place.cloud, place.gateway_id, place.new_name("unused"))
    place.apig.delete_service(service_id)
    for call in (_read, _update):
        with refused("NotFound.ServiceNotFound", 404):
            call(place, service_id)
    with refused("NotFound.ServiceNotFound", 404):
        place.apig.delete_service(service_id)


def test_a_client_token_creates_one_service(place):
    token = place.new_name("token")

    def create(key: str) -> list[str]:
        config = {
            "name": f"again-{token}",
            "aiServiceConfig": ai_config(place.cloud, apiKeys=[key]),
        }
        body = {"gatewayId": place.gateway_id, "sourceType": "AI", "serviceConfigs": [config]}
        request = models.CreateServiceRequest().from_map(body)
        request.client_token = token
        return place.apig.create_service(request).body.data.service_ids

    assert create("sk-one") == create("sk-one")
    with refused("IdempotentParameterMismatch"):
        create("sk-two")


_HTTPS = {"protocol": "HTTPS", "certIdentifier": "cert-1", "forceHttps": True}


def _domain(place: Place, domain_id: str) -> models.GetDomainResponseBodyData:
    return place.apig.get_domain(domain_id, models.GetDomainRequest()).body.data


def _domain_names(place: Place, **filters: Any) -> list[str]:
    response = place.apig.list_domains(models.ListDomainsRequest(**filters))
    return [row.name for row in response.body.data.items]


def test_a_domain_reads_as_written(place):
    name = f"{place.new_name('domain')}.example.com"
    https = {"protocol": "HTTPS", "certIdentifier": "cert-1"}
    https |= {"forceHttps": True, "tlsMin": "TLS 1.2", "tlsMax": "TLS 1.3", "http2Option": "Open"}
    https |= {"mTLSEnabled": True, "clientCACert": "PEM", "caCertIdentifier": "ca-1"}
    suite = {"name": "ECDHE-ECDSA-AES256-GCM-SHA384", "supportVersions": ["TLS 1.2"]}
    https["tlsCipherSuitesConfig"] = {"configType": "Custom", "tlsCipherSuite": [suite]}
    domain = _domain(place, create_domain(place.cloud, name, **https)).to_map()
    assert domain == domain | {"name": name, "default": False} | https


def test_a_certificate_has_its_end_in_the_future(place):
    name = f"{place.new_name('domain')}.example.com"
    domain_id = create_domain(place.cloud, name, **_HTTPS)
    assert _domain(place, domain_id).not_after_timstamp > time.time() * 1000
    plain = create_domain(place.cloud, f"plain.{name}")
    assert _domain(place, plain).not_after_timstamp is None


def test_a_serverless_domain_has_no_protocol(place):
    name = f"{place.new_name('domain')}.example.com"
    body = {"protocol": None, "domainScope": "Serverless", "forceHttps": False}
    domain = _domain(place, create_domain(place.cloud, name, **body))
    assert (domain.domain_scope, domain.protocol, domain.force_https) == ("Serverless", None, False)
    assert name in _domain_names(place, domain_scope="Serverless", name_like=name)
    assert _domain_names(place, domain_scope="Dedicated", name_like=name) == []


def test_domains_are_listed_by_gateway_and_group(place):
    served = place.serve()
    assert served.host in _domain_names(place, gateway_id=place.gateway_id, page_size=100)
    assert _domain_names(place, gateway_id="gw-absent") == []
    name = f"{place.new_name('grouped')}.example.com"
    create_domain(place.cloud, name, resourceGroupId="rg-acfmsandboxother")
    assert name not in _domain_names(place, gateway_id=place.gateway_id, page_size=100)
    for group, found in (("rg-acfmsandboxother", [name]), ("rg-acfmsandboxfirst", [])):
        assert _domain_names(place, resource_group_id=group, name_like=name) == found


def test_a_domain_is_updated(place):
    domain_id = create_domain(place.cloud, f"{place.new_name('domain')}.example.com")
    with refused("InvalidParameter.WithValue", field="certIdentifier"):
        place.apig.update_domain(domain_id, models.UpdateDomainRequest(protocol="HTTPS"))
    changed = {"protocol": "HTTPS", "cert_identifier": "cert-2", "force_https": False}
    place.apig.update_domain(domain_id, models.UpdateDomainRequest(**changed))
    domain = _domain(place, domain_id)
    assert (domain.protocol, domain.cert_identifier) == ("HTTPS", "cert-2")
    assert domain.force_https is False


@pytest.mark.parametrize(
    ("name", "changed", "reason", "field"),
    [
        ("no domain", {}, "WithValue", "name"),
        ("", {}, "IsEmpty", "name"),
        ("a.example.com", {"protocol": "FTP"}, "WithValue", "protocol"),
        ("a.example.com", {"protocol": "HTTPS"}, "WithValue", "certIdentifier"),
        ("a.example.com", {**_HTTPS, "forceHttps": None}, "IsEmpty", "forceHttps"),
        ("a.example.com", {**_HTTPS, "mTLSEnabled": True}, "WithValue", "clientCACert"),
        ("a.example.com", {**_HTTPS, "http2Option": "Sometimes"}, "WithValue", "http2Option"),
        ("a.example.com", {**_HTTPS, "tlsMin": "SSL 3.0"}, "WithValue", "tlsMin"),
        (
            "a.example.com",
            {**_HTTPS, "tlsMin": "TLS 1.3", "tlsMax": "TLSv1.2"},
            "WithValue",
            "tlsMax",
        ),
        ("a.example.com", {"domainScope": "Serverless"}, "WithValue", "protocol"),
        (
            "a.example.com",
            {"domainScope": "Serverless", "protocol": None},
            "IsEmpty",
            "forceHttps",
        ),
        ("a.example.com", {"domainScope": "Shared"}, "WithValue", "domainScope"),
    ],
    ids=[
        "name",
        "no name",
        "protocol",
        "no certificate",
        "no redirection",
        "no CA of clients",
        "HTTP/2",
        "lowest TLS",
        "highest TLS",
        "protocol of a serverless domain",
        "no redirection of a serverless domain",
        "scope",
    ],
)
def test_each_invalid_field_of_a_domain_is_refused(place, name, changed, reason, field):
    with refused(f"InvalidParameter.{reason}", field=field):
        create_domain(place.cloud, name, **changed)


def test_domains_are_unique_for_each_gateway_type(place):
    name = f"{place.new_name('once')}.example.com"
    create_domain(place.cloud, name)
    with refused("Conflict.DomainExisted", 409):
        create_domain(place.cloud, name)
    create_domain(place.cloud, name, gatewayType="API")
    assert _domain_names(place, name_like=name, gateway_type="API") == [name]


def test_a_domain_in_use_is_not_deleted(place):
    served = place.serve()
    request = models.ListDomainsRequest(name_like=served.host)
    (listed,) = place.apig.list_domains(request).body.data.items
    assert _domain(place, listed.domain_id).statistics_info.total_count == 1
    with refused("Conflict.DomainInUse", 409):
        place.apig.delete_domain(listed.domain_id)


def test_an_unused_domain_is_deleted(place):
    domain_id = create_domain(place.cloud, f"{place.new_name('unused')}.example.com")
    place.apig.delete_domain(domain_id)
    with refused("DatabaseError.RecordNotFound", 404):
        _domain(place, domain_id)
    with refused("DatabaseError.RecordNotFound", 404):
        place.apig.delete_domain(domain_id)


def test_a_dry_run_creates_no_domain(place):
    name = f"{place.new_name('dry')}.example.com"
    request = models.CreateDomainRequest(
        name=name, gateway_type="AI", protocol="HTTP", dry_run=True
    )
    assert place.apig.create_domain(request).body.code == "Ok"
    with refused("InvalidParameter.WithValue", field="protocol"):
        create_domain(place.cloud, name, protocol="FTP", dryRun=True)
    assert _domain_names(place, name_like=name) == []


def test_a_client_token_creates_one_domain(place):
    name = f"{place.new_name('token')}.example.com"
    body = {"name": name, "gateway_type": "AI", "client_token": "domain-token"}
    request = models.CreateDomainRequest(protocol="HTTP", **body)
    first = place.apig.create_domain(request).body.data.domain_id
    assert place.apig.create_domain(request).body.data.domain_id == first
    request = models.CreateDomainRequest(protocol="HTTPS", cert_identifier="c", **body)
    with refused("IdempotentParameterMismatch"):
        place.apig.create_domain(request)
