"""The formats of client files: for each, its templates, the files rendered and what they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashlink.clients.access_point import AccessPoint, Kind


@dataclass(frozen=True)
class Template:
    """One file of a format.

    Attributes:
        source: Template, in templates/.
        file: File, in the folder of what clients connect to.
        kind: The only kind that it is for; None for all of them.
        protocols: Base URLs that it uses, by protocol.
        chat: Whether it asks a model that answers chat requests.
        model: Whether it names a model.
        bearer: Whether its client can send a key only as `Authorization: Bearer`.
        header: Whether its client can send a key in any header, and in no query parameter.
    """

    source: str
    file: str
    kind: Kind | None = None
    protocols: tuple[str, ...] = ()
    chat: bool = False
    model: bool = False
    bearer: bool = False
    header: bool = False

    def missing(self, access: AccessPoint) -> str | None:
        """Return what the file needs and ``access`` lacks; None if nothing."""
        lacking = [protocol for protocol in self.protocols if protocol not in access.urls]
        if self.kind not in (None, access.kind):
            return f"is for each {self.kind}"
        if lacking:
            return f"needs the protocol {lacking[0]}"
        if self.chat and not access.answers_chat:
            return "needs a model that answers chat requests"
        if self.model and not access.model:
            return "needs the name of a model (`default_model` in the settings)"
        return self._missing_place(access)

    def _missing_place(self, access: AccessPoint) -> str | None:
        if access.is_bearer or not (self.bearer or self.header):
            return None
        if access.is_signed:
            return "sends a key, and requests must be signed"
        in_header = access.key_in is not None and access.key_in.source == "header"
        if self.header and in_header:
            return None
        return "sends keys as `Authorization: Bearer`, where the gateway does not read them"


_OPENAI = ("openai",)
FORMATS: Mapping[str, tuple[Template, ...]] = {
    "dotenv": (
        Template("dotenv.j2", ".env", kind="endpoint"),
        Template("model_api.env.j2", ".env", kind="model-api"),
        Template("eas.env.j2", ".env", kind="eas-service", protocols=("predict",)),
        Template("maas.env.j2", ".env", kind="maas-service"),
    ),
    "openai-python": (
        Template("openai_client.py.j2", "openai_client.py", "endpoint", _OPENAI),
        Template("model_api_openai.py.j2", "openai_client.py", "model-api", _OPENAI, chat=True),
        Template("eas_openai.py.j2", "openai_client.py", "eas-service", ("openai", "predict")),
        Template("maas_openai.py.j2", "openai_client.py", "maas-service", _OPENAI),
    ),
    "dashscope-python": (
        Template("dashscope_1_client.py.j2", "dashscope_1_client.py", "endpoint"),
        Template("dashscope_2_client.py.j2", "dashscope_2_client.py", "endpoint"),
        Template("eas_prediction.py.j2", "eas_client.py", "eas-service", ("openai", "predict")),
    ),
    "curl": (
        Template("chat.sh.j2", "chat.sh", "endpoint", _OPENAI),
        Template("eas_requests.py.j2", "requests_client.py", "eas-service", ("predict",)),
        Template("eas_chat.sh.j2", "chat.sh", "eas-service", _OPENAI),
        Template("maas_chat.sh.j2", "chat.sh", "maas-service", _OPENAI),
    ),
}
"""Every format, by its name in `clients` of the settings and in `--format`."""

DEFAULT_FORMATS = ("curl", "dashscope-python", "dotenv", "openai-python")
"""Formats of a stack whose settings name none."""


def formats() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(sorted(FORMATS))
