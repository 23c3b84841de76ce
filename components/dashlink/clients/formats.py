"""The formats of client files: for each, its templates and the files rendered from them."""

from __future__ import annotations

from collections.abc import Mapping

# Format -> template -> file, in the folder of the endpoint.
ENDPOINT_FORMATS: Mapping[str, Mapping[str, str]] = {
    "dotenv": {"dotenv.j2": ".env"},
    "openai-python": {"openai_client.py.j2": "openai_client.py"},
    "dashscope-python": {
        "dashscope_1_client.py.j2": "dashscope_1_client.py",
        "dashscope_2_client.py.j2": "dashscope_2_client.py",
    },
    "curl": {"chat.sh.j2": "chat.sh"},
}

# The same for Model APIs; the second is for those that answer chat requests.
MODEL_API_FORMATS: Mapping[str, Mapping[str, str]] = {"dotenv": {"model_api.env.j2": ".env"}}
CHAT_API_FORMATS: Mapping[str, Mapping[str, str]] = {
    "openai-python": {"model_api_openai.py.j2": "openai_client.py"}
}


# The same for model services of PAI-EAS; those of `OPENAI_EAS_FORMATS` need the protocol of OpenAI.
EAS_FORMATS: Mapping[str, Mapping[str, str]] = {
    "dotenv": {"eas.env.j2": ".env"},
    "curl": {"eas_requests.py.j2": "requests_client.py"},
}
OPENAI_EAS_FORMATS: Mapping[str, Mapping[str, str]] = {
    "openai-python": {"eas_openai.py.j2": "openai_client.py"},
    "dashscope-python": {"eas_prediction.py.j2": "eas_client.py"},
    "curl": {"eas_chat.sh.j2": "chat.sh"},
}


# The same for model services of Huawei MaaS; those of `CHAT_MAAS_FORMATS` need a protocol that
# OpenAI's SDKs call.
MAAS_FORMATS: Mapping[str, Mapping[str, str]] = {"dotenv": {"maas.env.j2": ".env"}}
CHAT_MAAS_FORMATS: Mapping[str, Mapping[str, str]] = {
    "openai-python": {"maas_openai.py.j2": "openai_client.py"},
    "curl": {"maas_chat.sh.j2": "chat.sh"},
}


def formats() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(sorted(ENDPOINT_FORMATS))
