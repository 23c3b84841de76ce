"""Blocks and rules of a network: properties that hold for all settings."""

from __future__ import annotations

import itertools
from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from dashlink.naming import MAX_NAME_LENGTH, physical_name
from dashlink.network.layout import free_block, lay_out
from dashlink.network.plan import plan_network
from dashlink.network.settings import IngressSettings, NetworkSettings

LETTERS = "abcdefghijklmnop"
zone_sets = st.lists(
    st.sampled_from([f"cn-beijing-{letter}" for letter in LETTERS]), min_size=2, unique=True
)
vpcs = st.builds(
    lambda length, number: IPv4Network(
        (
            int(IPv4Network("10.0.0.0/8").network_address) | (number << (32 - length)) & 0xFFFFFF,
            length,
        )
    ),
    st.integers(12, 25),
    st.integers(0, 2**24),
)
blocks = st.builds(
    lambda base, length: IPv4Network((base >> (32 - length) << (32 - length), length)),
    st.integers(
        int(IPv4Network("10.0.0.0/8").network_address),
        int(IPv4Network("10.0.0.0/8").broadcast_address),
    ),
    st.integers(16, 29),
)


@given(vpcs, zone_sets)
def test_automatic_blocks_are_inside_the_vpc_and_disjoint(vpc, zones):
    laid = lay_out(vpc, zones, {})
    assert set(laid) == set(zones)
    assert all(block.subnet_of(vpc) for block in laid.values())
    used = sorted(laid.values())
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(used))


@given(vpcs, zone_sets, st.randoms(use_true_random=False))
def test_adding_or_reordering_zones_moves_no_block(vpc, zones, random):
    shuffled = [*zones, "cn-beijing-p"]
    random.shuffle(shuffled)
    more = lay_out(vpc, shuffled, {})
    assert {zone: more[zone] for zone in zones} == lay_out(vpc, zones, {})


@given(vpcs, st.lists(blocks, max_size=8), st.integers(16, 29))
def test_a_free_block_overlaps_no_used_block(vpc, used, length):
    free = free_block(vpc, used, length)
    if free is not None:
        assert free.prefixlen == length
        assert free.subnet_of(vpc)
        assert not any(free.overlaps(block) for block in used)


def test_a_full_range_has_no_free_block():
    vpc = IPv4Network("10.20.0.0/24")
    assert free_block(vpc, [vpc], 26) is None
    assert free_block(vpc, [IPv4Network("10.20.0.0/25")], 25) == IPv4Network("10.20.0.128/25")


@given(
    st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=4),
    st.integers(32, MAX_NAME_LENGTH),
)
def test_a_physical_name_is_valid_in_the_cloud(parts, limit):
    name = physical_name(*parts, limit=limit)
    assert len(name) <= limit
    assert name[0].isalpha()
    assert all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in name)


def test_two_long_names_differ():
    long = "x" * 300
    assert physical_name(long, "a") != physical_name(long, "b")


def plan(**ingress):
    settings = NetworkSettings(
        cidr="10.20.0.0/16",
        zones=["cn-beijing-h", "cn-beijing-k"],
        ingress=IngressSettings(**ingress),
    )
    return {rule.key for rule in plan_network(settings).ingress}


def test_a_further_range_adds_one_rule_for_each_port():
    before = plan(from_cidrs=["10.99.0.0/24"])
    after = plan(from_cidrs=["10.98.0.0/24", "10.99.0.0/24"])
    assert after - before == {"80-from-10.98.0.0-24", "443-from-10.98.0.0-24"}
    assert before < after
    assert plan(https_only=True, from_cidrs=["10.98.0.0/24"]) - plan(https_only=True) == {
        "443-from-10.98.0.0-24"
    }


def test_a_repeated_range_adds_no_rule():
    assert plan(from_cidrs=["10.20.0.0/16", "10.99.0.0/24", "10.99.0.0/24"]) == plan(
        from_cidrs=["10.99.0.0/24"]
    )
