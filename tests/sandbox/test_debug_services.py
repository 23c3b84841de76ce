"""`dashlink debug` from inside a VPC: MaaS and EAS asked directly, answers and errors explained."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest
from support.doc_blocks import ROOT, blocks, examples, shows, words_of
from support.inside import vpc_environment
from support.maas import HONG_KONG, MAINLAND, SERVICE_URL, Caller
from support.processes import Run
from support.sandbox_admin import console

from dashlink.cli import main
from dashlink_sandbox.eas import EasService

OWNER = "1000000000000001"
TOKEN = "token-of-the-service"
(EXAMPLE,) = [
    block
    for block in blocks(ROOT / "docs" / "commands.md")
    if block.heading == "Send a message to MaaS or EAS" and "thinks" in block.text
]
EAS = f"http://{OWNER}.vpc.cn-beijing.pai-eas.aliyuncs.com/api/predict"


@pytest.fixture(scope="module")
def caller():
    with Caller.start() as caller:
        draft = caller.cloud.cloud.draft()
        for name in ("chat", "full"):
            draft.eas_services[name] = EasService(
                service_id=name,
                name=name,
                region="cn-beijing",
                owner=OWNER,
                token=TOKEN,
                config={"metadata": {"name": name}},
                status="Running",
                ready=1.0,
            )
        caller.cloud.cloud.replace(draft)
        console(caller.cloud, "upstream", host="full", failing=450)
        yield caller


def maas(url, *models, protocol="openai"):
    return {"base_urls": {protocol: url}, "models": list(models)}


def eas(url):
    model = "qwen-plus"
    service = {"name": "chat", "service_id": "eas-m-1", "gateways": [], "default_model": model}
    return {**service, "base_urls": {"predict": url, "openai": f"{url}/v1"}}


MAAS = {
    "huawei": {
        "base_urls": {"openai": f"{MAINLAND}/openai/v1", "v2": f"{MAINLAND}/v2"},
        "models": ["glm-5.1", "kimi-k2.6"],
        "default_model": "glm-5.1",
    },
    "own": maas(f"{SERVICE_URL}/v1", "my-model", protocol="v1"),
    "claude": maas(f"{HONG_KONG}/anthropic", protocol="anthropic"),
    "misspelt": maas(f"{MAINLAND}/openai/v2", "glm-5.1"),
    "plain": maas(f"{MAINLAND.replace('https', 'http')}/v2", "glm-5.1"),
}
SERVICES = {
    "chat": eas(f"{EAS}/chat"),
    "full": eas(f"{EAS}/full"),
    "gone": eas(f"{EAS}/gone"),
    "no-path": {**eas(f"{EAS}/chat"), "base_urls": {"openai": f"{EAS}/chat"}},
    "no-openai": {**eas(f"{EAS}/chat"), "base_urls": {}},
}


@pytest.fixture
def debug(caller, tmp_path, monkeypatch, capsys):
    """Run `dashlink debug` in this process, with the environment of a machine in a VPC."""
    document = {
        "version": 1,
        "stack": "prod",
        "region": "cn-beijing",
        "vpc_id": "vpc-1",
        "vswitch_ids": {},
        "security_group_id": "sg-1",
        "endpoints": {},
        "maas_services": MAAS,
        "eas_services": SERVICES,
    }
    (tmp_path / "outputs.json").write_text(json.dumps(document))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")

    def execute(*arguments, vpc=0, stdin="", **env):
        keys = {"MAAS_API_KEY": caller.key, "EAS_TOKEN": TOKEN}
        inside = vpc_environment(caller.proxy(vpc), caller.cloud.ca_file)
        for name, value in {**keys, **inside, **env}.items():
            monkeypatch.setenv(name, value)
        outputs = str(tmp_path / "outputs.json")
        monkeypatch.setattr(sys, "argv", ["dashlink", "debug", "--outputs", outputs, *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as caught:
            sys.exit(main())
        out, err = capsys.readouterr()
        assert caller.key not in out + err
        assert TOKEN not in out + err
        return Run(int(caught.value.code or 0), out, err)

    return execute


def test_maas_is_asked_for_its_default_model_streamed(debug):
    done = debug("--maas", "huawei", "hello world")
    assert (done.returncode, done.stderr) == (0, "")
    thinks, answer, line = done.stdout.splitlines()
    assert thinks == "  thinks: glm-5.1 thinks about 2 words."
    assert answer == "glm-5.1 heard: hello world"
    times = r"first byte after \d\.\d\d s, first text after \d\.\d\d s, all after \d\.\d\d s"
    assert re.fullmatch(rf"  \[glm-5.1, stop, 2 \+ 9 = 11 tokens, {times}\]", line)


@pytest.mark.parametrize(("line", "printed"), list(examples(EXAMPLE)), ids=["maas", "eas"])
def test_an_example_of_the_page_prints_what_it_shows(debug, line, printed):
    _, _, _, *arguments = words_of(line)  # dashlink debug STACK
    assert shows(debug(*arguments).stdout, printed)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["--maas", "huawei", "--protocol", "v2"], "/v2/chat/completions"),
        (["--maas", "own", "--model", "my-model"], "/v1/infers/"),
        (["--maas", "huawei", "--no-stream"], "/openai/v1/chat/completions"),
    ],
    ids=["protocol", "single-service", "whole"],
)
def test_maas_is_asked_on_the_path_of_the_protocol(debug, caller, arguments, path):
    done = debug(*arguments, "hello world")
    assert "heard: hello world" in done.stdout
    assert "tokens, first byte" in done.stdout
    assert path in caller.cloud.inside.requests[-1].path


@pytest.mark.parametrize(
    ("param", "message"),
    [
        ("temperature=0", "--param: temperature: greedy, but `n` above 1 needs sampling"),
        ("n=11", "--param: n: "),
        ("stop=5", "--param: stop: neither text nor a list of texts"),
        ("top_p=2", "--param: top_p: "),
    ],
    ids=["rule", "range", "type", "share"],
)
def test_parameters_are_checked_before_anything_is_sent(debug, caller, param, message):
    caller.cloud.inside.requests.clear()
    done = debug("--maas", "huawei", "--param", "n=2", "--param", param, "Hi")
    assert done.returncode == 1
    assert message in done.stderr
    assert not caller.cloud.inside.requests


def test_what_is_probably_a_mistake_is_a_warning(debug):
    arguments = ("--model", "Kimi-K2.6", "--param", "temprature=1", "Hi")
    done = debug("--maas", "huawei", *arguments)
    model, parameter, error = done.stderr.splitlines()
    assert model.startswith("warning: --model: not among the `models` of huawei (got Kimi-K2.6)")
    assert model.endswith("names are taken literally. Did you mean kimi-k2.6?")
    assert "warning: --param: temprature: no document of MaaS names this" in parameter
    assert "404 ModelArts.81009, the address has no model Kimi-K2.6" in error


def test_an_answer_that_moderation_cuts_off_is_reported(debug):
    done = debug("--maas", "huawei", "--model", "kimi-k2.6", "so sandbox-unsuitable")
    answer, line, note = done.stdout.splitlines()
    assert answer == "kimi-k2.6 heard: so"
    assert "content_filter" in line
    assert note.startswith("  content moderation cut off the answer (finish_reason content_fil")


@pytest.mark.parametrize(
    ("arguments", "env", "line"),
    [
        (
            ["--maas", "huawei", "sandbox-forbidden"],
            {},
            "huawei: 403 ModelArts.81011, content moderation refuses the prompt or the answer: "
            "Input text May contain sensitive information, please try again. A retry does not",
        ),
        (
            ["--maas", "huawei", "Hi"],
            {"MAAS_API_KEY": "not-the-key"},
            "huawei: 401 ModelArts.81003, the key is wrong, or belongs to another region: Invalid "
            "authorization header. A retry does not help. Compare MAAS_API_KEY with the key",
        ),
        (
            ["--maas", "huawei", "Hi"],
            {"MAAS_API_KEY": "sk-listed"},
            "ModelArts.81015, the key's list of allowed addresses, models or endpoints lacks what "
            "the message names: Invalid client ip 198.19.255.254, rejected by api key ip allowlist",
        ),
        (
            ["--maas", "misspelt", "--model", "glm-5.1", "Hi"],
            {},
            f"404 APIG.0101, there is no such path ({MAINLAND}/openai/v2/chat/completions)",
        ),
        (
            ["--maas", "own", "--model", "My-Model", "Hi"],
            {},
            "own: 404, the service has no model My-Model: The model `My-Model` does not exist.",
        ),
        (
            ["--maas", "plain", "--model", "glm-5.1", "Hi"],
            {},
            "refuses: api.modelarts-maas.com: api.modelarts-maas.com listens on 443, not on 80",
        ),
        (
            ["--eas", "chat", "Hi"],
            {"EAS_TOKEN": "not-the-token"},
            "chat: 401, the token is missing or wrong: Invalid token. A retry does not help. Set "
            "EAS_TOKEN to the service's token",
        ),
        (
            ["--eas", "no-path", "Hi"],
            {},
            f"404, the path is incomplete ({EAS}/chat/chat/completions): Not Found. A retry does "
            "not help. The URL is http://<gateway>/api/predict/<service> with the path of the",
        ),
        (["--eas", "gone", "Hi"], {}, "404, the gateway does not know the service, or not yet"),
        (["--eas", "full", "Hi"], {}, "450, the queue of the service is full: queue is full."),
        (["--eas", "chat", "--model", "none", "Hi"], {}, "404, the service has no model none"),
    ],
    ids=[
        *("moderation", "wrong-key", "allow-list", "path", "model", "port"),
        *("token", "eas-path", "eas-service", "eas-queue", "eas-model"),
    ],
)
def test_an_error_is_explained_by_its_cause(debug, caller, arguments, env, line):
    caller.set("key", key="sk-listed", addresses=["192.0.2.7"])
    done = debug(*arguments, **env)
    assert done.returncode == 1
    assert line in done.stderr


def test_a_vpc_without_a_way_out_is_named(debug):
    done = debug("--maas", "huawei", "Hi", vpc=1)
    assert done.returncode == 1
    assert "has no way out" in done.stderr


def test_eas_is_asked_with_its_token(debug):
    done = debug("--eas", "chat", "hello world")
    assert done.stdout.splitlines()[0] == "qwen-plus heard: hello world"
    assert "2 + 4 = 6 tokens" in done.stdout


def test_a_message_above_one_megabyte_is_not_sent_to_eas(debug, caller):
    caller.cloud.inside.requests.clear()
    done = debug("--eas", "chat", stdin=f"{'x' * 1_100_000}\n")
    assert done.returncode == 1
    assert "bytes, and a gateway of PAI-EAS takes at most 1 MB. Send less." in done.stderr
    assert not caller.cloud.inside.requests


@pytest.mark.parametrize(
    ("arguments", "env", "code", "line"),
    [
        (["Hi"], {}, 2, "name one of: --api NAME, --maas NAME, or --eas NAME"),
        (["--maas", "huawei", "--eas", "chat", "Hi"], {}, 2, "name one of: --api NAME"),
        (["--maas", "hwawei", "Hi"], {}, 2, "--maas: no such service of MaaS (got hwawei). Did"),
        (["--eas", "chat", "--domain", "x", "Hi"], {}, 2, "--domain: only for --api"),
        (["--eas", "chat", "--protocol", "v1", "Hi"], {}, 2, "--protocol: only for --maas"),
        (["--maas", "huawei", "--protocol", "v1", "Hi"], {}, 2, "--protocol: no such protocol of"),
        (["--maas", "own", "Hi"], {}, 1, "--model: own has no default model. Name one, or write"),
        (["--maas", "claude", "Hi"], {}, 1, "--maas: claude has the protocols anthropic; debug"),
        (["--eas", "no-openai", "Hi"], {}, 1, "--eas: no-openai has no address for OpenAI's"),
        (["--maas", "huawei", "Hi"], {"MAAS_API_KEY": ""}, 1, "MAAS_API_KEY: not set, and huawei"),
        (["--eas", "chat", "Hi"], {"EAS_TOKEN": ""}, 1, "EAS_TOKEN: not set, and chat requires a"),
        (["--api", "chat", "--model", "m", "Hi"], {}, 1, "--api: the stack has no Model API."),
    ],
    ids=[
        *("nothing", "two", "unknown-name", "domain", "protocol", "unknown-protocol", "no-model"),
        *("anthropic", "no-address", "no-key", "no-token", "no-api"),
    ],
)
def test_options_that_do_not_fit_are_refused(debug, arguments, env, code, line):
    done = debug(*arguments, **env)
    assert done.returncode == code
    assert line in done.stderr
