"""Coding tools by their rendered files: they answer, and all but Continue dial no public host.

Codex and Claude Code are no Node programs: connections that pass by the proxy are not recorded
here. With strace, in a network namespace without a way out, these versions tried none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from support.client_files import every_kind
from support.coding_tools import CONTINUE, TOOLS, ask, dialled
from support.gateways import running_gateway
from support.inside import PRIVATE_DOMAIN
from support.keyed_apis import KeyedApis, keyed_apis
from support.node_rows import TOOL_APIS

from dashlink.clients.render import render
from dashlink_sandbox.dialects import Dialect

WITH_RESPONSES = Dialect.of({"response-routes": "present"})  # Codex calls nothing else
REPLY = re.compile("qwen-plus heard: .*hello there", re.DOTALL)


@pytest.fixture(scope="module")
def apis() -> Iterator[KeyedApis]:
    with running_gateway(dialect=WITH_RESPONSES) as place, keyed_apis(place) as created:
        yield created


@pytest.fixture(autouse=True)
def _no_host_dialled(apis):
    apis.place.machine.inside.dialled.clear()


def asked(apis, home, name, settings, **keys):
    """What a tool printed, and the hosts that it dialled."""
    machine = apis.place.machine
    user = apis.place.network.vpc_id
    tool = CONTINUE if name == "continue" else TOOLS[name]
    done = ask(tool, machine, home, settings, user, **keys)
    return done, dialled(machine, home)


def of_endpoint(name):
    (file,) = render(every_kind(), [name], endpoint="dashscope")
    return file.text


@pytest.mark.parametrize("name", TOOLS, ids=str)
def test_a_coding_tool_answers_at_an_endpoint(apis, tmp_path, name):
    key = apis.place.cloud.api_key
    done, hosts = asked(apis, tmp_path, name, of_endpoint(name), DASHSCOPE_API_KEY=key)
    assert done.returncode == 0, done.stderr
    assert REPLY.search(done.stdout)
    assert hosts == {PRIVATE_DOMAIN}


@pytest.mark.parametrize("api", ["", "chat"], ids=["endpoint", "model api"])
def test_continue_answers_and_looks_for_a_newer_version(apis, tmp_path, api):
    """It sends the machine's id to api.continue.dev; no setting ends that, and no key is sent."""
    settings, hosts, keys = of_endpoint("continue"), {PRIVATE_DOMAIN}, {}
    keys["DASHSCOPE_API_KEY"] = apis.place.cloud.api_key
    if api:
        (file,) = render(apis.outputs, ["continue"], api=api)
        settings, hosts, keys = file.text, apis.hosts(api), {"MODEL_API_KEY": apis.keys[api]}
    done, seen = asked(apis, tmp_path, "continue", settings, **keys)
    assert done.returncode == 0, done.stderr
    assert REPLY.search(done.stdout)
    assert seen == hosts | CONTINUE.public


@pytest.mark.parametrize(("name", "api"), TOOL_APIS, ids=str)
def test_a_coding_tool_answers_at_a_model_api(apis, tmp_path, name, api):
    (file,) = render(apis.outputs, [name], api=api)
    keys = {"MODEL_API_KEY": apis.keys[api]} if apis.keys[api] else {}
    done, hosts = asked(apis, tmp_path, name, file.text, **keys)
    assert done.returncode == 0, done.stderr
    assert REPLY.search(done.stdout)
    assert hosts == apis.hosts(api)


def without_switches(name, settings):
    """The settings of a tool without what ends its calls to public hosts."""
    if name == "codex":
        kept = settings.partition("[analytics]")[0]
        return kept.replace("check_for_update_on_startup = false\n", "")
    document = json.loads(settings)
    for key in ("general", "privacy", "telemetry"):
        document.pop(key, None)
    document["env"].pop("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", None)
    return json.dumps(document)


@pytest.mark.parametrize("name", TOOLS, ids=str)
def test_without_its_switches_a_tool_dials_public_hosts(apis, tmp_path, name):
    settings = without_switches(name, of_endpoint(name))
    key = apis.place.cloud.api_key
    _, hosts = asked(apis, tmp_path, name, settings, DASHSCOPE_API_KEY=key)
    assert hosts - {PRIVATE_DOMAIN}
    assert hosts <= {PRIVATE_DOMAIN, *TOOLS[name].public}
