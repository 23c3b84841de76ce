"""Every case of Terraform's own alicloud provider works on the sandbox from creation to deletion.

`support/terraform_cases.py` describes a case and how to add one. A new product needs a class here.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support import terraform_cases
from support.terraform_cases import Batch, Case

from dashlink_sandbox import Sandbox

_NEEDS = {
    "case": lambda case: not case.refusal,
    "changed": lambda case: not case.refusal and case.has_change,
    "refused": lambda case: bool(case.refusal),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the cases of its product that its argument's name stands for."""
    for name, belongs in _NEEDS.items():
        if name in metafunc.fixturenames:
            cases = [case for case in terraform_cases.cases(metafunc.cls.product) if belongs(case)]
            ids = [f"{metafunc.cls.product}/{case.name}" for case in cases]
            metafunc.parametrize(name, cases, ids=ids)


@pytest.fixture(scope="class")
def batch(request: pytest.FixtureRequest, folder: Path, cloud: Sandbox) -> Batch:
    """The cases of the selected tests of the class, in an empty cloud."""
    cases = {}
    for item in request.session.items:
        if item.cls is request.cls and hasattr(item, "callspec"):
            for case in item.callspec.params.values():
                if isinstance(case, Case):
                    cases[case.name] = case
    return Batch(folder, cloud, cases.values())


@pytest.mark.engine
class Cases:
    """The life of the cases of one product, which share a cloud."""

    product: str

    def test_apply_succeeds(self, batch, case):
        assert batch.applied.errors(case) == []

    def test_apply_is_refused_with_the_code(self, batch, refused):
        (error,) = batch.applied.errors(refused)
        assert refused.refusal in error

    def test_a_plan_after_apply_is_empty(self, batch, case):
        assert batch.planned.errors(case) == []
        assert batch.planned.changes(case) == []

    def test_a_change_succeeds(self, batch, changed):
        assert batch.changed.errors(changed) == []

    def test_a_plan_after_a_change_is_empty(self, batch, changed):
        assert batch.planned_again.errors(changed) == []
        assert batch.planned_again.changes(changed) == []

    def test_destroy_succeeds(self, batch, case):
        assert batch.destroyed.errors(case) == []

    def test_destroy_leaves_nothing(self, batch):
        assert batch.destroyed
        assert batch.left() == []


class TestVpc(Cases):
    product = "vpc"


class TestEcs(Cases):
    product = "ecs"


class TestCbn(Cases):
    product = "cbn"


class TestVpcPeer(Cases):
    product = "vpcpeer"


class TestNat(Cases):
    product = "nat"


class TestEip(Cases):
    product = "eip"


class TestPrivatelink(Cases):
    product = "privatelink"


class TestPvtz(Cases):
    product = "pvtz"


class TestApig(Cases):
    product = "apig"


class TestPai(Cases):
    product = "pai"


def test_each_product_has_a_class():
    classes = {cls.product for cls in Cases.__subclasses__()}
    assert set(terraform_cases.products()) == classes
