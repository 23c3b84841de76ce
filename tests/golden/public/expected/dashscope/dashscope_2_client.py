# Made by `dashlink render`; made anew, changes are lost.
"""The DashScope SDK 2.x on Model Studio, by the private endpoint ep-2ze1 of stack dev.

Reads DASHSCOPE_API_KEY. One base URL for each protocol: the SDK sends every protocol to the one base that it is given. Realtime
classes take no variable: give them `ws_url=REALTIME_URL`.
"""

import os
import sys

from dashscope import Client

BASE_URLS = {
    "native": "https://vpc-cn-beijing.dashscope.aliyuncs.com/api/v1",
    "openai": "https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1",
    "anthropic": "https://vpc-cn-beijing.dashscope.aliyuncs.com/apps/anthropic",
}
REALTIME_URL = "wss://vpc-cn-beijing.dashscope.aliyuncs.com/api-ws/v1/realtime"
MODEL = os.environ.get("DASHSCOPE_MODEL", "qwen-plus")

client = Client(api_key=os.environ["DASHSCOPE_API_KEY"], base_url=BASE_URLS["native"])

if __name__ == "__main__":
    question = " ".join(sys.argv[1:]) or "Say hello in one sentence."
    for chunk in client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": question}], stream=True
    ):
        if chunk.choices:
            print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()
