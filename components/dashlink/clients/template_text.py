"""Turn templates into text: dashlink's own and a user's, both without access to the machine."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from traceback import walk_tb

from jinja2 import (
    ChoiceLoader,
    DictLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    meta,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dashlink.clients.catalog import OFF_VARIABLES, host_variables, url_of
from dashlink.errors import RenderError

_OWN = "own/"  # before the names of the user's templates


class Renderer:
    """Renders templates by their names.

    Templates run in Jinja2's sandbox: they reach values and text, no files, processes or Python
    internals. A user's template may include dashlink's.
    """

    def __init__(self, own: Mapping[str, str]) -> None:
        """Take the user's templates: text by file name, also by one that dashlink's have."""
        self.own = dict(own)
        templates = {_OWN + name: text for name, text in own.items()}
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([PackageLoader("dashlink", "templates"), DictLoader(templates)]),
            undefined=StrictUndefined,
            autoescape=False,  # files for programs and shells, not for browsers
            trim_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.globals.update(
            host_variables=host_variables, url_of=url_of, OFF_VARIABLES=OFF_VARIABLES
        )
        self._environment.filters.update(quoted=quoted, pretty=pretty, shell=shlex.quote)

    def variables(self, name: str) -> frozenset[str]:
        """Return the variables that a user's template uses.

        Raises:
            RenderError: It is not a template.
        """
        try:
            return frozenset(
                meta.find_undeclared_variables(self._environment.parse(self.own[name]))
            )
        except TemplateSyntaxError as error:
            raise _syntax_error(name, error) from None

    def text(self, name: str, context: Mapping[str, object], *, is_own: bool = False) -> str:
        """Render one template: dashlink's, or the user's of this name.

        Raises:
            RenderError: The template is invalid, uses an undefined variable, or fails. The message
                has its file name, and the line where it is known.
        """
        try:
            return self._environment.get_template(_OWN + name if is_own else name).render(context)
        except TemplateSyntaxError as error:
            raise _syntax_error(name, error) from None
        except TemplateError as error:
            known = ", ".join(sorted(context))
            raise RenderError(
                f"{name}{_line(error)}: {error.message}. "
                f"A template has the variables {known}; see docs/clients.md."
            ) from None
        except Exception as error:  # whatever a user's expression raises
            problem = " ".join(f"{type(error).__name__}: {error}".split())
            raise RenderError(f"{name}{_line(error)}: {problem}. Correct it there.") from None


def quoted(value: object) -> str:
    """Return a value as JSON on one line: also a string of YAML 1.2, of TOML and of Python."""
    return json.dumps(value, ensure_ascii=False, default=str)  # str() of an undefined one raises


def pretty(value: object) -> str:
    """Return a value as JSON with a line for each item."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _syntax_error(name: str, error: TemplateSyntaxError) -> RenderError:
    where = f"{(error.name or name).removeprefix(_OWN)}:{error.lineno}"
    return RenderError(f"{where}: not a Jinja2 template ({error.message}). Correct it there.")


def _line(error: Exception) -> str:
    """Return ``:`` and the template's line; empty text if it is unknown.

    Jinja2 rewrites the traceback, so that the innermost frame of the template has its line.
    """
    line = ""
    for frame, number in walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file in ("<template>", "<unknown>") or file.endswith(".j2"):
            line = f":{number}"
    return line
