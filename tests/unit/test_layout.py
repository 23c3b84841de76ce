"""The house rules of the layout: who imports whom, and how large a file or function may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "components" / "dashlink"
SANDBOX = ROOT / "sandbox" / "dashlink_sandbox"
ENGINE = ROOT / "engine"
LONGEST_FILE = 400
LONGEST_FUNCTION = 40

# From the top to the bottom of the house; a module may import from its own row and from the rows below.
FLOORS = [
    ("dashlink.cli",),
    ("dashlink.stack",),
    ("dashlink.access", "dashlink.preflight"),
    ("dashlink.settings",),
    ("dashlink.network", "dashlink.endpoint", "dashlink.gateway", "dashlink.clients", "dashlink.provider"),
    ("dashlink.cloud",),
    ("dashlink.reading", "dashlink.diagram"),
    ("dashlink.naming", "dashlink.types", "dashlink.words", "dashlink.secrets_found", "dashlink.part"),
    ("dashlink.errors",),
]
PURE = ("settings.py", "plan.py", "catalog.py")
HEAVY = ("pulumi", "pulumi_alicloud", "alibabacloud_", "Tea", "darabonba")


def sources(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def module_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def run_time_imports(path: Path) -> Iterator[str]:
    """Every module that ``path`` imports when it runs: imports for type checkers alone do not count."""
    skipped: set[int] = set()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped |= {id(inner) for child in node.body for inner in ast.walk(child)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def floor_of(module: str) -> int | None:
    for number, names in enumerate(FLOORS):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return number
    return None


@pytest.mark.parametrize("path", sources(LIBRARY), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_its_floor_and_below(path):
    own = floor_of(module_of(path, LIBRARY))
    if own is None:
        return  # the package's own front door names everything
    for imported in run_time_imports(path):
        floor = floor_of(imported)
        assert floor is None or floor >= own, f"{path.name} imports {imported}, which is above it"


@pytest.mark.parametrize("path", sources(LIBRARY), ids=lambda path: str(path.relative_to(ROOT)))
def test_pure_modules_import_neither_pulumi_nor_an_sdk(path):
    if path.name not in PURE and path.parent.name != "clients":
        return
    heavy = [name for name in run_time_imports(path) if name.split(".")[0].startswith(HEAVY)]
    assert heavy == []


@pytest.mark.parametrize("path", sources(SANDBOX), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_sandbox_imports_nothing_of_the_library(path):
    assert [name for name in run_time_imports(path) if name.split(".")[0] == "dashlink"] == []


@pytest.mark.parametrize("path", sources(LIBRARY, SANDBOX, ENGINE), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", sources(LIBRARY, SANDBOX, ENGINE), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_the_program_of_a_stack_is_short():
    assert (ROOT / "stacks" / "__main__.py").read_text().count("\n") <= 40


def test_the_public_names_are_all_there():
    import dashlink

    assert sorted(dashlink.__all__) == sorted({*dashlink._HOMES, "__version__"})
    for name in dashlink.__all__:
        assert getattr(dashlink, name) is not None
        # A name that is a module's too would be the module as soon as that is imported.
        assert not (LIBRARY / name).exists()
        assert not (LIBRARY / f"{name}.py").exists()
