"""Recovery without Pulumi and without a cloud: when it looks, for what, and what it writes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dashlink.errors import DashlinkError
from dashlink.pulumi_stack import PulumiStack
from dashlink.recovery.catalog import EIP, GATEWAY, LOOK_UPS, NAT_GATEWAY, RECORD, VPC
from dashlink.recovery.desired import UNKNOWN, Found, UnknownInputError
from dashlink.recovery.importing import ImportFile
from dashlink.recovery.plan import plan_of
from dashlink.recovery.recover import Recovered, recover
from dashlink.recovery.state import ROOT, State

PREFIX = "urn:pulumi:dev::shop::"
STACK = f"{PREFIX}{ROOT}::shop-dev"
NETWORK = f"{PREFIX}dashlink:network:Network::access"
DEFAULT = f"{PREFIX}pulumi:providers:alicloud::default_4_0_0"
FAR = f"{PREFIX}dashlink:network:Network$pulumi:providers:alicloud::far"


def resource(kind, name, *, parent=NETWORK, provider=DEFAULT, **inputs):
    """A resource as a state and a preview have it."""
    qualified = f"{parent.split('::')[2]}${kind}" if parent else kind
    return {
        "urn": f"{PREFIX}{qualified}::{name}",
        "type": kind,
        "custom": True,
        "parent": parent,
        "provider": f"{provider}::id-of-the-provider",
        "inputs": inputs,
    }


def provider(urn, **inputs):
    return {"urn": urn, "type": "pulumi:providers:alicloud", "custom": True, "inputs": inputs}


def component(urn, kind, parent=STACK):
    return {"urn": urn, "type": kind, "custom": False, "parent": parent}


BASE = (
    {"urn": STACK, "type": ROOT, "custom": False},
    component(NETWORK, "dashlink:network:Network"),
    provider(DEFAULT, region="cn-beijing", version="4.0.0"),
)
EIP_OF_STACK = resource(EIP, "access-eip", addressName="shop-dev-access-eip")


def document(*resources, pending=()):
    operations = [{"type": "creating", "resource": one} for one in pending]
    listed = {"resources": list(resources), "pending_operations": operations}
    return {"version": 3, "deployment": listed}


def step(one, op="create"):
    return {"op": op, "urn": one["urn"], "newState": one}


@dataclass
class FakePulumi:
    """A stack whose commands answer from here.

    Attributes:
        state: The state.
        steps: Steps of a preview; None if the program fails.
        result: Result of the last run.
        commands: The commands that were run.
        imported: The import files that were imported.
    """

    state: dict[str, Any]
    steps: list[dict[str, Any]] | None = None
    result: str = "succeeded"
    commands: list[str] = field(default_factory=list)
    imported: list[dict[str, Any]] = field(default_factory=list)

    def query(self, _stack, *arguments, stdin=None):
        self.commands.append(" ".join(arguments[:2]))
        if arguments[:2] == ("stack", "history"):
            return json.dumps([{"result": self.result}])
        if arguments[:2] == ("stack", "import"):
            self.state = json.loads(stdin)
        if arguments[0] == "config":
            keys = {"accessKey": "id", "secretKey": "secret", "region": "cn-beijing"}
            return json.dumps({f"alicloud:{name}": {"value": keys[name]} for name in keys})
        return json.dumps(self.state)

    def run(self, _stack, *arguments):
        self.commands.append(arguments[0])
        if arguments[0] == "preview":
            if self.steps is None:
                failed = {"diagnostics": [{"severity": "error", "message": "zones: none\nmore"}]}
                return 1, json.dumps(failed)
            Path(arguments[3]).write_text("{}")
            return 0, f"warning: a plugin\n{json.dumps({'steps': self.steps})}"
        file = json.loads(Path(arguments[2]).read_text())
        self.imported.append(file)
        for entry in file["resources"]:
            (one,) = [s["newState"] for s in self.steps or [] if _is(s, entry)] or [EIP_OF_STACK]
            self.state["deployment"]["resources"].append({**one, "id": entry.get("id")})
        done = {entry["logicalName"] for entry in file["resources"]}
        self.steps = [s for s in self.steps or [] if s["urn"].rpartition("::")[2] not in done]
        return 0, ""


def _is(one, entry):
    return one["urn"].rpartition("::")[2] == entry["logicalName"]


@pytest.fixture
def run(monkeypatch):
    """A function that recovers with a fake Pulumi; returns what was recovered, and the lines."""

    def start(pulumi: FakePulumi, **options) -> tuple[Recovered, list[str]]:
        for name in ("query", "run"):
            method = getattr(pulumi, name)
            monkeypatch.setattr(PulumiStack, name, lambda *a, call=method, **k: call(*a, **k))
        lines: list[str] = []
        stack = PulumiStack("dev", Path(), {})
        return recover(stack, echo=lines.append, **options), lines

    return start


@pytest.fixture
def cloud(monkeypatch):
    """Ids that look-ups find, by logical type; a function sets them."""

    def has(kind, *ids):
        found = [Found(one, one) for one in ids]
        monkeypatch.setitem(LOOK_UPS, kind, lambda reads, inputs: found)  # type: ignore[arg-type]

    return has


def test_a_stack_in_order_is_not_looked_at(run):
    pulumi = FakePulumi(document(*BASE))
    assert run(pulumi) == (Recovered(), [])
    assert pulumi.commands == ["stack export", "stack history"]


@pytest.mark.parametrize("reason", ["failed", "pending", "suspect"], ids=str)
def test_each_reason_leads_to_the_cloud(run, cloud, reason):
    cloud(EIP, "eip-1")
    pending = [EIP_OF_STACK] if reason == "pending" else []
    pulumi = FakePulumi(document(*BASE, pending=pending), [step(EIP_OF_STACK)])
    pulumi.result = "failed" if reason == "failed" else "succeeded"
    done, lines = run(pulumi, suspect=reason == "suspect")
    assert done == Recovered(("access-eip",))
    assert lines[-1] == "  access-eip: eip-1, taken into the state"
    assert pulumi.state["deployment"]["pending_operations"] == []


def test_what_was_pending_is_found_without_a_preview(run, cloud):
    cloud(EIP, "eip-1")
    pulumi = FakePulumi(document(*BASE, pending=[EIP_OF_STACK]))
    done, lines = run(pulumi)
    assert done.adopted == ("access-eip",)
    assert "warning: the settings cannot be previewed: zones: none" in lines
    (file,) = pulumi.imported
    (entry,) = file["resources"]
    assert (entry["type"], entry["id"], entry["version"]) == (EIP, "eip-1", "4.0.0")
    assert file["nameTable"] == {entry["parent"]: NETWORK}


def test_two_candidates_are_left_to_a_person(run, cloud):
    cloud(EIP, "eip-1", "eip-2")
    done, _ = run(FakePulumi(document(*BASE), [step(EIP_OF_STACK)]), suspect=True)
    (line,) = done.blocked
    assert line.startswith("access-eip: the state does not have what the cloud has (got eip-1, eip")
    assert line.count("aliyun vpc ReleaseEipAddress") == 2


def test_what_the_state_has_is_no_candidate(run, cloud):
    cloud(EIP, "eip-1", "eip-2")
    known = {**resource(EIP, "other"), "id": "eip-1"}
    done, _ = run(FakePulumi(document(*BASE, known), [step(EIP_OF_STACK)]), suspect=True)
    assert done.adopted == ("access-eip",)


def test_a_lost_replacement_is_left_to_a_person(run, cloud):
    cloud(EIP, "eip-old", "eip-new")
    current = {**EIP_OF_STACK, "id": "eip-old"}
    steps = [step(EIP_OF_STACK, "replace")]
    done, _ = run(FakePulumi(document(*BASE, current), steps), suspect=True)
    (line,) = done.blocked
    assert "(got eip-new)" in line


def test_a_type_without_a_look_up_stays_pending(run):
    own = resource("alicloud:oss/bucket:Bucket", "mine")
    pulumi = FakePulumi(document(*BASE, pending=[own]), [step(own)])
    done, lines = run(pulumi)
    assert done == Recovered()
    assert any("mine (alicloud:oss/bucket:Bucket) is not looked for" in line for line in lines)
    assert len(pulumi.state["deployment"]["pending_operations"]) == 1


def test_a_second_one_of_the_name_is_reported(run, cloud):
    cloud(NAT_GATEWAY, "ngw-1", "ngw-2")
    current = {**resource(NAT_GATEWAY, "access-nat"), "id": "ngw-1"}
    _, lines = run(FakePulumi(document(*BASE, current), []), suspect=True)
    assert any(
        "access-nat: the cloud has a second one of this name (got ngw-2)" in x for x in lines
    )


def test_a_failed_import_is_an_error(run, cloud, monkeypatch):
    cloud(EIP, "eip-1")
    pulumi = FakePulumi(document(*BASE), [step(EIP_OF_STACK)])
    answers = pulumi.run
    failed = (255, "Importing\n  error: resource 'eip-1' does not exist\n")
    monkeypatch.setattr(pulumi, "run", lambda *a: failed if a[1] == "import" else answers(*a))
    with pytest.raises(DashlinkError, match="resource 'eip-1' does not exist"):
        run(pulumi, suspect=True)


def test_parents_and_providers_come_with_a_resource():
    far = provider(FAR, region="cn-shanghai")
    vpc = resource(VPC, "far-vpc", provider=FAR, vpcName="far")
    network = {**component(NETWORK, "dashlink:network:Network"), "parent": STACK}
    steps = [step(BASE[0]), step(BASE[2]), step(network), step(far), step(vpc)]
    plan = plan_of(steps, State(document()), "cn-beijing")
    desired = plan.desired[vpc["urn"]]
    assert desired.inputs.region == "cn-shanghai"
    assert plan.foreign == frozenset()
    entry = {"name": "far", "inputs": {"region": "cn-shanghai"}}
    file = ImportFile(plan, State(document()), {"far": entry})
    file.add(desired, "vpc-1")
    by_name = {one["logicalName"]: one for one in file.document()["resources"]}
    assert by_name["access"]["component"] is True
    assert by_name["far"]["inputs"] == {"region": "cn-shanghai"}
    assert by_name["far-vpc"]["parent"] == by_name["access"]["name"]
    assert by_name["far-vpc"]["provider"] == by_name["far"]["name"]


def test_a_provider_with_other_credentials_is_foreign():
    far = provider(FAR, region="cn-shanghai", assumeRole={"roleArn": "acs:ram::2:role/x"})
    vpc = resource(VPC, "far-vpc", provider=FAR)
    plan = plan_of([step(far), step(vpc)], State(document(*BASE)), "cn-beijing")
    assert plan.foreign == {vpc["urn"]}


def test_a_gateway_is_imported_with_its_inputs():
    logs = {"__defaults": [], "sls": {"__defaults": [], "enable": True}}
    gateway = resource(GATEWAY, "gateway", logConfig=logs, spec="small", __defaults=[])
    plan = plan_of([step(gateway)], State(document(*BASE)), "cn-beijing")
    file = ImportFile(plan, State(document(*BASE)), {})
    file.add(plan.desired[gateway["urn"]], "gw-1")
    (entry,) = file.document()["resources"]
    expected = {"logConfig": {"sls": {"enable": True}}, "spec": "small"}
    assert entry["inputs"] == entry["outputs"] == expected


def test_an_unknown_input_waits_for_its_parent():
    record = resource(RECORD, "record", zoneId=UNKNOWN, rr="@", priority=1)
    plan = plan_of([step(record)], State(document(*BASE)), "cn-beijing")
    inputs = plan.desired[record["urn"]].inputs
    assert (inputs.text("rr"), inputs.text("priority"), inputs.text("value")) == ("@", "1", "")
    with pytest.raises(UnknownInputError):
        inputs.text("zoneId")
    with pytest.raises(UnknownInputError):
        inputs.require_all()


def test_a_resource_comes_after_what_it_depends_on(run, cloud):
    cloud(EIP, "eip-1")
    cloud(NAT_GATEWAY, "ngw-1")
    later = resource(NAT_GATEWAY, "access-nat")
    later["dependencies"] = [EIP_OF_STACK["urn"]]
    pulumi = FakePulumi(document(*BASE), [step(later), step(EIP_OF_STACK)])
    done, _ = run(pulumi, suspect=True)
    assert done.adopted == ("access-eip", "access-nat")
    assert pulumi.state["deployment"]["resources"][-1]["dependencies"] == [EIP_OF_STACK["urn"]]


def test_dependencies_follow_the_order_of_the_state():
    first, second = {**EIP_OF_STACK, "id": "eip-1"}, resource(NAT_GATEWAY, "later")
    wanted = {**first, "dependencies": [NETWORK, second["urn"], "urn:gone"]}
    wanted["propertyDependencies"] = {"tags": [NETWORK], "name": None}
    state = State(document(*BASE, first, second))
    plan = plan_of([step(wanted)], state, "cn-beijing")
    settled = State(state.settled(plan.desired, ()))
    linked = settled.resources[first["urn"]]
    assert linked["dependencies"] == [NETWORK]
    assert linked["propertyDependencies"] == {"tags": [NETWORK], "name": []}
