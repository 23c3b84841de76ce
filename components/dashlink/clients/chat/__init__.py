"""Send chat requests to a Model API of an AI gateway, as the debug panel of a console does.

``request`` defines what to send, ``completion`` sends it by OpenAI's official SDK
(``dashlink[debug]``), ``answer`` collects what arrives, and ``errors`` turns every failure into one
line that says what to do.
"""

from dashlink.clients.chat.answer import ChatAnswer
from dashlink.clients.chat.completion import complete
from dashlink.clients.chat.request import ChatRequest, ChatTarget, conversation

__all__ = ["ChatAnswer", "ChatRequest", "ChatTarget", "complete", "conversation"]
