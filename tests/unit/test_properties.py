"""Properties on the provider's wire: secrets are unsealed and sealed, unknown values are found."""

from __future__ import annotations

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime import rpc

from dashlink.provider.properties import Unsealed, is_unknown, seal, setting_value, unseal

scalars = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("abc$*:{[", max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
)
properties = st.dictionaries(st.text("abc", min_size=1, max_size=3), values, max_size=4)
no_deadline = settings(deadline=None)


def struct(values):
    made = struct_pb2.Struct()
    made.update(values)
    return made


def as_dict(message):
    return json_format.MessageToDict(message)


@no_deadline
@given(properties, st.sets(st.text("abc", min_size=1, max_size=3)))
def test_sealed_properties_unseal_to_the_same_values(given_values, secret):
    assert unseal(seal(given_values, secret)) == Unsealed(
        given_values, frozenset(secret & set(given_values))
    )


@no_deadline
@given(properties)
def test_plain_properties_stay_as_they_are(given_values):
    assert as_dict(seal(given_values, ())) == given_values
    assert unseal(struct(given_values)) == Unsealed(given_values, frozenset())


def test_the_engine_recognizes_a_sealed_value():
    assert rpc.is_rpc_secret(as_dict(seal({"key": "k"}, {"key"}))["key"])


def test_a_nested_seal_is_found():
    wrap = rpc.wrap_rpc_secret
    request = struct(
        {"plain": [{"a": 1}], "map": {"key": wrap("k")}, "list": ["x", {"y": wrap(["z"])}]}
    )
    assert unseal(request) == Unsealed(
        {"plain": [{"a": 1}], "map": {"key": "k"}, "list": ["x", {"y": ["z"]}]},
        frozenset({"map", "list"}),
    )


def test_a_seal_within_a_seal_is_removed():
    request = struct({"keys": rpc.wrap_rpc_secret([rpc.wrap_rpc_secret("k"), "l"])})
    assert unseal(request) == Unsealed({"keys": ["k", "l"]}, frozenset({"keys"}))


def test_a_sealed_unknown_value_is_unknown_and_secret():
    found = unseal(struct({"key": rpc.wrap_rpc_secret(rpc.UNKNOWN)}))
    assert is_unknown(found.values["key"])
    assert found.secret == {"key"}


@pytest.mark.parametrize(
    "value",
    [rpc.UNKNOWN, ["a", rpc.UNKNOWN], {"a": {"b": rpc.UNKNOWN}}, [{"a": [rpc.UNKNOWN]}, {}]],
    ids=["itself", "in a list", "in maps", "in a list of maps"],
)
def test_a_value_with_an_unknown_item_is_unknown(value):
    assert is_unknown(value)


@no_deadline
@given(values)
def test_a_value_without_unknown_items_is_known(value):
    assert not is_unknown(value)


def test_a_key_of_a_map_is_never_unknown():
    assert not is_unknown({rpc.UNKNOWN: "a"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"roleArn": "acs:ram::1:role/r"}', {"roleArn": "acs:ram::1:role/r"}),
        ('[{"apig": "127.0.0.1"}]', [{"apig": "127.0.0.1"}]),
        ("cn-beijing", "cn-beijing"),
        ("[secret", "[secret"),
        ("{", "{"),
        ("12", "12"),
        ("true", "true"),
        (7, 7),
        (None, None),
    ],
    ids=repr,
)
def test_only_json_of_a_map_or_a_list_is_parsed(text, value):
    assert setting_value(text) == value
