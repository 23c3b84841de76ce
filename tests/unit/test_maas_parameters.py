"""Parameters of chat requests to MaaS: their ranges and the rules between them."""

from __future__ import annotations

import pytest

from dashlink import ConfigError, MaasChatParameters
from dashlink.maas.parameters import parameter_faults, parameter_warnings

BEAM = {"use_beam_search": True, "n": 2, "temperature": 0}
ACCEPTED = {
    "nothing": {},
    "limits of ranges": {"top_p": 0, "presence_penalty": -2, "frequency_penalty": 2.0, "n": 10},
    "greedy": {"temperature": 0},
    "all tokens": {"top_k": -1},
    "several answers": {"n": 2, "top_k": 20, "temperature": 0.6},
    "beams": BEAM,
    "beams with all written": {**BEAM, "top_p": 1.0, "top_k": -1},
    "penalty of length": {**BEAM, "length_penalty": 1.2, "top_k": -1, "best_of": 2},
    "a text that ends": {"stop": "end"},
    "texts that end": {"stop": ["end", "stop"]},
    "a stream with usage": {"stream": True, "stream_options": {"include_usage": True}},
    "beyond the end": {"ignore_eos": True, "max_tokens": 64},
    "thinking": {"chat_template_kwargs": {"thinking": True}},
    "another field of vLLM": {"min_tokens": 4},
    "a field of nobody": {"prompt_logprobs": 1},
}
# Parameters, and the name and the start of the message of each fault.
REFUSED = {
    "text": ({"temperature": "0.2"}, {"temperature": "input should be a valid number"}),
    "negative": ({"temperature": -0.1}, {"temperature": "too small"}),
    "too probable": ({"top_p": 1.1}, {"top_p": "too large"}),
    "half a token": ({"top_k": 1.5}, {"top_k": "not a whole number"}),
    "below all": ({"top_k": -2}, {"top_k": "too small"}),
    "no token": ({"max_tokens": 0}, {"max_tokens": "too small"}),
    "no answer": ({"n": 0}, {"n": "too small"}),
    "eleven answers": ({"n": 11}, {"n": "too large"}),
    "presence": ({"presence_penalty": 2.5}, {"presence_penalty": "too large"}),
    "frequency": ({"frequency_penalty": -2.5}, {"frequency_penalty": "too small"}),
    "a word for true": ({"ignore_eos": "yes"}, {"ignore_eos": "neither true nor false"}),
    "numbers that end": ({"stop": [1]}, {"stop": "neither text nor a list of texts"}),
    "an empty end": ({"stop": ["a", ""]}, {"stop": "an empty text"}),
    "greedy answers": ({"n": 2, "temperature": 0}, {"temperature": "greedy"}),
    "answers of one token": ({"n": 2, "top_k": 1}, {"top_k": "greedy"}),
    "one beam": (
        {"use_beam_search": True},
        {"n": "beam search needs more than 1", "temperature": "not 0"},
    ),
    "sampled beams": (
        {**BEAM, "temperature": 0.6, "top_p": 0.9, "top_k": 5},
        {"temperature": "not 0", "top_p": "not 1", "top_k": "not -1"},
    ),
    "fewer beams than answers": ({**BEAM, "n": 3, "best_of": 2}, {"best_of": "less than n, 3"}),
    "penalty of length alone": (
        {"length_penalty": 1.2},
        {"length_penalty": "needs also top_k: -1, use_beam_search: true, best_of: 2 or more"},
    ),
    "penalty of one beam": (
        {**BEAM, "n": 2, "length_penalty": 1.2, "top_k": -1, "best_of": 1},
        {"length_penalty": "needs also best_of", "best_of": "less than n"},
    ),
    "options without a stream": (
        {"stream_options": {"include_usage": True}},
        {"stream_options": "only used in a stream"},
    ),
    "unknown option": (
        {"stream": True, "stream_options": {"usage": True}},
        {"stream_options.usage": "unknown key"},
    ),
    "a range beside a rule": (
        {"n": 2, "temperature": 0, "top_p": 3},
        {"temperature": "greedy", "top_p": "too large"},
    ),
}


@pytest.mark.parametrize("parameters", ACCEPTED.values(), ids=ACCEPTED)
def test_parameters_within_the_rules_have_no_fault(parameters):
    assert parameter_faults(parameters) == []


@pytest.mark.parametrize(("parameters", "expected"), REFUSED.values(), ids=REFUSED)
def test_each_fault_names_its_parameter(parameters, expected):
    faults = {fault.where: fault.problem for fault in parameter_faults(parameters)}
    assert set(faults) == set(expected)
    for where, problem in expected.items():
        assert faults[where].startswith(problem)


@pytest.mark.parametrize(("parameters", "expected"), REFUSED.values(), ids=REFUSED)
def test_programs_are_refused_the_same(parameters, expected):
    with pytest.raises(ConfigError) as caught:
        MaasChatParameters(**parameters)
    named = {fault.where for fault in caught.value.faults}
    assert named
    assert named <= set(expected)


@pytest.mark.parametrize(
    ("model", "refused"),
    [
        ("DeepSeek-R1", True),
        ("deepseek-v3-0324", True),
        ("deepseek-v3.2", False),
        ("qwen3-32b", False),
        ("", False),
    ],
    ids=["R1", "V3", "V3.2", "another", "unknown"],
)
def test_some_models_give_one_answer(model, refused):
    faults = parameter_faults({"n": 2, "top_k": 20}, model=model)
    assert [fault.where for fault in faults] == (["n"] if refused else [])


def test_a_level_of_thinking_that_deepseek_refuses():
    parameters = {"reasoning_effort": "none"}
    assert parameter_faults(parameters, model="glm-5.1") == []
    (fault,) = parameter_faults(parameters, model="deepseek-v3.2")
    assert "81001" in fault.problem


def test_options_of_a_stream_may_be_asked_for_elsewhere():
    assert parameter_faults({"stream_options": {"include_usage": True}}, stream=True) == []


@pytest.mark.parametrize(
    ("parameters", "where", "text"),
    [
        ({"lenght_penalty": 1}, "lenght_penalty", "Did you mean length_penalty?"),
        ({"prompt_cache": 1}, "prompt_cache", "Remove it if the answer is 400."),
        ({"top_k": 0}, "top_k", "Write -1 for all tokens."),
        ({"ignore_eos": True}, "ignore_eos", "Write `max_tokens`."),
        ({"n": 2}, "n", "the document requires `top_k` above 1"),
    ],
    ids=["misspelt", "unknown", "no tokens", "without an end", "all tokens"],
)
def test_probable_mistakes_are_warnings(parameters, where, text):
    assert parameter_faults(parameters) == []
    (warning,) = parameter_warnings(parameters)
    assert warning.where == where
    assert text in str(warning)


@pytest.mark.parametrize("parameters", [BEAM, {"n": 2, "top_k": 20}, {"seed": 1}], ids=str)
def test_documented_parameters_have_no_warning(parameters):
    assert parameter_warnings(parameters) == []


def test_a_program_gets_the_body_of_what_it_has_set():
    parameters = MaasChatParameters(n=2, top_k=20, stop=["end"], stream=False)
    assert parameters.body() == {"n": 2, "top_k": 20, "stop": ["end"], "stream": False}


def test_openais_sdk_gets_further_fields_as_its_extra_body():
    parameters = MaasChatParameters(temperature=0.6, top_k=20, ignore_eos=True, max_tokens=8)
    assert parameters.openai_arguments() == {
        "temperature": 0.6,
        "max_tokens": 8,
        "extra_body": {"top_k": 20, "ignore_eos": True},
    }
