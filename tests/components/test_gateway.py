"""`AiGateway` and `ModelGateway`: the gateway, its AI services and domains, and their names."""

from __future__ import annotations

import json
from ipaddress import IPv4Network

import pulumi
import pytest
from support.declared_gateway import (
    BASE_URLS,
    DOMAIN,
    KEYS,
    SECOND,
    VSWITCHES,
    WHOLE,
    chat,
    declared,
    gateway,
    opened,
    ref,
    studio,
)

from dashlink import (
    AiGateway,
    AiGatewayArgs,
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    EndpointSettings,
    GatewaySettings,
    NetworkSettings,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
)


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The stack's secrets."""
    values = {f"dashlink:{name}": value for name, value in KEYS.items()}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(values))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(list(values)))


# -- the gateway -----------------------------------------------------------------------------------


def test_a_new_gateway_is_in_the_zones_of_the_network(deploy):
    deployed = declared(deploy, tags={"team": "search"}, group="rg-1")
    created = deployed.one("apig/gateway:Gateway")
    assert created.name == "gw-ai-gateway"
    assert created.inputs["gatewayType"] == "AI"
    assert created.inputs["gatewayName"] == "shop-dev-gw-ai"
    assert created.inputs["vpc"] == {"vpcId": "vpc-1"}
    assert {zone["zoneId"]: zone["vswitchId"] for zone in created.inputs["zones"]} == VSWITCHES
    assert created.inputs["networkAccessConfig"] == {"type": "Intranet"}
    assert created.inputs["logConfig"] == {"sls": {"enable": False}}
    assert (created.inputs["resourceGroupId"], created.inputs["tags"]) == (
        "rg-1",
        {"team": "search"},
    )
    addresses = deployed.one(":GatewayAddresses")
    assert addresses.inputs["gatewayId"] == created.name + "-id"
    assert addresses.inputs["networkAccess"] == "privatenet"
    assert addresses.inputs["timeoutSeconds"] == 900
    assert not created.protect


@pytest.mark.parametrize(
    ("written", "sent"), [(False, False), (True, True), ("console", False)], ids=str
)
def test_a_log_of_the_console_is_left_as_it_is(deploy, written, sent):
    deployed = declared(deploy, gateway=GatewaySettings(access_log=written))
    created = deployed.one("apig/gateway:Gateway")
    assert created.inputs["logConfig"] == {"sls": {"enable": sent}}


@pytest.mark.parametrize(
    ("internet", "access", "created_with"),
    [(False, "privatenet", "Intranet"), (True, "private&pubnet", "InternetAndIntranet")],
    ids=["private", "public"],
)
def test_the_network_access_is_created_and_kept(deploy, internet, access, created_with):
    deployed = declared(deploy, gateway=GatewaySettings(internet=internet))
    created = deployed.one("apig/gateway:Gateway")
    assert created.inputs["networkAccessConfig"] == {"type": created_with}
    assert deployed.one(":GatewayAddresses").inputs["networkAccess"] == access


def test_an_existing_gateway_keeps_its_network_access(deploy):
    deployed = declared(deploy, gateway=GatewaySettings(id="gw-there"))
    assert "networkAccess" not in deployed.one(":GatewayAddresses").inputs


def test_every_setting_of_a_gateway_reaches_the_cloud(deploy):
    settings = GatewaySettings(
        name="models",
        spec="aigw.large.x1",
        internet=True,
        access_log=True,
        zones=["cn-beijing-h", "cn-beijing-k"],
        resource_group_id="rg-2",
        tags={"cost": "42"},
        deletion_protection=True,
        ready_timeout_seconds=60,
    )
    deployed = declared(deploy, gateway=settings, tags={"team": "search"}, group="rg-1")
    created = deployed.one("apig/gateway:Gateway")
    assert (created.inputs["gatewayName"], created.inputs["spec"]) == ("models", "aigw.large.x1")
    assert created.inputs["networkAccessConfig"] == {"type": "InternetAndIntranet"}
    assert created.inputs["logConfig"] == {"sls": {"enable": True}}
    assert (created.inputs["resourceGroupId"], created.inputs["tags"]) == (
        "rg-2",
        {"team": "search", "cost": "42"},
    )
    assert deployed.one(":GatewayAddresses").inputs["timeoutSeconds"] == 60
    assert {item.name for item in deployed.resources if item.protect} == {"gw-ai-gateway"}
    assert (
        deployed.one(":AiService").inputs["resourceGroupId"] == "rg-1"
    )  # the gateway's group is its own


def test_the_first_two_zones_are_the_default(deploy):
    vswitches = {**VSWITCHES, "cn-beijing-l": "vsw-l"}

    def program():
        args = AiGatewayArgs(
            settings=GatewaySettings(), region="cn-beijing", vpc_id="vpc-1", vswitch_ids=vswitches
        )
        AiGateway("gw", args)

    created = deploy(program).one("apig/gateway:Gateway")
    assert [zone["zoneId"] for zone in created.inputs["zones"]] == ["cn-beijing-h", "cn-beijing-k"]


def test_an_existing_gateway_is_not_created(deploy):
    settings = GatewaySettings(id="gw-there", environment_id="env-there")
    deployed = declared(deploy, gateway=settings)
    assert deployed.of("apig/gateway:Gateway") == {}
    addresses = deployed.one(":GatewayAddresses").inputs
    assert (addresses["gatewayId"], addresses["environmentId"]) == ("gw-there", "env-there")
    for resource_type in (":AiService", ":ModelApi"):
        assert deployed.one(resource_type).inputs["gatewayId"] == "gw-there"
    assert deployed.one(":ModelApi").inputs["environmentId"] == "env-there"


def test_the_id_of_an_existing_gateway_may_be_an_output(deploy):
    def program():
        gateway(gateway=GatewaySettings(id=pulumi.Output.from_input("gw-other")))

    assert deploy(program).one(":GatewayAddresses").inputs["gatewayId"] == "gw-other"


# -- names -----------------------------------------------------------------------------------------


def test_logical_names_come_from_names_of_the_settings(deploy):
    names = {item.name for item in declared(deploy, **WHOLE).resources}
    assert names == {
        *("gw", "gw-provider", "gw-ai", "gw-ai-gateway", "gw-ai-addresses"),
        *("gw-service-studio", "gw-service-spare", "gw-consumer-search", "gw-consumer-shop"),
        *(
            f"gw-domain-{name}{rest}"
            for name in (DOMAIN, SECOND)
            for rest in ("", "-zone", "-record", "-attachment")
        ),
        *(
            "gw-api-chat",
            "gw-api-chat-consumers",
            "gw-api-other",
            "gw-api-other-consumers",
        ),
    }


def test_the_order_of_the_settings_changes_nothing(deploy):
    def reversed_lists(api):
        order = {
            "domains": tuple(reversed(api.domains)),
            "consumers": tuple(reversed(api.consumers)),
        }
        return api.model_copy(update=order)

    other = {key: dict(reversed(entries.items())) for key, entries in WHOLE.items()}
    other["model_apis"] = {name: reversed_lists(api) for name, api in other["model_apis"].items()}
    first = {item.urn: item.inputs for item in declared(deploy, **WHOLE).resources}
    second = {item.urn: item.inputs for item in declared(deploy, **other).resources}
    assert first == second


def test_a_new_entry_changes_no_other(deploy):
    more = {
        "domains": {"a.example.internal": DomainSettings(scheme="http"), **WHOLE["domains"]},
        "ai_services": {"a": studio(), **WHOLE["ai_services"]},
        "consumers": {"aa": ConsumerSettings(api_keys=[ref("teamKey")]), **WHOLE["consumers"]},
        "model_apis": {"a": chat(base_path="/a", consumers=["aa"]), **WHOLE["model_apis"]},
    }
    before = {item.urn: item.inputs for item in declared(deploy, **WHOLE).resources}
    after = {item.urn: item.inputs for item in declared(deploy, **more).resources}
    assert {urn: after[urn] for urn in before} == before


def test_names_unique_in_the_account_come_from_the_settings(deploy):
    apis = {"chat": chat(name="chat-of-search", consumers=["search"])}
    consumers = {
        "search": ConsumerSettings(api_keys=[ref("teamKey")], name="team", description="The team")
    }
    deployed = declared(deploy, model_apis=apis, consumers=consumers)
    api, consumer = deployed.one(":ModelApi").inputs, deployed.one(":Consumer").inputs
    assert (api["name"], api["description"]) == ("chat-of-search", "dashlink: shop-dev")
    assert (consumer["name"], consumer["description"]) == ("team", "The team")
    assert deployed.one(":AiService").inputs["name"] == "shop-dev-studio"


# -- services --------------------------------------------------------------------------------------


def test_a_service_gets_its_address_from_its_endpoint(deploy):
    def program():
        outputs = pulumi.Output.from_input({"base_urls": BASE_URLS})
        gateway(
            ai_services={"studio": AiServiceSettings(endpoint="dashscope")},
            endpoints={"dashscope": outputs},
        )

    created = deploy(program).one(":AiService").inputs
    assert created["address"] == BASE_URLS["openai"]
    assert created["vendor"] == "qwen"


def test_endpoints_of_the_stack_reach_the_gateway(deploy):
    settings = StackSettings(
        network=NetworkSettings(cidr=IPv4Network("10.20.0.0/16"), zones=tuple(VSWITCHES)),
        endpoints={"dashscope": EndpointSettings(service="com.aliyuncs.dashscope")},
        gateway=GatewaySettings(),
        domains={DOMAIN: DomainSettings(scheme="http")},
        ai_services={
            "studio": AiServiceSettings(endpoint="dashscope", api_keys=[ref("studioKey")])
        },
        model_apis={"chat": chat()},
    )
    deployed = deploy(
        lambda: (
            PrivateModelAccess(
                "access", PrivateModelAccessArgs(settings=settings, region="cn-beijing")
            )
            and None
        )
    )
    assert deployed.one(":AiService").inputs["address"] == BASE_URLS["openai"]
    assert deployed.one("apig/gateway:Gateway").inputs["vpc"] == {"vpcId": "access-vpc-id"}


def test_a_service_without_a_base_url_has_its_own_block(deploy):
    targets = {
        "eas": {"workspace_id": "w", "service_name": "llm", "access": "public"},
        "bedrock": {
            "region": "us-east-1",
            "access_key": ref("awsKey"),
            "secret_key": ref("awsSecret"),
        },
        "vertex": {"project_id": "p", "region": "us", "auth_key": ref("googleKey")},
    }
    services = {
        target: AiServiceSettings(**{target: settings}) for target, settings in targets.items()
    }
    created = declared(deploy, ai_services={**services, "studio": studio()}).of(":AiService")
    found = {target: created[f"gw-service-{target}"].inputs for target in targets}
    assert all("address" not in inputs for inputs in found.values())
    assert {target: inputs["vendor"] for target, inputs in found.items()} == {
        "eas": "pai-eas",
        "bedrock": "bedrock",
        "vertex": "vertex",
    }
    assert found["eas"]["eas"] == {
        "workspaceId": "w",
        "serviceName": "llm",
        "endpointType": "public",
    }
    aws = {"region": "us-east-1", "accessKey": KEYS["awsKey"], "secretKey": KEYS["awsSecret"]}
    assert opened(found["bedrock"]["bedrock"]) == aws
    google = {"projectId": "p", "region": "us", "authKey": KEYS["googleKey"]}
    assert opened(found["vertex"]["vertex"]) == google


def test_true_turns_on_a_check_with_its_defaults(deploy):
    created = declared(
        deploy, ai_services={"studio": studio(health_check=True, outlier_detection=True)}
    )
    inputs = created.one(":AiService").inputs
    assert inputs["healthCheck"]["intervalSeconds"] == 5
    assert inputs["outlierDetection"]["failurePercent"] == 50
    assert "healthCheck" not in declared(deploy).one(":AiService").inputs


# -- domains ---------------------------------------------------------------------------------------


def test_a_private_name_points_to_the_gateway(deploy):
    deployed = declared(deploy)
    created = deployed.one(":Domain").inputs
    assert (created["name"], created["protocol"], created["forceHttps"]) == (DOMAIN, "HTTP", False)
    zone = deployed.one("pvtz/zone:Zone").inputs
    assert (zone["zoneName"], zone["remark"]) == (DOMAIN, "dashlink-gateway-gw")
    record = deployed.one(":ZoneRecord").inputs
    assert (record["rr"], record["type"], record["ttl"]) == ("@", "CNAME", 15)
    assert record["value"] == "nlb-1.cn-beijing.nlb.aliyuncsslb.com"
    assert deployed.one(":ZoneAttachment").inputs["vpcs"] == [
        {"vpcId": "vpc-1", "regionId": "cn-beijing"}
    ]
    assert deployed.one(":ModelApi").inputs["domainIds"] == [f"gw-domain-{DOMAIN}-id"]


def test_every_setting_of_a_domain_reaches_the_cloud(deploy):
    settings = DomainSettings(
        certificate_id="1-cn-hangzhou",
        force_https=True,
        tls_min="TLS 1.2",
        ttl_seconds=60,
        attach_to=["vpc-2"],
    )
    deployed = declared(deploy, domains={DOMAIN: settings}, group="rg-1")
    created = deployed.one(":Domain").inputs
    assert {
        name: created[name]
        for name in ("protocol", "certificateId", "forceHttps", "tlsMin", "resourceGroupId")
    } == {
        "protocol": "HTTPS",
        "certificateId": "1-cn-hangzhou",
        "forceHttps": True,
        "tlsMin": "TLS 1.2",
        "resourceGroupId": "rg-1",
    }
    assert deployed.one(":ZoneRecord").inputs["ttl"] == 60
    assert [vpc["vpcId"] for vpc in deployed.one(":ZoneAttachment").inputs["vpcs"]] == [
        "vpc-1",
        "vpc-2",
    ]


def test_a_domain_with_a_dns_of_yours_has_no_private_name(deploy):
    deployed = declared(deploy, domains={DOMAIN: DomainSettings(scheme="http", name_by="none")})
    assert deployed.one(":Domain").inputs["name"] == DOMAIN
    assert [item.name for item in deployed.resources if "pvtz" in item.type] == []


def test_an_existing_domain_gets_a_private_name_only(deploy):
    deployed = declared(deploy, domains={DOMAIN: DomainSettings(id="d-there", scheme="http")})
    assert deployed.of(":Domain") == {}
    assert deployed.one(":ModelApi").inputs["domainIds"] == ["d-there"]
    assert deployed.one("pvtz/zone:Zone").inputs["zoneName"] == DOMAIN


def test_a_wildcard_is_a_record_of_all_names_in_its_zone(deploy):
    name = "*.example.internal"
    deployed = declared(
        deploy,
        domains={name: DomainSettings(scheme="http")},
        model_apis={"chat": chat(domains=[name])},
    )
    assert deployed.one(":Domain").inputs["name"] == name
    assert deployed.one("pvtz/zone:Zone").inputs["zoneName"] == "example.internal"
    assert deployed.one(":ZoneRecord").inputs["rr"] == "*"
    assert [item.name for item in deployed.resources if "*" in item.name] == []


def test_a_wildcard_and_the_name_any_have_distinct_resources(deploy):
    names = ["*.example.internal", "any.example.internal"]
    deployed = declared(
        deploy,
        domains={name: DomainSettings(scheme="http") for name in names},
        model_apis={"chat": chat(domains=names)},
    )
    urns = [item.urn for item in deployed.resources]
    assert len(urns) == len(set(urns))
    assert len(deployed.one(":ModelApi").inputs["domainIds"]) == 2
