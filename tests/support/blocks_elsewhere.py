"""Blocks of the documentation that no test of tests/unit runs: where they are held, or why not.

The key is a page and the start of the block. A value is a test, `FILE::NAME`, or the reason why a
block needs a cloud; its commands are parsed all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from support.doc_blocks import Block

DEPLOYED = "tests/unit/test_cli_deployed.py::test_"
TUTORIAL = "tests/engine/test_make_up.py::TestTutorial"
ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("docs/tutorial.md", "Asking a model "): TUTORIAL,
    ("docs/tutorial.md", "chat: qwen-plus is"): TUTORIAL,
    ("docs/commands.md", '$ MAAS_API_KEY=… dashlink debug prod --maas huawei "'): (
        "tests/sandbox/test_debug_services.py::test_an_example_of_the_page_prints_what_it_shows"
    ),
    ("docs/commands.md", "$ MAAS_API_KEY=… dashlink debug prod --maas huawei --model GLM"): (
        "tests/sandbox/test_debug_services.py::test_an_error_is_explained_by_its_cause"
    ),
    ("docs/commands.md", "$ dashlink delete-api prod --api chat\n"): (
        f"{DEPLOYED}delete_api_prompts_for_the_name"
    ),
    ("docs/commands.md", "$ dashlink delete-api prod --api chat --confirm chap"): (
        f"{DEPLOYED}delete_api_with_a_wrong_name_changes_nothing"
    ),
    ("docs/commands.md", "$ dashlink debug sandbox"): TUTORIAL,
    ("docs/commands.md", "$ printf 'Hello"): TUTORIAL,
    ("docs/commands.md", "$ MODEL_API_KEY= dashlink debug"): (
        f"{DEPLOYED}debug_reports_a_failure_in_one_line"
    ),
    ("docs/commands.md", "$ dashlink verify dev"): (
        "a live account answers differently; tests/sandbox/test_verify.py has the findings"
    ),
    ("docs/check.md", "$ dashlink check dev"): (
        "a stack with a fault of its account; tests/engine/test_check.py has each line"
    ),
    ("docs/operations.md", "Stack dev: a run was ended"): (
        "tests/engine/test_recovery.py::TestKilledWhileItCreates"
    ),
    ("docs/operations.md", "access-egress-eip: exists"): (
        "tests/engine/test_recovery.py::TestPlainUp"
    ),
    ("docs/operations.md", "access-contents (ForeignContents)"): (
        "tests/unit/test_drift.py::test_the_report_groups_properties_by_resource"
    ),
    ("docs/sandbox.md", '$ pip install "dashlink[sandbox]"'): (
        "tests/sandbox/test_process.py::test_it_prints_its_ready_line_and_stops_cleanly"
    ),
}


def place_of(block: Block) -> str:
    """Where a block is held, or why not; empty if it is not in the table."""
    for (page, start), place in ELSEWHERE.items():
        if block.page == page and block.text.startswith(start):
            return place
    return ""
