"""Dialects: how a cloud of the sandbox answers the questions that no source settles."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support import sandbox_admin
from support.cli import DASHLINK

from dashlink_sandbox import Dialect, Sandbox
from dashlink_sandbox.dialects import questions


def test_every_option_has_a_source_and_a_default_exists():
    for name, question in questions().items():
        assert question.default in question.options, name
        assert len(question.options) > 1, name
        for option, row in question.options.items():
            assert row.source, f"{name}: {option}"


def test_options_of_a_question_have_words_for_the_same_meanings():
    for name, question in questions().items():
        meanings = {tuple(option.words) for option in question.options.values()}
        assert len(meanings) == 1, name


def test_a_seed_draws_the_same_dialect_and_seeds_differ():
    drawn = [Dialect.draw(seed).answers() for seed in range(20)]
    assert drawn[3] == Dialect.draw(3).answers()
    for name, question in questions().items():
        assert {answers[name] for answers in drawn} == set(question.options), name


def test_the_default_dialect_answers_by_the_best_sources():
    for name, question in questions().items():
        assert Dialect.default()[name] == question.default


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        pytest.param("default", {"service-keys": "plain"}, id="default"),
        pytest.param("service-keys=masked", {"service-keys": "masked"}, id="answer"),
        pytest.param("7", Dialect.draw(7).answers(), id="seed"),
        pytest.param(
            "7, service-keys=masked,late-records=late",
            {**Dialect.draw(7).answers(), "service-keys": "masked", "late-records": "late"},
            id="seed-and-answers",
        ),
    ],
)
def test_a_dialect_is_read_from_text(text, answers):
    dialect = Dialect.parse(text)
    for name, option in answers.items():
        assert dialect[name] == option


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("colour=red", "no question 'colour'", id="question"),
        pytest.param("service-keys=red", "service-keys: no option 'red'", id="option"),
        pytest.param("random", "'random' is neither a seed nor question=option", id="word"),
    ],
)
def test_a_malformed_dialect_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        Dialect.parse(text)


def test_a_cloud_keeps_its_dialect_after_a_restart_and_a_reset(tmp_path):
    file = tmp_path / "cloud.json"
    with Sandbox(file, dialect=Dialect.draw(4)) as cloud:
        sandbox_admin.call(cloud, "POST", "reset")
        assert cloud.state.dialect == Dialect.draw(4)
    with Sandbox(file) as cloud:
        assert cloud.state.dialect == Dialect.draw(4)
    with Sandbox(file, dialect=Dialect.default()) as cloud:
        assert cloud.state.dialect == Dialect.default()


def test_the_admin_api_shows_each_question_with_its_answer():
    with Sandbox(dialect=Dialect.of({"service-keys": "masked"})) as cloud:
        row = sandbox_admin.call(cloud, "GET", "dialect")["service-keys"]
    assert (row["answer"], row["default"]) == ("masked", "plain")
    assert set(row["options"]) == {"plain", "masked"}


def test_the_command_takes_a_dialect_and_shows_it():
    command = [DASHLINK, "sandbox", "--dialect", "service-keys=masked"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline())
        process.terminate()
    assert ready["dialect"] == {"service-keys": "masked"}


def test_a_malformed_dialect_of_the_command_is_an_error_of_usage():
    command = [sys.executable, "-m", "dashlink_sandbox", "--dialect", "colour=red"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "no question 'colour'" in ended.stderr


def test_the_documentation_has_every_question_with_its_answers():
    text = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `") and line.count("|") == 5]
    documented = {row.split("`")[1]: row for row in rows}
    for name, question in questions().items():
        cells = [cell.strip() for cell in documented[name].strip("|").split("|")]
        others = [option for option in question.options if option != question.default]
        assert cells[1:3] == [question.text, f"`{question.default}`"]
        assert cells[3] == ", ".join(f"`{option}`" for option in others)
