# Made by `dashlink render`; made anew, changes are lost.
"""The OpenAI SDK on Model Studio, by the private endpoint ep-2ze1 of stack dev.

Reads DASHSCOPE_API_KEY. `from openai_client import client`, or run it: python openai_client.py "Which zones has Beijing?"
"""

import os
import sys

from openai import OpenAI

BASE_URL = "https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1"
MODEL = os.environ.get("DASHSCOPE_MODEL", "qwen-plus")

client = OpenAI(base_url=BASE_URL, api_key=os.environ["DASHSCOPE_API_KEY"])

if __name__ == "__main__":
    question = " ".join(sys.argv[1:]) or "Say hello in one sentence."
    stream = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": question}], stream=True
    )
    for chunk in stream:
        if chunk.choices:
            print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()
