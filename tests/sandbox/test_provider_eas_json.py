"""The service JSON by dashlink's provider: spellings, types and secrets.

The cloud of these tests returns primary keys; test_provider_eas_changes.py has the other dialect.
"""

from __future__ import annotations

import base64
import json

import pytest
from pulumi.runtime.proto import provider_pb2
from support.eas import CONFIG, SERVICE, inputs_of, row_of, with_path, written
from support.leaks import open_text
from support.provider import engine_for, plain, refused

from dashlink.cloud.eas import EasApi
from dashlink.errors import CloudError
from dashlink.provider.eas.service_json import _ALIASES
from dashlink_sandbox import Sandbox
from dashlink_sandbox.dialects import Dialect

NONE = provider_pb2.DiffResponse.DIFF_NONE
# A value for each other spelling of a key; the rest are numbers.
VALUES = {
    "metadata.gateway": None,  # a gateway that exists
    "name": None,  # the service has its own name
    "token": None,  # an input of its own
    "dockerAuth": None,  # an input of its own
    "metadata.autoscaler": {"min": 1, "max": 2},
    "metadata.cronscaler": {"scaleJobs": []},
    "metadata.enable_grpc": True,
}


SPELLED = sorted(alias for alias in _ALIASES if VALUES.get(alias, 1) is not None)


@pytest.fixture(scope="module")
def served():
    dialect = Dialect.of({"eas-read-back": "primary"})
    with Sandbox(dialect=dialect) as cloud, engine_for(cloud) as engine:
        yield cloud, engine


def test_every_spelling_is_no_difference(served):
    _, engine = served
    config, primary = CONFIG, CONFIG
    for alias in SPELLED:
        config = with_path(config, alias, VALUES.get(alias, 1))
        primary = with_path(primary, _ALIASES[alias], VALUES.get(alias, 1))
    refreshed = engine.refresh(engine.create(SERVICE, inputs_of("spelled", config)))
    assert engine.diff(refreshed, inputs_of("spelled", config)).changes == NONE
    assert engine.diff(refreshed, inputs_of("spelled", primary)).changes == NONE


@pytest.mark.parametrize("alias", SPELLED, ids=str)
def test_a_value_under_another_spelling_is_a_difference(served, alias):
    _, engine = served
    before = with_path(CONFIG, alias, VALUES.get(alias, 1))
    created = engine.create(SERVICE, inputs_of("differs", before))
    other = with_path(CONFIG, _ALIASES[alias], "other")
    assert engine.diff(created, inputs_of("differs", other)).diffs == ["config"]


@pytest.mark.parametrize(
    ("config", "is_same"),
    [
        (with_path(CONFIG, "metadata.enable_webservice", "true"), True),
        (with_path(CONFIG, "metadata.enable_webservice", False), False),
        (with_path(CONFIG, "features", {}), False),
    ],
    ids=["text-for-boolean", "false", "taken-out"],
)
def test_a_type_is_no_difference_and_a_value_is(served, config, is_same):
    _, engine = served
    name = f"typed_{is_same}_{len(json.dumps(config))}".lower()
    before = with_path(CONFIG, "metadata.enable_webservice", True)
    refreshed = engine.refresh(engine.create(SERVICE, inputs_of(name, before)))
    changes = engine.diff(refreshed, inputs_of(name, config)).changes
    assert (changes == NONE) is is_same


class TestSecrets:
    SECRET = "value-of-the-variable"
    LOGIN = "user:password-of-the-registry"

    def inputs(self, name, config=CONFIG, *, value=SECRET, login=LOGIN):
        variables = [{"name": "HF_TOKEN", "value": value}]
        return inputs_of(name, config, dockerAuth=login, secretEnvironment=variables)

    def test_they_reach_the_cloud_and_no_state(self, served):
        cloud, engine = served
        plain_variable = [{"name": "LEVEL", "value": "info"}]
        config = with_path(CONFIG, "containers", [{"image": "i", "env": plain_variable}])
        created = engine.create(SERVICE, self.inputs("secret", config))
        row = row_of(cloud, "secret")
        env = row.config["containers"][0]["env"]
        assert env == [*plain_variable, {"name": "HF_TOKEN", "value": self.SECRET}]
        encoded = base64.b64encode(self.LOGIN.encode()).decode()
        assert row.config["credential"]["docker_auth"] == encoded
        refreshed = engine.refresh(created)
        assert engine.diff(refreshed, self.inputs("secret", config)).changes == NONE
        for stored in (created, refreshed):
            shown = json.dumps(
                [open_text(plain(stored.inputs)), open_text(plain(stored.properties))]
            )
            assert not [text for text in (self.SECRET, self.LOGIN, encoded) if text in shown]

    def test_drift_of_the_json_does_not_show_them(self, served):
        cloud, engine = served
        created = engine.create(SERVICE, self.inputs("leaky"))
        with written(cloud, "leaky") as row:
            row.config["metadata"]["instance"] = 3
        refreshed = engine.refresh(created)
        assert engine.diff(refreshed, self.inputs("leaky")).diffs == ["config"]
        shown = json.dumps([open_text(plain(refreshed.inputs)), *engine.messages])
        assert self.SECRET not in shown

    def test_another_value_in_the_cloud_is_undone(self, served):
        cloud, engine = served
        created = engine.create(SERVICE, self.inputs("changed"))
        with written(cloud, "changed") as row:
            row.config["containers"][0]["env"][0]["value"] = "another"
            row.config["credential"]["docker_auth"] = "YW5vdGhlcjpsb2dpbg=="
        refreshed = engine.refresh(created)
        names = sorted(engine.diff(refreshed, self.inputs("changed")).diffs)
        assert names == ["dockerAuth", "secretEnvironment"]
        engine.update(refreshed, self.inputs("changed"))
        row = row_of(cloud, "changed")
        assert row.config["containers"][0]["env"][0]["value"] == self.SECRET
        assert base64.b64decode(row.config["credential"]["docker_auth"]).decode() == self.LOGIN

    def test_new_values_are_sent(self, served):
        cloud, engine = served
        created = engine.create(SERVICE, self.inputs("rotated"))
        new = self.inputs("rotated", value="second", login="user:second")
        engine.update(created, new)
        row = row_of(cloud, "rotated")
        assert row.config["containers"][0]["env"][0]["value"] == "second"

    @pytest.mark.parametrize("shown", ["****", None], ids=["masked", "absent"])
    def test_a_login_that_the_cloud_hides_is_no_difference(self, served, shown):
        cloud, engine = served
        name = f"hidden_{'masked' if shown else 'absent'}"
        created = engine.create(SERVICE, self.inputs(name))
        with written(cloud, name) as row:
            row.config["credential"] = {"docker_auth": shown} if shown else {}
        assert engine.diff(engine.refresh(created), self.inputs(name)).changes == NONE

    @pytest.mark.parametrize("action", ["create_service", "replace_service"], ids=str)
    def test_an_error_that_repeats_the_json_shows_none(self, served, monkeypatch, action):
        _, engine = served
        inputs = self.inputs(f"echoed_{action}") | {"token": "token-of-the-team-0123"}
        created = engine.create(SERVICE, inputs) if action == "replace_service" else None
        sent = []

        def refuse(self, *arguments):
            text = next(json.dumps(one) for one in arguments if isinstance(one, dict))
            sent.append(text)
            raise CloudError(f"cannot send the EAS service: {text} is not valid", status=400)

        monkeypatch.setattr(EasApi, action, refuse)
        if created is None:
            error = refused(engine.create, SERVICE, inputs)
        else:
            changed = self.inputs(created.id, with_path(CONFIG, "rpc.rate_limit", 3))
            error = refused(engine.update, created, changed | {"token": inputs["token"]})
        encoded = base64.b64encode(self.LOGIN.encode()).decode()
        secrets = (self.SECRET, self.LOGIN, encoded, inputs["token"])
        assert encoded in sent[0]
        assert [one for one in secrets if one in error] == []

    def test_base64_is_sent_as_it_is(self, served):
        cloud, engine = served
        engine.create(SERVICE, self.inputs("encoded", login="dXNlcjpwYXNz"))
        assert row_of(cloud, "encoded").config["credential"]["docker_auth"] == "dXNlcjpwYXNz"
