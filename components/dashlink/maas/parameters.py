"""Parameters of a chat request to MaaS: their types, their ranges, the rules between them.

    MaasChatParameters(n=2, top_k=20).body()          typed, refused with every fault
    parameter_faults({"n": 2, "temperature": 0})      the same rules for a mapping

Sources: "Call a model service deployed by ModelArts Studio (MaaS)", table 2 (2025-06-09: call); the
user guide's page on chat (2025-10-24: guide), which has the newer defaults; vLLM, whose API the
services have by the first of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from dashlink.errors import ConfigError, Fault, shown
from dashlink.types import SettingsModel, wrong
from dashlink.validation import most_similar, read_section

MOST_ANSWERS = 10
"""Greatest `n` (call)."""
ALL_TOKENS = -1
"""`top_k` that considers all tokens (call)."""
_GREEDY_TOP_K = 1
_ONE_ANSWER_ONLY = re.compile(r"deepseek-(r1|v3)(?![0-9.])", re.IGNORECASE)
# Fields that OpenAI's SDK passes as arguments; the others go into its `extra_body`.
_OF_OPENAI = frozenset(
    {
        "max_tokens",
        "temperature",
        "top_p",
        "n",
        "presence_penalty",
        "frequency_penalty",
        "stop",
        "stream",
        "stream_options",
        "reasoning_effort",
    }
)
# Fields of vLLM's chat completions that MaaS may take; no page of MaaS describes them.
_FURTHER = frozenset(
    {
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "min_p",
        "min_tokens",
        "parallel_tool_calls",
        "repetition_penalty",
        "response_format",
        "seed",
        "skip_special_tokens",
        "stop_token_ids",
        "thinking",
        "tool_choice",
        "tools",
        "top_logprobs",
        "user",
    }
)


def _texts(value: Any) -> Any:
    is_list = isinstance(value, list) and all(isinstance(text, str) for text in value)
    if not (value is None or is_list or isinstance(value, str)):
        raise wrong("neither text nor a list of texts", 'Write e.g. ["first", "second"].')
    return value


class StreamOptions(SettingsModel):
    """What a stream contains beside the text."""

    model_config = ConfigDict(strict=True)

    include_usage: bool = True
    """Whether chunks have token counts. They grow from chunk to chunk: the last one counts. The
    images of single services report none without it (call); regions have it on (guide)."""


class MaasChatFields(SettingsModel):
    """The fields of a request, each with its range; the rules between them are not applied."""

    model_config = ConfigDict(strict=True)

    max_tokens: int | None = Field(default=None, ge=1)
    """Most tokens of an answer. Default of a single service: 16 (call)."""
    temperature: float | None = Field(default=None, ge=0)
    """Randomness; 0: greedy. Default: 1.0 (guide), of a single service 0.6 (call)."""
    top_p: float | None = Field(default=None, ge=0, le=1)
    """Cumulative probability of the tokens to consider; default 1.0: all (call)."""
    top_k: int | None = Field(default=None, ge=ALL_TOKENS)
    """Number of tokens to consider; default -1: all (call)."""
    n: int | None = Field(default=None, ge=1, le=MOST_ANSWERS)
    """Number of answers; default 1. More take time, and memory that may be missing (call)."""
    use_beam_search: bool | None = None
    """Beam search instead of sampling; default false (call)."""
    best_of: int | None = Field(default=None, ge=1)
    """Number of beams, of which `n` are returned (call, for `length_penalty`)."""
    length_penalty: float | None = None
    """Penalty of longer beams; default 1.0; only with beam search (call)."""
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    """Penalty of tokens that occur already; default 0 (call)."""
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    """Penalty of tokens by how often they occur; default 0 (call)."""
    stop: Annotated[str | list[str] | None, BeforeValidator(_texts)] = None
    """Texts that end an answer, and are not part of it (call)."""
    stream: bool | None = None
    """Whether the answer comes in chunks; default false (call)."""
    stream_options: StreamOptions | None = None
    """What a stream contains; only with `stream` (call)."""
    ignore_eos: bool | None = None
    """Whether to generate beyond the end of the text; default false (call)."""
    reasoning_effort: str | None = None
    """How much a model thinks; `none` is refused for models of DeepSeek (seen in use, 2026)."""
    chat_template_kwargs: Mapping[str, Any] | None = None
    """Arguments of the model's template: `thinking` or `enable_thinking`, by model (guide)."""

    def body(self) -> dict[str, Any]:
        """Return the fields of the request's body that were set."""
        return self.model_dump(mode="json", exclude_none=True)

    def openai_arguments(self) -> dict[str, Any]:
        """Return the arguments for `chat.completions.create` of OpenAI's SDK."""
        arguments: dict[str, Any] = {}
        for name, value in self.body().items():
            if name in _OF_OPENAI:
                arguments[name] = value
            else:
                arguments.setdefault("extra_body", {})[name] = value
        return arguments


class MaasChatParameters(MaasChatFields):
    """Parameters of a chat request to MaaS, without model and messages.

    Raises:
        ConfigError: A value is out of its range, or values do not fit together: all faults.
    """

    @model_validator(mode="after")
    def _refuse_conflicts(self) -> Self:
        faults = tuple(_conflicts(self, ""))
        if faults:
            raise ConfigError(faults, type(self).__name__)
        return self


def parameter_faults(
    parameters: Mapping[str, Any], *, model: str = "", stream: bool = False
) -> list[Fault]:
    """Return every fault of the parameters of a chat request, sorted; their paths are the names.

    Fields that the documents of MaaS lack pass: `parameter_warnings` has them.

    Args:
        parameters: Fields of the request's body, without model and messages.
        model: Name of the model, for rules of single models; empty if it is unknown.
        stream: Whether the request is a stream, where `parameters` lack the field.
    """
    fields = {}
    for name, value in parameters.items():
        if name in MaasChatFields.model_fields:
            fields[name] = value
    section = read_section(MaasChatFields, {"stream": stream, **fields}, "")
    faults = list(section.faults)
    if section.value is not None:
        invalid = {fault.where.partition(".")[0] for fault in section.faults}
        for fault in _conflicts(section.value, model):
            if fault.where not in invalid:
                faults.append(fault)
    return sorted(faults, key=str)


def parameter_warnings(parameters: Mapping[str, Any]) -> list[Fault]:
    """Return what is accepted and probably a mistake, sorted.

    Args:
        parameters: Fields of the request's body, without faults.
    """
    warnings = []
    for name in parameters:
        if name not in MaasChatFields.model_fields and name not in _FURTHER:
            warnings.append(_unknown_parameter(name))
    if parameters.get("top_k") == 0:
        advice = "Write -1 for all tokens."
        warnings.append(Fault("top_k", "0 is not documented", advice, "0"))
    if parameters.get("ignore_eos") is True and "max_tokens" not in parameters:
        advice = "Write `max_tokens`."
        problem = "without `max_tokens` an answer ends only at the model's limit"
        warnings.append(Fault("ignore_eos", problem, advice, "true"))
    several = parameters.get("n", 1) not in (None, 1)
    top_k = parameters.get("top_k", ALL_TOKENS)
    if several and not parameters.get("use_beam_search") and top_k == ALL_TOKENS:
        advice = "Write e.g. `top_k: 20` if the request is refused."
        problem = "several answers, for which the document requires `top_k` above 1"
        warnings.append(Fault("n", problem, advice, shown(parameters["n"])))
    return sorted(warnings, key=str)


def _unknown_parameter(name: str) -> Fault:
    similar = most_similar(name, (*MaasChatFields.model_fields, *_FURTHER))
    advice = "Remove it if the answer is 400."
    if similar is not None:
        advice = f"Did you mean {similar}?"
    problem = "no document of MaaS names this parameter; some models refuse unknown ones"
    return Fault(name, problem, advice, code="unknown-key")


def _conflicts(fields: MaasChatFields, model: str) -> Iterator[Fault]:
    """Yield the faults between fields that are valid in themselves."""
    answers = fields.n or 1
    if fields.use_beam_search:
        yield from _beam_faults(fields, answers)
    elif answers > 1:
        yield from _sampling_faults(fields)
    if answers > 1 and _ONE_ANSWER_ONLY.match(model):
        yield Fault("n", f"{model} gives one answer", "Write 1.", str(answers))
    if fields.best_of is not None and fields.best_of < answers:
        yield Fault("best_of", f"less than n, {answers}", "Write more.", str(fields.best_of))
    if fields.length_penalty is not None:
        yield from _length_penalty_faults(fields)
    if fields.stream_options is not None and not fields.stream:
        yield Fault("stream_options", "only used in a stream", "Write `stream: true`.")
    if fields.stop is not None:
        yield from _stop_faults(fields.stop)
    if fields.reasoning_effort == "none" and model.lower().startswith("deepseek"):
        problem = "refused for models of DeepSeek (ModelArts.81001)"
        yield Fault("reasoning_effort", problem, "Remove it.", "none")


def _sampling_faults(fields: MaasChatFields) -> Iterator[Fault]:
    """Yield the faults of greedy sampling with several answers, which would all be the same."""
    problem = "greedy, but `n` above 1 needs sampling"
    if fields.temperature == 0:
        yield Fault("temperature", problem, "Write more than 0.", "0")
    if fields.top_k in (0, _GREEDY_TOP_K):
        yield Fault("top_k", problem, "Write more than 1.", str(fields.top_k))


def _beam_faults(fields: MaasChatFields, answers: int) -> Iterator[Fault]:
    if answers == 1:
        yield Fault("n", "beam search needs more than 1", f"Write 2 to {MOST_ANSWERS}.", "1")
    # Only the defaults of top_p and top_k are those that beam search needs.
    if fields.temperature != 0:
        problem = "not 0, as beam search needs"
        yield Fault("temperature", problem, "Write 0.", str(fields.temperature or "nothing"))
    if fields.top_p not in (None, 1):
        yield Fault("top_p", "not 1, as beam search needs", "Write 1.", str(fields.top_p))
    if fields.top_k not in (None, ALL_TOKENS):
        yield Fault("top_k", "not -1, as beam search needs", "Write -1.", str(fields.top_k))


def _length_penalty_faults(fields: MaasChatFields) -> Iterator[Fault]:
    missing = []
    if fields.top_k != ALL_TOKENS:
        missing.append("top_k: -1")
    if not fields.use_beam_search:
        missing.append("use_beam_search: true")
    if fields.best_of is None or fields.best_of == 1:
        missing.append("best_of: 2 or more")
    if missing:
        problem = f"needs also {', '.join(missing)}"
        got = str(fields.length_penalty)
        yield Fault("length_penalty", problem, "Write them, or remove it.", got)


def _stop_faults(stop: str | list[str]) -> Iterator[Fault]:
    texts = [stop] if isinstance(stop, str) else stop
    if "" in texts:
        yield Fault("stop", "an empty text ends every answer at once", "Remove it.")
