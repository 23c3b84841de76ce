"""What users install: the wheel has both packages, the templates and the two commands."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_what_the_commands_need(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("dashlink-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    templates = {f"dashlink/templates/{path.name}" for path in (ROOT / "templates").glob("*.j2")}
    assert templates
    assert templates <= names
    assert {"dashlink/py.typed", "dashlink/provider/server.py", "dashlink_sandbox/main.py"} <= names
    assert {
        name
        for name in names
        if name.startswith("dashlink_sandbox/data/") and name.endswith(".toml")
    }
    assert not [
        name for name in names if name.split("/")[0] in ("tests", "engine", "bench", "stacks")
    ]
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))
    declared = zipfile.ZipFile(wheel).read(entry_points).decode()
    assert "pulumi-resource-dashlink = dashlink.provider:main" in declared
    assert "dashlink = dashlink.cli:main" in declared
