# Made by `dashlink render`; made anew, changes are lost.
"""The DashScope SDK 1.x (and its API inside 2.x) on Model Studio, by the private endpoint ep-2ze1 of stack dev.

Reads DASHSCOPE_API_KEY. Import it before any call: the SDK's own variables are read once, at import, so they are set here in
code. Realtime classes (omni, TTS realtime) take no variable at all: give them `url=REALTIME_URL`.
"""

import os
import sys

import dashscope

REALTIME_URL = "wss://vpc-cn-beijing.dashscope.aliyuncs.com/api-ws/v1/realtime"
MODEL = os.environ.get("DASHSCOPE_MODEL", "qwen-plus")

dashscope.api_key = os.environ["DASHSCOPE_API_KEY"]
dashscope.base_http_api_url = "https://vpc-cn-beijing.dashscope.aliyuncs.com/api/v1"
dashscope.base_websocket_api_url = "wss://vpc-cn-beijing.dashscope.aliyuncs.com/api-ws/v1/inference"

if __name__ == "__main__":
    question = " ".join(sys.argv[1:]) or "Say hello in one sentence."
    answers = dashscope.Generation.call(
        model=MODEL,
        messages=[{"role": "user", "content": question}],
        result_format="message",
        stream=True,
        incremental_output=True,
    )
    for answer in answers:
        if answer.status_code != 200:
            sys.exit(f"{answer.code}: {answer.message} (request id {answer.request_id})")
        print(answer.output.choices[0].message.content, end="", flush=True)
    print()
