"""Content moderation of MaaS: it knows one word in prompts and one in answers.

Sources: "Call a model service deployed by ModelArts Studio (MaaS)" (2025-06-09): on unless a
service turns it off; a prompt, or an answer without a stream, is refused with 403; a stream ends
with a chunk whose finish_reason is content_filter, then [DONE]. "Error codes" (2025-10-28): 81013.
"""

from __future__ import annotations

import re

from dashlink_sandbox.inside.maas.refusal import MaasError
from dashlink_sandbox.maas import MaasModel

FORBIDDEN = "sandbox-forbidden"
"""The word that is refused in a prompt."""
UNSUITABLE = "sandbox-unsuitable"
"""The word that passes in a prompt and is refused in an answer."""

_CHINESE = re.compile("[\u4e00-\u9fff]")


def check_prompt(model: MaasModel, text: str) -> None:
    """Refuse a prompt.

    Raises:
        MaasError: 81013 or 81011.
    """
    if model.moderation == "chinese" and not _CHINESE.search(text):
        raise MaasError("81013")
    if model.moderation != "off" and FORBIDDEN in text:
        raise MaasError("81011")


def allowed_part(model: MaasModel, text: str) -> str | None:
    """Return what moderation leaves of an answer that it cuts off; None where it leaves all."""
    if model.moderation == "off" or UNSUITABLE not in text:
        return None
    return text[: text.index(UNSUITABLE)].rstrip()
