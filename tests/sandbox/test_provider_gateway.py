"""Every operation of the provider on every gateway resource, against the sandbox."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from pydantic.alias_generators import to_camel
from support.provider import Created, refused, struct, unsealed, urn_of
from support.provider_cases import (
    CASES,
    HANDLERS,
    OTHER_GROUP,
    addresses_case,
    domain_case,
    names_of_state,
    new_name,
    plain_api,
)

from dashlink.provider.codec import to_properties
from dashlink_sandbox.services.apig import http_apis

NONE = provider_pb2.DiffResponse.DIFF_NONE
SOME = provider_pb2.DiffResponse.DIFF_SOME
every_resource = pytest.mark.parametrize("resource", CASES, ids=str)
every_created_resource = pytest.mark.parametrize(
    "resource", sorted({*CASES} - {"GatewayAddresses"}), ids=str
)


def test_every_gateway_resource_has_a_case():
    assert set(HANDLERS) == set(CASES)


# -- check ---------------------------------------------------------------------------------------


@every_resource
def test_all_faults_of_the_inputs_are_reported_at_once(engine, resource, case):
    answer = engine.check(resource, case.invalid)
    assert {failure.property for failure in answer.failures} == case.faults
    assert all(failure.reason.endswith((".", "?")) for failure in answer.failures)


@every_resource
def test_valid_inputs_are_returned_with_their_defaults(engine, resource, case):
    answer = engine.check(resource, case.inputs)
    assert not answer.failures
    assert unsealed(answer.inputs).items() >= case.inputs.items()
    assert unsealed(engine.check(resource, unsealed(answer.inputs)).inputs) == unsealed(
        answer.inputs
    )


@every_resource
def test_unknown_values_leave_the_other_inputs_as_they_are(engine, resource, case):
    known = unsealed(engine.check(resource, case.inputs).inputs)
    for name in case.inputs:
        answer = engine.check(resource, {**case.inputs, name: rpc.UNKNOWN})
        assert not answer.failures
        assert unsealed(answer.inputs) == {**known, name: rpc.UNKNOWN}


@every_resource
def test_a_fault_beside_an_unknown_value_is_reported(engine, resource, case):
    required = next(iter(case.inputs))
    fault = next(iter(sorted(case.faults - {required})))
    answer = engine.check(resource, {**case.invalid, required: rpc.UNKNOWN})
    assert fault in {failure.property for failure in answer.failures}
    assert required not in {failure.property for failure in answer.failures}


# -- diff ----------------------------------------------------------------------------------------


@every_created_resource
def test_a_new_resource_has_no_drift(engine, resource, case):
    created = engine.create(resource, case.inputs, name=new_name("drift"))
    read = engine.refresh(created)
    assert unsealed(read.inputs) == unsealed(created.inputs)
    assert unsealed(read.properties) == unsealed(created.properties)
    assert engine.diff(read, case.inputs).changes == NONE


@every_resource
def test_a_diff_names_what_changes_in_place_and_what_replaces(engine, resource, case):
    created = engine.create(resource, case.inputs, name=new_name("diff"))
    assert engine.diff(created, case.inputs).changes == NONE
    for name, value in case.in_place.items():
        answer = engine.diff(created, {**case.inputs, name: value})
        assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (SOME, [name], [])
    for name, value in case.replacing.items():
        answer = engine.diff(created, {**case.inputs, name: value})
        assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (SOME, [name], [name])
        assert answer.deleteBeforeReplace == HANDLERS[resource].delete_before_replace


@pytest.mark.parametrize(
    ("resource", "left_out"),
    [
        ("AiService", ["resourceGroupId"]),
        ("ModelApi", ["resourceGroupId"]),
        ("Domain", ["resourceGroupId", "tlsMin"]),
    ],
    ids=["AiService", "ModelApi", "Domain"],
)
def test_a_server_default_is_no_change(engine, resource, case, left_out):
    inputs = {name: value for name, value in case.inputs.items() if name not in left_out}
    created = engine.create(resource, inputs, name=new_name("kept"))
    read = engine.refresh(created)
    assert unsealed(read.inputs)["resourceGroupId"].startswith("rg-")
    assert engine.diff(read, inputs).changes == NONE


@every_resource
def test_a_field_that_an_older_state_lacks_has_its_default(engine, resource, case):
    """A version that adds a field finds states without it: they preview without a change."""
    checked = unsealed(engine.check(resource, case.inputs).inputs)
    older = dict(checked)
    for name, field in HANDLERS[resource].contract.inputs.model_fields.items():
        default = (
            None
            if field.is_required()
            else to_properties(field.get_default(call_default_factory=True))
        )
        if checked.get(to_camel(name)) == default:
            older.pop(to_camel(name), None)
    stored = Created(urn_of(resource), "an-id", struct(older), struct(older))
    assert engine.diff(stored, case.inputs).changes == NONE


def test_another_order_of_domains_is_no_change(engine, base):
    inputs = {**plain_api(base), "domainIds": sorted(base.domains, reverse=True)}
    created = engine.create("ModelApi", inputs, name="ordered")
    assert engine.diff(engine.refresh(created), inputs).changes == NONE
    assert (
        engine.diff(engine.refresh(created), {**inputs, "domainIds": sorted(base.domains)}).changes
        == NONE
    )


# -- create, update, delete ----------------------------------------------------------------------


@every_resource
def test_a_preview_of_a_creation_marks_unknown_outputs(engine, resource, case):
    answer = engine.preview_create(resource, case.inputs)
    foreseen = unsealed(answer.properties)
    assert answer.id == ""
    assert foreseen.items() >= case.inputs.items()
    unknown = {name for name, value in foreseen.items() if value == rpc.UNKNOWN}
    assert unknown == names_of_state(resource)


@every_resource
def test_a_preview_of_an_update_foresees_the_state(engine, resource, case):
    created = engine.create(resource, case.inputs, name=new_name("preview"))
    foreseen = engine.update(created, {**case.inputs, **case.in_place}, preview=True)
    after, before = unsealed(foreseen.properties), unsealed(created.properties)
    handler = HANDLERS[resource]
    for name in handler.contract.state.model_fields:
        retained = handler.keeps_state and name not in handler.changes_state
        expected = before[to_camel(name)] if retained else rpc.UNKNOWN
        assert after[to_camel(name)] == expected
    assert unsealed(engine.read(created).inputs) == unsealed(created.inputs)  # nothing was done


@every_resource
def test_every_change_in_place_leaves_the_rest_unchanged(engine, resource, case, monkeypatch):
    monkeypatch.setattr(http_apis, "DEPLOY_SECONDS", 0)
    created = engine.create(resource, case.inputs, name=new_name("update"))
    for name, value in case.in_place.items():
        desired = {**case.inputs, name: value}
        created = engine.update(created, desired)
        read = engine.refresh(created)
        assert unsealed(read.inputs) == unsealed(created.inputs), name
        assert engine.diff(read, desired).changes == NONE
        created = engine.update(read, case.inputs)
        assert unsealed(engine.read(created).inputs) == unsealed(
            engine.check(resource, case.inputs).inputs
        ), name
    everything = engine.update(created, {**case.inputs, **case.in_place})
    assert everything.id == created.id
    assert engine.diff(engine.refresh(everything), {**case.inputs, **case.in_place}).changes == NONE


@pytest.mark.parametrize("resource", ["AiService", "ModelApi", "Domain"], ids=str)
def test_a_change_of_the_resource_group_is_a_move(engine, base, resource, case):
    inputs = {**case.inputs, "resourceGroupId": "rg-acfmsandboxfirst"}
    created = engine.create(resource, inputs, name=new_name("group"))
    desired = {**inputs, "resourceGroupId": OTHER_GROUP}
    assert list(engine.diff(created, desired).replaces) == []
    read = engine.refresh(engine.update(created, desired))
    assert unsealed(read.inputs)["resourceGroupId"] == OTHER_GROUP


@every_resource
def test_an_import_differs_only_in_what_the_api_omits(engine, resource, case):
    created = engine.create(resource, case.inputs, name=new_name("import"))
    answer = engine.import_(resource, created.id)
    assert answer.id == created.id
    brought = type(created)(created.urn, created.id, answer.inputs, answer.properties)
    assert set(engine.diff(brought, case.inputs).diffs) <= case.omitted
    returned = set(unsealed(answer.properties))
    for name, field in HANDLERS[resource].contract.state.model_fields.items():
        assert to_camel(name) in returned or not field.is_required()
    assert not engine.check(resource, unsealed(answer.inputs)).failures


@every_created_resource
def test_a_second_deletion_is_no_error(engine, resource, case):
    created = engine.create(resource, case.inputs, name=new_name("delete"))
    engine.delete(created)
    assert engine.read(created).id == ""
    assert engine.import_(resource, created.id).id == ""
    engine.delete(created)


def test_the_wait_for_a_gateway_deletes_nothing(engine, base):
    created = engine.create("GatewayAddresses", addresses_case(base).inputs)
    engine.delete(created)
    assert base.cloud.state.gateways[base.gateway_id].status == "Running"
    assert engine.read(created).id == base.gateway_id


def test_the_addresses_of_a_gateway_are_returned(engine, base):
    created = unsealed(engine.create("GatewayAddresses", addresses_case(base).inputs).properties)
    gateway = base.cloud.state.gateways[base.gateway_id]
    assert created["intranetAddresses"] == [gateway.load_balancer]
    assert created["internetAddresses"] == []
    assert (created["status"], created["vpcId"]) == ("Running", gateway.vpc_id)
    assert created["defaultEnvironmentId"] == base.environment_id


def test_a_certificate_removed_with_https_is_no_drift(engine, base):
    inputs = domain_case(base).inputs
    created = engine.create("Domain", inputs, name="to-http")
    desired = {"name": inputs["name"], "protocol": "HTTP"}
    read = engine.refresh(engine.update(created, desired))
    assert unsealed(read.inputs)["protocol"] == "HTTP"
    assert engine.diff(read, desired).changes == NONE


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
        refused(engine.import_, "AiService", service_id)
        == f"{service_id}: a service of type DNS, not an AI service."
    )
    plain_http = models.CreateHttpApiRequest().from_map(
        {"name": new_name("rest"), "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    )
    http_id = base.client.create_http_api(plain_http).body.data.http_api_id
    assert (
        refused(engine.import_, "ModelApi", http_id)
        == f"{http_id}: an API of type Rest, not a Model API."
    )
