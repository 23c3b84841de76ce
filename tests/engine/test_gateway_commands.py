"""`dashlink debug` and `dashlink delete-api` on a deployed, protected stack."""

from __future__ import annotations

from copy import deepcopy

import pytest
from support.base_stacks import (
    CONSUMER_KEY,
    DOMAIN,
    SPARE_KEY,
    assert_no_key,
    assert_no_model_apis,
    assert_settled,
    gateway_stack,
    model_api,
    set_secrets,
)
from support.cli import DASHLINK
from support.clouds import create_vpc, create_vswitches
from support.inside import vpc_environment
from support.processes import run
from support.sandbox_admin import console

pytestmark = pytest.mark.engine

STUDIO = "studio.example.com"
DELETED = ["access-gateway-api-chat", "access-gateway-api-chat-consumers"]


class Commands:
    """The commands of `dashlink`, in the stack's folder and, with a proxy, inside its VPC."""

    def __init__(self, stack, cloud):
        self.stack = stack
        self.cloud = cloud

    def __call__(self, *arguments, stdin="", **variables):
        environment = {**self.stack.environment(), **variables}
        command = [DASHLINK, *arguments]
        folder = self.stack.folder
        done = run(command, folder=folder, environment=environment, stdin=stdin, seconds=120)
        self.stack.log.append(done.output)
        return done

    def debug(self, *arguments, key=CONSUMER_KEY, vpc_id="", **options):
        """Run `dashlink debug` on a machine of the stack's VPC, or of another one."""
        place = vpc_id or self.stack.outputs()["vpc_id"]
        proxy = self.cloud.proxy.replace("http://", f"http://{place}:inside@")
        inside = vpc_environment(proxy, self.cloud.ca_file)
        options |= {**inside, "MODEL_API_KEY": key}
        return self("debug", "test", "--api", "chat", "--model", "qwen-plus", *arguments, **options)


@pytest.fixture(scope="class")
def config(cloud):
    """A protected stack with three APIs; its services are model servers in the VPC."""
    config = gateway_stack(cloud)
    vpc_id = config["dashlink:network"]["vpc_id"]
    console(cloud, "upstream", host=STUDIO, vpc_id=vpc_id)
    config["dashlink:protected"] = True
    config["dashlink:consumers"] = {
        "search-team": {"api_keys": [{"config": "searchTeamKey"}]},
        "ranking": {"api_keys": [{"config": "spareKey"}]},
    }
    apis = {"chat": model_api("text", "/chat", consumers=["search-team"])}
    for name in ("other", "third"):
        apis[name] = model_api("text", f"/{name}", consumers=["search-team", "ranking"])
    config["dashlink:model_apis"] = apis
    return config


@pytest.fixture(scope="class")
def stack(create_stack, cloud, config):
    """The deployed stack, with the key of the model server."""
    stack = create_stack(config)
    set_secrets(stack)
    stack.set_secret("dashlink:studioKey", cloud.api_key)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def dashlink(stack, cloud):
    return Commands(stack, cloud)


def names_of(cloud):
    """The names of the Model APIs."""
    return sorted(row.name for row in cloud.state.http_apis.values())


def protected(stack):
    """The logical names of the resources with Pulumi's protection."""
    names = set()
    for resource in stack.export()["deployment"]["resources"]:
        if resource.get("protect"):
            names.add(resource["urn"].rpartition("::")[2])
    return names


@pytest.fixture(scope="class")
def all_protected(stack):
    """The protected resources before any command."""
    return protected(stack)


@pytest.fixture(scope="class")
def lifted(dashlink, all_protected):
    """The command for the API `chat`, with its name."""
    return dashlink("delete-api", "test", "--api", "chat", "--confirm", "chat")


@pytest.fixture(scope="class")
def deleted(stack, config, lifted):
    """Remove `chat` from the settings, and deploy; return what that changed."""
    without = deepcopy(config)
    del without["dashlink:model_apis"]["chat"]
    stack.configure(without)
    return stack.deploy()


@pytest.fixture(scope="class")
def refusal(stack, config, deleted):
    """Remove `other` too, without the command; return the output of `up`."""
    third = {"third": config["dashlink:model_apis"]["third"]}
    stack.configure({**config, "dashlink:model_apis": third})
    return stack.refused()


@pytest.fixture(scope="class")
def lifted_late(dashlink, refusal):
    """The command for the API `other`, after `up` was refused."""
    return dashlink("delete-api", "test", "--api", "other", "--confirm", "other")


class TestProtectedStack:
    def test_debug_gets_the_models_answer(self, dashlink):
        done = dashlink.debug("Which zones has Beijing?")
        assert done.returncode == 0, done
        answer, statistics = done.stdout.splitlines()
        assert answer == "qwen-plus heard: Which zones has Beijing?"
        assert statistics.startswith("  [qwen-plus, stop, 4 + 6 = 10 tokens, ")

    def test_each_line_of_input_continues_the_conversation(self, dashlink):
        done = dashlink.debug(stdin="Hello\nAnd again\n")
        assert done.returncode == 0, done
        answers = [line for line in done.stdout.splitlines() if "heard" in line]
        assert answers == ["qwen-plus heard: Hello", "qwen-plus heard: And again"]
        assert "6 + 4 = 10 tokens" in done.stdout  # the second question has both messages

    def test_a_key_without_the_right_is_refused_with_the_cause(self, dashlink):
        done = dashlink.debug("Hello", key=SPARE_KEY)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("chat: 403, the consumer is not authorized")
        assert SPARE_KEY not in done.output

    def test_an_unknown_key_is_refused_with_the_cause(self, dashlink):
        done = dashlink.debug("Hello", key="sk-unknown-0123456789")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("chat: 401, the API key is refused")

    def test_another_vpc_gets_the_proxys_reason(self, dashlink, cloud):
        vpc_id = create_vpc(cloud, "10.60.0.0/16")
        create_vswitches(cloud, vpc_id, {"cn-beijing-h": "10.60.1.0/24"})
        done = dashlink.debug("Hello", vpc_id=vpc_id)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"{DOMAIN} is in the private zone {DOMAIN} (" in done.stderr
        assert "which is not attached to it" in done.stderr

    def test_the_gateway_has_received_the_requests(self, cloud, dashlink):
        statuses = [entry.status for entry in cloud.inside.journal.entries]
        assert sorted(statuses) == [200, 200, 200, 401, 403]

    def test_everything_on_the_gateway_is_protected(self, all_protected):
        services = {"access-gateway-service-studio", "access-gateway-service-spare"}
        consumers = {"access-gateway-consumer-search-team", "access-gateway-consumer-ranking"}
        others = {"access-gateway-api-other", f"access-gateway-domain-{DOMAIN}"}
        assert all_protected >= {*DELETED, *services, *consumers, *others}

    def test_another_name_changes_nothing(self, dashlink, stack, all_protected):
        done = dashlink("delete-api", "test", "--api", "chat", "--confirm", "chap")
        assert done.returncode == 1
        message = "--confirm: not the API's name (got chap). Nothing was changed.\n"
        assert done.stderr == message
        assert protected(stack) == all_protected

    def test_delete_api_prints_who_uses_the_api(self, lifted):
        assert lifted.returncode == 0, lifted
        lines = lifted.stdout.splitlines()
        assert lines[0].startswith("chat: chat (api-")
        assert lines[1] == "  consumers  search-team"
        assert lines[2] == f"  domains    {DOMAIN}: http://{DOMAIN}/chat/v1"
        assert lines[3] == "  services   studio"
        assert [line.split()[-1] for line in lines[4:6]] == list(reversed(DELETED))
        assert lines[6].startswith("Remove chat from dashlink:model_apis in Pulumi.test.yaml")

    def test_only_that_api_loses_its_protection(self, stack, all_protected, lifted):
        assert protected(stack) == all_protected - set(DELETED)

    def test_up_deletes_the_api_and_nothing_else(self, cloud, stack, deleted):
        assert deleted == {"delete": DELETED}
        assert names_of(cloud) == ["other", "third"]
        assert len(cloud.state.consumers) == 2
        assert_settled(stack)

    def test_up_does_not_delete_a_protected_api(self, cloud, refusal):
        assert "access-gateway-api-other" in refusal
        assert "protect" in refusal
        assert names_of(cloud) == ["other", "third"]

    def test_delete_api_works_after_a_refused_up(self, cloud, stack, lifted_late):
        assert lifted_late.returncode == 0, lifted_late
        first = lifted_late.stdout.splitlines()[0]
        assert first == "other: other, which the settings of the last `up` no longer have"
        stack.deploy()
        assert names_of(cloud) == ["third"]

    def test_destroy_needs_the_protection_of_all_lifted(self, cloud, stack, lifted_late):
        refused = stack.run("destroy", "--yes", "--skip-preview")
        assert refused.returncode != 0
        assert names_of(cloud) == ["third"]
        unprotected = stack.run("state", "unprotect", "--all", "--yes")
        assert unprotected.returncode == 0, unprotected
        stack.destroy()
        assert_no_model_apis(cloud)

    def test_no_key_is_in_state_or_output(self, cloud, stack, deleted):
        assert_no_key(stack, cloud.api_key, SPARE_KEY, CONSUMER_KEY)
