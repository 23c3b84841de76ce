"""Gateway resources are read as they were sent: generated inputs, sent and read back."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck as Health
from hypothesis import given, settings
from hypothesis import strategies as st
from support.gateway_inputs import (
    GATEWAY,
    PaperCloud,
    ai_services,
    consumers,
    domains,
    model_apis,
    without_address,
)
from support.gateway_wire import API, PRODUCT_FIELDS, update_body

from dashlink.provider.codec import UNKNOWN_KEY
from dashlink.provider.gateway.ai_service import read_service, service_config, service_update
from dashlink.provider.gateway.consumer import (
    consumer_create_only,
    consumer_update,
    consumer_values,
    read_consumer,
)
from dashlink.provider.gateway.domain import domain_create_only, domain_update, read_domain
from dashlink.provider.gateway.masked_keys import matched_keys
from dashlink.provider.gateway.model_api_payload import (
    is_category,
    model_api_create_only,
    read_model_api,
)
from dashlink.resources.models.ai_service import AiServiceInputs
from dashlink.resources.models.model_api import ModelApiInputs
from dashlink_sandbox.services.apig.ai_services import mask, masked

no_deadline = settings(deadline=None)


def api_response(inputs):
    """Data that the API returns for inputs: without what it omits, and with keys masked."""
    body = json.loads(json.dumps({**update_body(inputs), **model_api_create_only(inputs)}))
    (config,) = body.pop("deployConfigs")
    for policy in config["policyConfigs"]:
        cache = policy.get("aiCacheConfig", {})
        for section, secret in (("redisConfig", "password"), ("vectorConfig", "apiKey")):
            if section in cache:
                cache[section] = masked(cache[section], secret)
    for name in ("removeBasePathOnForward", "firstByteTimeout", "belongGatewayId"):
        body.pop(name, None)
    return {**body, "gatewayId": GATEWAY, "deployConfigs": [config]}


@no_deadline
@given(model_apis())
def test_a_model_api_is_read_as_it_was_sent(inputs):
    assert read_model_api(api_response(inputs), inputs) == inputs


@no_deadline
@given(model_apis())
def test_an_imported_model_api_lacks_what_the_api_omits(inputs):
    returned = {"remove_base_path": None, "first_byte_timeout_seconds": None}
    if inputs.cache is not None:
        returned["cache"] = inputs.cache.model_copy(
            update={"redis_password": None, "vector_key": None}
        )
    assert read_model_api(api_response(inputs), None) == inputs.model_copy(update=returned)


@pytest.mark.parametrize("returned", [None, "", "Text"], ids=str)
@pytest.mark.parametrize("sent", [None, "Text"], ids=["llm", "scene"])
def test_an_api_without_a_category_may_be_read_as_text(sent, returned):
    inputs = API.model_copy(update={"category": sent})
    data = {**api_response(inputs), "modelCategory": returned}
    assert read_model_api(data, inputs).category == sent
    assert read_model_api({**data, "modelCategory": "Image"}, inputs).category == "Image"
    assert read_model_api(data, None).category == (returned or None)


@no_deadline
@given(model_apis(), model_apis())
def test_known_values_hide_no_change(before, after):
    read = read_model_api(api_response(after), before)
    hidden = {
        name: getattr(before, name) for name in ("remove_base_path", "first_byte_timeout_seconds")
    }
    if is_category(before.category, after.category):
        hidden["category"] = before.category
    if after.cache is not None:
        known = before.cache
        secret = {name: known and getattr(known, name) for name in ("redis_password", "vector_key")}
        hidden["cache"] = after.cache.model_copy(update=secret)
    assert read == after.model_copy(update=hidden)


@pytest.fixture(scope="module")
def cloud():
    return PaperCloud()


few_examples = settings(
    max_examples=40, deadline=None, suppress_health_check=[Health.function_scoped_fixture]
)


@few_examples
@given(ai_services)
def test_a_service_is_read_as_it_was_sent(cloud, inputs):
    service_id = cloud.reset().service(inputs)
    cloud("PUT", f"services/{service_id}", service_update(inputs))
    assert read_service(cloud("GET", f"services/{service_id}"), inputs) == inputs


@few_examples
@given(ai_services, ai_services)
def test_a_service_becomes_what_it_is_updated_to(cloud, before, after):
    service_id = cloud.reset().service(before)
    cloud("PUT", f"services/{service_id}", service_update(after))
    assert read_service(cloud("GET", f"services/{service_id}"), after) == after


@few_examples
@given(ai_services)
def test_an_imported_service_has_placeholders_for_keys(cloud, inputs):
    service_id = cloud.reset().service(inputs)
    cloud("PUT", f"services/{service_id}", service_update(inputs))
    read = read_service(cloud("GET", f"services/{service_id}"), None)
    returned = {"api_keys": (UNKNOWN_KEY,) * len(inputs.api_keys), "verify": False}
    if inputs.bedrock is not None:
        unknown = {"access_key": UNKNOWN_KEY, "secret_key": UNKNOWN_KEY}
        returned["bedrock"] = inputs.bedrock.model_copy(update=unknown)
    if inputs.vertex is not None:
        returned["vertex"] = inputs.vertex.model_copy(update={"auth_key": UNKNOWN_KEY})
    assert read == inputs.model_copy(update=returned)


def test_another_region_of_bedrock_is_read_as_a_change():
    inputs = without_address("bedrock")
    returned = {"gatewayId": GATEWAY, "name": "bedrock", "aiServiceConfig": service_config(inputs)}
    returned["aiServiceConfig"]["bedrockServiceConfig"]["awsRegion"] = "eu-west-1"
    assert read_service(returned, inputs).bedrock == inputs.bedrock.model_copy(
        update={"region": "eu-west-1"}
    )


@few_examples
@given(model_apis(), model_apis())
def test_a_model_api_becomes_what_it_is_updated_to(cloud, before, after):
    cloud.reset()
    ids = {f"svc-{number}": cloud.service(plain_service(number)) for number in (1, 2)}
    ids |= {f"d-{number}": cloud.create("domains", plain_domain(number)) for number in (1, 2)}
    before = with_ids(before, ids)
    after = with_ids(after, ids).model_copy(
        update={
            "category": before.category,
            "protocol": before.protocol,
            "builtin_routes": before.builtin_routes,
        }
    )
    api_id = cloud.create("http-apis", {**update_body(before), **model_api_create_only(before)})
    assert read_model_api(cloud("GET", f"http-apis/{api_id}"), before) == before
    fields = log_fields_in(cloud("GET", f"http-apis/{api_id}"))
    cloud("PUT", f"http-apis/{api_id}", update_body(after, fields or PRODUCT_FIELDS))
    assert read_model_api(cloud("GET", f"http-apis/{api_id}"), after) == after


def log_fields_in(data):
    """Return the log fields in the answer of GetHttpApi."""
    for policy in data["deployConfigs"][0]["policyConfigs"]:
        if policy["type"] == "AiStatistics":
            return policy["aiStatisticsConfig"].get("pathFieldConfigs")
    return None


def plain_service(number):
    return AiServiceInputs(
        gateway_id=GATEWAY, name=f"s{number}", vendor="custom", address="https://a.example.com/v1"
    )


def plain_domain(number):
    return {"name": f"d{number}.example.com", "protocol": "HTTP", "gatewayType": "AI"}


def with_ids(inputs, ids):
    """The inputs with the ids of the cloud."""
    text = inputs.model_dump_json()
    for name, identity in ids.items():
        text = text.replace(f'"{name}"', f'"{identity}"')
    return ModelApiInputs.model_validate_json(text)


@few_examples
@given(consumers, consumers)
def test_a_consumer_becomes_what_it_is_updated_to(cloud, before, after):
    consumer_id = cloud.reset().create(
        "consumers", {**consumer_values(before), **consumer_create_only(before)}
    )
    assert read_consumer(cloud("GET", f"consumers/{consumer_id}"), before) == before
    cloud("PUT", f"consumers/{consumer_id}", consumer_update(after))
    assert read_consumer(cloud("GET", f"consumers/{consumer_id}"), after) == after


@few_examples
@given(consumers)
def test_an_imported_consumer_has_placeholders_for_keys(cloud, inputs):
    consumer_id = cloud.reset().create(
        "consumers", {**consumer_values(inputs), **consumer_create_only(inputs)}
    )
    pairs = tuple(pair.model_copy(update={"secret_key": UNKNOWN_KEY}) for pair in inputs.key_pairs)
    returned = {"api_keys": (UNKNOWN_KEY,) * len(inputs.api_keys), "key_pairs": pairs}
    if inputs.jwt is not None:
        returned["jwt"] = inputs.jwt.model_copy(update={"jwks": UNKNOWN_KEY})
    assert read_consumer(cloud("GET", f"consumers/{consumer_id}"), None) == inputs.model_copy(
        update=returned
    )


@few_examples
@given(domains)
def test_a_domain_is_read_as_it_was_sent(cloud, inputs):
    domain_id = cloud.reset().create(
        "domains", {**domain_update(inputs), **domain_create_only(inputs)}
    )
    assert read_domain(cloud("GET", f"domains/{domain_id}")) == inputs


# -- masked keys ---------------------------------------------------------------------------------

ONE = "sk-one-0123456789-aaaa"
TWO = "sk-two-0123456789-bbbb"
THREE = "sk-three-0123456789-cccc"


MATCHES = {
    "none returned": ([ONE, TWO], None, [ONE, TWO]),
    "empty list": ([ONE, TWO], [], []),
    "no known key": ([], [ONE], [UNKNOWN_KEY]),
    "in plain": ([ONE, TWO], [ONE, TWO], [ONE, TWO]),
    "masked": ([ONE, TWO], [mask(ONE), mask(TWO)], [ONE, TWO]),
    "in another order": ([ONE, TWO], [mask(TWO), mask(ONE)], [TWO, ONE]),
    "one removed": ([ONE, TWO], [mask(TWO)], [TWO]),
    "one replaced": ([ONE, TWO], [mask(ONE), mask(THREE)], [ONE, UNKNOWN_KEY]),
    "duplicate": ([ONE], [mask(ONE), mask(ONE)], [ONE, UNKNOWN_KEY]),
    "another key in plain": ([ONE], ["sk-one-0123456789-aaab"], [UNKNOWN_KEY]),
    "masked whole": ([ONE], ["****"], [ONE]),
    "alike, by position": (
        ["sk-a-1-zz", "sk-a-2-zz"],
        ["sk-a*zz", "sk-a*zz"],
        ["sk-a-1-zz", "sk-a-2-zz"],
    ),
    "overlapping ends": (["abcdef"], ["abcd****cdef"], [UNKNOWN_KEY]),
    "placeholder": ([ONE], [UNKNOWN_KEY], [UNKNOWN_KEY]),
    "empty key": ([ONE], [""], [UNKNOWN_KEY]),
}


@pytest.mark.parametrize(("known", "returned", "matched"), MATCHES.values(), ids=MATCHES)
def test_returned_keys_are_matched(known, returned, matched):
    assert matched_keys(known, returned) == tuple(matched)


keys = st.text("ab01-", min_size=1, max_size=20)


@no_deadline
@given(st.lists(keys, max_size=4))
def test_masked_keys_in_their_order_all_match(known):
    assert matched_keys(known, [mask(key) for key in known]) == tuple(known)
    assert matched_keys(known, known) == tuple(known)


@no_deadline
@given(st.lists(keys, max_size=4), st.lists(keys, max_size=4))
def test_no_known_key_matches_twice(known, others):
    found = matched_keys(known, [mask(key) for key in others])
    assert len(found) == len(others)
    for key in set(found) - {UNKNOWN_KEY}:
        assert found.count(key) <= known.count(key)
    for key, other in zip(found, others, strict=True):
        if len(key) > 8 < len(other) and key != UNKNOWN_KEY:
            assert mask(key) == mask(other)


long_keys = st.lists(st.text("ab", min_size=9, max_size=12), max_size=4).flatmap(
    lambda known: st.tuples(st.just(known), st.permutations(known))
)


@no_deadline
@given(long_keys)
def test_masked_keys_in_another_order_all_match(drawn):
    known, moved = drawn
    found = matched_keys(known, [mask(key) for key in moved])
    assert sorted(found) == sorted(known)
