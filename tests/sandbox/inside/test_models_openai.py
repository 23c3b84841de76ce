"""The OpenAI-compatible dialect besides chat, as the real SDK and as forms on the wire meet it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
import wave
import zlib
from collections import deque

import openai
import pytest
from aiohttp import web
from openai import OpenAI
from support.inside import LoopThread

from dashlink_sandbox.inside.models import application, samples
from dashlink_sandbox.inside.models.forms import File, is_form, read_form

KEY = "sk-models-test"
pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK says so of variations
PHOTO = ("photo.png", b"--not a boundary\r\n--\r\n\x00\xff")
IMAGE, SPEECH = "qwen-image", "cosyvoice-v1"


@pytest.fixture
def client(loop_thread: LoopThread):
    runner = web.AppRunner(application(KEY, deque()))

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return site.port

    port = loop_thread.run(start())
    with OpenAI(api_key=KEY, base_url=f"http://127.0.0.1:{port}/compatible-mode/v1", max_retries=0) as made:
        yield made
    loop_thread.run(runner.cleanup())


def assert_png(content: bytes) -> None:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    at, kinds = 8, []
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        chunk = content[at + 4 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length]) == (zlib.crc32(chunk),)
        kinds.append(chunk[:4])
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def assert_wav(content: bytes) -> None:
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, 16000, 1600)


def test_a_prompt_is_completed_whole_and_streamed(client):
    whole = client.completions.create(model="qwen-plus", prompt="hello there")
    assert (whole.object, whole.model, whole.choices[0].text) == (
        "text_completion",
        "qwen-plus",
        "qwen-plus heard: hello there",
    )
    assert whole.usage is not None
    assert whole.usage.total_tokens == 6
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(client.completions.create(model="qwen-plus", prompt="hello there", **options))
    texts = [chunk.choices[0].text for chunk in chunks if chunk.choices]
    assert "".join(texts) == whole.choices[0].text
    assert len(texts) > 2
    assert (chunks[-2].choices[0].finish_reason, chunks[-1].usage) == ("stop", whole.usage)


def test_each_prompt_has_a_choice(client):
    choices = client.completions.create(model="qwen-plus", prompt=["one", "two"]).choices
    assert [(each.index, each.text) for each in choices] == [(0, "qwen-plus heard: one"), (1, "qwen-plus heard: two")]


def test_images_are_made_and_say_which_model_was_asked(client):
    answer = client.images.with_raw_response.generate(model=IMAGE, prompt="a cat", n=2)
    assert answer.headers["X-Model"] == IMAGE
    images = answer.parse().data
    assert [image.revised_prompt for image in images] == ["qwen-image heard: a cat"] * 2
    assert len({image.url for image in images}) == 2
    assert all(image.url.startswith("https://results.example/qwen-image/") for image in images)
    assert [image.b64_json for image in images] == [None, None]


def test_an_image_comes_as_a_valid_png_on_request(client):
    (image,) = client.images.generate(model=IMAGE, prompt="a cat", response_format="b64_json").data
    assert image.url is None
    assert_png(base64.b64decode(image.b64_json))


def test_forms_with_images_are_understood(client):
    (edited,) = client.images.edit(model=IMAGE, image=PHOTO, prompt="red höht", response_format="b64_json").data
    assert_png(base64.b64decode(edited.b64_json))
    assert edited.revised_prompt == "qwen-image heard: red höht"
    several = client.images.edit(model=IMAGE, image=[PHOTO, PHOTO], prompt="red")
    assert several.data[0].revised_prompt == "qwen-image heard: red"
    varied = client.images.create_variation(model=IMAGE, image=PHOTO, n=3)
    said = f"qwen-image heard: photo.png of {len(PHOTO[1])} bytes"
    assert [image.revised_prompt for image in varied.data] == [said] * 3


def test_speech_is_a_valid_wav_in_pieces(client):
    asked = {"model": SPEECH, "input": "hello", "voice": "longxiaochun"}
    with client.audio.speech.with_streaming_response.create(**asked) as answer:
        assert (answer.headers["X-Model"], answer.headers["Content-Type"]) == (SPEECH, "audio/wav")
        assert answer.headers["Transfer-Encoding"] == "chunked"
        content = answer.read()
    assert_wav(content)
    assert content == samples.wav()


@pytest.mark.parametrize(
    ("ask", "refusal"),
    [
        (lambda c: c.images.generate(model="qwen-plus", prompt="a cat"), openai.NotFoundError),
        (lambda c: c.images.generate(model=IMAGE, prompt=""), openai.BadRequestError),
        (lambda c: c.images.generate(model=IMAGE, prompt="a cat", n=11), openai.BadRequestError),
        (lambda c: c.images.generate(model=IMAGE, prompt="a cat", response_format="gif"), openai.BadRequestError),
        (lambda c: c.images.edit(model=IMAGE, image=("x.png", b""), prompt="red"), openai.BadRequestError),
        (lambda c: c.images.edit(model="gpt-9", image=PHOTO, prompt="red"), openai.NotFoundError),
        (lambda c: c.images.create_variation(model=IMAGE, image=PHOTO, n="many"), openai.BadRequestError),
        (lambda c: c.post("/images/edits", body={"model": IMAGE}, cast_to=object), openai.BadRequestError),
        (lambda c: c.audio.speech.create(model=IMAGE, input="x", voice="y"), openai.NotFoundError),
        (lambda c: c.audio.speech.create(model=SPEECH, input="", voice="y"), openai.BadRequestError),
        (lambda c: c.completions.create(model="qwen-plus", prompt=[]), openai.BadRequestError),
        (lambda c: c.completions.create(model=IMAGE, prompt="x"), openai.NotFoundError),
        (
            lambda c: c.with_options(api_key="sk-wrong").completions.create(model=IMAGE, prompt="x"),
            openai.AuthenticationError,
        ),
    ],
)
def test_what_makes_no_sense_is_refused(client, ask, refusal):
    with pytest.raises(refusal):
        ask(client)


def test_a_form_is_read_as_it_was_written():
    content = b"\r\n--x\x00\n\r\n"
    body = (
        b"--X\r\nContent-Disposition: form-data; name=model\r\n\r\nqwen\r\n"
        b'--X\r\nContent-Type: image/png\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        + content
        + b"\r\n--X--\r\n"
    )
    assert is_form("Multipart/Form-Data; boundary=X")
    assert not is_form(json.dumps("multipart/form-data"))
    fields = asyncio.run(read_form("multipart/form-data; boundary=X", body))
    assert fields == {"model": "qwen", "image": File("a.png", content)}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--X\r\n\r\n\r\n--X--"),
        ("multipart/form-data; boundary=X", b""),
        ("multipart/form-data; boundary=X", b"--Y\r\n\r\n\r\n--Y--"),
        ("multipart/form-data; boundary=X", b"--X\r\nContent-Disposition: form-data; name=a\r\n\r\ncut"),
        ("multipart/form-data; boundary=X", b"--X\r\n\r\nnameless\r\n--X--"),
        ("multipart/form-data; boundary=X", b"--X\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--X--"),
    ],
)
def test_what_is_no_form_is_refused(content_type, body):
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind
        asyncio.run(read_form(content_type, body))
