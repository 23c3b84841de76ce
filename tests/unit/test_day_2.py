"""The table of docs/day-2.md: every setting is in one row, and no row contradicts the contract."""

from __future__ import annotations

import os

import pytest
from support.day_2 import PAGE, REPLACED, ROWS, leaves, page, rows_of

from dashlink.provider.registry import all_handlers
from dashlink.resources.contract import create_only_fields

FIELDS = [(field, row) for row in ROWS for field in row.fields.split()]
# The program's own, or what other resources decide.
NOT_SETTINGS = {
    *("ForeignContents", "ConsumerAuthorization"),
    *("EndpointConnection.region", "EndpointConnection.vswitch_ids", "EasAddresses.name"),
    *("EasAddresses.service_id", "EasAddresses.trigger", "EasAddresses.timeout_seconds"),
    *("ModelApiAuthorization.model_api_id", "ModelApiAuthorization.environment_id"),
    *("ModelApiAuthorization.resource_type", "ModelApi.resource_group_id", "AiService.name"),
    *("EasGatewayLink.gateway_id", "EasGatewayLink.zone_id", "EasGatewayLink.timeout_seconds"),
    *("ExistingEasGateway.timeout_seconds",),
}


def contracts():
    return {token.rpartition(":")[2]: one.contract for token, one in all_handlers().items()}


def test_every_setting_is_in_one_row():
    counts = {setting: len(rows_of(setting)) for setting in leaves()}
    assert len(counts) > 250
    assert {setting: count for setting, count in counts.items() if count != 1} == {}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.settings.split()[0])
def test_every_pattern_fits_a_setting(row):
    fitting = [setting for setting in leaves() if row in rows_of(setting)]
    assert len(fitting) >= len(row.settings.split())


@pytest.mark.parametrize(("field", "row"), FIELDS, ids=[field for field, _ in FIELDS])
def test_a_row_says_what_the_contract_does(field, row):
    resource, _, name = field.partition(".")
    inputs = contracts()[resource].inputs
    assert name in inputs.model_fields
    replaces = name in create_only_fields(inputs)
    assert replaces == (row.kind == REPLACED), row.kind


def test_every_field_of_a_resource_is_in_a_row():
    known = {field for field, _ in FIELDS} | NOT_SETTINGS
    missing = []
    for resource, contract in contracts().items():
        for name in contract.inputs.model_fields:
            if resource not in known and f"{resource}.{name}" not in known:
                missing.append(f"{resource}.{name}")
    assert missing == []


def test_the_page_has_todays_rows():
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        PAGE.write_text(page())
    assert PAGE.read_text() == page(), "write it: DASHLINK_WRITE_GOLDEN=1, and run this test"
