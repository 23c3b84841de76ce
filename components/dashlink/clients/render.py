"""placeholder"""


def formats() -> tuple[str, ...]:
    return ("dotenv", "openai-python", "dashscope-python", "curl")
