"""The OpenAI-compatible protocol besides chat, with the real SDK and with forms on the wire."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
import wave
import zlib

import openai
import pytest
from openai import OpenAI
from support.inside import API_KEY

from dashlink_sandbox.inside.models import samples
from dashlink_sandbox.inside.models.forms import File, is_form, read_form

pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # of variations
PHOTO = ("photo.png", b"--not a boundary\r\n--\r\n\x00\xff")
FORM = "multipart/form-data; boundary=X"
IMAGE = "qwen-image"
SPEECH = "cosyvoice-v1"


@pytest.fixture
def client(model_server: str):
    base_url = f"http://{model_server}/compatible-mode/v1"
    with OpenAI(api_key=API_KEY, base_url=base_url, max_retries=0) as client:
        yield client


def assert_png(content: bytes) -> None:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    at, kinds = 8, []
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        chunk = content[at + 4 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length]) == (
            zlib.crc32(chunk),
        )
        kinds.append(chunk[:4])
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def assert_wav(content: bytes) -> None:
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, 16000, 1600)


def test_a_prompt_is_completed_whole_and_streamed(client):
    whole = client.completions.create(model="qwen-plus", prompt="hello there")
    assert (whole.object, whole.model) == ("text_completion", "qwen-plus")
    assert whole.choices[0].text == "qwen-plus heard: hello there"
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
    texts = [(each.index, each.text) for each in choices]
    assert texts == [(0, "qwen-plus heard: one"), (1, "qwen-plus heard: two")]


def test_generated_images_name_the_requested_model(client):
    answer = client.images.with_raw_response.generate(model=IMAGE, prompt="a cat", n=2)
    assert answer.headers["X-Model"] == IMAGE
    one, two = answer.parse().data
    for image in (one, two):
        assert image.revised_prompt == "qwen-image heard: a cat"
        assert image.url.startswith("https://results.example/qwen-image/")
        assert image.b64_json is None
    assert one.url != two.url


def test_an_image_is_a_valid_png_on_request(client):
    (image,) = client.images.generate(model=IMAGE, prompt="a cat", response_format="b64_json").data
    assert image.url is None
    assert_png(base64.b64decode(image.b64_json))


def test_forms_with_images_are_accepted(client):
    request = {"model": IMAGE, "image": PHOTO, "prompt": "red höht"}
    (edited,) = client.images.edit(**request, response_format="b64_json").data
    assert_png(base64.b64decode(edited.b64_json))
    assert edited.revised_prompt == "qwen-image heard: red höht"
    several = client.images.edit(model=IMAGE, image=[PHOTO, PHOTO], prompt="red")
    assert several.data[0].revised_prompt == "qwen-image heard: red"
    varied = client.images.create_variation(model=IMAGE, image=PHOTO, n=3)
    expected = f"qwen-image heard: photo.png of {len(PHOTO[1])} bytes"
    assert [image.revised_prompt for image in varied.data] == [expected] * 3


def test_speech_is_a_valid_wav_in_pieces(client):
    request = {"model": SPEECH, "input": "hello", "voice": "longxiaochun"}
    with client.audio.speech.with_streaming_response.create(**request) as answer:
        assert (answer.headers["X-Model"], answer.headers["Content-Type"]) == (SPEECH, "audio/wav")
        assert answer.headers["Transfer-Encoding"] == "chunked"
        content = answer.read()
    assert_wav(content)
    assert content == samples.wav()


UNKNOWN = openai.NotFoundError
INVALID = openai.BadRequestError
REFUSED = {
    "generate: model": (UNKNOWN, "generate", {"model": "qwen-plus", "prompt": "a cat"}),
    "generate: prompt": (INVALID, "generate", {"model": IMAGE, "prompt": ""}),
    "generate: n": (INVALID, "generate", {"model": IMAGE, "prompt": "a cat", "n": 11}),
    "generate: format": (
        INVALID,
        "generate",
        {"model": IMAGE, "prompt": "a cat", "response_format": "gif"},
    ),
    "edit: image": (INVALID, "edit", {"model": IMAGE, "image": ("x.png", b""), "prompt": "red"}),
    "edit: model": (UNKNOWN, "edit", {"model": "gpt-9", "image": PHOTO, "prompt": "red"}),
    "vary: n": (INVALID, "create_variation", {"model": IMAGE, "image": PHOTO, "n": "many"}),
    "speak: model": (UNKNOWN, "speak", {"model": IMAGE, "input": "x", "voice": "y"}),
    "speak: input": (INVALID, "speak", {"model": SPEECH, "input": "", "voice": "y"}),
    "complete: prompt": (INVALID, "complete", {"model": "qwen-plus", "prompt": []}),
    "complete: model": (UNKNOWN, "complete", {"model": IMAGE, "prompt": "x"}),
}


@pytest.mark.parametrize(("error", "method", "request_"), REFUSED.values(), ids=REFUSED)
def test_an_invalid_request_is_refused(client, error, method, request_):
    methods = {"speak": client.audio.speech.create, "complete": client.completions.create}
    send = methods.get(method) or getattr(client.images, method)
    with pytest.raises(error):
        send(**request_)


def test_an_edit_as_json_is_refused(client):
    with pytest.raises(INVALID):
        client.post("/images/edits", body={"model": IMAGE}, cast_to=object)


def test_a_wrong_key_is_refused(client):
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-wrong").completions.create(model=IMAGE, prompt="x")


@pytest.mark.parametrize("repetitions", [1, 10_000], ids=["small", "large"])
def test_the_fields_of_a_form_are_read_unchanged(repetitions):
    content = b"\r\n--x\x00\n\r\n" * repetitions
    body = (
        b"--X\r\nContent-Disposition: form-data; name=model\r\n\r\nqwen\r\n"
        b"--X\r\nContent-Type: image/png\r\n"
        b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        + content
        + b"\r\n--X--\r\n"
    )
    assert is_form("Multipart/Form-Data; boundary=X")
    assert not is_form(json.dumps("multipart/form-data"))
    fields = asyncio.run(read_form(FORM, body))
    assert fields == {"model": "qwen", "image": File("a.png", content)}


FIELD = b"--X\r\nContent-Disposition: form-data; name=a\r\n"
INVALID_FORMS = {
    "empty": b"",
    "another boundary": b"--Y\r\n\r\n\r\n--Y--",
    "cut in a field": FIELD + b"\r\ncut",
    "cut after a field": FIELD + b"\r\nwhole\r\n--X",
    "no name": b"--X\r\n\r\nnameless\r\n--X--",
    "not UTF-8": FIELD + b"\r\n\xff\r\n--X--",
    "nested": FIELD + b"Content-Type: multipart/mixed; boundary=Y\r\n\r\n--Y--\r\n--X--",
    "invalid header": FIELD + b"no header\r\n\r\n--X--",
}


@pytest.mark.parametrize("body", INVALID_FORMS.values(), ids=INVALID_FORMS)
def test_an_invalid_form_is_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011 - the reader has several messages
        asyncio.run(read_form(FORM, body))


def test_a_form_without_a_boundary_is_refused():
    with pytest.raises(ValueError, match="boundary"):
        asyncio.run(read_form("multipart/form-data", b"--X\r\n\r\n\r\n--X--"))


SOUND = ("hello.wav", b"RIFF1234")
HEARD = "whisper-1 heard: hello.wav of 8 bytes"


def test_a_sound_is_transcribed_in_each_format(client):
    transcribe = client.audio.transcriptions.create
    assert transcribe(model="whisper-1", file=SOUND).text == HEARD
    assert transcribe(model="whisper-1", file=SOUND, response_format="text").strip() == HEARD
    verbose = transcribe(model="whisper-1", file=SOUND, response_format="verbose_json")
    assert (verbose.text, verbose.language) == (HEARD, "english")


def test_a_transcription_is_streamed(client):
    events = list(client.audio.transcriptions.create(model="whisper-1", file=SOUND, stream=True))
    *deltas, done = events
    assert "".join(event.delta for event in deltas) == done.text == HEARD
    assert len(deltas) > 1


@pytest.mark.parametrize(
    ("error", "request_"),
    [
        (openai.NotFoundError, {"model": "qwen-plus", "file": SOUND}),
        (openai.BadRequestError, {"model": "whisper-1", "file": ("empty.wav", b"")}),
        (
            openai.BadRequestError,
            {"model": "whisper-1", "file": SOUND, "response_format": "vtt"},
        ),
    ],
    ids=["model", "empty", "format"],
)
def test_an_invalid_transcription_is_refused(client, error, request_):
    with pytest.raises(error):
        client.audio.transcriptions.create(**request_)


def test_a_sound_is_recognized_by_chat(client):
    content = [{"type": "input_audio", "input_audio": {"data": "https://sounds.example/a.mp3"}}]
    messages = [{"role": "user", "content": content}]
    answer = client.chat.completions.create(model="qwen3-asr-flash", messages=messages)
    assert answer.choices[0].message.content == "qwen3-asr-flash heard: audio"
