"""Every case of Terraform's own alicloud provider works on the sandbox from creation to deletion.

`support/terraform_cases.py` describes a case and how to add one. A new product joins a class here.
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
            cases = []
            for product in metafunc.cls.products:
                cases += filter(belongs, terraform_cases.cases(product))
            metafunc.parametrize(name, cases, ids=lambda case: f"{case.product}/{case.name}")


@pytest.fixture(scope="class")
def batch(request: pytest.FixtureRequest, folder: Path, cloud: Sandbox) -> Batch:
    """The cases of the selected tests of the class, in an empty cloud."""
    cases = {}
    for item in request.session.items:
        if item.cls is request.cls and hasattr(item, "callspec"):
            for case in item.callspec.params.values():
                if isinstance(case, Case):
                    cases[case.module] = case
    return Batch(folder, cloud, cases.values())


@pytest.mark.engine
class Cases:
    """The life of the cases of some products, which share a cloud and a configuration."""

    products: tuple[str, ...]

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
    products = ("vpc", "pvtz", "pai")


class TestEcs(Cases):
    products = ("ecs", "nat", "eip")


class TestRegions(Cases):
    products = ("cbn", "vpcpeer", "apig")


class TestPrivatelink(Cases):
    products = ("privatelink",)


def test_each_product_has_a_class():
    products = []
    for cls in Cases.__subclasses__():
        products += cls.products
    assert sorted(products) == terraform_cases.products()
