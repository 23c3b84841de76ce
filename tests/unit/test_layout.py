"""The layout of the code: which module imports which, and the sizes of files and functions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "components" / "dashlink"
SANDBOX = ROOT / "sandbox" / "dashlink_sandbox"
ENGINE = ROOT / "engine"
LONGEST_FILE = 500
LONGEST_FUNCTION = 60

# From the top floor to the bottom one; a module imports from its own floor and from lower ones.
FLOORS = (
    ("cli",),
    ("operate",),
    ("provider", "verify", "check", "drift"),
    ("access", "stack", "json_schema", "preflight", "recovery"),
    ("settings", "diagram"),
    ("network", "endpoint", "gateway", "eas", "maas"),
    ("clients",),
    ("resources",),
    (
        "cloud",
        "component",
        "configuration",
        "documented",
        "marks",
        "pulumi_stack",
        "redaction",
        "types",
        "validation",
    ),
    ("errors", "naming"),
)
# Forbidden although the floors allow it: plugin and program share resources/ only.
NEVER = (
    (
        "provider",
        (
            "settings",
            "network",
            "endpoint",
            "gateway",
            "eas",
            "maas",
            "access",
            "stack",
            "preflight",
            "diagram",
            "clients",
        ),
    ),
    ("cli", ("provider",)),
    ("settings", ("diagram",)),
)
PURE = ("settings.py", "plan.py", "catalog.py", "rules.py")
HEAVY = ("pulumi", "pulumi_alicloud", "alibabacloud_", "Tea", "darabonba")


def sources(*folders: Path) -> list[Path]:
    found: list[Path] = []
    for folder in folders:
        found += [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]
    return sorted(found)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def run_time_imports(path: Path) -> Iterator[str]:
    """Every module that ``path`` imports at run time, without imports for type checkers."""
    pending: list[ast.AST] = [ast.parse(path.read_text())]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending += node.orelse
        else:
            pending += ast.iter_child_nodes(node)


def package_of(module: str) -> str | None:
    """The package of the library that a module belongs to: its first name below `dashlink`."""
    names = module.split(".")
    return names[1] if names[0] == "dashlink" and len(names) > 1 else None


def floor_of(package: str) -> int:
    for number, names in enumerate(FLOORS):
        if package in names:
            return number
    raise AssertionError(f"{package} has no floor")


def package_imports() -> dict[str, set[str]]:
    """Package -> the packages that its modules import at run time."""
    graph: dict[str, set[str]] = {}
    for path in sources(LIBRARY):
        own = package_of(module_of(path, LIBRARY))
        if own is None:
            continue  # the stub of the package imports everything
        imported = {package_of(name) for name in run_time_imports(path)}
        graph.setdefault(own, set()).update(imported - {None, own})
    return graph


def test_every_package_of_the_library_has_its_floor():
    assert sorted(package_imports()) == sorted(chain.from_iterable(FLOORS))


@pytest.mark.parametrize("path", sources(LIBRARY), ids=relative)
def test_a_module_imports_from_its_floor_and_below(path):
    own = package_of(module_of(path, LIBRARY))
    for name in run_time_imports(path):
        imported = package_of(name)
        if own is not None and imported is not None:
            assert floor_of(imported) >= floor_of(own), (
                f"{path.name} imports {name}, a higher floor"
            )


@pytest.mark.parametrize(
    "module", ["dashlink.settings", "dashlink.diagram.stack", "dashlink.clients.render"], ids=str
)
def test_settings_and_clients_load_without_pulumi(module):
    loaded = f"import sys, {module}; print('pulumi' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True) == "False\n"


def test_packages_have_no_import_cycle():
    TopologicalSorter(package_imports()).prepare()  # raises CycleError with the cycle


@pytest.mark.parametrize(("package", "never"), NEVER, ids=[package for package, _ in NEVER])
def test_a_package_never_imports_these(package, never):
    assert package_imports()[package] & set(never) == set()


def test_no_folder_holds_a_quarter_of_the_library():
    lines: Counter[str | None] = Counter()
    for path in sources(LIBRARY):
        lines[package_of(module_of(path, LIBRARY))] += path.read_text().count("\n")
    for package, count in lines.items():
        assert count <= lines.total() / 4, package


@pytest.mark.parametrize("path", sources(LIBRARY), ids=relative)
def test_pure_modules_import_neither_pulumi_nor_an_sdk(path):
    if path.name not in PURE and "clients" not in path.parts:
        return
    heavy = [name for name in run_time_imports(path) if name.split(".")[0].startswith(HEAVY)]
    assert heavy == []


@pytest.mark.parametrize("path", sources(LIBRARY), ids=relative)
def test_the_library_does_not_know_the_sandbox(path):
    imported = {name.split(".")[0] for name in run_time_imports(path)}
    assert "dashlink_sandbox" not in imported
    assert "x-sandbox" not in path.read_text().lower()  # its headers


@pytest.mark.parametrize("path", sources(SANDBOX), ids=relative)
def test_the_sandbox_imports_nothing_of_the_library(path):
    assert [name for name in run_time_imports(path) if name.split(".")[0] == "dashlink"] == []


@pytest.mark.parametrize("path", sources(LIBRARY, SANDBOX, ENGINE), ids=relative)
def test_files_and_functions_stay_small(path):
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", sources(LIBRARY, SANDBOX, ENGINE), ids=relative)
def test_every_module_has_a_docstring(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_the_program_of_a_stack_is_short():
    assert (ROOT / "stacks" / "__main__.py").read_text().count("\n") <= 40


def test_every_public_name_can_be_imported():
    import dashlink

    stub = ast.parse((LIBRARY / "__init__.pyi").read_text())
    names = ["__version__"]
    for node in stub.body:
        if isinstance(node, ast.ImportFrom):
            names += [alias.name for alias in node.names]
    assert sorted(dashlink.__all__) == sorted(names)
    for name in dashlink.__all__:
        assert getattr(dashlink, name) is not None
        # A module of the same name would replace the public name once it is imported.
        assert not (LIBRARY / name).exists()
        assert not (LIBRARY / f"{name}.py").exists()
