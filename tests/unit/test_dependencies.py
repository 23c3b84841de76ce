"""Dependencies: what the code imports and what pyproject.toml declares are the same."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = ("dashlink", "dashlink_sandbox")
INSTALLED = packages_distributions()


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements):
    names = set()
    for requirement in requirements:
        names.add(canonical(re.match(r"[\w.-]+", requirement)[0]))
    return names


RUNTIME = declared(PROJECT["dependencies"])
EXTRAS = {name: declared(listed) for name, listed in PROJECT["optional-dependencies"].items()}


def imported_modules(folder):
    """Every third-party module that a file of `folder` imports, also inside functions."""
    modules = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module)
    outside = set()
    for module in modules:
        top = module.split(".")[0]
        if top not in OURS and top not in sys.stdlib_module_names:
            outside.add(module)
    return outside


def distribution_of(module):
    """The distribution that installs `module`; several share a namespace package such as google."""
    candidates = set(INSTALLED.get(module.split(".")[0], ()))
    assert candidates, f"{module} is not installed"
    if len(candidates) == 1:
        return canonical(candidates.pop())
    start = module.replace(".", "/")
    for candidate in candidates:
        files = distribution(candidate).files or ()
        if any(str(file).startswith((f"{start}/", f"{start}.")) for file in files):
            return canonical(candidate)
    raise AssertionError(f"no distribution of {sorted(candidates)} has {module}")


def imported_distributions(folder):
    return {distribution_of(module) for module in imported_modules(folder)}


@pytest.mark.parametrize(
    ("folder", "extra"),
    [("components/dashlink", "debug"), ("sandbox/dashlink_sandbox", "sandbox")],
    ids=["library", "sandbox"],
)
def test_every_imported_distribution_is_declared(folder, extra):
    assert imported_distributions(folder) - RUNTIME - EXTRAS[extra] == set()


def test_every_declared_distribution_is_imported():
    library = imported_distributions("components/dashlink")
    assert RUNTIME - library == set()
    assert EXTRAS["debug"] - library == set()
    assert EXTRAS["sandbox"] - imported_distributions("sandbox/dashlink_sandbox") == set()


def test_sdk_models_are_for_tests_only():
    sdks = {name for name in EXTRAS["dev"] if re.fullmatch(r"alibabacloud-[a-z]+\d{8}", name)}
    assert len(sdks) == 6
    assert sdks & RUNTIME == set()
