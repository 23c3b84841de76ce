"""Send chat requests to a Model API, to Huawei MaaS or to PAI-EAS, as a console's debug panel does.

``scenes`` has the smallest request of every other scene. ``request`` defines what to send,
``completion`` sends it by OpenAI's official SDK (``dashlink[debug]``), ``answer`` collects what
arrives, and ``errors`` turns every failure into one line that says what to do: by the catalogs
``maas_codes`` and ``eas_answers``, else by ``failures``.
"""

from dashlink.clients.chat.answer import ChatAnswer
from dashlink.clients.chat.completion import complete
from dashlink.clients.chat.eas_answers import explain_eas
from dashlink.clients.chat.explanation import Explanation
from dashlink.clients.chat.maas_codes import MODERATED_STREAM, explain_maas, is_moderated
from dashlink.clients.chat.request import ChatRequest, ChatTarget, conversation
from dashlink.clients.chat.scenes import CALLS, SceneAnswer, SceneCall, ask

__all__ = [
    "CALLS",
    "MODERATED_STREAM",
    "ChatAnswer",
    "ChatRequest",
    "ChatTarget",
    "Explanation",
    "SceneAnswer",
    "SceneCall",
    "ask",
    "complete",
    "conversation",
    "explain_eas",
    "explain_maas",
    "is_moderated",
]
