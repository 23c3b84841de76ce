"""Ask a model a question with the OpenAI SDK and the address in a rendered .env file.

DASHSCOPE_API_KEY=… python examples/chat.py clients/dev/dashscope/.env "Which zones has Beijing?"
MODEL_API_KEY=… python examples/chat.py clients/dev/model-apis/chat/.env
"""

import sys

from dotenv import load_dotenv
from openai import OpenAI, OpenAIError

MODEL = "qwen-plus"


def main() -> None:
    """Print the answer as it arrives, or why there is none."""
    if len(sys.argv) < 2:  # noqa: PLR2004 - the program's own name and the file
        sys.exit("usage: chat.py ENV_FILE [QUESTION]")
    load_dotenv(sys.argv[1], override=True)
    question = " ".join(sys.argv[2:]) or "Say in one sentence how this request reached you."
    messages = [{"role": "user", "content": question}]
    try:
        for piece in OpenAI().chat.completions.create(model=MODEL, messages=messages, stream=True):
            if piece.choices:
                print(piece.choices[0].delta.content or "", end="", flush=True)
    except OpenAIError as error:
        sys.exit(f"{MODEL}: no answer: {error} ({error.__cause__ or type(error).__name__})")
    print()


if __name__ == "__main__":
    main()
