"""The gateway's kinds as the engine talks to them: every verb of the protocol for each, against the sandbox."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from support.provider import unsealed, engine_for, refused
from support.provider_cases import (
    CASES,
    HANDLERS,
    OTHER_GROUP,
    addresses_case,
    domain_case,
    names_of_state,
    new_name,
    plain_api,
    base_gateway,
)

from dashlink_sandbox.services.apig import http_apis

NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME
every_resource = pytest.mark.parametrize("kind", CASES)
every_changeable_resource = pytest.mark.parametrize("kind", [kind for kind in CASES if kind != "ConsumerAuthorization"])
every_created_resource = pytest.mark.parametrize("kind", [kind for kind in CASES if kind != "GatewayAddresses"])


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


def test_every_gateway_resource_has_a_case():
    assert set(HANDLERS) == set(CASES)


# -- check -------------------------------------------------------------------------------------------------------------


@every_resource
def test_all_faults_of_the_inputs_are_reported_at_once(engine, kind, case):
    answer = engine.check(kind, case.wrong)
    assert {failure.property for failure in answer.failures} == case.faults
    assert all(failure.reason.endswith((".", "?")) for failure in answer.failures)


@every_resource
def test_valid_inputs_are_returned_with_their_defaults(engine, kind, case):
    answer = engine.check(kind, case.inputs)
    assert not answer.failures
    assert unsealed(answer.inputs).items() >= case.inputs.items()
    assert unsealed(engine.check(kind, unsealed(answer.inputs)).inputs) == unsealed(answer.inputs)


@every_resource
def test_unknown_values_leave_the_other_inputs_as_they_are(engine, kind, case):
    known = unsealed(engine.check(kind, case.inputs).inputs)
    for name in case.inputs:
        answer = engine.check(kind, {**case.inputs, name: rpc.UNKNOWN})
        assert not answer.failures
        assert unsealed(answer.inputs) == {**known, name: rpc.UNKNOWN}


@every_resource
def test_a_fault_beside_an_unknown_value_is_reported(engine, kind, case):
    required = next(iter(case.inputs))
    fault = next(iter(sorted(case.faults - {required})))
    answer = engine.check(kind, {**case.wrong, required: rpc.UNKNOWN})
    assert fault in {failure.property for failure in answer.failures}
    assert required not in {failure.property for failure in answer.failures}


# -- diff --------------------------------------------------------------------------------------------------------------


@every_created_resource
def test_a_new_resource_has_no_drift(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("drift"))
    read = engine.refresh(made)
    assert unsealed(read.inputs) == unsealed(made.inputs)
    assert unsealed(read.properties) == unsealed(made.properties)
    assert engine.diff(read, case.inputs).changes == NONE


@every_resource
def test_a_diff_names_what_changes_in_place_and_what_replaces(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("diff"))
    assert engine.diff(made, case.inputs).changes == NONE
    for name, value in case.in_place.items():
        answer = engine.diff(made, {**case.inputs, name: value})
        assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (SOME, [name], [])
    for name, value in case.replacing.items():
        answer = engine.diff(made, {**case.inputs, name: value})
        assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (SOME, [name], [name])
        assert answer.deleteBeforeReplace == HANDLERS[kind].delete_before_replace


@pytest.mark.parametrize(
    ("kind", "left_out"),
    [
        ("AiService", ["resourceGroupId"]),
        ("ModelApi", ["resourceGroupId"]),
        ("Domain", ["resourceGroupId", "tlsMin"]),
    ],
)
def test_a_server_default_is_no_change(engine, kind, case, left_out):
    inputs = {name: value for name, value in case.inputs.items() if name not in left_out}
    made = engine.create(kind, inputs, name=new_name("kept"))
    read = engine.refresh(made)
    assert unsealed(read.inputs)["resourceGroupId"].startswith("rg-")
    assert engine.diff(read, inputs).changes == NONE


def test_another_order_of_domains_is_no_change(engine, base):
    inputs = {**plain_api(base), "domainIds": sorted(base.domains, reverse=True)}
    made = engine.create("ModelApi", inputs, name="ordered")
    assert engine.diff(engine.refresh(made), inputs).changes == NONE
    assert engine.diff(engine.refresh(made), {**inputs, "domainIds": sorted(base.domains)}).changes == NONE


# -- create, update, delete --------------------------------------------------------------------------------------------


@every_resource
def test_a_preview_of_a_creation_marks_unknown_outputs(engine, kind, case):
    answer = engine.preview_create(kind, case.inputs)
    foreseen = unsealed(answer.properties)
    assert answer.id == ""
    assert foreseen.items() >= case.inputs.items()
    assert {name for name, value in foreseen.items() if value == rpc.UNKNOWN} == names_of_state(kind)


@every_changeable_resource
def test_a_preview_of_an_update_retains_the_state(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("preview"))
    foreseen = engine.update(made, {**case.inputs, **case.in_place}, preview=True)
    after, before = unsealed(foreseen.properties), unsealed(made.properties)
    assert {name: after[name] for name in names_of_state(kind)} == {name: before[name] for name in names_of_state(kind)}
    assert unsealed(engine.read(made).inputs) == unsealed(made.inputs)  # nothing was done


@every_changeable_resource
def test_every_change_in_place_leaves_the_rest_unchanged(engine, kind, case, monkeypatch):
    monkeypatch.setattr(http_apis, "DEPLOY_SECONDS", 0)
    made = engine.create(kind, case.inputs, name=new_name("update"))
    for name, value in case.in_place.items():
        wanted = {**case.inputs, name: value}
        made = engine.update(made, wanted)
        read = engine.refresh(made)
        assert unsealed(read.inputs) == unsealed(made.inputs), name
        assert engine.diff(read, wanted).changes == NONE
        made = engine.update(read, case.inputs)
        assert unsealed(engine.read(made).inputs) == unsealed(engine.check(kind, case.inputs).inputs), name
    everything = engine.update(made, {**case.inputs, **case.in_place})
    assert everything.id == made.id
    assert engine.diff(engine.refresh(everything), {**case.inputs, **case.in_place}).changes == NONE


@pytest.mark.parametrize("kind", ["AiService", "ModelApi", "Domain"])
def test_a_change_of_the_resource_group_is_a_move(engine, base, kind, case):
    inputs = {**case.inputs, "resourceGroupId": "rg-acfmsandboxfirst"}
    made = engine.create(kind, inputs, name=new_name("group"))
    wanted = {**inputs, "resourceGroupId": OTHER_GROUP}
    assert list(engine.diff(made, wanted).replaces) == []
    read = engine.refresh(engine.update(made, wanted))
    assert unsealed(read.inputs)["resourceGroupId"] == OTHER_GROUP


@every_resource
def test_an_import_differs_only_in_what_the_api_omits(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("import"))
    answer = engine.import_(kind, made.id)
    assert answer.id == made.id
    brought = type(made)(made.urn, made.id, answer.inputs, answer.properties)
    assert set(engine.diff(brought, case.inputs).diffs) <= case.omitted
    assert names_of_state(kind) <= set(unsealed(answer.properties))
    assert not engine.check(kind, unsealed(answer.inputs)).failures


@every_created_resource
def test_a_second_deletion_is_no_error(engine, kind, case):
    made = engine.create(kind, case.inputs, name=new_name("delete"))
    engine.delete(made)
    assert engine.read(made).id == ""
    assert engine.import_(kind, made.id).id == ""
    engine.delete(made)


def test_the_wait_for_a_gateway_deletes_nothing(engine, base):
    made = engine.create("GatewayAddresses", addresses_case(base).inputs)
    engine.delete(made)
    assert base.cloud.state.gateways[base.gateway_id].status == "Running"
    assert engine.read(made).id == base.gateway_id


def test_the_addresses_of_a_gateway_are_returned(engine, base):
    made = unsealed(engine.create("GatewayAddresses", addresses_case(base).inputs).properties)
    gateway = base.cloud.state.gateways[base.gateway_id]
    assert made["intranetAddresses"] == [gateway.load_balancer]
    assert made["internetAddresses"] == []
    assert (made["status"], made["vpcId"]) == ("Running", gateway.vpc_id)
    assert made["defaultEnvironmentId"] == base.environment_id


def test_a_certificate_removed_with_https_is_no_drift(engine, base):
    inputs = domain_case(base).inputs
    made = engine.create("Domain", inputs, name="to-http")
    wanted = {"name": inputs["name"], "protocol": "HTTP"}
    read = engine.refresh(engine.update(made, wanted))
    assert unsealed(read.inputs)["protocol"] == "HTTP"
    assert engine.diff(read, wanted).changes == NONE


def test_importing_a_resource_of_another_type_is_an_error(engine, base):
    plain_service = models.CreateServiceRequest().from_map(
        {
            "gatewayId": base.gateway_id,
            "sourceType": "DNS",
            "serviceConfigs": [{"name": new_name("dns"), "addresses": ["a.example.com:80"]}],
        }
    )
    (service_id,) = base.client.create_service(plain_service).body.data.service_ids
    assert (
        refused(engine.import_, "AiService", service_id) == f"{service_id}: a service of type DNS, not an AI service."
    )
    plain_http = models.CreateHttpApiRequest().from_map(
        {"name": new_name("rest"), "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    )
    http_id = base.client.create_http_api(plain_http).body.data.http_api_id
    assert refused(engine.import_, "ModelApi", http_id) == f"{http_id}: an API of type Rest, not a Model API."
