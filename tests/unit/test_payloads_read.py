"""What is read of the gateway's things is what was written: generated inputs, sent, answered and read again."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck as Health
from hypothesis import given, settings
from hypothesis import strategies as st
from support.gateway_inputs import (
    GATEWAY,
    Paper,
    ai_services,
    consumers,
    domains,
    model_apis,
    without_address,
)

from dashlink.provider.gateway.ai_service import read_service, service_config, service_update
from dashlink.provider.gateway.consumer import (
    consumer_create_only,
    consumer_update,
    consumer_values,
    read_consumer,
)
from dashlink.provider.gateway.domain import domain_create_only, domain_update, read_domain
from dashlink.provider.codec import UNKNOWN_KEY
from dashlink.provider.gateway.masked_keys import matched_keys
from dashlink.provider.gateway.model_api_payload import (
    model_api_create_only,
    model_api_update,
    read_model_api,
)
from dashlink.resources.models.ai_service import AiServiceInputs
from dashlink.resources.models.model_api import ModelApiInputs
from dashlink_sandbox.services.apig.ai_services import mask, masked

unhurried = settings(deadline=None)


def told_of_api(inputs):
    """What the API answers for what it was sent: less than that, for some of it is never told, and keys masked."""
    body = json.loads(json.dumps({**model_api_update(inputs), **model_api_create_only(inputs)}))
    (config,) = body.pop("deployConfigs")
    for policy in config["policyConfigs"]:
        cache = policy.get("aiCacheConfig", {})
        for part, secret in (("redisConfig", "password"), ("vectorConfig", "apiKey")):
            if part in cache:
                cache[part] = masked(cache[part], secret)
    untold = ("removeBasePathOnForward", "firstByteTimeout", "belongGatewayId")
    told = {name: value for name, value in body.items() if name not in untold}
    return {**told, "gatewayId": GATEWAY, "deployConfigs": [config]}


@unhurried
@given(model_apis())
def test_a_model_api_is_read_as_it_was_sent(inputs):
    assert read_model_api(told_of_api(inputs), inputs) == inputs


@unhurried
@given(model_apis())
def test_an_imported_model_api_lacks_what_the_api_omits(inputs):
    told = {"remove_base_path": True, "first_byte_timeout_seconds": None}
    if inputs.cache is not None:
        told["cache"] = inputs.cache.model_copy(update={"redis_password": None, "vector_key": None})
    assert read_model_api(told_of_api(inputs), None) == inputs.model_copy(update=told)


@unhurried
@given(model_apis(), model_apis())
def test_known_values_hide_no_change(before, after):
    read = read_model_api(told_of_api(after), before)
    hidden = {
        name: getattr(before, name) for name in ("remove_base_path", "first_byte_timeout_seconds")
    }
    if after.cache is not None:
        known = before.cache
        secret = {name: known and getattr(known, name) for name in ("redis_password", "vector_key")}
        hidden["cache"] = after.cache.model_copy(update=secret)
    assert read == after.model_copy(update=hidden)


@pytest.fixture(scope="module")
def paper():
    return Paper()


on_paper = settings(
    max_examples=40, deadline=None, suppress_health_check=[Health.function_scoped_fixture]
)


@on_paper
@given(ai_services)
def test_a_service_is_read_as_it_was_sent(paper, inputs):
    service_id = paper.again().service(inputs)
    paper("PUT", f"services/{service_id}", service_update(inputs))
    assert read_service(paper("GET", f"services/{service_id}"), inputs) == inputs


@on_paper
@given(ai_services, ai_services)
def test_a_service_becomes_what_it_is_updated_to(paper, before, after):
    service_id = paper.again().service(before)
    paper("PUT", f"services/{service_id}", service_update(after))
    assert read_service(paper("GET", f"services/{service_id}"), after) == after


@on_paper
@given(ai_services)
def test_an_imported_service_has_placeholders_for_keys(paper, inputs):
    service_id = paper.again().service(inputs)
    paper("PUT", f"services/{service_id}", service_update(inputs))
    read = read_service(paper("GET", f"services/{service_id}"), None)
    told = {"api_keys": (UNKNOWN_KEY,) * len(inputs.api_keys), "verify": False}
    if inputs.bedrock is not None:
        unknown = {"access_key": UNKNOWN_KEY, "secret_key": UNKNOWN_KEY}
        told["bedrock"] = inputs.bedrock.model_copy(update=unknown)
    if inputs.vertex is not None:
        told["vertex"] = inputs.vertex.model_copy(update={"auth_key": UNKNOWN_KEY})
    assert read == inputs.model_copy(update=told)


def test_another_region_of_bedrock_is_read_as_a_change():
    inputs = without_address("bedrock")
    told = {"gatewayId": GATEWAY, "name": "bedrock", "aiServiceConfig": service_config(inputs)}
    told["aiServiceConfig"]["bedrockServiceConfig"]["awsRegion"] = "eu-west-1"
    assert read_service(told, inputs).bedrock == inputs.bedrock.model_copy(
        update={"region": "eu-west-1"}
    )


@on_paper
@given(model_apis(), model_apis())
def test_a_model_api_becomes_what_it_is_updated_to(paper, before, after):
    paper.again()
    ids = {f"svc-{number}": paper.service(plain_service(number)) for number in (1, 2)}
    ids |= {f"d-{number}": paper.made("domains", plain_domain(number)) for number in (1, 2)}
    before = with_ids(before, ids)
    after = with_ids(after, ids).model_copy(
        update={"category": before.category, "protocol": before.protocol}
    )
    api_id = paper.made("http-apis", {**model_api_update(before), **model_api_create_only(before)})
    assert read_model_api(paper("GET", f"http-apis/{api_id}"), before) == before
    paper("PUT", f"http-apis/{api_id}", model_api_update(after))
    assert read_model_api(paper("GET", f"http-apis/{api_id}"), after) == after


def plain_service(number):
    return AiServiceInputs(
        gateway_id=GATEWAY, name=f"s{number}", vendor="custom", address="https://a.example.com/v1"
    )


def plain_domain(number):
    return {"name": f"d{number}.example.com", "protocol": "HTTP", "gatewayType": "AI"}


def with_ids(inputs, ids):
    """``inputs`` with the ids that the cloud gave."""
    text = inputs.model_dump_json()
    for name, identity in ids.items():
        text = text.replace(f'"{name}"', f'"{identity}"')
    return ModelApiInputs.model_validate_json(text)


@on_paper
@given(consumers, consumers)
def test_a_consumer_becomes_what_it_is_updated_to(paper, before, after):
    consumer_id = paper.again().made(
        "consumers", {**consumer_values(before), **consumer_create_only(before)}
    )
    assert read_consumer(paper("GET", f"consumers/{consumer_id}"), before) == before
    paper("PUT", f"consumers/{consumer_id}", consumer_update(after))
    assert read_consumer(paper("GET", f"consumers/{consumer_id}"), after) == after


@on_paper
@given(consumers)
def test_an_imported_consumer_has_placeholders_for_keys(paper, inputs):
    consumer_id = paper.again().made(
        "consumers", {**consumer_values(inputs), **consumer_create_only(inputs)}
    )
    pairs = tuple(pair.model_copy(update={"secret_key": UNKNOWN_KEY}) for pair in inputs.key_pairs)
    told = {"api_keys": (UNKNOWN_KEY,) * len(inputs.api_keys), "key_pairs": pairs}
    told["jwt"] = inputs.jwt and inputs.jwt.model_copy(update={"jwks": UNKNOWN_KEY})
    assert read_consumer(paper("GET", f"consumers/{consumer_id}"), None) == inputs.model_copy(
        update=told
    )


@on_paper
@given(domains)
def test_a_domain_is_read_as_it_was_sent(paper, inputs):
    domain_id = paper.again().made("domains", {**domain_update(inputs), **domain_create_only(inputs)})
    assert read_domain(paper("GET", f"domains/{domain_id}")) == inputs


# -- keys that come back masked ----------------------------------------------------------------------------------------

ONE, TWO, THREE = "sk-one-0123456789-aaaa", "sk-two-0123456789-bbbb", "sk-three-0123456789-cccc"


@pytest.mark.parametrize(
    ("known", "told", "found"),
    [
        ([ONE, TWO], None, [ONE, TWO]),
        ([ONE, TWO], [], []),
        ([], [ONE], [UNKNOWN_KEY]),
        ([ONE, TWO], [ONE, TWO], [ONE, TWO]),
        ([ONE, TWO], [mask(ONE), mask(TWO)], [ONE, TWO]),
        ([ONE, TWO], [mask(TWO), mask(ONE)], [TWO, ONE]),
        ([ONE, TWO], [mask(TWO)], [TWO]),
        ([ONE, TWO], [mask(ONE), mask(THREE)], [ONE, UNKNOWN_KEY]),
        ([ONE], [mask(ONE), mask(ONE)], [ONE, UNKNOWN_KEY]),
        ([ONE], ["sk-one-0123456789-aaab"], [UNKNOWN_KEY]),
        ([ONE], ["****"], [ONE]),
        (
            ["sk-a-1-zz", "sk-a-2-zz"],
            ["sk-a*zz", "sk-a*zz"],
            ["sk-a-1-zz", "sk-a-2-zz"],
        ),  # alike: by their places
        (["abcdef"], ["abcd****cdef"], [UNKNOWN_KEY]),  # beginning and end may not overlap
        ([ONE], [UNKNOWN_KEY], [UNKNOWN_KEY]),
        ([ONE], [""], [UNKNOWN_KEY]),
    ],
)
def test_returned_keys_are_matched(known, told, found):
    assert matched_keys(known, told) == tuple(found)


keys = st.text("ab01-", min_size=1, max_size=20)


@unhurried
@given(st.lists(keys, max_size=4))
def test_masked_keys_in_their_order_all_match(known):
    assert matched_keys(known, [mask(key) for key in known]) == tuple(known)
    assert matched_keys(known, known) == tuple(known)


@unhurried
@given(st.lists(keys, max_size=4), st.lists(keys, max_size=4))
def test_no_known_key_matches_twice(known, others):
    found = matched_keys(known, [mask(key) for key in others])
    assert len(found) == len(others)
    real = [key for key in found if key != UNKNOWN_KEY]
    assert all(real.count(key) <= known.count(key) for key in real)
    assert all(
        mask(key) == mask(other)
        for key, other in zip(found, others, strict=True)
        if len(key) > 8 < len(other) and key != UNKNOWN_KEY
    )


long_keys = st.lists(st.text("ab", min_size=9, max_size=12), max_size=4).flatmap(
    lambda known: st.tuples(st.just(known), st.permutations(known))
)


@unhurried
@given(long_keys)
def test_masked_keys_in_another_order_all_match(drawn):
    known, moved = drawn
    found = matched_keys(known, [mask(key) for key in moved])
    assert sorted(found) == sorted(known)
