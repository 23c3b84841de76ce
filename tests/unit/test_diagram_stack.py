"""The drawing of a stack: how settings become nodes, groups and edges."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from support.stack_files import STACKS, read_stack_file

from dashlink.cli.stack_file import read_stack
from dashlink.diagram.dot import to_dot
from dashlink.diagram.mermaid import to_mermaid
from dashlink.diagram.model import INSIDE, NODE_WIDTH
from dashlink.diagram.stack import drawing_of
from dashlink.settings import load_settings

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "tests" / "settings" / "valid").glob("*.yaml"), *STACKS])
VPC = "VPC 10.20.0.0/16"
GATEWAY = f"{VPC}{INSIDE}AI gateway, aigw.small.x1, in cn-beijing-h, cn-beijing-k"
NETWORK = {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-h", "cn-beijing-k"]}
STUDIO = {"endpoint": "dashscope", "api_keys": [{"config": "key"}]}
HOST = {
    "base_url": "https://models.example.com/v1",
    "api_keys": [{"config": "key"}, {"config": "key"}],
}
DOMAIN = "models.example.internal"
SECURE = {"certificate_id": "123-cn-hangzhou"}
CONSUMER = {"api_keys": [{"config": "key"}]}
TEAM = {"consumers": {"team": CONSUMER}}


def api(name="chat", **others):
    way = {} if {"service", "by_model", "by_weight"} & set(others) else {"service": "studio"}
    return {"scene": "text", "domains": DOMAIN, "base_path": f"/{name}", **way, **others}


def draw(region="cn-beijing", apis=(), **written):
    defaults = {
        "network": NETWORK,
        "endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    }
    if "model_apis" in written:
        defaults |= {
            "gateway": {},
            "domains": {DOMAIN: SECURE},
            "ai_services": {"studio": STUDIO},
            "key": "encrypted",
        }
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in {**defaults, **written}.items()
    }
    settings = load_settings(
        texts, region=region, client_formats=(), secret_keys={"key"} & set(texts)
    )
    return drawing_of(settings, "prod", region, apis)


def node(drawing, own):
    return next(node for node in drawing.nodes if node.id == own)


def lane(drawing, own):
    return {node.label: node for node in drawing.nodes if node.lane == own}


def arrows(drawing, source):
    found = []
    for edge in drawing.edges:
        if edge.source == source:
            style = "dashed" if edge.is_fallback else "solid"
            found.append((edge.target, ", ".join(edge.labels), style))
    return found


def test_a_request_passes_from_client_to_endpoint_service():
    drawing = draw(model_apis={"chat": api(base_path="/")})
    shown = [(one.lane, one.label, one.detail, one.group) for one in drawing.nodes_by_lane()]
    assert shown == [
        ("clients", "any client in the VPC", ("without a credential",), VPC),
        ("domains", DOMAIN, ("https, private name",), VPC),
        ("apis", "chat", ("Model API, text, OpenAI/v1", "/", "no credential required"), GATEWAY),
        ("services", "studio", ("AI service, qwen, 1 key",), GATEWAY),
        (
            "upstreams",
            "endpoint dashscope",
            (
                "vpc-cn-beijing.dashscope.aliyuncs.com",
                "cn-beijing-h 10.20.112.0/20",
                "cn-beijing-k 10.20.160.0/20",
            ),
            VPC,
        ),
        ("targets", "Model Studio", ("com.aliyuncs.dashscope", "cn-beijing"), ""),
        ("legend", "no credential required", (), "Legend"),
    ]
    chain = [
        "client:vpc:open",
        f"domain:{DOMAIN}",
        "api:chat",
        "service:studio",
        "endpoint:dashscope",
        "target:com.aliyuncs.dashscope:cn-beijing",
    ]
    for one, other in pairwise(chain):
        assert arrows(drawing, one) == [(other, "", "solid")]


def test_callers_without_a_credential_are_marked_on_their_way():
    apis = {"closed": api("closed", consumers=["team"]), "open": api("open")}
    drawing = draw(model_apis=apis, consumers={"team": CONSUMER})
    marked = {one.id for one in drawing.nodes if one.is_open}
    assert marked == {"client:vpc:open", "api:open", "legend:open"}


@pytest.mark.parametrize(
    ("limit", "line"),
    [
        ({"tokens": 100000}, "100,000 tokens a minute"),
        ({"requests": 5, "per": "second", "by": "consumer"}, "5 requests a second per consumer"),
        ({"concurrent": 8}, "8 requests at a time"),
        ({"tokens": 9, "by": "header", "key": "x-team"}, "9 tokens a minute per x-team"),
    ],
    ids=["tokens", "requests", "at a time", "by a header"],
)
def test_limits_are_lines_of_their_api(limit, line):
    drawing = draw(model_apis={"chat": api(consumers=["team"], limits=[limit])}, **TEAM)
    box = node(drawing, "api:chat")
    assert (box.detail[1:], box.is_limited) == ((line,), True)


def several(count, **different):
    """Model APIs that are alike, except for those that ``different`` has by name."""
    apis = {
        f"api-{number:02}": api(f"api-{number:02}", consumers=["team"]) for number in range(count)
    }
    for name, others in different.items():
        apis[name] = api(name, **{"consumers": ["team"], **others})
    return apis


@pytest.mark.parametrize(
    ("count", "boxes"), [(1, 1), (3, 3), (6, 6), (8, 1), (30, 1)], ids=["1", "3", "6", "8", "30"]
)
def test_more_apis_than_a_slide_holds_share_a_box(count, boxes):
    drawing = draw(model_apis=several(count), **TEAM)
    assert len(lane(drawing, "apis")) == boxes
    assert not drawing.is_wide


def test_marked_apis_stay_apart_from_those_that_are_alike():
    limits = [{"tokens": 5}]
    apis = several(28, chat={"model": "qwen-max"}, open={"consumers": []}, tight={"limits": limits})
    apis["other"] = api("other", domains="z.example.internal", consumers=["team"])
    domains = {DOMAIN: SECURE, "z.example.internal": SECURE}
    drawing = draw(model_apis=apis, domains=domains, **TEAM)
    boxes = lane(drawing, "apis")
    assert set(boxes) == {"28 Model APIs", "chat", "open", "tight", "other"}
    (names,) = boxes["28 Model APIs"].detail
    assert names.startswith("api-00, api-01, ")
    assert names.endswith("api-11 and 16 more")


def test_apis_that_are_not_alike_share_a_box_in_the_end():
    apis = {}
    for number in range(9):
        limits = [{"tokens": number}] if number else []
        apis[f"a{number}"] = api(
            f"a{number}", consumers=["team"], model=f"m{number}", limits=limits
        )
    drawing = draw(model_apis=apis, **TEAM)
    (box,) = [one for one in lane(drawing, "apis").values() if one.label == "8 Model APIs"]
    assert box.is_limited
    assert box.detail[-1].startswith("limits: a1, a2")
    (shared,) = [edge for edge in drawing.edges if edge.source == box.id]
    assert (shared.labels, shared.renames) == ((), True)  # each has another name


def test_some_apis_are_drawn_with_what_they_use_alone():
    apis = {
        "chat": api(consumers=["team"], fallbacks=[{"service": "host"}]),
        "other": api("other", domains="z.example.internal", consumers=["others"]),
    }
    drawing = draw(
        apis=["chat"],
        model_apis=apis,
        domains={DOMAIN: SECURE, "z.example.internal": SECURE},
        ai_services={"studio": STUDIO, "host": HOST, "unused": HOST},
        consumers={"team": CONSUMER, "others": CONSUMER},
    )
    shown = {one.id for one in drawing.nodes if one.lane in ("clients", "domains", "services")}
    assert shown == {"client:team", f"domain:{DOMAIN}", "service:studio", "service:host"}


def test_edges_show_patterns_and_the_order_of_fallbacks():
    patterns = [
        {"match": "qwen-*", "service": "studio"},
        {"match": "gpt-*", "service": "host", "model": "gpt-latest"},
    ]
    chat = api(
        by_model=patterns,
        default={"service": "studio", "model": "qwen-plus"},
        fallbacks=[{"service": "host", "model": "a"}, {"service": "host", "model": "b"}],
    )
    drawing = draw(model_apis={"chat": chat}, ai_services={"studio": STUDIO, "host": HOST})
    assert arrows(drawing, "api:chat") == [
        ("service:studio", "qwen-*, any other → qwen-plus", "solid"),
        ("service:host", "gpt-* → gpt-latest", "solid"),
        ("service:host", "fallback 1 → a, fallback 2 → b", "dashed"),
    ]


def test_edges_show_weights_or_the_target_model():
    weights = [{"service": "studio", "weight": 90}, {"service": "host", "weight": 10}]
    apis = {
        "split": api("split", by_weight=weights),
        "one": api("one", service="studio", model="qwen-max"),
    }
    drawing = draw(model_apis=apis, ai_services={"studio": STUDIO, "host": HOST})
    assert arrows(drawing, "api:split") == [
        ("service:studio", "90 %", "solid"),
        ("service:host", "10 %", "solid"),
    ]
    assert arrows(drawing, "api:one") == [("service:studio", "→ qwen-max", "solid")]


def test_services_of_one_host_share_a_node_outside_the_vpc():
    services = {
        "studio": STUDIO,
        "host": HOST,
        "again": {**HOST, "base_url": "https://models.example.com/v2"},
    }
    services["eas"] = {"eas": {"workspace_id": "12", "service_name": "own"}}
    services["shared"] = {
        "eas": {"workspace_id": "12", "service_name": "shared", "access": "public"}
    }
    fallbacks = [{"service": name} for name in services if name != "studio"]
    drawing = draw(model_apis={"chat": api(fallbacks=fallbacks)}, ai_services=services)
    boxes = {label: (one.detail, one.group) for label, one in lane(drawing, "targets").items()}
    del boxes["Model Studio"]
    assert boxes == {
        "models.example.com": (("https",), ""),
        "PAI-EAS own": (("workspace 12", "private access"), VPC),
        "PAI-EAS shared": (("workspace 12", "public access"), ""),
    }
    assert arrows(drawing, "service:host") == arrows(drawing, "service:again")
    assert node(drawing, "service:host").detail == (
        "AI service, custom, 2 keys",
        "models.example.com",
    )


def test_model_services_of_the_stack_are_upstreams():
    drawing = draw(
        network={**NETWORK, "egress": {}},
        model_apis={"chat": api(fallbacks=[{"service": "far"}, {"service": "huawei"}])},
        ai_services={
            "studio": {"eas_service": "own"},
            "far": {"eas_service": "far"},
            "huawei": {"maas": "one"},
        },
        eas_services={"own": {"name": "qwen_own"}, "far": {"name": "other", "access": "internet"}},
        maas_services={
            "one": {"base_url": "https://api.modelarts-maas.com", "api_key": {"config": "key"}}
        },
    )
    boxes = {label: (one.detail, one.group) for label, one in lane(drawing, "upstreams").items()}
    assert boxes["PAI-EAS own"] == (("vpc address",), VPC)
    assert boxes["PAI-EAS far"] == (("internet address",), "")
    assert node(drawing, "host:api.modelarts-maas.com Huawei MaaS").group == ""
    assert arrows(drawing, "service:studio") == [("eas:own", "", "solid")]
    outside = {"eas:far", "host:api.modelarts-maas.com Huawei MaaS"}
    assert {target for target, _, _ in arrows(drawing, "way-out")} == outside
    for service in ("far", "huawei"):
        assert arrows(drawing, f"service:{service}") == [("way-out", "", "solid")]


def test_services_of_pai_eas_are_behind_their_gateways():
    deploy = {"image": "i", "instance_type": "ecs.c7.large"}
    link = {"vpc_id": "vpc-other", "vswitch_id": "vsw-1"}
    drawing = draw(
        eas_gateways={"main": {"links": [{}, link]}, "theirs": {"id": "gw-theirs"}},
        eas_services={
            "own": {"deploy": {**deploy, "gateway": "main"}},
            "shared": {"deploy": {**deploy, "instances": 2}, "access": "internet"},
            "existing": {"name": "qwen_chat"},
        },
    )
    gateway = node(drawing, "eas-gateway:main")
    assert (gateway.detail, gateway.group) == (("2 nodes 2c4g", "in cn-beijing-h"), VPC)
    assert node(drawing, "eas-gateway:theirs").detail == ("gw-theirs",)
    assert arrows(drawing, "client:vpc-other") == [("eas-gateway:main", "", "solid")]
    assert arrows(drawing, "eas:own") == [("eas-gateway:main", "", "solid")]
    assert arrows(drawing, "eas-gateway:main") == [("target:eas:own", "", "solid")]
    assert node(drawing, "target:eas:own").detail == ("1 instance", "ecs.c7.large")
    assert node(drawing, "target:eas:shared").detail[0] == "2 instances"
    called = {target for target, _, _ in arrows(drawing, "client:vpc")}
    assert called >= {"eas:own", "eas:existing"}
    assert ("eas:shared", "", "solid") in arrows(drawing, "client:anybody")
    assert node(drawing, "target:eas:existing").detail == ("exists", "qwen_chat")


def test_consumers_show_credentials_and_apis_they_may_call():
    apis = {name: api(name, consumers=["team"]) for name in ("a", "b", "c")}
    apis["out"] = api("out", domains="models.example.com", consumers=["partner"])
    public = {**SECURE, "public": True, "name_by": "none"}
    drawing = draw(
        model_apis=apis,
        domains={DOMAIN: SECURE, "models.example.com": public},
        gateway={"internet": True},
        consumers={
            "team": {"api_keys": [{"config": "key"}, {"config": "key"}]},
            "partner": CONSUMER,
        },
    )
    shown = {label: (one.detail, one.group) for label, one in lane(drawing, "clients").items()}
    assert shown == {
        "team": (("2 API keys", "may call 3 Model APIs"), VPC),
        "partner": (("1 API key", "may call out"), ""),
    }
    assert node(drawing, "domain:models.example.com").group == ""
    assert node(drawing, "api:a").group.endswith(", also on the internet")


def test_an_api_is_below_each_of_its_domains():
    apis = {"a": api("a"), "b": api("b", domains=["z.example.internal", DOMAIN])}
    drawing = draw(model_apis=apis, domains={DOMAIN: SECURE, "z.example.internal": SECURE})
    assert arrows(drawing, f"domain:{DOMAIN}") == [("api:a", "", "solid"), ("api:b", "", "solid")]
    assert arrows(drawing, "domain:z.example.internal") == [("api:b", "", "solid")]


def test_many_consumers_of_the_same_domains_share_a_node():
    names = [f"team-{letter}" for letter in "abcdefg"]
    few = draw(
        model_apis={"a": api("a", consumers=names[:4])},
        consumers=dict.fromkeys(names[:4], CONSUMER),
    )
    assert len(lane(few, "clients")) == 4
    many = draw(
        model_apis={"a": api("a", consumers=names)}, consumers=dict.fromkeys(names, CONSUMER)
    )
    (box,) = lane(many, "clients").values()
    assert (box.label, box.detail) == ("7 consumers", (", ".join(names),))
    assert arrows(many, box.id) == [(f"domain:{DOMAIN}", "", "solid")]


def test_a_stack_without_a_gateway_shows_its_endpoint():
    network = {
        **NETWORK,
        "zones": [*NETWORK["zones"], "cn-beijing-l"],
        "ingress": {"from_cidrs": ["10.99.0.0/24"]},
    }
    endpoints = {"dashscope": {"service": "com.aliyuncs.dashscope", "zones": NETWORK["zones"]}}
    drawing = draw(network=network, endpoints=endpoints)
    lanes = dict.fromkeys(one.lane for one in drawing.nodes_by_lane())
    assert list(lanes) == ["clients", "domains", "upstreams", "targets"]
    assert node(drawing, "client:vpc").detail == ("and from 10.99.0.0/24",)
    name = node(drawing, "domain:endpoint:dashscope")
    assert (name.label, name.detail) == (
        "vpc-cn-beijing.dashscope.aliyuncs.com",
        ("https, private name",),
    )
    assert arrows(drawing, name.id) == [("endpoint:dashscope", "", "solid")]
    zones = [line[:12] for line in node(drawing, "endpoint:dashscope").detail[1:]]
    assert zones == NETWORK["zones"]


def test_clients_dial_an_endpoint_that_no_service_uses():
    endpoints = {
        "dashscope": {"service": "com.aliyuncs.dashscope"},
        "own": {"service": "com.example.own", "profile": "plain"},
    }
    drawing = draw(model_apis={"chat": api()}, endpoints=endpoints)
    assert ("domain:endpoint:own", "", "solid") in arrows(drawing, "client:vpc")
    assert node(drawing, "domain:endpoint:own").detail == ("http, machine-made, no certificate",)
    assert "domain:endpoint:dashscope" not in {one.id for one in drawing.nodes}


def test_existing_resources_are_shown_by_their_ids():
    ids = {"cn-beijing-h": "vsw-h", "cn-beijing-k": "vsw-k"}
    network = {"vpc_id": "vpc-1", "zones": list(ids), "vswitch_ids": ids}
    drawing = draw(model_apis={"chat": api()}, network=network, gateway={"id": "gw-1"})
    assert node(drawing, "api:chat").group == f"VPC vpc-1{INSIDE}AI gateway gw-1"
    assert node(drawing, "endpoint:dashscope").detail[1:] == (
        "cn-beijing-h vsw-h",
        "cn-beijing-k vsw-k",
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_valid_stack_is_drawn_without_a_key(path, tmp_path):
    if path in STACKS:
        complete = tmp_path / path.name
        complete.write_text(yaml.safe_dump(read_stack_file(path)))
        path = complete
    stack = read_stack(None, path)
    drawing = drawing_of(stack.settings, stack.name, stack.region)
    for text in (to_mermaid(drawing), to_dot(drawing)):
        assert "SecretRef" not in text
        assert "encrypted" not in text
    for label in re.findall(r'\["([^"]*)"\]+:', to_mermaid(drawing)):
        assert all(len(line) <= NODE_WIDTH for line in label.split("<br/>"))
    ends = {end for edge in drawing.edges for end in (edge.source, edge.target)}
    assert {one.id for one in drawing.nodes if one.lane in ("apis", "services")} <= ends


SHANGHAI = {"region": "cn-shanghai", "cidr": "10.30.0.0/16", "zones": ["cn-shanghai-m"]}
PARTNER = {
    "vpc_id": "vpc-3",
    "region": "cn-beijing",
    "cidr": "10.40.0.0/16",
    "over": "peering",
    "account_id": "1234567890123456",
    "acceptance": "pending",
}


def test_connected_vpcs_reach_the_names_over_cen_and_peering():
    connected = {"shanghai": SHANGHAI, "partner": PARTNER}
    drawing = draw(network={**NETWORK, "connected_vpcs": connected})
    assert arrows(drawing, "client:connected:shanghai") == [
        ("connection:cen", "10 Mbit/s", "solid")
    ]
    assert arrows(drawing, "client:connected:partner") == [("connection:partner", "", "solid")]
    for connection in ("connection:cen", "connection:partner"):
        assert arrows(drawing, connection) == [("domain:endpoint:dashscope", "", "solid")]
    assert node(drawing, "client:connected:shanghai").group == "VPC 10.30.0.0/16, cn-shanghai"
    assert node(drawing, "connection:partner").detail == ("not accepted yet",)


def test_connected_vpcs_reach_private_domains_of_the_gateway():
    domains = {
        DOMAIN: SECURE,
        "own.example.internal": {**SECURE, "name_by": "none"},
    }
    drawing = draw(
        network={**NETWORK, "connected_vpcs": {"shanghai": SHANGHAI}},
        domains=domains,
        model_apis={"chat": api(domains=[DOMAIN, "own.example.internal"], consumers=["team"])},
        consumers={"team": CONSUMER},
    )
    assert arrows(drawing, "connection:cen") == [(f"domain:{DOMAIN}", "", "solid")]
    assert node(drawing, "client:team").group == ""  # it may be in either VPC


def test_hosts_on_the_internet_are_behind_the_nat_gateway():
    network = {**NETWORK, "egress": {"zone": "cn-beijing-k", "bandwidth_mbps": 20}}
    drawing = draw(network=network, ai_services={"studio": HOST}, model_apis={"chat": api()})
    gateway = node(drawing, "way-out")
    assert (gateway.label, gateway.detail, gateway.group) == (
        "NAT gateway",
        ("EIP, 20 Mbit/s", "in cn-beijing-k"),
        VPC,
    )
    assert arrows(drawing, "service:studio") == [("way-out", "", "solid")]
    assert arrows(drawing, "way-out") == [("host:models.example.com https", "", "solid")]


def test_a_way_out_that_no_service_uses_leads_to_the_internet():
    drawing = draw(network={**NETWORK, "egress": {}})
    assert arrows(drawing, "way-out") == [("target:internet", "", "solid")]


def test_clients_dial_a_service_of_maas_that_no_service_uses():
    maas = {"base_url": "https://api.modelarts-maas.com", "api_key": {"config": "key"}}
    drawing = draw(network={**NETWORK, "egress": {}}, maas_services={"one": maas}, key="encrypted")
    assert ("way-out", "", "solid") in arrows(drawing, "client:vpc")


@pytest.mark.parametrize(
    ("egress", "label", "detail"),
    [
        ({"nat_gateway_id": "ngw-1", "addresses": ["203.0.113.10"]}, "ngw-1", "203.0.113.10"),
        ({"nat_gateway_id": "ngw-1", "eip_id": "eip-1"}, "ngw-1", "eip-1"),
    ],
    ids=["addresses", "eip"],
)
def test_an_existing_way_out_has_its_ids(egress, label, detail):
    vswitches = {zone: f"vsw-{zone[-1]}" for zone in NETWORK["zones"]}
    network = {"vpc_id": "vpc-1", "zones": NETWORK["zones"], "vswitch_ids": vswitches}
    gateway = node(draw(network={**network, "egress": egress}), "way-out")
    assert (gateway.label, gateway.detail) == (label, (detail,))
    assert gateway.group == "VPC vpc-1"
