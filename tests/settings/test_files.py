"""Settings as files: each valid one is taken, each invalid one is refused with exactly the words in the file beside it.

`invalid/<case>.yaml` has the shape of stacks/Pulumi.<stack>.yaml; `invalid/<case>.txt` has what a person reads. A value
`{secure: v1:…}` is an encrypted one, as `pulumi config set --secret` writes it. After a deliberate change:
`DASHLINK_WRITE_GOLDEN=1 pytest tests/settings`, then read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from dashlink.clients.render import formats
from dashlink.errors import ConfigError
from dashlink.settings import StackSettings, load_settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INVALID = sorted((HERE / "invalid").glob("*.yaml"))
VALID = sorted([*(HERE / "valid").glob("*.yaml"), *(ROOT / "stacks").glob("Pulumi.*.yaml")])


def load(path):
    """Load a file as Pulumi would: objects as JSON text, switches and numbers as text, keys without their namespace."""
    config = yaml.safe_load(path.read_text())["config"]
    decrypted = {
        key: "decrypted" if is_encrypted(value) else value for key, value in config.items()
    }
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in decrypted.items()
    }
    return load_settings(
        {
            key.removeprefix("dashlink:"): text
            for key, text in texts.items()
            if key.startswith("dashlink:")
        },
        region=texts.get("alicloud:region", ""),
        client_formats=formats(),
        secret_keys={
            key.removeprefix("dashlink:") for key, value in config.items() if is_encrypted(value)
        },
        source=f"stacks/{path.name}",
    )


def is_encrypted(value):
    return isinstance(value, dict) and set(value) == {"secure"}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_file_is_taken(path):
    settings = load(path)
    written = yaml.safe_load(path.read_text())["config"]
    assert set(settings.endpoints) == set(written["dashlink:endpoints"])
    assert list(settings.network.zones) == written["dashlink:network"]["zones"]
    for key in ("domains", "ai_services", "consumers", "model_apis"):
        assert set(getattr(settings, key)) == set(written.get(f"dashlink:{key}", ()))


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


@pytest.mark.parametrize(
    "secret", ["sk-0123456789abcdef0123456789abcdef", "LTAI5tAbCdEfGhIjKlMnOpQr"]
)
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


SECRETS = {
    "of a known shape": "sk-0123456789abcdef0123456789abcdef",
    "of none": "correct-horse-battery",
}
SECRET_PLACES = {  # every place that takes a reference, in a valid file that has one
    "ai_services.qwen.api_keys.0": "gateway-smallest",
    "ai_services.aws.bedrock.access_key": "gateway-bedrock-and-vertex",
    "ai_services.aws.bedrock.secret_key": "gateway-bedrock-and-vertex",
    "ai_services.google.vertex.auth_key": "gateway-bedrock-and-vertex",
    "consumers.app.api_keys.0": "gateway-consumers-of-all-kinds",
    "consumers.people.jwt.jwks": "gateway-consumers-of-all-kinds",
    "consumers.job.ak_sk.0.secret_key": "gateway-consumers-of-all-kinds",
    "model_apis.talk.cache.redis.password": "gateway-caches",
    "model_apis.think.cache.vector_key": "gateway-caches",
}
WAYS_TO_WRITE_A_KEY = {
    "itself": lambda key: key,
    "in a list": lambda key: [key],
    "under the wrong word": lambda key: {"value": key},
    "encrypted in its place": lambda key: {"secure": key},
    "as a reference with more": lambda key: {"config": "someKey", "value": key},
    "as a reference that is none": lambda key: {"config": [key]},
}


def refused(config, encrypted=()):
    with pytest.raises(ConfigError) as caught:
        load_settings(
            {key: json.dumps(value) for key, value in config.items()},
            region="cn-beijing",
            client_formats=formats(),
            secret_keys={
                *encrypted,
                *(key for key, value in config.items() if is_encrypted(value)),
            },
        )
    return str(caught.value)


def written_in(name):
    config = yaml.safe_load((HERE / "valid" / f"{name}.yaml").read_text())["config"]
    return {
        key.removeprefix("dashlink:"): value
        for key, value in config.items()
        if key.startswith("dashlink:")
    }


def put(config, path, value):
    """Put ``value`` at ``path``, one step after another, of ``config``."""
    *steps, last = [int(step) if step.isdigit() else step for step in path]
    for step in steps:
        config = config[step]
    config[last] = value


def test_these_are_all_places_that_take_a_reference():
    def names(schema, name):
        if set(schema.get("properties", ())) == {"config"}:
            return {name}
        inner = [
            (name, item)
            for item in (
                *schema.get("anyOf", ()),
                *([schema["items"]] if "items" in schema else ()),
            )
        ]
        inner += [*schema.get("properties", {}).items(), *schema.get("$defs", {}).items()]
        return {found for key, item in inner for found in names(item, key)}

    taken = {
        next(step for step in reversed(place.split(".")) if not step.isdigit())
        for place in SECRET_PLACES
    }
    assert names(StackSettings.model_json_schema(), "") == taken


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("way", WAYS_TO_WRITE_A_KEY.values(), ids=WAYS_TO_WRITE_A_KEY)
@pytest.mark.parametrize("place", SECRET_PLACES)
def test_a_key_in_place_of_a_reference_is_refused_and_not_repeated(place, way, secret):
    config = written_in(SECRET_PLACES[place])
    put(config, place.split("."), way(secret))
    said = refused(config)
    assert any(line.startswith(place) for line in said.splitlines())
    assert secret not in said


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("place", SECRET_PLACES)
def test_a_key_in_place_of_what_is_around_the_reference_is_refused_and_not_repeated(place, secret):
    path = place.split(".")
    for length in range(1, len(path)):
        config = written_in(SECRET_PLACES[place])
        put(config, path[:length], secret)
        said = refused(config)
        assert any(line.startswith(".".join(path[:length])) for line in said.splitlines())
        assert secret not in said


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_key_that_is_not_encrypted_is_refused_and_not_repeated(secret):
    said = refused({**written_in("gateway-smallest"), "qwenKey": secret})
    assert said.startswith(
        "ai_services.qwen.api_keys.0: dashlink:qwenKey is in plain text. Revoke it"
    )
    assert secret not in said


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("place", SECRET_PLACES)
def test_a_key_that_is_encrypted_in_place_of_a_reference_is_refused_and_not_repeated(place, secret):
    config = written_in(SECRET_PLACES[place])
    put(config, place.split("."), secret)
    key = place.partition(".")[0]
    said = refused(config, encrypted={key})
    assert f"{key}: encrypted, but settings are no secrets. Write it in plain" in said
    assert secret not in said


def test_nothing_is_told_twice():
    for path in INVALID:
        lines = path.with_suffix(".txt").read_text().splitlines()
        assert len(lines) == len(set(lines)), path.stem


def test_an_encrypted_setting_is_refused():
    namespace = {"network": "{}", "endpoints": "{}"}
    with pytest.raises(
        ConfigError, match=r"network: encrypted, but settings are no secrets\. Write it in plain"
    ):
        load_settings(
            namespace, region="cn-beijing", client_formats=formats(), secret_keys=["network"]
        )
