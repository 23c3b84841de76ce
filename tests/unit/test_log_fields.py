"""Log fields of Model APIs: the product's own stay, further ones are replaced as a whole."""

from __future__ import annotations

import pytest
from support.gateway_wire import API, BASIC_FIELDS, LOG_FIELDS, PRODUCT_FIELDS

from dashlink.provider.gateway.log_fields import has_log_fields, path_configs, read_fields
from dashlink.resources.blocks import BODY_LOG_FIELDS, LogField

CHAT = "/v1/chat/completions"
TEAM = LogField(key="team", source="request_header", path="x-team")
NONE = API.model_copy(update={"fields": (), "log_bodies": False})
ONE = NONE.model_copy(update={"fields": (TEAM,)})


def keys(configs):
    return {
        config["path"]: {
            group: [field["fieldKey"] for field in fields]
            for group, fields in config["fieldPaths"].items()
        }
        for config in configs
    }


def test_the_products_own_fields_stay():
    assert keys(path_configs(ONE, PRODUCT_FIELDS, ())) == {
        CHAT: {"basic": ["question"], "custom": ["team"]}
    }


def test_every_path_gets_the_fields():
    current = [*PRODUCT_FIELDS, {"path": "/v1/completions", "fieldPaths": {"basic": []}}]
    assert keys(path_configs(ONE, current, ())) == {
        CHAT: {"basic": ["question"], "custom": ["team"]},
        "/v1/completions": {"basic": [], "custom": ["team"]},
    }


def test_an_api_without_log_fields_gets_those_of_its_routes():
    assert keys(path_configs(ONE, [], [CHAT])) == {CHAT: {"basic": [], "custom": ["team"]}}


def test_what_only_the_answer_has_is_not_sent():
    answered = {**BASIC_FIELDS[0], "templateDerived": True, "toggleable": False, "rule": None}
    current = [{"path": CHAT, "fieldPaths": {"basic": [answered], "custom": []}}]
    (config,) = path_configs(ONE, current, ())
    assert config["fieldPaths"]["basic"] == BASIC_FIELDS


def test_fields_are_removed_by_a_list_without_them():
    configs = path_configs(NONE, LOG_FIELDS, ())
    assert keys(configs) == {CHAT: {"basic": ["question"], "custom": []}}


@pytest.mark.parametrize("current", [[], PRODUCT_FIELDS], ids=["none", "own"])
def test_nothing_is_sent_where_there_is_no_further_field(current):
    assert path_configs(NONE, current, [CHAT]) == []


@pytest.mark.parametrize("inputs", [NONE, ONE], ids=["removed", "kept"])
def test_the_path_of_earlier_versions_is_replaced(inputs):
    custom = [{"fieldKey": "team", "source": "request_header", "jsonPath": "x-team"}]
    earlier = [{"path": "/*", "fieldPaths": {"basic": [], "custom": custom}}]
    configs = path_configs(inputs, earlier, [CHAT, "/v1/completions"])
    assert [config["path"] for config in configs] == [CHAT, "/v1/completions"]


def test_fields_are_read_once_for_all_paths():
    other = {**LOG_FIELDS[0], "path": "/v1/completions"}
    assert read_fields([*LOG_FIELDS, other]) == (API.fields, True)


def test_fields_that_are_not_recorded_are_not_read():
    row = {"fieldKey": "team", "source": "request_header", "jsonPath": "x-team"}
    off = [{"path": CHAT, "fieldPaths": {"custom": [{**row, "recordEnabled": False}]}}]
    assert read_fields(off) == ((), False)


def test_a_missing_field_of_bodies_shows_as_drift():
    custom = [row for row in LOG_FIELDS[0]["fieldPaths"]["custom"] if row["fieldKey"] != "text"]
    all_bodies = [{"path": CHAT, "fieldPaths": {"custom": custom}}]
    assert read_fields(all_bodies) == ((), True)
    some = [{"path": CHAT, "fieldPaths": {"custom": custom[:-1]}}]
    assert read_fields(some) == (BODY_LOG_FIELDS[:-1], False)


def test_without_statistics_nothing_is_logged():
    assert has_log_fields(ONE)
    assert not has_log_fields(ONE.model_copy(update={"statistics": False}))
