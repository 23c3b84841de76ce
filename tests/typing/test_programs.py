"""mypy and pyright accept a user's program and flag every misspelt argument in it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashlink.provider.registry import all_handlers

PROGRAM = (Path(__file__).parent / "program.py").read_text()
# One argument of each resource; of some resources a key inside an argument.
ARGUMENTS = {
    "Provider": "access_key",
    "EndpointConnection": "timeout_seconds",
    "GatewayAddresses": "environment_id",
    "AiService": "api_keys",
    "Domain": "certificate_id",
    "ModelApi": "base_path",
    "Consumer": "api_keys",
    "ModelApiAuthorization": "environment_id",
    "EasService": "workspace_id",
    "EasAddresses": "timeout_seconds",
    "EasGateway": "instance_type",
    "EasGatewayLink": "vswitch_id",
    "ExistingEasGateway": "timeout_seconds",
    "ForeignContents": "keep_foreign",
}
KEYS = {
    "AiService": "interval_seconds",
    "ModelApi": "model",
    "Consumer": "claim",
    "EasService": "key",
    "EasGateway": "cidr",
    "EasGatewayLink": "region",
    "ForeignContents": "hosts",
}


def misspelt(names, form):
    """The program with one misspelt name in the declaration of each resource."""
    text = PROGRAM
    for resource, name in names.items():
        before, after = form.split("NAME")
        declaration = rf"(dashlink\.{resource}\(\n(?: .*\n)*? +{before}{name})({after})"
        text, count = re.subn(declaration, r"\1x\2", text)
        assert count == 1, resource
    return text


def declarations(text):
    """The declared resource by line of the program."""
    lines = {}
    for statement in ast.parse(text).body:
        declared = re.search(r"= dashlink\.(\w+)\(", ast.unparse(statement))
        for line in range(statement.lineno, statement.end_lineno + 1):
            lines[line] = declared[1] if declared else "no resource"
    return lines


PROGRAMS = {
    "right.py": (PROGRAM, {}),
    "arguments.py": (misspelt(ARGUMENTS, "NAME="), ARGUMENTS),
    "keys.py": (misspelt(KEYS, '"NAME": '), KEYS),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("programs")
    for name, (text, _) in PROGRAMS.items():
        (folder / name).write_text(text)
    return folder


def run(command, folder):
    """The output of a type checker, which exits with 1 when it finds errors."""
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def mypy_errors(folder, cache):
    """Name of the program and line of each error."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={cache}"]
    output = run([*command, *PROGRAMS], folder)
    found = re.findall(r"^(\w+\.py):(\d+): error: ", output, re.MULTILINE)
    return [(program, int(line)) for program, line in found]


def pyright_errors(folder):
    """Name of the program and line of each error."""
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}))
    command = [sys.executable, "-m", "basedpyright", "--outputjson"]
    output = run([*command, "--pythonpath", sys.executable], folder)
    found = []
    for error in json.loads(output)["generalDiagnostics"]:
        if error["severity"] == "error":
            found.append((Path(error["file"]).name, error["range"]["start"]["line"] + 1))
    return found


def assert_flagged(errors):
    """Every resource with a misspelt name is flagged, and nothing else is."""
    flagged = {name: set() for name in PROGRAMS}
    for program, line in errors:
        flagged[program].add(declarations(PROGRAMS[program][0])[line])
    assert flagged == {program: set(names) for program, (_, names) in PROGRAMS.items()}


def test_every_resource_has_a_misspelt_argument():
    handlers = {token: handler for token, handler in all_handlers().items() if not handler.retired}
    resources = {token.rpartition(":")[2] for token in handlers}
    assert {*resources, "Provider"} == set(ARGUMENTS)


def test_mypy_flags_every_misspelt_argument(folder, pytestconfig):
    assert_flagged(mypy_errors(folder, pytestconfig.cache.mkdir("mypy-of-programs")))


def test_pyright_flags_every_misspelt_argument(folder):
    assert_flagged(pyright_errors(folder))
