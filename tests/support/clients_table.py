"""The clients table: every row that a test runs, and the files that are rendered only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from support.client_runs import API_HOST, CLIENTS, EAS_HOST, ENDPOINT_HOST, HOSTS, MAAS_HOST
from support.node_rows import node_rows

from dashlink.clients.formats import FORMATS

HEAD = f"""\
# Clients that were run

Each row is a real client of this version, run in the sandbox by one rendered file and the user's
key alone: it answers, and dials the host of its path and no other. Public hosts answer there too,
so that a client which dials one would succeed. The page is generated from the rows of the tests
(`tests/sandbox/inside/test_client_runs.py`; for Node, Java and coding tools
`tests/support/node_rows.py`), which compare each answer and every host that the process dials, also
past the proxy. *Without the file*: the public hosts that the same program dials
when the file's variables are missing, seen in the same tests; for coding tools, when the switches
are missing that their files set: one of these, and no other. Claude Code and Codex are no Node
programs, so that tests record what they ask the proxy for alone. Which variables each client reads
is in [clients.md](clients.md#hosts-that-clients-dial).

| path | host |
|---|---|
| `dashscope`, an endpoint | {ENDPOINT_HOST} |
| `model-apis/…`, a Model API with a consumer's key | {API_HOST}; others for Node, Java |
| `eas-services/…` | {EAS_HOST} |
| `maas-services/…` | {MAAS_HOST}, which Huawei has on the internet |
"""


INSIDE = "tests/sandbox/inside"
HOSTS_DIALLED = f"{INSIDE}/test_hosts_dialled.py"
RUNS = f"{INSIDE}/test_client_runs.py"
NODE = f"{INSIDE}/test_node_clients.py"
RENDER = "tests/unit/test_cli.py::test_a_mistake_of_render_is_one_line"
OUTPUTS = "tests/unit/test_outputs.py::test_text_that_could_leave_its_place_is_refused"
TRAPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "`Completions` and `client.audio.tts` of dashscope 2.x, by `dashscope_2_client.py`",
        (
            f"{HOSTS_DIALLED}::test_a_program_dials_the_endpoint_alone",
            f"{HOSTS_DIALLED}::test_without_a_file_each_client_dials_public_hosts",
        ),
    ),
    (
        "realtime by `.env`; protocols that a Model API does not serve (speech, image, rerank)",
        (
            f"{HOSTS_DIALLED}::test_with_a_file_no_client_dials_a_public_host",
            f"{HOSTS_DIALLED}::test_without_a_file_each_client_dials_public_hosts",
        ),
    ),
    (
        "LiteLLM `dashscope/`, OpenAILike, and further tools",
        (
            f"{RUNS}::test_a_tool_answers_by_the_file_alone",
            f"{RUNS}::test_without_the_file_a_framework_is_public",
        ),
    ),
    (
        "ChatQwen, pydantic-ai `alibaba:`, traces of the OpenAI Agents SDK, and further frameworks",
        (
            f"{RUNS}::test_a_framework_answers_by_the_file_alone",
            f"{RUNS}::test_without_the_file_a_framework_is_public",
        ),
    ),
    (
        "the literal `${DASHSCOPE_API_KEY}` of a `.env` as the key",
        (
            f"{NODE}::test_a_literal_file_is_answered_with_the_key_set",
            f"{NODE}::test_a_file_with_references_sends_their_text_as_the_key",
        ),
    ),
    (
        "embeddings in base64 that come back as zeros",
        (f"{NODE}::test_embeddings_of_a_server_without_base64_are_no_zeros",),
    ),
    (
        "a private authority that the client does not know",
        (
            f"{RUNS}::test_an_sdk_answers_by_the_file_alone",
            f"{RUNS}::test_without_the_authority_no_client_connects",
        ),
    ),
    (
        "templates: Python's internals, `{{ 1/0 }}`, another encoding, two of one name; an "
        "unusable `--out`",
        (RENDER,),
    ),
    ("outputs: `../../evil`, line breaks in notes, quotes into a shell", (OUTPUTS,)),
    (
        "settings whose text the outputs would refuse",
        ("tests/settings/invalid/text-that-client-files-refuse.yaml",),
    ),
    (
        "keys that newer outputs have",
        ("tests/unit/test_outputs.py::test_keys_of_a_newer_version_are_accepted",),
    ),
    (
        "a format of the settings that an endpoint cannot have",
        (
            "tests/golden/test_client_files.py::"
            "test_a_format_of_the_settings_that_does_not_fit_is_named",
        ),
    ),
    (
        "an unknown model that answers; two models with the same vectors",
        (
            f"{INSIDE}/test_models_chat.py::test_an_unknown_model_is_refused_as_by_model_studio",
            f"{INSIDE}/test_models_embeddings.py::test_vectors_of_two_models_have_nothing_in_common",
        ),
    ),
    (
        "weights that mix two embedding models",
        ("tests/settings/warned/gateway-two-embedding-models.yaml",),
    ),
)
"""What went wrong once, and the tests that fail without its remedy: of leaks both halves."""


@dataclass(frozen=True)
class Row:
    """A client that a test runs.

    Attributes:
        client: Its name.
        package: Its package.
        version: Its version; empty for a program of the machine.
        path: Folder of what it connects to.
        file: The rendered file that it is run by.
        hosts: The hosts that it dials: exactly these.
        public: The hosts that it dials without the file; empty where that was not run.
        with_env: Whether it needs the variables of the .env too.
    """

    client: str
    package: str
    version: str
    path: str
    file: str
    hosts: tuple[str, ...]
    public: tuple[str, ...] = ()
    with_env: bool = False


def rows() -> list[Row]:
    """Return every row that a test runs."""
    found = []
    for client in CLIENTS:
        for path in client.paths:
            hosts = (HOSTS[path.partition("/")[0]],)
            public = client.public if path == client.paths[0] else ()
            found.append(
                Row(
                    client.name,
                    client.package or client.name,
                    client.version,
                    path,
                    client.file,
                    hosts,
                    public,
                    client.with_env,
                )
            )
    for row in node_rows():
        cells = (row.client, row.package, row.version, row.path, row.file, row.hosts, row.public)
        found.append(Row(*cells))
    return found


def page() -> str:
    """Return the whole page."""
    run = rows()
    packages = {(row.package, row.version) for row in run}
    public = {(row.package, row.version) for row in run if row.public}
    return "\n".join(
        [
            HEAD,
            f"{len(run)} rows, {len(packages)} packages by version; {len(public)} of them dial a "
            "public host without the file, none with it.\n",
            "## Run\n",
            "| client | version | path | file | hosts dialled | without the file |",
            "|---|---|---|---|---|---|",
            *map(_line, run),
            "",
            "## Traps and their tests\n",
            "What went wrong once. Of each leak a second test shows it without the remedy.\n",
            "| trap | tests |",
            "|---|---|",
            *(f"| {trap} | {'; '.join(f'`{test}`' for test in tests)} |" for trap, tests in TRAPS),
            "",
            "## Rendered only\n",
            "No program was run by these; their keys are those of the source in "
            "[clients.md](clients.md#formats-for-every-kind), and a real reader or a test parses "
            "each.\n",
            "| format | file |",
            "|---|---|",
            *_rendered({row.file for row in run}),
            "",
        ]
    )


def _line(row: Row) -> str:
    version = row.version or "of the machine"
    cells = (
        row.client,
        version,
        row.path,
        f"`{row.file}` with `.env`" if row.with_env else f"`{row.file}`",
        *map(", ".join, (row.hosts, row.public)),
    )
    return f"| {' | '.join(cells)} |"


def _rendered(run: set[str]) -> Iterator[str]:
    for name, templates in FORMATS.items():
        files = dict.fromkeys(template.file for template in templates if template.file not in run)
        if files:
            yield f"| `{name}` | {', '.join(f'`{file}`' for file in files)} |"
