"""The gateway's kinds when answers are lost, runs are killed, names are taken and the cloud says no."""

from __future__ import annotations

import pytest
import tenacity
from alibabacloud_apig20240327 import models
from support.provider import unsealed, engine_for, refused
from support.provider_cases import (
    CASES,
    KEYS,
    consumer_case,
    domain_case,
    new_name,
    plain_api,
    service_case,
    base_gateway,
)
from support.sandbox_admin import inject_fault

from dashlink.cloud import retry

TABLES = {
    "AiService": "ai_services",
    "ModelApi": "http_apis",
    "Domain": "domains",
    "Consumer": "consumers",
    "ConsumerAuthorization": "authorization_rules",
}
ACTIONS = {
    "AiService": "CreateService",
    "ModelApi": "CreateHttpApi",
    "Domain": "CreateDomain",
    "Consumer": "CreateConsumer",
    "ConsumerAuthorization": "CreateConsumerAuthorizationRules",
}
FIRST_GROUP = "rg-acfmsandboxfirst"
every_created_resource = pytest.mark.parametrize("kind", TABLES)


@pytest.fixture(scope="module")
def base():
    with base_gateway() as made:
        yield made


@pytest.fixture(scope="module")
def engine(base):
    with engine_for(base.cloud) as engine:
        yield engine


@pytest.fixture
def case(kind, base):
    return CASES[kind](base)


@pytest.fixture
def at_once(monkeypatch):
    """Requests are tried again without a pause."""
    monkeypatch.setattr(retry, "wait_random_exponential", lambda **_: tenacity.wait_none())


@pytest.fixture
def only_once(monkeypatch):
    """A request is made once, as by a run that is killed before it can make it again."""
    monkeypatch.setattr(retry, "_ATTEMPTS", 1)


@pytest.fixture(autouse=True)
def no_faults(base):
    yield
    base.cloud.cloud.faults.active.clear()


def there(base, kind):
    return set(getattr(base.cloud.state, TABLES[kind]))


def lost(base, **fault):
    inject_fault(base.cloud, product="APIG", **fault)


# -- the same thing is never made twice --------------------------------------------------------------------------------


@every_created_resource
def test_a_resource_left_by_a_killed_run_is_adopted(engine, base, kind, case):
    before = there(base, kind)
    first = engine.create(kind, case.inputs, name=new_name("twice"))
    second = engine.create(kind, case.inputs, name=first.urn.rpartition("::")[2])
    assert second.id == first.id
    assert len(there(base, kind) - before) == 1
    assert unsealed(second.properties) == unsealed(first.properties)


@every_created_resource
def test_a_lost_response_creates_nothing_twice(engine, base, kind, case, at_once):
    before = there(base, kind)
    lost(base, kind="crash", action=ACTIONS[kind])
    made = engine.create(kind, case.inputs, name=new_name("lost"))
    assert not base.cloud.cloud.faults.active
    assert len(there(base, kind) - before) == 1
    assert engine.read(made).id == made.id


@every_created_resource
def test_a_run_that_ended_with_a_lost_response_is_resumed(engine, base, kind, case, monkeypatch):
    before = there(base, kind)
    name = new_name("ended")
    if kind != "ConsumerAuthorization":  # which looks once more before it gives up
        with monkeypatch.context() as patched:
            patched.setattr(retry, "_ATTEMPTS", 1)
            lost(base, kind="crash", action=ACTIONS[kind])
            assert "cannot be reached" in refused(engine.create, kind, case.inputs, name)
        assert len(there(base, kind) - before) == 1
    made = engine.create(kind, case.inputs, name=name)
    assert len(there(base, kind) - before) == 1
    assert engine.read(made).id == made.id


@every_created_resource
def test_a_resource_deleted_meanwhile_is_created_again(engine, base, kind, case):
    first = engine.create(kind, case.inputs, name=new_name("again"))
    engine.delete(first)
    before = there(base, kind)
    second = engine.create(kind, case.inputs, name=first.urn.rpartition("::")[2])
    assert second.id != first.id
    assert len(there(base, kind) - before) == 1
    assert engine.diff(engine.refresh(second), case.inputs).diffs == []


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("AiService", {"defaultModel": "qwen-max", "apiKeys": [KEYS[1]], "resourceGroupId": FIRST_GROUP}),
        ("ModelApi", {"fallbacks": [], "fallbackOnlyOnUpstreamCodes": False, "resourceGroupId": FIRST_GROUP}),
        ("Consumer", {"enabled": True, "keyPairs": []}),
    ],
)
def test_an_adopted_resource_gets_the_new_inputs(engine, base, kind, case, change):
    first = engine.create(kind, case.inputs, name=new_name("changed"))
    before = there(base, kind)
    wanted = {**case.inputs, **change}
    second = engine.create(kind, wanted, name=first.urn.rpartition("::")[2])
    assert second.id == first.id
    assert there(base, kind) == before
    assert engine.diff(engine.refresh(second), wanted).diffs == []


def test_an_adopted_service_gets_its_missing_checks(engine, base, only_once):
    inputs, name = service_case(base).inputs, new_name("unchecked")
    before = there(base, "AiService")
    lost(base, kind="error", action="UpdateService", code="Forbidden.NoPermission")
    assert "cannot update the AI service: " in refused(engine.create, "AiService", inputs, name)
    made = engine.create("AiService", inputs, name=name)
    assert there(base, "AiService") - before == {made.id}
    assert base.cloud.state.ai_services[made.id].health_check["httpPath"] == "/health"


def test_an_existing_authorization_is_adopted(engine, base):
    inputs = CASES["ConsumerAuthorization"](base).inputs
    rule = {"consumerId": inputs["consumerId"], "principalType": "Consumer", "resourceType": "LLM"}
    rule |= {"expireMode": "LongTerm"}
    rule["resourceIdentifier"] = {"resourceId": inputs["modelApiId"], "environmentId": base.environment_id}
    body = {"authorizationRules": [rule]}
    request = models.CreateConsumerAuthorizationRulesRequest().from_map(body)
    answer = base.client.create_consumer_authorization_rules(request).body.data
    (rule_id,) = answer.consumer_authorization_rule_ids
    assert engine.create("ConsumerAuthorization", inputs).id == f"{inputs['consumerId']}/{rule_id}"


# -- names that somebody else has --------------------------------------------------------------------------------------


def test_a_service_of_another_owner_is_not_adopted(engine, base):
    inputs = service_case(base).inputs
    made = engine.create("AiService", inputs, name="somebody")
    for other in ({"address": "https://other.example.com/v1"}, {"vendor": "qwen"}):
        said = refused(engine.create, "AiService", {**inputs, **other}, "else")
        assert said == (
            f"the account has a service {inputs['name']} on this gateway already ({made.id}). "
            "Choose another name, or import it."
        )
    assert engine.diff(engine.refresh(made), inputs).diffs == []


def test_a_service_of_another_type_is_not_adopted(engine, base):
    inputs = service_case(base).inputs
    config = {"name": inputs["name"], "addresses": ["a.example.com:80"]}
    body = {"gatewayId": base.gateway_id, "sourceType": "DNS", "serviceConfigs": [config]}
    base.client.create_service(models.CreateServiceRequest().from_map(body))
    assert "already (svc-" in refused(engine.create, "AiService", inputs)


def test_an_api_of_another_owner_is_not_adopted(engine, base):
    inputs = plain_api(base)
    other = base.service()
    config = {"gatewayId": base.gateway_id, "environmentId": base.environment_id, "backendScene": "SingleService"}
    config["serviceConfigs"] = [{"serviceId": other}]
    body = {"name": inputs["name"], "type": "LLM", "modelCategory": "Text", "aiProtocols": ["OpenAI/v1"]}
    body |= {"basePath": "/", "description": "theirs", "deployConfigs": [config]}
    api_id = base.client.create_http_api(models.CreateHttpApiRequest().from_map(body)).body.data.http_api_id
    for described in ({}, {"description": "ours"}):
        said = refused(engine.create, "ModelApi", {**inputs, **described})
        assert said == (
            f"the account has an API {inputs['name']} already ({api_id}). Choose another name, or import it."
        )
    assert base.cloud.state.http_apis[api_id].description == "theirs"


def test_an_api_of_another_scene_is_not_adopted(engine, base):
    inputs = plain_api(base)
    made = engine.create("ModelApi", inputs, name="scene")
    said = refused(engine.create, "ModelApi", {**inputs, "category": "Image"}, "scene")
    assert said.startswith(f"the account has an API {inputs['name']} already ({made.id}).")


def test_an_api_of_another_type_is_not_adopted(engine, base):
    inputs = plain_api(base)
    body = {"name": inputs["name"], "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    base.client.create_http_api(models.CreateHttpApiRequest().from_map(body))
    assert "already (api-" in refused(engine.create, "ModelApi", inputs)


def test_a_domain_of_another_owner_is_not_adopted(engine, base):
    inputs = domain_case(base).inputs
    made = engine.create("Domain", inputs, name="one")
    said = refused(engine.create, "Domain", inputs, "other")
    assert said.startswith(f"cannot create the domain: The account has the domain {inputs['name']} already.")
    assert "Conflict.DomainExisted" in said
    assert engine.diff(engine.refresh(made), inputs).diffs == []


@pytest.mark.parametrize("described", [{}, {"description": None}, {"description": "ours"}])
def test_a_consumer_of_another_owner_is_not_adopted(engine, base, described):
    name = new_name("theirs")
    request = models.CreateConsumerRequest(name=name, gateway_type="AI", description="theirs")
    consumer_id = base.client.create_consumer(request).body.data.consumer_id
    inputs = {"name": name, "apiKeys": [new_name("ck-ours-0123456789")], **described}
    assert refused(engine.create, "Consumer", inputs) == (
        f"the account has a consumer {name} already ({consumer_id}). Choose another name, or import it."
    )
    assert base.cloud.state.consumers[consumer_id].api_key_config is None


# -- the cloud says no -------------------------------------------------------------------------------------------------


@every_created_resource
@pytest.mark.parametrize("fault", ["throttle", "error", "drop"])
def test_every_operation_retries_temporary_failures(engine, base, kind, case, fault, at_once):
    def retried(verb, *arguments, **named):
        lost(base, kind=fault, times=4)
        answer = verb(*arguments, **named)
        assert not base.cloud.cloud.faults.active
        return answer

    made = retried(engine.create, kind, case.inputs, name=new_name("retried"))
    assert retried(engine.read, made).id == made.id
    if case.in_place:
        retried(engine.update, made, {**case.inputs, **case.in_place})
    retried(engine.delete, made)
    assert engine.read(made).id == ""


def test_throttling_is_retried_longer_than_failures(engine, base, at_once):
    lost(base, kind="throttle", action="CreateDomain", times=20)
    engine.create("Domain", domain_case(base).inputs, name="throttled")
    assert not base.cloud.cloud.faults.active
    lost(base, kind="error", action="CreateDomain", times=20)
    said = refused(engine.create, "Domain", domain_case(base).inputs, "failing")
    assert said.startswith("cannot create the domain: ")
    assert "InternalError" in said


@pytest.mark.parametrize("kind", ["AiService", "Consumer", "ModelApi"])
@pytest.mark.parametrize("verb", ["create", "update"])
def test_no_error_holds_a_key(engine, base, kind, case, verb, only_once):
    actions = {"create": ACTIONS[kind], "update": ACTIONS[kind].replace("Create", "Update")}
    made = engine.create(kind, case.inputs, name=new_name("refused"))
    fresh = CASES[kind](base).inputs
    said = []
    for fault in ({"kind": "error", "code": "Forbidden.NoPermission"}, {"kind": "error"}, {"kind": "drop"}):
        lost(base, action=actions[verb], **fault)
        arguments = (kind, fresh, "refused") if verb == "create" else (made, case.inputs)
        said.append(refused(getattr(engine, verb), *arguments))
        base.cloud.cloud.faults.active.clear()
    assert "Forbidden.NoPermission" in said[0]
    assert "request id" in said[0]
    assert not [key for key in secrets_of({**fresh, **case.inputs}) if key in "".join((*said, *engine.messages))]


def secrets_of(value, name=""):
    """Every text of the inputs that is a secret."""
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in secrets_of(item, key)]
    if isinstance(value, list):
        return [found for item in value for found in secrets_of(item, name)]
    return [value] if name in ("apiKeys", "secretKey", "jwks", "redisPassword", "vectorKey") else []


def test_a_credential_in_use_is_refused_without_its_value(engine, base):
    inputs = consumer_case(base).inputs
    engine.create("Consumer", inputs, name="has-it")
    again = {**inputs, "name": new_name("consumer"), "keyPairs": []}
    said = refused(engine.create, "Consumer", again, "wants-it")
    assert "Conflict.ConsumerCredentialExisted" in said
    assert not [key for key in inputs["apiKeys"] if key in said]


def test_duplicate_keys_are_refused_without_their_value(engine, base):
    inputs = {**service_case(base).inputs, "apiKeys": [KEYS[0], KEYS[0]]}
    said = refused(engine.create, "AiService", inputs, "twice-a-key")
    assert KEYS[0] not in said


def test_a_resource_in_use_is_not_deleted(engine, base):
    service = engine.create("AiService", service_case(base).inputs, name="used")
    domain = engine.create("Domain", domain_case(base).inputs, name="used")
    inputs = {**plain_api(base), "targets": [{"serviceId": service.id}], "domainIds": [domain.id]}
    api = engine.create("ModelApi", inputs, name="uses")
    assert inputs["name"] in refused(engine.delete, service)
    assert inputs["name"] in refused(engine.delete, domain)
    for made in (api, service, domain):
        engine.delete(made)
        assert engine.read(made).id == ""
