"""DashScope's SDK for Java and Spring AI inside a VPC by rendered files alone, and their hosts."""

from __future__ import annotations

import pytest
from support.client_files import every_kind
from support.inside import API_KEY, PRIVATE_DOMAIN
from support.java import java_machine
from support.node_rows import PUBLIC

from dashlink.clients.catalog import PUBLIC_HOSTS
from dashlink.clients.render import render
from dashlink_sandbox.gateways import Upstream

REPLY = "qwen-plus heard: hello there"
CALLS = "chat,stream,multimodal,vector,rerank,image,video,application,speech,omni,realtime"


@pytest.fixture
def java(inside, tmp_path):
    """A machine with Java in a VPC with a way out to public hosts, which answer."""
    inside.state.vpcs["vpc-main"].has_way_out = True
    for host in PUBLIC_HOSTS:
        inside.state.upstreams[host] = Upstream(host=host)
    for file in render(every_kind(), ["dashscope-java", "spring-ai"], endpoint="dashscope"):
        path = tmp_path / file.path
        path.parent.mkdir(exist_ok=True)
        path.write_text(file.text)
    return java_machine(inside, tmp_path)


def test_the_java_file_of_an_endpoint_is_answered(java):
    (seen,) = java.calls(("dashscope", CALLS), DASHSCOPE_API_KEY=API_KEY)
    assert seen["chat"] == "".join(seen["stream"]) == REPLY
    assert len(seen["stream"]) > 1
    assert seen["multimodal"] == "qwen-vl-max heard: hello there"
    assert (seen["vector"], seen["rerank"]) == ([1024, 0], 1)
    assert seen["image"] == seen["video"] == "PENDING"
    assert seen["application"] == "application 1a2b3c heard: hello there"
    assert seen["speech"] == "RIFF"
    assert seen["omni"] == seen["realtime"] == "session.created"
    assert set(java.machine.inside.dialled) == {PRIVATE_DOMAIN}


def test_the_program_of_the_java_file_answers(java):
    done = java.run(("dashscope", "main"), DASHSCOPE_API_KEY=API_KEY)
    assert (done.returncode, done.stdout) == (0, f"{REPLY}\n"), done.stderr
    assert set(java.machine.inside.dialled) == {PRIVATE_DOMAIN}


def test_the_java_file_without_its_key_names_the_variable(java):
    done = java.run(("dashscope", "chat"))
    assert done.returncode == 1
    assert "DASHSCOPE_API_KEY: is not set. Set it to your Model Studio key." in done.stderr


def test_without_the_file_java_dials_a_public_host(java):
    (seen,) = java.calls(("", CALLS), DASHSCOPE_API_KEY=API_KEY)
    assert seen["chat"] == REPLY
    assert set(java.machine.inside.dialled) == {PUBLIC["dashscope-sdk-java"]}


def test_spring_answers_by_its_settings(java):
    done = java.spring("dashscope", "chat", "vector", DASHSCOPE_API_KEY=API_KEY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split("\n")[:2] == [REPLY, "1024"]
    assert set(java.machine.inside.dialled) == {PRIVATE_DOMAIN}
