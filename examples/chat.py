"""Ask a model a question with the OpenAI SDK and the address in a rendered .env file.

DASHSCOPE_API_KEY=… python examples/chat.py clients/dev/dashscope/.env "Which zones has Beijing?"
MODEL_API_KEY=… python examples/chat.py clients/dev/model-apis/chat/.env
MAAS_API_KEY=… python examples/chat.py clients/maas/maas-services/huawei/.env

The model is MODEL of the file or of the environment, else qwen-plus.
"""

import os
import sys

from dotenv import load_dotenv
from openai import OpenAI, OpenAIError

DEFAULT_MODEL = "qwen-plus"


def main() -> None:
    """Print the answer as it arrives, or why there is none."""
    if len(sys.argv) < 2:  # noqa: PLR2004 - the program's own name and the file
        sys.exit("usage: chat.py ENV_FILE [QUESTION]")
    load_dotenv(sys.argv[1], override=True)
    model = os.environ.get("MODEL", DEFAULT_MODEL)
    question = " ".join(sys.argv[2:]) or "Say in one sentence how this request reached you."
    messages = [{"role": "user", "content": question}]
    try:
        for piece in OpenAI().chat.completions.create(model=model, messages=messages, stream=True):
            if piece.choices:
                print(piece.choices[0].delta.content or "", end="", flush=True)
    except OpenAIError as error:
        sys.exit(f"{model}: no answer: {error} ({error.__cause__ or type(error).__name__})")
    print()


if __name__ == "__main__":
    main()
