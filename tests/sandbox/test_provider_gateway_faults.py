"""Gateway resources with lost responses, killed runs, names in use and refusing clouds."""

from __future__ import annotations

import pytest
import tenacity
from alibabacloud_apig20240327 import models
from support.provider import refused, unsealed
from support.provider_cases import (
    CASES,
    KEYS,
    consumer_case,
    domain_case,
    new_name,
    plain_api,
    service_case,
)
from support.sandbox_admin import inject_fault

from dashlink.cloud import retry

TABLES = {
    "AiService": "ai_services",
    "ModelApi": "http_apis",
    "Domain": "domains",
    "Consumer": "consumers",
    "ModelApiAuthorization": "authorization_rules",
}
ACTIONS = {
    "AiService": "CreateService",
    "ModelApi": "CreateHttpApi",
    "Domain": "CreateDomain",
    "Consumer": "CreateConsumer",
    "ModelApiAuthorization": "CreateConsumerAuthorizationRules",
}
RECORDS = {"ModelApiAuthorization": 2}  # of a resource, where not one
FIRST_GROUP = "rg-acfmsandboxfirst"
every_created_resource = pytest.mark.parametrize("resource", TABLES, ids=str)


@pytest.fixture
def at_once(monkeypatch):
    """Requests are tried again without a pause."""
    monkeypatch.setattr(retry, "wait_random_exponential", lambda **_: tenacity.wait_none())


@pytest.fixture
def only_once(monkeypatch):
    """A request is created once, as by a run that is killed before it can make it again."""
    monkeypatch.setattr(retry, "_ATTEMPTS", 1)


@pytest.fixture(autouse=True)
def no_faults(base):
    yield
    base.cloud.cloud.faults.active.clear()


@pytest.fixture(scope="module", autouse=True)
def known_words(engine, base):
    """The plugin knows the words of the gateway, so that no dry run takes a fault."""
    engine.create("ModelApi", CASES["ModelApi"](base).inputs, name="words")


def there(base, resource):
    return set(getattr(base.cloud.state, TABLES[resource]))


def lost(base, **fault):
    inject_fault(base.cloud, product="APIG", **fault)


# -- nothing is created twice --------------------------------------------------------------------


@every_created_resource
def test_a_resource_left_by_a_killed_run_is_adopted(engine, base, resource, case):
    before = there(base, resource)
    first = engine.create(resource, case.inputs, name=new_name("twice"))
    second = engine.create(resource, case.inputs, name=first.urn.rpartition("::")[2])
    assert second.id == first.id
    assert len(there(base, resource) - before) == RECORDS.get(resource, 1)
    assert unsealed(second.properties) == unsealed(first.properties)


@every_created_resource
def test_a_lost_response_creates_nothing_twice(engine, base, resource, case, at_once):
    before = there(base, resource)
    lost(base, kind="crash", action=ACTIONS[resource])
    created = engine.create(resource, case.inputs, name=new_name("lost"))
    assert not base.cloud.cloud.faults.active
    assert len(there(base, resource) - before) == RECORDS.get(resource, 1)
    assert engine.read(created).id == created.id


@every_created_resource
def test_a_run_that_ended_with_a_lost_response_is_resumed(
    engine, base, resource, case, monkeypatch
):
    before = there(base, resource)
    name = new_name("ended")
    with monkeypatch.context() as patched:
        patched.setattr(retry, "_ATTEMPTS", 1)
        lost(base, kind="crash", action=ACTIONS[resource])
        assert "cannot be reached" in refused(engine.create, resource, case.inputs, name)
    assert len(there(base, resource) - before) == RECORDS.get(resource, 1)
    created = engine.create(resource, case.inputs, name=name)
    assert len(there(base, resource) - before) == RECORDS.get(resource, 1)
    assert engine.read(created).id == created.id


@every_created_resource
def test_a_resource_deleted_meanwhile_is_created_again(engine, base, resource, case):
    first = engine.create(resource, case.inputs, name=new_name("again"))
    engine.delete(first)
    before = there(base, resource)
    second = engine.create(resource, case.inputs, name=first.urn.rpartition("::")[2])
    assert len(there(base, resource) - before) == RECORDS.get(resource, 1)
    assert engine.diff(engine.refresh(second), case.inputs).diffs == []


@pytest.mark.parametrize(
    ("resource", "change"),
    [
        (
            "AiService",
            {"defaultModel": "qwen-max", "apiKeys": [KEYS[1]], "resourceGroupId": FIRST_GROUP},
        ),
        (
            "ModelApi",
            {"fallbacks": [], "fallbackOnlyOnUpstreamCodes": False, "resourceGroupId": FIRST_GROUP},
        ),
        ("Consumer", {"enabled": True, "keyPairs": []}),
    ],
    ids=["AiService", "ModelApi", "Consumer"],
)
def test_an_adopted_resource_gets_the_new_inputs(engine, base, resource, case, change):
    first = engine.create(resource, case.inputs, name=new_name("changed"))
    before = there(base, resource)
    desired = {**case.inputs, **change}
    second = engine.create(resource, desired, name=first.urn.rpartition("::")[2])
    assert second.id == first.id
    assert there(base, resource) == before
    assert engine.diff(engine.refresh(second), desired).diffs == []


def test_an_adopted_service_gets_its_missing_checks(engine, base, only_once):
    inputs, name = service_case(base).inputs, new_name("unchecked")
    before = there(base, "AiService")
    lost(base, kind="error", action="UpdateService", code="Forbidden.NoPermission")
    assert "cannot update the AI service: " in refused(engine.create, "AiService", inputs, name)
    created = engine.create("AiService", inputs, name=name)
    assert there(base, "AiService") - before == {created.id}
    assert base.cloud.state.ai_services[created.id].health_check["httpPath"] == "/health"


# -- names of another owner ----------------------------------------------------------------------


def test_a_service_of_another_owner_is_not_adopted(engine, base):
    inputs = service_case(base).inputs
    created = engine.create("AiService", inputs, name="somebody")
    for other in ({"address": "https://other.example.com/v1"}, {"vendor": "qwen"}):
        error = refused(engine.create, "AiService", {**inputs, **other}, "else")
        assert error == (
            f"the account has a service {inputs['name']} on this gateway already ({created.id}). "
            "Choose another name, or import it."
        )
    assert engine.diff(engine.refresh(created), inputs).diffs == []


def test_a_service_of_another_type_is_not_adopted(engine, base):
    inputs = service_case(base).inputs
    config = {"name": inputs["name"], "addresses": ["a.example.com:80"]}
    body = {"gatewayId": base.gateway_id, "sourceType": "DNS", "serviceConfigs": [config]}
    base.client.create_service(models.CreateServiceRequest().from_map(body))
    assert "already (svc-" in refused(engine.create, "AiService", inputs)


def test_an_api_of_another_owner_is_not_adopted(engine, base):
    inputs = plain_api(base)
    other = base.service()
    config = {
        "gatewayId": base.gateway_id,
        "environmentId": base.environment_id,
        "backendScene": "SingleService",
    }
    config["serviceConfigs"] = [{"serviceId": other}]
    body = {
        "name": inputs["name"],
        "type": "LLM",
        "modelCategory": "Text",
        "aiProtocols": ["OpenAI/v1"],
    }
    body |= {"basePath": "/", "description": "theirs", "deployConfigs": [config]}
    api_id = base.client.create_http_api(
        models.CreateHttpApiRequest().from_map(body)
    ).body.data.http_api_id
    for described in ({}, {"description": "ours"}):
        error = refused(engine.create, "ModelApi", {**inputs, **described})
        assert error == (
            f"the account has an API {inputs['name']} already ({api_id}). "
            "Choose another name, or import it."
        )
    assert base.cloud.state.http_apis[api_id].description == "theirs"


def test_an_api_of_another_scene_is_not_adopted(engine, base):
    inputs = plain_api(base)
    created = engine.create("ModelApi", inputs, name="scene")
    error = refused(engine.create, "ModelApi", {**inputs, "category": "Image"}, "scene")
    assert error.startswith(f"the account has an API {inputs['name']} already ({created.id}).")


def test_an_api_of_another_type_is_not_adopted(engine, base):
    inputs = plain_api(base)
    body = {"name": inputs["name"], "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    body["belongGatewayId"] = base.gateway_id
    base.client.create_http_api(models.CreateHttpApiRequest().from_map(body))
    assert "already (api-" in refused(engine.create, "ModelApi", inputs)


def test_a_domain_of_another_owner_is_not_adopted(engine, base):
    inputs = domain_case(base).inputs
    created = engine.create("Domain", inputs, name="one")
    error = refused(engine.create, "Domain", inputs, "other")
    assert error.startswith(
        f"cannot create the domain: The account has the domain {inputs['name']} already."
    )
    assert "Conflict.DomainExisted" in error
    assert engine.diff(engine.refresh(created), inputs).diffs == []


@pytest.mark.parametrize(
    "described",
    [{}, {"description": None}, {"description": "ours"}],
    ids=["no description", "null", "another description"],
)
def test_a_consumer_of_another_owner_is_not_adopted(engine, base, described):
    name = new_name("theirs")
    request = models.CreateConsumerRequest(name=name, gateway_type="AI", description="theirs")
    consumer_id = base.client.create_consumer(request).body.data.consumer_id
    inputs = {"name": name, "apiKeys": [new_name("ck-ours-0123456789")], **described}
    assert refused(engine.create, "Consumer", inputs) == (
        f"the account has a consumer {name} already ({consumer_id}). "
        "Choose another name, or import it."
    )
    assert base.cloud.state.consumers[consumer_id].api_key_config is None


# -- errors of the cloud -------------------------------------------------------------------------


@every_created_resource
@pytest.mark.parametrize("fault", ["throttle", "error", "drop"], ids=str)
def test_every_operation_retries_temporary_failures(engine, base, resource, case, fault, at_once):
    def retried(verb, *arguments, **named):
        lost(base, kind=fault, times=4)
        answer = verb(*arguments, **named)
        assert not base.cloud.cloud.faults.active
        return answer

    created = retried(engine.create, resource, case.inputs, name=new_name("retried"))
    assert retried(engine.read, created).id == created.id
    if case.in_place:
        retried(engine.update, created, {**case.inputs, **case.in_place})
    retried(engine.delete, created)
    assert engine.read(created).id == ""


def test_throttling_is_retried_longer_than_failures(engine, base, at_once):
    lost(base, kind="throttle", action="CreateDomain", times=20)
    engine.create("Domain", domain_case(base).inputs, name="throttled")
    assert not base.cloud.cloud.faults.active
    lost(base, kind="error", action="CreateDomain", times=20)
    error = refused(engine.create, "Domain", domain_case(base).inputs, "failing")
    assert error.startswith("cannot create the domain: ")
    assert "InternalError" in error


@pytest.mark.parametrize("resource", ["AiService", "Consumer", "ModelApi"], ids=str)
@pytest.mark.parametrize("verb", ["create", "update"], ids=str)
def test_no_error_holds_a_key(engine, base, resource, case, verb, only_once):
    actions = {"create": ACTIONS[resource], "update": ACTIONS[resource].replace("Create", "Update")}
    created = engine.create(resource, case.inputs, name=new_name("refused"))
    fresh = CASES[resource](base).inputs
    errors = []
    for fault in (
        {"kind": "error", "code": "Forbidden.NoPermission"},
        {"kind": "error"},
        {"kind": "drop"},
    ):
        lost(base, action=actions[verb], **fault)
        arguments = (resource, fresh, "refused") if verb == "create" else (created, case.inputs)
        errors.append(refused(getattr(engine, verb), *arguments))
        base.cloud.cloud.faults.active.clear()
    assert "Forbidden.NoPermission" in errors[0]
    assert "request id" in errors[0]
    shown = "".join((*errors, *engine.messages))
    for key in secrets_of({**fresh, **case.inputs}):
        assert key not in shown


def secrets_of(value, name=""):
    """Yield every text of the inputs that is a secret."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from secrets_of(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from secrets_of(item, name)
    elif name in ("apiKeys", "secretKey", "jwks", "redisPassword", "vectorKey"):
        yield value


def test_a_credential_in_use_is_refused_without_its_value(engine, base):
    inputs = consumer_case(base).inputs
    engine.create("Consumer", inputs, name="has-it")
    again = {**inputs, "name": new_name("consumer"), "keyPairs": []}
    error = refused(engine.create, "Consumer", again, "wants-it")
    assert "Conflict.ConsumerCredentialExisted" in error
    assert not [key for key in inputs["apiKeys"] if key in error]


def test_duplicate_keys_are_refused_without_their_value(engine, base):
    inputs = {**service_case(base).inputs, "apiKeys": [KEYS[0], KEYS[0]]}
    error = refused(engine.create, "AiService", inputs, "twice-a-key")
    assert KEYS[0] not in error


def test_a_resource_in_use_is_not_deleted(engine, base):
    service = engine.create("AiService", service_case(base).inputs, name="used")
    domain = engine.create("Domain", domain_case(base).inputs, name="used")
    inputs = {**plain_api(base), "targets": [{"serviceId": service.id}], "domainIds": [domain.id]}
    api = engine.create("ModelApi", inputs, name="uses")
    assert inputs["name"] in refused(engine.delete, service)
    assert inputs["name"] in refused(engine.delete, domain)
    for created in (api, service, domain):
        engine.delete(created)
        assert engine.read(created).id == ""
