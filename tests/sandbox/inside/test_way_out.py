"""What leaves a VPC for the internet: nothing without a route, NAT gateway, SNAT entry and EIP."""

from __future__ import annotations

import pytest
from support.inside import small_cloud

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import Gateway, Upstream
from dashlink_sandbox.inside import Refusal, decide
from dashlink_sandbox.inside.access import AllowedMaas, AllowedPublic
from dashlink_sandbox.inside.gateway.upstreams import why_unreachable
from dashlink_sandbox.nat import Eip, NatGateway, SnatEntry
from dashlink_sandbox.state import RouteEntry, RouteTable, State

HOST, MAAS = "api.vendor.example", "api.modelarts-maas.com"
EIP = "198.18.0.7"


def _add_gateway(state: State, vswitch_id: str, **fields: str) -> None:
    """Add a NAT gateway of vpc-main with an EIP and an SNAT entry for a vSwitch."""
    gateway = {
        "nat_gateway_id": "ngw-1",
        "region": "cn-beijing",
        "vpc_id": "vpc-main",
        "vswitch_id": vswitch_id,
        "zone_id": "cn-beijing-h",
        "address": "10.20.1.30",
        "eni_id": "eni-1",
        "snat_table_id": "stb-1",
        "forward_table_id": "ftb-1",
        "status": "Available",
    }
    state.nat_gateways["ngw-1"] = NatGateway(**{**gateway, **fields})
    state.eips["eip-1"] = Eip(
        allocation_id="eip-1",
        region="cn-beijing",
        address=EIP,
        bandwidth_mbps=5,
        internet_charge_type="PayByTraffic",
        instance_id="ngw-1",
        status="InUse",
    )
    state.snat_entries["snat-1"] = SnatEntry(
        entry_id="snat-1",
        table_id="stb-1",
        nat_gateway_id="ngw-1",
        region="cn-beijing",
        owner="",
        source_cidr=state.vswitches[vswitch_id].cidr,
        source_vswitch_id=vswitch_id,
        addresses=[EIP],
        status="Available",
    )


@pytest.fixture
def state() -> State:
    """vpc-main with a way out for the first of its vSwitches."""
    state = small_cloud()
    state.upstreams[HOST] = Upstream(host=HOST)
    state.route_tables["vtb-1"] = RouteTable(
        table_id="vtb-1",
        vpc_id="vpc-main",
        region="cn-beijing",
        type="System",
        entries=[
            RouteEntry(
                entry_id="rte-1",
                cidr="0.0.0.0/0",
                next_hop_type="NatGateway",
                next_hop_id="ngw-1",
                automatic=True,
            )
        ],
    )
    state.vpcs["vpc-main"].route_table_id = "vtb-1"
    _add_gateway(state, _vswitches(state)[0])
    return state


def _vswitches(state: State) -> list[str]:
    return [key for key, one in state.vswitches.items() if one.vpc_id == "vpc-main"]


def _cause(state: State, user: str = "vpc-main", host: str = HOST, port: int = 443) -> str:
    decision = decide(state, user, host, port)
    assert isinstance(decision, Refusal), decision
    return decision.cause


@pytest.mark.parametrize("port", [80, 443], ids=["http", "https"])
def test_a_public_host_sees_the_eip(state, port):
    assert decide(state, "vpc-main", HOST, port) == AllowedPublic(HOST, port, EIP)


def test_maas_sees_the_eip(state):
    assert decide(state, "vpc-main", MAAS, 443) == AllowedMaas(EIP)


def _without_route(state: State) -> None:
    state.route_tables["vtb-1"].entries.clear()


def _without_gateway(state: State) -> None:
    state.nat_gateways.clear()


def _unready_gateway(state: State) -> None:
    state.nat_gateways["ngw-1"].status = "Creating"


def _intranet_gateway(state: State) -> None:
    state.nat_gateways["ngw-1"].network_type = "intranet"


def _without_entry(state: State) -> None:
    state.snat_entries.clear()


def _unready_entry(state: State) -> None:
    state.snat_entries["snat-1"].status = "Pending"


def _without_eip(state: State) -> None:
    state.eips.clear()


def _disassociated_eip(state: State) -> None:
    state.eips["eip-1"].instance_id = ""


def _associating_eip(state: State) -> None:
    state.eips["eip-1"].status = "Associating"


def _other_eip(state: State) -> None:
    state.snat_entries["snat-1"].addresses = ["198.18.0.8"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (_without_route, "vpc-main has no way out: its route table has no route"),
        (_without_gateway, "leads to ngw-1, no NAT gateway"),
        (_unready_gateway, "the NAT gateway ngw-1 is Creating, not Available"),
        (_intranet_gateway, "the NAT gateway ngw-1 is of the type intranet"),
        (_without_entry, "no SNAT entry of ngw-1 covers 10.20"),
        (_unready_entry, "the SNAT entry snat-1 is Pending"),
        (_without_eip, f"snat-1 has {EIP}, which is no EIP of ngw-1"),
        (_disassociated_eip, f"snat-1 has {EIP}, which is no EIP of ngw-1"),
        (_associating_eip, f"snat-1 has {EIP}, which is no EIP of ngw-1"),
        (_other_eip, "snat-1 has 198.18.0.8, which is no EIP of ngw-1"),
    ],
    ids=[
        "no route",
        "no gateway",
        "gateway not ready",
        "gateway of a VPC",
        "no entry",
        "entry not ready",
        "no EIP",
        "EIP elsewhere",
        "EIP not ready",
        "EIP of another entry",
    ],
)
def test_each_missing_piece_is_silence_with_its_name(state, change, cause):
    change(state)
    assert cause in _cause(state)
    assert cause in _cause(state, host=MAAS)


def test_a_vswitch_without_an_entry_gets_nothing_out(state):
    other = _vswitches(state)[1]
    assert f"no SNAT entry of ngw-1 covers {_address(state, other)}" in _cause(
        state, f"vpc-main.{other}"
    )


def test_a_block_lets_every_vswitch_in_it_out(state):
    other = _vswitches(state)[1]
    entry = state.snat_entries["snat-1"]
    entry.source_vswitch_id, entry.source_cidr = "", "10.20.0.0/16"
    assert decide(state, f"vpc-main.{other}", HOST, 443) == AllowedPublic(HOST, 443, EIP)


def test_a_custom_route_table_needs_a_route_of_its_own(state):
    vswitch = state.vswitches[_vswitches(state)[0]]
    table = RouteTable(table_id="vtb-2", vpc_id="vpc-main", region="cn-beijing")
    state.route_tables["vtb-2"] = table
    vswitch.route_table_id = "vtb-2"
    assert "no route to" in _cause(state)


def test_another_vpc_does_not_share_the_way_out(state):
    assert "vpc-other has no way out" in _cause(state, "vpc-other")


def test_a_public_host_listens_on_two_ports(state):
    assert f"{HOST} listens on 80 and 443, not on 8080" in _cause(state, port=8080)


def test_a_vpc_of_the_admin_api_needs_no_piece(state):
    state.vpcs["vpc-other"].has_way_out = True
    decision = decide(state, "vpc-other", HOST, 443)
    assert isinstance(decision, AllowedPublic)


def _address(state: State, vswitch_id: str) -> str:
    return state.vswitches[vswitch_id].cidr.partition("/")[0].rpartition(".")[0]


def _gateway(state: State) -> Gateway:
    vswitch = _vswitches(state)[0]
    return Gateway(
        gateway_id="gw-1",
        region="cn-beijing",
        name="gw",
        vpc_id="vpc-main",
        vswitch_id=vswitch,
        address=f"{_address(state, vswitch)}.40",
    )


def test_an_ai_gateway_leaves_by_the_way_out_of_its_vpc(state):
    gateway, upstream = _gateway(state), state.upstreams[HOST]
    assert why_unreachable(state, gateway, upstream) is None
    _without_entry(state)
    cause = why_unreachable(state, gateway, upstream)
    assert cause is not None
    assert "no SNAT entry of ngw-1" in cause


def test_an_ai_gateway_needs_no_way_out_in_another_dialect(state):
    state.dialect = Dialect.of({"gateway-way-out": "own"})
    _without_route(state)
    assert why_unreachable(state, _gateway(state), state.upstreams[HOST]) is None
