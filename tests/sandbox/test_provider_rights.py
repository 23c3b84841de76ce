"""Consumers and their rights in the provider, in clouds that answer open questions differently."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from support.gateways import authorize
from support.provider import engine_for, refused, unsealed
from support.provider_cases import base_gateway, consumer_case, new_name

from dashlink_sandbox.dialects import Dialect

AT_ONCE = {"late-records": "at-once"}
LATE = {"late-records": "late"}
every_delay = pytest.mark.parametrize("delay", [AT_ONCE, LATE], ids=["at once", "late"])


@contextmanager
def cloud_of(**choices):
    """A gateway in a cloud of a dialect, and an engine."""
    answers = {name.replace("_", "-"): option for name, option in choices.items()}
    with base_gateway(dialect=Dialect.of(answers)) as base, engine_for(base.cloud) as engine:
        yield base, engine


def rights(base):
    """The consumers with a right, sorted."""
    return sorted(rule.consumer_id for rule in base.cloud.state.authorization_rules.values())


def calls(base):
    """The actions on authorization rules, without queries."""
    log = [call["action"] for call in base.cloud.cloud.log()]
    return [name for name in log if "Authorization" in name and not name.startswith("Query")]


def inputs_for(base, *consumer_ids):
    return {
        "modelApiId": base.api(),
        "environmentId": base.environment_id,
        "consumerIds": list(consumer_ids),
    }


@every_delay
def test_twenty_rights_are_one_request_and_one_resource(delay):
    with base_gateway(dialect=Dialect.of(delay)) as base, engine_for(base.cloud) as engine:
        consumers = [base.consumer() for _ in range(20)]
        inputs = inputs_for(base, *reversed(consumers), consumers[0])
        created = engine.create("ModelApiAuthorization", inputs)
        outputs = unsealed(created.properties)
        assert outputs["consumerIds"] == sorted(consumers) == rights(base)
        rules = base.cloud.state.authorization_rules
        held = {rules[rule_id].consumer_id: rule_id for rule_id in outputs["ruleIds"].values()}
        assert outputs["ruleIds"] == held
        engine.delete(created)
        assert rights(base) == []
        assert calls(base) == [
            "CreateConsumerAuthorizationRules",
            "BatchDeleteConsumerAuthorizationRule",
        ]


@every_delay
def test_a_right_by_hand_is_found_and_withdrawn(delay):
    with base_gateway(dialect=Dialect.of(delay)) as base, engine_for(base.cloud) as engine:
        ours, theirs = base.consumer(), base.consumer()
        inputs = inputs_for(base, ours)
        authorize(base.cloud, theirs, inputs["modelApiId"], base.environment_id)
        engine.create("ModelApiAuthorization", {**inputs, "consumerIds": [ours, theirs]}, "both")
        created = engine.create("ModelApiAuthorization", {**inputs, "consumerIds": [theirs]})
        read = engine.refresh(created)
        assert unsealed(read.inputs)["consumerIds"] == [theirs]
        assert list(engine.diff(read, inputs).diffs) == ["consumerIds"]
        updated = engine.update(read, inputs)
        assert rights(base) == [ours] == list(unsealed(updated.properties)["ruleIds"])


@pytest.mark.parametrize("answer", ["removed", "kept", "refused"], ids=str)
def test_rights_by_hand_go_with_their_api_and_consumer(answer):
    with cloud_of(authorizations_of_deleted=answer, late_records="at-once") as (base, engine):
        team = engine.create("Consumer", consumer_case(base).inputs)
        other = base.consumer()
        for consumer_id in (team.id, other):
            authorize(base.cloud, consumer_id, base.api(), base.environment_id)
        engine.delete(team)
        assert rights(base) == [other]
        assert list(base.cloud.state.consumers) == [other]


def test_a_credential_that_the_cloud_retains_fails_the_update():
    with cloud_of(empty_credentials="ignored", late_records="at-once") as (base, engine):
        inputs = consumer_case(base).inputs
        created = engine.create("Consumer", inputs, new_name("retained"))
        error = refused(engine.update, created, {**inputs, "keyPairs": [], "jwt": None})
        assert error.startswith(
            f"{created.id}: the cloud retains the access keys, key set of JSON Web Tokens of the "
            f"consumer {inputs['name']}, which stay valid"
        )
        for secret in (*inputs["apiKeys"], inputs["keyPairs"][0]["secretKey"]):
            assert secret not in error
