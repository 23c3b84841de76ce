"""The parameters of MaaS: types, ranges, and rules between them.

Sources: "Call a model service deployed by ModelArts Studio (MaaS)" (2025-06-09) and the page on
chat requests (2025-10-24): ranges, and the rules of n, beam search and length_penalty. "Error
codes" (2025-10-28): an unknown parameter is refused as ``extra_forbidden`` by back ends of vLLM;
(2026): the texts of 81001, the roles, and at most 64 characters of x-span-id. "MaaS API V1"
(2026): an image has at most 10 MB with its base64. That a penalty for length of 1.0 counts as not
set, and the texts of ranges, are unverified. Names: those of vLLM's ChatCompletionRequest, 2025.
"""

from __future__ import annotations

from typing import Any

from dashlink_sandbox.inside.maas.refusal import MaasError
from dashlink_sandbox.inside.models.protocol import Fields
from dashlink_sandbox.maas import MaasModel

LONGEST_SPAN_ID = 64
ROLES = ("system", "user", "assistant", "function", "tool")
_MOST_CHOICES = 10
_RANGES = {
    "temperature": (0.0, None),
    "top_p": (0.0, 1.0),
    "presence_penalty": (-2.0, 2.0),
    "frequency_penalty": (-2.0, 2.0),
}
_BOOLEANS = ("stream", "ignore_eos", "use_beam_search")
_KNOWN = frozenset(
    {
        *("model", "messages", "prompt", "max_tokens", "max_completion_tokens", "min_tokens"),
        *("temperature", "top_p", "top_k", "min_p", "n", "best_of", "use_beam_search"),
        *("presence_penalty", "frequency_penalty", "repetition_penalty", "length_penalty"),
        *("stop", "stop_token_ids", "include_stop_str_in_output", "ignore_eos", "stream"),
        *("stream_options", "chat_template_kwargs", "tools", "tool_choice", "response_format"),
        *("parallel_tool_calls", "seed", "logprobs", "top_logprobs", "logit_bias", "user"),
        *("skip_special_tokens", "spaces_between_special_tokens", "echo", "suffix"),
        *("guided_json", "guided_regex", "guided_choice", "guided_grammar", "priority"),
        *("add_generation_prompt", "continue_final_message", "truncate_prompt_tokens"),
    }
)


def check_parameters(model: MaasModel, body: Fields) -> None:
    """Refuse parameters that are out of range, contradict each other, or are unknown.

    Raises:
        MaasError: 81001, or vLLM's own error from a model that answers so.
    """
    problem = (
        (_unknown_name(body) if model.strict else "")
        or _wrong_value(body)
        or _contradiction(model, body)
    )
    if problem:
        raise MaasError("81001", problem, by_vllm=model.strict)


def check_messages(body: Fields) -> list[dict[str, Any]]:
    """Return the messages.

    Raises:
        MaasError: 81001.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise MaasError("81001", "Failed to format request body, messages is empty.")
    for number, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        where = f"messages[{number}]"
        if role not in ROLES:
            text = f"{where}.role is {role}, not one of {list(ROLES)}"
            raise MaasError("81001", f"Failed to format request body, {text}.")
        if role == "assistant" and not message.get("content") and not message.get("tool_calls"):
            text = f"{where} must have content or tool_calls"
            raise MaasError("81001", f"Failed to format request body, {text}.")
    return messages


def thinks(model: MaasModel, body: Fields) -> bool:
    """Return whether the model thinks before it answers a request."""
    if model.thinking in ("never", "always"):
        return model.thinking == "always"
    options = body.get("chat_template_kwargs")
    if isinstance(options, dict):
        for name in ("thinking", "enable_thinking"):
            if isinstance(options.get(name), bool):
                return bool(options[name])
    return model.thinking == "on"


def _unknown_name(body: Fields) -> str:
    for name, value in body.items():
        if name not in _KNOWN:
            fault = {"type": "extra_forbidden", "loc": ("body", name)}
            return str([{**fault, "msg": "Extra inputs are not permitted", "input": value}])
    return ""


def _wrong_value(body: Fields) -> str:
    for name, (least, most) in _RANGES.items():
        value = body.get(name)
        if value is None:
            continue
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or value < least or (most is not None and value > most):
            limits = f"at least {least}" if most is None else f"in [{least}, {most}]"
            return f"{name} must be {limits}, got {value}."
    return _wrong_count(body) or _wrong_option(body)


def _wrong_count(body: Fields) -> str:
    max_tokens, top_k, count = (body.get(name) for name in ("max_tokens", "top_k", "n"))
    if max_tokens is not None and (type(max_tokens) is not int or max_tokens < 1):
        return f"max_tokens must be at least 1, got {max_tokens}."
    if top_k is not None and (type(top_k) is not int or (top_k != -1 and top_k < 1)):
        return f"top_k must be -1 (disable), or at least 1, got {top_k}."
    if count is not None and (type(count) is not int or not 1 <= count <= _MOST_CHOICES):
        return f"n must be in [1, {_MOST_CHOICES}], got {count}."
    return ""


def _wrong_option(body: Fields) -> str:
    for name in _BOOLEANS:
        if body.get(name) is not None and not isinstance(body[name], bool):
            return f"{name} must be a boolean, got {body[name]}."
    stop = body.get("stop")
    texts = [stop] if isinstance(stop, str) else stop
    if stop is not None and not (
        isinstance(texts, list) and all(isinstance(text, str) for text in texts)
    ):
        return "stop must be a string or a list of strings."
    if body.get("stream_options") is not None and not body.get("stream"):
        return "stream_options is only allowed when stream is enabled."
    return ""


def _contradiction(model: MaasModel, body: Fields) -> str:
    count = body.get("n") or 1
    if model.single and count > 1:
        return f"n must be 1 for {model.name}, got {count}."
    if "deepseek" in model.name.lower() and body.get("reasoning_effort") == "none":
        return "reasoning_effort is none, which the model does not take."
    top_k, temperature = body.get("top_k", -1), body.get("temperature", 1.0)
    greedy = temperature == 0 or top_k == 1
    if body.get("use_beam_search"):
        return _wrong_beam_search(body, count)
    if count > 1 and greedy:
        return "n must be 1 when using greedy sampling."
    if body.get("length_penalty") not in (None, 1, 1.0):
        return "length_penalty needs use_beam_search."
    return ""


def _wrong_beam_search(body: Fields, count: int) -> str:
    if count == 1:
        return "n must be greater than 1 when using beam search."
    needed = {"temperature": (1.0, 0), "top_p": (1.0, 1), "top_k": (-1, -1)}
    for name, (default, value) in needed.items():
        if body.get(name, default) != value:
            return f"{name} must be {value} when using beam search."
    if body.get("length_penalty") not in (None, 1, 1.0) and (body.get("best_of") or 1) <= 1:
        return "length_penalty needs best_of greater than 1."
    return ""
