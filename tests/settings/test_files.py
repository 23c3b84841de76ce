"""Settings as files: valid ones are read, invalid ones are refused with exactly the expected text.

`invalid/<case>.yaml` has the shape of stacks/Pulumi.<stack>.yaml; `invalid/<case>.txt` has the
error. `warned/` has valid files with exactly their warnings. A value `{secure: v1:…}` is encrypted,
as `pulumi config set --secret` writes it. After a deliberate change: `DASHLINK_WRITE_GOLDEN=1
pytest tests/settings`, then read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml
from support.stack_files import STACKS, read_stack_file

from dashlink.clients.formats import formats
from dashlink.errors import ConfigError
from dashlink.marks import Mark, field_of, item_type, marks_of, type_of
from dashlink.settings import StackSettings, find_warnings, load_settings

HERE = Path(__file__).parent
INVALID = sorted((HERE / "invalid").glob("*.yaml"))
VALID = sorted([*(HERE / "valid").glob("*.yaml"), *STACKS])
WARNED = sorted((HERE / "warned").glob("*.yaml"))
NAMESPACE = "dashlink:"
# Sections whose keys are names of the user's choice.
SECTIONS = (
    "endpoints",
    "eas_services",
    "maas_services",
    "domains",
    "ai_services",
    "consumers",
    "model_apis",
)


def stem_of(path):
    return path.stem


def config_of(path):
    if path in STACKS:
        return read_stack_file(path)["config"]
    return yaml.safe_load(path.read_text())["config"]


def load(path):
    """Load a file as Pulumi does: objects, booleans and numbers as JSON text."""
    texts = {}
    secret_keys = set()
    for key, value in config_of(path).items():
        name = key.removeprefix(NAMESPACE)
        texts[name] = value if isinstance(value, str) else json.dumps(value)
        if is_encrypted(value):
            texts[name] = "decrypted"
            secret_keys.add(name)
    region = texts.pop("alicloud:region", "")
    namespace = {name: text for name, text in texts.items() if ":" not in name}
    return load_settings(
        namespace,
        region=region,
        client_formats=formats(),
        secret_keys=secret_keys,
        other_keys={name: name in secret_keys for name in texts if ":" in name},
        source=f"stacks/{path.name}",
    )


def is_encrypted(value):
    return isinstance(value, dict) and set(value) == {"secure"}


def error_of(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize("path", VALID, ids=stem_of)
def test_a_valid_file_is_read(path):
    settings = load(path)
    written = config_of(path)
    assert list(settings.network.zones) == written["dashlink:network"]["zones"]
    for key in SECTIONS:
        assert set(getattr(settings, key)) == set(written.get(f"dashlink:{key}", ()))


@pytest.mark.parametrize("path", INVALID, ids=stem_of)
def test_an_invalid_file_is_refused_with_the_expected_text(path):
    text = f"{error_of(path)}\n"
    expected = path.with_suffix(".txt")
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("path", WARNED, ids=stem_of)
def test_a_valid_file_has_exactly_the_expected_warnings(path):
    region = config_of(path)["alicloud:region"]
    text = "".join(f"{warning}\n" for warning in find_warnings(load(path), region))
    expected = path.with_suffix(".txt")
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        expected.write_text(text)
    assert text
    assert text == expected.read_text()


@pytest.mark.parametrize("path", VALID, ids=stem_of)
def test_a_valid_file_has_no_warning_but_of_its_clients(path):
    expected = ("no consumers: ", "no document offers access keys ", "no document names AI gate")
    for warning in find_warnings(load(path), config_of(path)["alicloud:region"]):
        assert warning.problem.startswith(expected)


@pytest.mark.parametrize("path", INVALID, ids=stem_of)
def test_lines_are_sorted_and_have_path_problem_and_advice(path):
    lines = error_of(path).splitlines()
    assert lines == sorted(lines)
    for line in lines:
        source, where, rest = line.split(": ", 2)
        assert source == f"stacks/{path.name}"
        assert " " not in where or "Dash Scope" in where
        assert rest.rstrip().endswith((".", "?")), line
        assert ". " in rest, line


@pytest.mark.parametrize("path", INVALID, ids=stem_of)
def test_no_fault_is_reported_twice(path):
    lines = path.with_suffix(".txt").read_text().splitlines()
    assert len(lines) == len(set(lines))


# Secrets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    ["sk-0123456789abcdef0123456789abcdef", "LTAI5tAbCdEfGhIjKlMnOpQr"],
    ids=["model service", "cloud"],
)
def test_a_key_of_a_known_shape_is_never_repeated(secret):
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
    "known shape": "sk-0123456789abcdef0123456789abcdef",
    "no known shape": "correct-horse-battery",
}
# Path of every reference to a secret -> a valid file that has it.
REFERENCES = {
    "ai_services.qwen.api_keys.0": "gateway-smallest",
    "ai_services.aws.bedrock.access_key": "gateway-bedrock-and-vertex",
    "ai_services.aws.bedrock.secret_key": "gateway-bedrock-and-vertex",
    "ai_services.google.vertex.auth_key": "gateway-bedrock-and-vertex",
    "consumers.app.api_keys.0": "gateway-consumers-of-all-kinds",
    "consumers.people.jwt.jwks": "gateway-consumers-of-all-kinds",
    "consumers.job.ak_sk.0.secret_key": "gateway-consumers-of-all-kinds",
    "eas_services.own.token": "eas-services",
    "eas_services.own.deploy.docker_auth": "eas-services",
    "maas_services.huawei.api_key": "maas-services",
    "model_apis.talk.cache.redis.password": "gateway-caches",
    "model_apis.think.cache.vector_key": "gateway-caches",
}
MISTAKES = {
    "plain": lambda key: key,
    "in a list": lambda key: [key],
    "under another key": lambda key: {"value": key},
    "encrypted in its place": lambda key: {"secure": key},
    "a reference and more": lambda key: {"config": "someKey", "value": key},
    "an invalid reference": lambda key: {"config": [key]},
}
each_secret = pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
each_reference = pytest.mark.parametrize("where", REFERENCES, ids=str)


def refused(settings, encrypted=()):
    secret_keys = set(encrypted)
    for key, value in settings.items():
        if is_encrypted(value):
            secret_keys.add(key)
    with pytest.raises(ConfigError) as caught:
        load_settings(
            {key: json.dumps(value) for key, value in settings.items()},
            region="cn-beijing",
            client_formats=formats(),
            secret_keys=secret_keys,
        )
    return str(caught.value)


def valid_settings(name):
    settings = {}
    for key, value in config_of(HERE / "valid" / f"{name}.yaml").items():
        if key.startswith(NAMESPACE):
            settings[key.removeprefix(NAMESPACE)] = value
    return settings


def put(settings, path, value):
    """Put ``value`` at ``path``, a list of steps, in ``settings``."""
    *steps, last = [int(step) if step.isdigit() else step for step in path]
    for step in steps:
        settings = settings[step]
    settings[last] = value


def type_at(path):
    annotation = StackSettings
    for step in path.split("."):
        field = field_of(annotation, step)
        annotation = item_type(annotation) if field is None else type_of(field)
    return annotation


def references_in(schema, name=""):
    """Yield the names in a JSON Schema at which a reference to a secret is expected."""
    if set(schema.get("properties", ())) == {"config"}:
        yield name
        return
    for inner in schema.get("anyOf", ()):
        yield from references_in(inner, name)
    if "items" in schema:
        yield from references_in(schema["items"], name)
    for key, inner in {**schema.get("properties", {}), **schema.get("$defs", {})}.items():
        yield from references_in(inner, key)


def test_the_tests_of_secrets_cover_every_reference():
    names = set()
    for where in REFERENCES:
        assert Mark.SECRET in marks_of(type_at(where))
        names.add(next(step for step in reversed(where.split(".")) if not step.isdigit()))
    assert set(references_in(StackSettings.model_json_schema())) == names


@each_secret
@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
@each_reference
def test_a_key_instead_of_a_reference_is_not_repeated(where, mistake, secret):
    settings = valid_settings(REFERENCES[where])
    put(settings, where.split("."), mistake(secret))
    text = refused(settings)
    assert any(line.startswith(where) for line in text.splitlines())
    assert secret not in text


@each_secret
@each_reference
def test_a_key_instead_of_a_parent_is_not_repeated(where, secret):
    path = where.split(".")
    for length in range(1, len(path)):
        settings = valid_settings(REFERENCES[where])
        put(settings, path[:length], secret)
        text = refused(settings)
        assert any(line.startswith(".".join(path[:length])) for line in text.splitlines())
        assert secret not in text


@each_secret
def test_a_secret_that_is_not_encrypted_is_not_repeated(secret):
    text = refused({**valid_settings("gateway-smallest"), "qwenKey": secret})
    problem = "ai_services.qwen.api_keys.0: dashlink:qwenKey is in plain text. Revoke it"
    assert text.startswith(problem)
    assert secret not in text


@each_secret
@each_reference
def test_an_encrypted_key_instead_of_a_reference_is_not_repeated(where, secret):
    settings = valid_settings(REFERENCES[where])
    put(settings, where.split("."), secret)
    key = where.partition(".")[0]
    text = refused(settings, encrypted={key})
    assert f"{key}: encrypted, but settings are no secrets. Write it in plain" in text
    assert secret not in text


def test_an_encrypted_setting_is_refused():
    text = refused({"network": {}, "endpoints": {}}, encrypted=["network"])
    assert "network: encrypted, but settings are no secrets. Write it in plain" in text
