"""How values of a stack's file are read: as Pulumi reads them, and none of them in an error."""

from __future__ import annotations

import datetime

import pytest

from dashlink.cli import stack_file
from dashlink.errors import DashlinkError

# By `pulumi config --json`, Pulumi 3.259.
VALUES = {
    "yes": "yes",
    "no": "no",
    "on": "on",
    "off": "off",
    "True": True,
    "false": False,
    "~": None,
    "1": 1,
    "-1": -1,
    "1_000": 1000,
    "0x1f": 31,
    "0o17": 15,
    "0b101": 5,
    "0123456789": 123456789,
    "1.50": 1.5,
    "1e3": 1000.0,
    "1:30": "1:30",
    "1:30:00": "1:30:00",
    "'0777'": "0777",
    "2026-01-01": datetime.date(2026, 1, 1),
}


def read(tmp_path, text):
    file = tmp_path / "s.yaml"
    file.write_text(text)
    return stack_file._read_config(file)


@pytest.mark.parametrize(("text", "value"), VALUES.items(), ids=VALUES)
def test_a_value_is_read_as_pulumi_reads_it(tmp_path, text, value):
    assert read(tmp_path, f"config: {{key: {text}}}") == {"key": value}


def test_anchors_and_merge_keys_are_resolved(tmp_path):
    text = "base: &base {a: 1}\nconfig: {key: {<<: *base, b: 2}}"
    assert read(tmp_path, text) == {"key": {"a": 1, "b": 2}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("config:\n  a: sk-1\n  a: sk-2", 's.yaml:3: invalid YAML: found duplicate key "a". Corr'),
        ("config:\n  k: {a: sk-1,\n      a: sk-2}", "s.yaml:3: invalid YAML: found duplicate key"),
        ("config:\n\ta: 1", "s.yaml:2: invalid YAML: found character"),
        ("config: *nope", "s.yaml:1: invalid YAML: found undefined alias 'nope'"),
        ("config: \x00", "s.yaml: invalid YAML: it has characters that YAML does not allow"),
        ("a: 1\n---\nb: 2", "s.yaml:2: invalid YAML: but found another document"),
    ],
    ids=["duplicate", "nested-duplicate", "tab", "alias", "control-character", "two-documents"],
)
def test_invalid_yaml_is_reported_with_its_line(tmp_path, text, problem):
    with pytest.raises(DashlinkError) as caught:
        read(tmp_path, text)
    assert problem in str(caught.value)
    assert "sk-" not in str(caught.value)


def test_aliases_without_end_are_refused(tmp_path):
    lines = ["config:", "  k0: &k0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        items = ", ".join([f"*k{level - 1}"] * 10)
        lines.append(f"  k{level}: &k{level} [{items}]")
    with pytest.raises(DashlinkError) as caught:
        read(tmp_path, "\n".join(lines))
    assert "config: more than 1,000,000 values. Write it without aliases" in str(caught.value)
