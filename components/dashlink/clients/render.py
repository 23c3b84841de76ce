"""Renders client files from outputs: text in, text out; nothing is read or written but templates.

Every template, ours or a user's, has the same names:

    outputs     the whole `dashlink.clients.outputs.Outputs`
    endpoint    the one `EndpointOutputs` that the file is for
    name        its name in the settings
    base_urls   its base URLs by protocol key: base_urls.openai, base_urls["websocket-inference"], …
    marker      the words by which `dashlink render` knows a file of its own

A file for a Model API has `api`, its `ModelApiOutputs`, in the place of `endpoint`, and lies in `model-apis/<name>/`.

An unknown name is an error, never an empty place. No key is among them: files read it where they run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from dashlink.clients.outputs import EndpointOutputs, Outputs
from dashlink.errors import RenderError
from dashlink.validation import likeliest_of

MARKER = "Made by `dashlink render`; made anew, changes are lost."
"""Stands in every file that is written, and nowhere else."""

# Format -> template -> file, in the folder of the endpoint.
_FORMATS: Mapping[str, Mapping[str, str]] = {
    "dotenv": {"dotenv.j2": ".env"},
    "openai-python": {"openai_client.py.j2": "openai_client.py"},
    "dashscope-python": {
        "dashscope_1_client.py.j2": "dashscope_1_client.py",
        "dashscope_2_client.py.j2": "dashscope_2_client.py",
    },
    "curl": {"chat.sh.j2": "chat.sh"},
}

# The same for Model APIs; a file that asks a chat model is for those that answer one.
_API_FORMATS: Mapping[str, Mapping[str, str]] = {"dotenv": {"model_api.env.j2": ".env"}}
_CHAT_FORMATS: Mapping[str, Mapping[str, str]] = {
    "openai-python": {"model_api_openai.py.j2": "openai_client.py"}
}


@dataclass(frozen=True)
class ClientFile:
    """A file to write: its place below the folder that is written to, and its text."""

    path: PurePosixPath
    text: str


def formats() -> tuple[str, ...]:
    """The formats that are known, in the alphabet's order."""
    return tuple(sorted(_FORMATS))


def render(
    outputs: Outputs,
    wanted: Sequence[str],
    *,
    endpoint: str | None = None,
    templates: Mapping[str, str] | None = None,
) -> list[ClientFile]:
    """Render the files of some formats, one folder for each endpoint that clients can dial and for each Model API.

    Args:
        outputs: A stack's outputs.
        wanted: Formats; empty: those that the stack asks for, or all where it asks for none.
        endpoint: The one endpoint to render for; None: each that has base URLs, and every Model API.
        templates: Texts of templates of the user's own, by file name (``app.yaml.j2`` makes ``app.yaml``).

    Raises:
        RenderError: An unknown format or endpoint, an endpoint without base URLs, a template's mistake.
    """
    own = dict(templates or {})
    chosen = tuple(wanted) or (() if own else outputs.clients or formats())
    for name in chosen:
        if name not in _FORMATS:
            raise RenderError(f"format: unknown (got {name}). {likeliest_of(name, formats())}")
    environment = Environment(
        loader=PackageLoader("dashlink", "templates"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - files for programs and shells, not for browsers
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    files = [
        file
        for name, found in _endpoints(outputs, endpoint, own)
        for file in _files(environment, outputs, name, found, chosen, own)
    ]
    apis = outputs.model_apis if endpoint is None else {}
    return files + [
        file for name in sorted(apis) for file in _api_files(environment, outputs, name, chosen)
    ]


def _endpoints(
    outputs: Outputs, wanted: str | None, own: Mapping[str, str]
) -> Iterator[tuple[str, EndpointOutputs]]:
    if wanted is not None and wanted not in outputs.endpoints:
        known = sorted(outputs.endpoints)
        raise RenderError(
            f"endpoint: the stack has none of this name (got {wanted}). {likeliest_of(wanted, known)}"
        )
    if not outputs.endpoints and outputs.model_apis and not own:
        return
    dialled = {
        name: found
        for name, found in sorted(outputs.endpoints.items())
        if found.base_urls and wanted in (None, name)
    }
    if not dialled:
        raise RenderError(
            f"endpoint: no base URL is known for {wanted or 'any endpoint of the stack'}, so no client can be set up. "
            "Give it `base_paths` in the settings."
        )
    yield from dialled.items()


def _files(
    environment: Environment,
    outputs: Outputs,
    name: str,
    endpoint: EndpointOutputs,
    chosen: Iterable[str],
    own: Mapping[str, str],
) -> Iterator[ClientFile]:
    context = {
        "outputs": outputs,
        "endpoint": endpoint,
        "name": name,
        "base_urls": dict(endpoint.base_urls),
        "marker": MARKER,
    }
    for template, file in (
        item for format_name in chosen for item in _FORMATS[format_name].items()
    ):
        yield ClientFile(PurePosixPath(name, file), _text(environment, template, None, context))
    for template, source in own.items():
        file = PurePosixPath(template).name.removesuffix(".j2")
        yield ClientFile(PurePosixPath(name, file), _text(environment, template, source, context))


def _api_files(
    environment: Environment, outputs: Outputs, name: str, chosen: Iterable[str]
) -> Iterator[ClientFile]:
    api = outputs.model_apis[name]
    context = {
        "outputs": outputs,
        "api": api,
        "name": name,
        "base_urls": dict(api.base_urls),
        "marker": MARKER,
    }
    for format_name in chosen:
        chat = (
            _CHAT_FORMATS.get(format_name, {})
            if api.scene == "text" and "openai" in api.base_urls
            else {}
        )
        for template, file in {**_API_FORMATS.get(format_name, {}), **chat}.items():
            yield ClientFile(
                PurePosixPath("model-apis", name, file), _text(environment, template, None, context)
            )


def _text(
    environment: Environment, name: str, source: str | None, context: Mapping[str, object]
) -> str:
    """One rendered text; a mistake of the template names its file, its line where that is known, and the name."""
    try:
        template = (
            environment.get_template(name) if source is None else environment.from_string(source)
        )
        return template.render(context)
    except TemplateSyntaxError as error:
        raise RenderError(
            f"{name}:{error.lineno}: not a Jinja2 template ({error.message}). Mend it there."
        ) from None
    except TemplateError as error:
        known = ", ".join(sorted(context))
        raise RenderError(
            f"{name}{_line(error)}: {error.message}. A template has: {known}; see docs/clients.md."
        ) from None


def _line(error: BaseException) -> str:
    """The template's line that raised, from the innermost frame that Jinja2 has rewritten to it."""
    line, frame = 0, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename in (
            "<template>",
            "<unknown>",
        ) or frame.tb_frame.f_code.co_filename.endswith(".j2"):
            line = frame.tb_lineno
        frame = frame.tb_next
    return f":{line}" if line else ""
