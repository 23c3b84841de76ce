"""The gateway's kinds as the engine talks to them: every verb of the protocol for each, against the sandbox."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from support.provider import bare, engine_for, refused
from support.provider_cases import (
    CASES,
    KINDS,
    OTHER_GROUP,
    addresses_case,
    domain_case,
    names_of_state,
    new_name,
    plain_api,
    standing_place,
)

from dashlink_sandbox.services.apig import http_apis

NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME
every_kind = pytest.mark.parametrize("kind", CASES)
changes_in_place = pytest.mark.parametrize("kind", [kind for kind in CASES if kind != "ConsumerAuthorization"])
makes_something = pytest.mark.parametrize("kind", [kind for kind in CASES if kind != "GatewayAddresses"])


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


def test_every_kind_of_the_gateway_is_held_here():
    assert set(KINDS) == set(CASES)


# -- check -------------------------------------------------------------------------------------------------------------


@every_kind
def test_every_fault_of_the_inputs_is_told_at_once(engine, kind, case):
    answer = engine.check(kind, case.wrong)
    assert {failure.property for failure in answer.failures} == case.faults
    assert all(failure.reason.endswith((".", "?")) for failure in answer.failures)


@every_kind
def test_right_inputs_pass_with_every_default_written_out(engine, kind, case):
    answer = engine.check(kind, case.inputs)
    assert not answer.failures
    assert bare(answer.inputs).items() >= case.inputs.items()
    assert bare(engine.check(kind, bare(answer.inputs)).inputs) == bare(answer.inputs)


@every_kind
def test_unknown_values_pass_and_leave_the_others_as_they_would_be(engine, kind, case):
    known = bare(engine.check(kind, case.inputs).inputs)
    for name in case.inputs:
        answer = engine.check(kind, {**case.inputs, name: rpc.UNKNOWN})
        assert not answer.failures
        assert bare(answer.inputs) == {**known, name: rpc.UNKNOWN}


@every_kind
def test_a_fault_beside_an_unknown_value_is_told(engine, kind, case):
    required = next(iter(case.inputs))
    fault = next(iter(sorted(case.faults - {required})))
    answer = engine.check(kind, {**case.wrong, required: rpc.UNKNOWN})
    assert fault in {failure.property for failure in answer.failures}
    assert required not in {failure.property for failure in answer.failures}


# -- diff --------------------------------------------------------------------------------------------------------------


@makes_something
def test_what_was_just_made_has_no_drift(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("drift"))
    read = engine.refresh(made)
    assert bare(read.inputs) == bare(made.inputs)
    assert bare(read.properties) == bare(made.properties)
    assert engine.diff(read, case.inputs).changes == NONE


@every_kind
def test_a_diff_names_what_changes_in_place_and_what_replaces(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("diff"))
    assert engine.diff(made, case.inputs).changes == NONE
    for name, value in case.in_place.items():
        answer = engine.diff(made, {**case.inputs, name: value})
        assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (SOME, [name], [])
    for name, value in case.replacing.items():
        answer = engine.diff(made, {**case.inputs, name: value})
        assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (SOME, [name], [name])
        assert answer.deleteBeforeReplace == KINDS[kind].delete_before_replace


@pytest.mark.parametrize(
    ("kind", "left_out"),
    [
        ("AiService", ["resourceGroupId"]),
        ("ModelApi", ["resourceGroupId"]),
        ("Domain", ["resourceGroupId", "tlsMin"]),
    ],
)
def test_what_the_cloud_chose_stays_where_the_program_says_nothing(engine, kind, case, left_out):
    inputs = {name: value for name, value in case.inputs.items() if name not in left_out}
    made = engine.create(kind, inputs, name=new_name("kept"))
    read = engine.refresh(made)
    assert bare(read.inputs)["resourceGroupId"].startswith("rg-")
    assert engine.diff(read, inputs).changes == NONE


def test_the_order_in_which_domains_are_named_is_no_change(engine, place):
    inputs = {**plain_api(place), "domainIds": sorted(place.domains, reverse=True)}
    made = engine.create("ModelApi", inputs, name="ordered")
    assert engine.diff(engine.refresh(made), inputs).changes == NONE
    assert engine.diff(engine.refresh(made), {**inputs, "domainIds": sorted(place.domains)}).changes == NONE


# -- create, update, delete --------------------------------------------------------------------------------------------


@every_kind
def test_a_preview_of_a_creation_says_what_will_be_known_only_then(engine, kind, case):
    answer = engine.preview_create(kind, case.inputs)
    foreseen = bare(answer.properties)
    assert answer.id == ""
    assert foreseen.items() >= case.inputs.items()
    assert {name for name, value in foreseen.items() if value == rpc.UNKNOWN} == names_of_state(kind)


@changes_in_place
def test_a_preview_of_an_update_keeps_what_others_hang_on(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("preview"))
    foreseen = engine.update(made, {**case.inputs, **case.in_place}, preview=True)
    after, before = bare(foreseen.properties), bare(made.properties)
    assert {name: after[name] for name in names_of_state(kind)} == {name: before[name] for name in names_of_state(kind)}
    assert bare(engine.read(made).inputs) == bare(made.inputs)  # nothing was done


@changes_in_place
def test_every_change_in_place_arrives_and_leaves_the_rest(engine, kind, case, monkeypatch):
    monkeypatch.setattr(http_apis, "DEPLOY_SECONDS", 0)
    made = engine.create(kind, case.inputs, name=new_name("update"))
    for name, value in case.in_place.items():
        wanted = {**case.inputs, name: value}
        made = engine.update(made, wanted)
        read = engine.refresh(made)
        assert bare(read.inputs) == bare(made.inputs), name
        assert engine.diff(read, wanted).changes == NONE
        made = engine.update(read, case.inputs)
        assert bare(engine.read(made).inputs) == bare(engine.check(kind, case.inputs).inputs), name
    everything = engine.update(made, {**case.inputs, **case.in_place})
    assert everything.id == made.id
    assert engine.diff(engine.refresh(everything), {**case.inputs, **case.in_place}).changes == NONE


@pytest.mark.parametrize("kind", ["AiService", "ModelApi", "Domain"])
def test_another_resource_group_is_moved_to_in_place(engine, place, kind, case):
    inputs = {**case.inputs, "resourceGroupId": "rg-acfmsandboxfirst"}
    made = engine.create(kind, inputs, name=new_name("group"))
    wanted = {**inputs, "resourceGroupId": OTHER_GROUP}
    assert list(engine.diff(made, wanted).replaces) == []
    read = engine.refresh(engine.update(made, wanted))
    assert bare(read.inputs)["resourceGroupId"] == OTHER_GROUP


@every_kind
def test_an_import_brings_what_the_cloud_tells_and_then_nothing_but_the_untold_differs(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("import"))
    answer = engine.bring_in(kind, made.id)
    assert answer.id == made.id
    brought = type(made)(made.urn, made.id, answer.inputs, answer.properties)
    assert set(engine.diff(brought, case.inputs).diffs) <= case.untold
    assert names_of_state(kind) <= set(bare(answer.properties))
    assert not engine.check(kind, bare(answer.inputs)).failures


@makes_something
def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_error(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("delete"))
    engine.delete(made)
    assert engine.read(made).id == ""
    assert engine.bring_in(kind, made.id).id == ""
    engine.delete(made)


def test_the_wait_for_a_gateway_deletes_nothing(engine, place):
    made = engine.create("GatewayAddresses", addresses_case(place).inputs)
    engine.delete(made)
    assert place.cloud.state.gateways[place.gateway_id].status == "Running"
    assert engine.read(made).id == place.gateway_id


def test_the_addresses_of_a_gateway_are_brought_out(engine, place):
    made = bare(engine.create("GatewayAddresses", addresses_case(place).inputs).properties)
    gateway = place.cloud.state.gateways[place.gateway_id]
    assert made["intranetAddresses"] == [gateway.load_balancer]
    assert made["internetAddresses"] == []
    assert (made["status"], made["vpcId"]) == ("Running", gateway.vpc_id)
    assert made["defaultEnvironmentId"] == place.environment_id


def test_a_certificate_that_is_taken_away_with_https_is_no_drift(engine, place):
    inputs = domain_case(place).inputs
    made = engine.create("Domain", inputs, name="to-http")
    wanted = {"name": inputs["name"], "protocol": "HTTP"}
    read = engine.refresh(engine.update(made, wanted))
    assert bare(read.inputs)["protocol"] == "HTTP"
    assert engine.diff(read, wanted).changes == NONE


def test_what_the_wrong_kind_of_thing_is_says_so(engine, place):
    plain_service = models.CreateServiceRequest().from_map(
        {
            "gatewayId": place.gateway_id,
            "sourceType": "DNS",
            "serviceConfigs": [{"name": new_name("dns"), "addresses": ["a.example.com:80"]}],
        }
    )
    (service_id,) = place.client.create_service(plain_service).body.data.service_ids
    assert (
        refused(engine.bring_in, "AiService", service_id) == f"{service_id}: a service of type DNS, not an AI service."
    )
    plain_http = models.CreateHttpApiRequest().from_map(
        {"name": new_name("rest"), "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    )
    http_id = place.client.create_http_api(plain_http).body.data.http_api_id
    assert refused(engine.bring_in, "ModelApi", http_id) == f"{http_id}: an API of type Rest, not a Model API."
