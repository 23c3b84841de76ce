"""The gateway's kinds when answers are lost, runs are killed, names are taken and the cloud says no."""

from __future__ import annotations

import pytest
import tenacity
from alibabacloud_apig20240327 import models
from support.provider import bare, engine_for, refused
from support.provider_cases import (
    CASES,
    KEYS,
    consumer_case,
    domain_case,
    new_name,
    plain_api,
    service_case,
    standing_place,
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
makes_something = pytest.mark.parametrize("kind", TABLES)


@pytest.fixture(scope="module")
def place():
    with standing_place() as made:
        yield made


@pytest.fixture(scope="module")
def engine(place):
    with engine_for(place.cloud) as engine:
        yield engine


@pytest.fixture
def case(kind, place):
    return CASES[kind](place)


@pytest.fixture
def at_once(monkeypatch):
    """Requests are tried again without a pause."""
    monkeypatch.setattr(retry, "wait_random_exponential", lambda **_: tenacity.wait_none())


@pytest.fixture
def only_once(monkeypatch):
    """A request is made once, as by a run that is killed before it can make it again."""
    monkeypatch.setattr(retry, "_ATTEMPTS", 1)


@pytest.fixture(autouse=True)
def no_faults(place):
    yield
    place.cloud.cloud.faults.active.clear()


def there(place, kind):
    return set(getattr(place.cloud.state, TABLES[kind]))


def lost(place, **fault):
    inject_fault(place.cloud, product="APIG", **fault)


# -- the same thing is never made twice --------------------------------------------------------------------------------


@makes_something
def test_what_a_killed_run_has_made_is_gone_on_with(engine, place, kind, case):
    before = there(place, kind)
    first = engine.create(kind, case.inputs, name=new_name("twice"))
    second = engine.create(kind, case.inputs, name=first.urn.rpartition("::")[2])
    assert second.id == first.id
    assert len(there(place, kind) - before) == 1
    assert bare(second.properties) == bare(first.properties)


@makes_something
def test_an_answer_that_was_lost_makes_nothing_twice(engine, place, kind, case, at_once):
    before = there(place, kind)
    lost(place, kind="crash", action=ACTIONS[kind])
    made = engine.create(kind, case.inputs, name=new_name("lost"))
    assert not place.cloud.cloud.faults.active
    assert len(there(place, kind) - before) == 1
    assert engine.read(made).id == made.id


@makes_something
def test_a_run_that_ended_with_a_lost_answer_is_gone_on_with(engine, place, kind, case, monkeypatch):
    before = there(place, kind)
    name = new_name("ended")
    if kind != "ConsumerAuthorization":  # which looks once more before it gives up
        with monkeypatch.context() as patched:
            patched.setattr(retry, "_ATTEMPTS", 1)
            lost(place, kind="crash", action=ACTIONS[kind])
            assert "cannot be reached" in refused(engine.create, kind, case.inputs, name)
        assert len(there(place, kind) - before) == 1
    made = engine.create(kind, case.inputs, name=name)
    assert len(there(place, kind) - before) == 1
    assert engine.read(made).id == made.id


@makes_something
def test_what_was_deleted_in_between_is_made_anew(engine, place, kind, case):
    first = engine.create(kind, case.inputs, name=new_name("again"))
    engine.delete(first)
    before = there(place, kind)
    second = engine.create(kind, case.inputs, name=first.urn.rpartition("::")[2])
    assert second.id != first.id
    assert len(there(place, kind) - before) == 1
    assert engine.diff(engine.refresh(second), case.inputs).diffs == []


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("AiService", {"defaultModel": "qwen-max", "apiKeys": [KEYS[1]], "resourceGroupId": FIRST_GROUP}),
        ("ModelApi", {"fallbacks": [], "fallbackOnlyOnUpstreamCodes": False, "resourceGroupId": FIRST_GROUP}),
        ("Consumer", {"enabled": True, "keyPairs": []}),
    ],
)
def test_what_a_killed_run_has_made_becomes_what_is_wanted_now(engine, place, kind, case, change):
    first = engine.create(kind, case.inputs, name=new_name("changed"))
    before = there(place, kind)
    wanted = {**case.inputs, **change}
    second = engine.create(kind, wanted, name=first.urn.rpartition("::")[2])
    assert second.id == first.id
    assert there(place, kind) == before
    assert engine.diff(engine.refresh(second), wanted).diffs == []


def test_a_service_whose_checks_are_missing_yet_gets_them(engine, place, only_once):
    inputs, name = service_case(place).inputs, new_name("unchecked")
    before = there(place, "AiService")
    lost(place, kind="error", action="UpdateService", code="Forbidden.NoPermission")
    assert "cannot update the AI service: " in refused(engine.create, "AiService", inputs, name)
    made = engine.create("AiService", inputs, name=name)
    assert there(place, "AiService") - before == {made.id}
    assert place.cloud.state.ai_services[made.id].health_check["httpPath"] == "/health"


def test_a_right_that_somebody_gave_already_is_taken(engine, place):
    inputs = CASES["ConsumerAuthorization"](place).inputs
    rule = {"consumerId": inputs["consumerId"], "principalType": "Consumer", "resourceType": "LLM"}
    rule |= {"expireMode": "LongTerm"}
    rule["resourceIdentifier"] = {"resourceId": inputs["modelApiId"], "environmentId": place.environment_id}
    body = {"authorizationRules": [rule]}
    request = models.CreateConsumerAuthorizationRulesRequest().from_map(body)
    answer = place.client.create_consumer_authorization_rules(request).body.data
    (rule_id,) = answer.consumer_authorization_rule_ids
    assert engine.create("ConsumerAuthorization", inputs).id == f"{inputs['consumerId']}/{rule_id}"


# -- names that somebody else has --------------------------------------------------------------------------------------


def test_a_service_of_somebody_else_is_left_alone(engine, place):
    inputs = service_case(place).inputs
    made = engine.create("AiService", inputs, name="somebody")
    for other in ({"address": "https://other.example.com/v1"}, {"vendor": "qwen"}):
        said = refused(engine.create, "AiService", {**inputs, **other}, "else")
        assert said == (
            f"the account has a service {inputs['name']} on this gateway already ({made.id}). "
            "Choose another name, or import it."
        )
    assert engine.diff(engine.refresh(made), inputs).diffs == []


def test_a_plain_service_of_the_name_is_left_alone(engine, place):
    inputs = service_case(place).inputs
    config = {"name": inputs["name"], "addresses": ["a.example.com:80"]}
    body = {"gatewayId": place.gateway_id, "sourceType": "DNS", "serviceConfigs": [config]}
    place.client.create_service(models.CreateServiceRequest().from_map(body))
    assert "already (svc-" in refused(engine.create, "AiService", inputs)


def test_an_api_of_somebody_else_is_left_alone(engine, place):
    inputs = plain_api(place)
    other = place.service()
    config = {"gatewayId": place.gateway_id, "environmentId": place.environment_id, "backendScene": "SingleService"}
    config["serviceConfigs"] = [{"serviceId": other}]
    body = {"name": inputs["name"], "type": "LLM", "modelCategory": "Text", "aiProtocols": ["OpenAI/v1"]}
    body |= {"basePath": "/", "description": "theirs", "deployConfigs": [config]}
    api_id = place.client.create_http_api(models.CreateHttpApiRequest().from_map(body)).body.data.http_api_id
    for described in ({}, {"description": "ours"}):
        said = refused(engine.create, "ModelApi", {**inputs, **described})
        assert said == (
            f"the account has an API {inputs['name']} already ({api_id}). Choose another name, or import it."
        )
    assert place.cloud.state.http_apis[api_id].description == "theirs"


def test_an_api_of_another_scene_is_not_taken_for_ours(engine, place):
    inputs = plain_api(place)
    made = engine.create("ModelApi", inputs, name="scene")
    said = refused(engine.create, "ModelApi", {**inputs, "category": "Image"}, "scene")
    assert said.startswith(f"the account has an API {inputs['name']} already ({made.id}).")


def test_an_api_of_another_type_is_left_alone(engine, place):
    inputs = plain_api(place)
    body = {"name": inputs["name"], "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    place.client.create_http_api(models.CreateHttpApiRequest().from_map(body))
    assert "already (api-" in refused(engine.create, "ModelApi", inputs)


def test_a_domain_of_somebody_else_is_left_alone(engine, place):
    inputs = domain_case(place).inputs
    made = engine.create("Domain", inputs, name="one")
    said = refused(engine.create, "Domain", inputs, "other")
    assert said.startswith(f"cannot create the domain: The account has the domain {inputs['name']} already.")
    assert "Conflict.DomainExisted" in said
    assert engine.diff(engine.refresh(made), inputs).diffs == []


@pytest.mark.parametrize("described", [{}, {"description": None}, {"description": "ours"}])
def test_a_consumer_of_somebody_else_is_left_alone(engine, place, described):
    name = new_name("theirs")
    request = models.CreateConsumerRequest(name=name, gateway_type="AI", description="theirs")
    consumer_id = place.client.create_consumer(request).body.data.consumer_id
    inputs = {"name": name, "apiKeys": [new_name("ck-ours-0123456789")], **described}
    assert refused(engine.create, "Consumer", inputs) == (
        f"the account has a consumer {name} already ({consumer_id}). Choose another name, or import it."
    )
    assert place.cloud.state.consumers[consumer_id].api_key_config is None


# -- the cloud says no -------------------------------------------------------------------------------------------------


@makes_something
@pytest.mark.parametrize("fault", ["throttle", "error", "drop"])
def test_a_passing_failure_of_the_cloud_is_ridden_out_by_every_verb(engine, place, kind, case, fault, at_once):
    def troubled(verb, *arguments, **named):
        lost(place, kind=fault, times=4)
        answer = verb(*arguments, **named)
        assert not place.cloud.cloud.faults.active
        return answer

    made = troubled(engine.create, kind, case.inputs, name=new_name("troubled"))
    assert troubled(engine.read, made).id == made.id
    if case.in_place:
        troubled(engine.update, made, {**case.inputs, **case.in_place})
    troubled(engine.delete, made)
    assert engine.read(made).id == ""


def test_throttling_is_ridden_out_far_longer_than_failures(engine, place, at_once):
    lost(place, kind="throttle", action="CreateDomain", times=20)
    engine.create("Domain", domain_case(place).inputs, name="throttled")
    assert not place.cloud.cloud.faults.active
    lost(place, kind="error", action="CreateDomain", times=20)
    said = refused(engine.create, "Domain", domain_case(place).inputs, "failing")
    assert said.startswith("cannot create the domain: ")
    assert "InternalError" in said


@pytest.mark.parametrize("kind", ["AiService", "Consumer", "ModelApi"])
@pytest.mark.parametrize("verb", ["create", "update"])
def test_no_error_holds_a_key(engine, place, kind, case, verb, only_once):
    actions = {"create": ACTIONS[kind], "update": ACTIONS[kind].replace("Create", "Update")}
    made = engine.create(kind, case.inputs, name=new_name("refused"))
    fresh = CASES[kind](place).inputs
    said = []
    for fault in ({"kind": "error", "code": "Forbidden.NoPermission"}, {"kind": "error"}, {"kind": "drop"}):
        lost(place, action=actions[verb], **fault)
        arguments = (kind, fresh, "refused") if verb == "create" else (made, case.inputs)
        said.append(refused(getattr(engine, verb), *arguments))
        place.cloud.cloud.faults.active.clear()
    assert "Forbidden.NoPermission" in said[0]
    assert "request id" in said[0]
    assert not [key for key in secrets_of({**fresh, **case.inputs}) if key in "".join((*said, *engine.said))]


def secrets_of(value, name=""):
    """Every text of the inputs that is a secret."""
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in secrets_of(item, key)]
    if isinstance(value, list):
        return [found for item in value for found in secrets_of(item, name)]
    return [value] if name in ("apiKeys", "secretKey", "jwks", "redisPassword", "vectorKey") else []


def test_a_credential_that_another_consumer_has_is_refused_without_being_shown(engine, place):
    inputs = consumer_case(place).inputs
    engine.create("Consumer", inputs, name="has-it")
    again = {**inputs, "name": new_name("consumer"), "keyPairs": []}
    said = refused(engine.create, "Consumer", again, "wants-it")
    assert "Conflict.ConsumerCredentialExisted" in said
    assert not [key for key in inputs["apiKeys"] if key in said]


def test_keys_that_come_twice_are_refused_without_being_shown(engine, place):
    inputs = {**service_case(place).inputs, "apiKeys": [KEYS[0], KEYS[0]]}
    said = refused(engine.create, "AiService", inputs, "twice-a-key")
    assert KEYS[0] not in said


def test_what_is_still_in_use_is_not_deleted(engine, place):
    service = engine.create("AiService", service_case(place).inputs, name="used")
    domain = engine.create("Domain", domain_case(place).inputs, name="used")
    inputs = {**plain_api(place), "targets": [{"serviceId": service.id}], "domainIds": [domain.id]}
    api = engine.create("ModelApi", inputs, name="uses")
    assert inputs["name"] in refused(engine.delete, service)
    assert inputs["name"] in refused(engine.delete, domain)
    for made in (api, service, domain):
        engine.delete(made)
        assert engine.read(made).id == ""
