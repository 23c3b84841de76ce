"""Settings as files: each valid one is taken, each invalid one is refused with exactly the words in the file beside it.

`invalid/<case>.yaml` has the shape of stacks/Pulumi.<stack>.yaml; `invalid/<case>.txt` has what a person reads. After a
deliberate change: `DASHLINK_WRITE_GOLDEN=1 pytest tests/settings`, then read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from dashlink.clients.render import formats
from dashlink.errors import ConfigError
from dashlink.settings import load_settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INVALID = sorted((HERE / "invalid").glob("*.yaml"))
VALID = sorted([*(HERE / "valid").glob("*.yaml"), *(ROOT / "stacks").glob("Pulumi.*.yaml")])


def load(path):
    """Load a file as Pulumi would: objects as JSON text, switches and numbers as text, keys without their namespace."""
    config = yaml.safe_load(path.read_text())["config"]
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    own = {key.removeprefix("dashlink:"): text for key, text in texts.items() if key.startswith("dashlink:")}
    region = texts.get("alicloud:region", "")
    return load_settings(own, region=region, client_formats=formats(), source=f"stacks/{path.name}")


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_file_is_taken(path):
    settings = load(path)
    written = yaml.safe_load(path.read_text())["config"]
    assert set(settings.endpoints) == set(written["dashlink:endpoints"])
    assert list(settings.network.zones) == written["dashlink:network"]["zones"]


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_file_is_refused_in_exactly_these_words(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    said = f"{caught.value}\n"
    expected = path.with_suffix(".txt")
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        expected.write_text(said)
    assert said == expected.read_text()


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_every_line_says_where_what_and_what_to_do_and_lines_are_sorted(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    lines = str(caught.value).splitlines()
    assert lines == sorted(lines)
    for line in lines:
        source, where, rest = line.split(": ", 2)
        assert source == f"stacks/{path.name}"
        assert " " not in where or "Dash Scope" in where
        assert rest.rstrip().endswith((".", "?")), line
        assert ". " in rest, line


@pytest.mark.parametrize("secret", ["sk-0123456789abcdef0123456789abcdef", "LTAI5tAbCdEfGhIjKlMnOpQr"])
def test_a_secret_is_never_repeated(secret):
    namespace = {
        "network": json.dumps({"cidr": secret, "zones": [secret], secret: 1}),
        "endpoints": json.dumps({"dashscope": {"service": secret}}),
        "clients": json.dumps([secret]),
    }
    with pytest.raises(ConfigError) as caught:
        load_settings(namespace, region=secret, client_formats=formats())
    assert "looks like a secret" in str(caught.value)
    assert secret not in str(caught.value)


def test_an_encrypted_setting_is_refused():
    namespace = {"network": "{}", "endpoints": "{}"}
    with pytest.raises(ConfigError, match=r"network: encrypted, but no setting is a secret\. Write it in plain"):
        load_settings(namespace, region="cn-beijing", client_formats=formats(), secret_keys=["network"])
