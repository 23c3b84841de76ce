"""The drawing of a stack: how settings become nodes, groups and edges."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from support.stack_files import STACKS, read_stack_file

from dashlink.cli.stack_file import read_stack
from dashlink.diagram.dot import to_dot
from dashlink.diagram.mermaid import to_mermaid
from dashlink.diagram.model import INSIDE
from dashlink.diagram.stack import drawing_of
from dashlink.settings import load_settings

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "tests" / "settings" / "valid").glob("*.yaml"), *STACKS])
VPC = "VPC 10.20.0.0/16"
NETWORK = {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-h", "cn-beijing-k"]}
STUDIO = {"endpoint": "dashscope", "api_keys": [{"config": "key"}]}
HOST = {
    "base_url": "https://models.example.com/v1",
    "api_keys": [{"config": "key"}, {"config": "key"}],
}
DOMAIN = "models.example.internal"
SECURE = {"certificate_id": "123-cn-hangzhou"}
CONSUMER = {"api_keys": [{"config": "key"}]}


def api(name="chat", **others):
    way = {} if {"service", "by_model", "by_weight"} & set(others) else {"service": "studio"}
    return {"scene": "text", "domains": DOMAIN, "base_path": f"/{name}", **way, **others}


def draw(region="cn-beijing", **written):
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
    return drawing_of(settings, "prod", region)


def node(drawing, own):
    return next(node for node in drawing.nodes if node.id == own)


def lane(drawing, own):
    return {node.label: node for node in drawing.nodes if node.lane == own}


def arrows(drawing, source):
    return [
        (edge.target, edge.label, edge.style) for edge in drawing.edges if edge.source == source
    ]


def test_a_request_passes_from_client_to_endpoint_service():
    drawing = draw(model_apis={"chat": api()})
    shown = [(one.lane, one.label, one.detail, one.group) for one in drawing.nodes_by_lane()]
    assert shown == [
        ("clients", "any client in the VPC", ("without a credential",), VPC),
        ("domains", DOMAIN, ("https, private name",), VPC),
        ("gateway", "AI gateway", ("aigw.small.x1", "cn-beijing-h, cn-beijing-k"), VPC),
        ("apis", "chat", ("text, OpenAI/v1, one service", "/chat"), VPC),
        ("services", "studio", ("qwen, 1 key", "endpoint dashscope"), VPC),
        ("upstreams", "dashscope", ("vpc-cn-beijing.dashscope", ".aliyuncs.com"), VPC),
        ("zones", "interface of dashscope", ("vSwitch 10.20.112.0/20",), f"{VPC} > cn-beijing-h"),
        ("zones", "interface of dashscope", ("vSwitch 10.20.160.0/20",), f"{VPC} > cn-beijing-k"),
        ("targets", "Model Studio", ("com.aliyuncs.dashscope", "cn-beijing"), ""),
    ]
    chain = [
        "client:vpc",
        f"domain:{DOMAIN}",
        "gateway",
        "api:chat",
        "service:studio",
        "endpoint:dashscope",
    ]
    for one, other in pairwise(chain):
        assert arrows(drawing, one) == [(other, "", "solid")]
    assert len(arrows(drawing, "endpoint:dashscope")) == 2


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
        ("service:studio", "qwen-*, any other", "solid"),
        ("service:host", "gpt-*", "solid"),
        ("service:host", "fallback 1, fallback 2", "dashed"),
    ]
    assert node(drawing, "api:chat").detail[0] == "text, OpenAI/v1, by model"


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
    assert arrows(drawing, "api:one") == [("service:studio", "as qwen-max", "solid")]


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
    boxes = {label: (one.detail, one.group) for label, one in lane(drawing, "upstreams").items()}
    del boxes["dashscope"]
    assert boxes == {
        "models.example.com": (("https",), ""),
        "PAI-EAS own": (("workspace 12", "private access"), VPC),
        "PAI-EAS shared": (("workspace 12", "public access"), ""),
    }
    assert arrows(drawing, "service:host") == arrows(drawing, "service:again")
    assert node(drawing, "service:host").detail == ("custom, 2 keys", "models.example.com/v1")


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
    del boxes["dashscope"]
    assert boxes == {
        "PAI-EAS own": (("vpc address",), VPC),
        "PAI-EAS far": (("internet address",), ""),
        "api.modelarts-maas.com": (("Huawei MaaS",), ""),
    }
    assert node(drawing, "service:huawei").detail == ("custom, 1 key", "MaaS service one")
    assert node(drawing, "service:far").detail == ("custom, 1 key", "EAS service far")


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
    assert (gateway.detail, gateway.group) == (*(("2 nodes 2c4g",), f"{VPC}{INSIDE}cn-beijing-h"),)
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
    assert node(drawing, "gateway").detail[-1] == "also on the internet"


def test_apis_are_grouped_by_domain_where_domains_differ():
    apis = {"a": api("a"), "b": api("b", domains=["z.example.internal", DOMAIN])}
    drawing = draw(model_apis=apis, domains={DOMAIN: SECURE, "z.example.internal": SECURE})
    assert node(drawing, "api:a").group == f"{VPC} > {DOMAIN}"
    assert node(drawing, "api:b").group == f"{VPC} > {DOMAIN}, z.example.internal"


def test_many_consumers_of_the_same_domains_share_a_node():
    names = [f"team-{letter}" for letter in "abcdefg"]
    few = draw(
        model_apis={"a": api("a", consumers=names[:6])},
        consumers=dict.fromkeys(names[:6], CONSUMER),
    )
    assert len(lane(few, "clients")) == 6
    many = draw(
        model_apis={"a": api("a", consumers=names)}, consumers=dict.fromkeys(names, CONSUMER)
    )
    (box,) = lane(many, "clients").values()
    assert (box.label, " ".join(box.detail)) == ("7 consumers", ", ".join(names))
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
    assert list(lanes) == ["clients", "domains", "upstreams", "zones", "targets"]
    assert node(drawing, "client:vpc").detail == ("and from 10.99.0.0/24",)
    name = node(drawing, "domain:endpoint:dashscope")
    assert (name.label, name.detail) == (
        "vpc-cn-beijing.dashscope",
        (".aliyuncs.com", "https, private name"),
    )
    assert arrows(drawing, name.id) == [("endpoint:dashscope", "", "solid")]
    unused = node(drawing, "zone:cn-beijing-l")
    assert (unused.label, unused.group) == ("vSwitch", f"{VPC} > cn-beijing-l")
    assert arrows(drawing, unused.id) == []


def test_clients_dial_an_endpoint_that_no_service_uses():
    endpoints = {
        "dashscope": {"service": "com.aliyuncs.dashscope"},
        "own": {"service": "com.example.own", "profile": "plain"},
    }
    drawing = draw(model_apis={"chat": api()}, endpoints=endpoints)
    assert ("domain:endpoint:own", "", "solid") in arrows(drawing, "client:vpc")
    assert node(drawing, "domain:endpoint:own").detail == ("http, machine-made, no certificate",)
    assert "domain:endpoint:dashscope" not in {one.id for one in drawing.nodes}
    assert {one.group for one in drawing.nodes if one.label == "interface of own"} == {
        f"{VPC} > cn-beijing-h",
        f"{VPC} > cn-beijing-k",
    }


def test_existing_resources_are_shown_by_their_ids():
    ids = {"cn-beijing-h": "vsw-h", "cn-beijing-k": "vsw-k"}
    network = {"vpc_id": "vpc-1", "zones": list(ids), "vswitch_ids": ids}
    drawing = draw(model_apis={"chat": api()}, network=network, gateway={"id": "gw-1"})
    assert (node(drawing, "gateway").label, node(drawing, "gateway").group) == ("gw-1", "VPC vpc-1")
    assert node(drawing, "zone:cn-beijing-h:dashscope").detail == ("vSwitch vsw-h",)


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
    ends = {end for edge in drawing.edges for end in (edge.source, edge.target)}
    assert {one.id for one in drawing.nodes if one.lane in ("apis", "services", "gateway")} <= ends


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
    assert (gateway.label, gateway.detail) == ("NAT gateway", ("EIP, 20 Mbit/s",))
    assert gateway.group == f"{VPC} > cn-beijing-k"
    (host,) = [one.id for one in drawing.nodes if one.lane == "upstreams" and not one.group]
    assert arrows(drawing, host) == [("way-out", "", "solid")]
    assert arrows(drawing, "way-out") == [("target:internet", "", "solid")]


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
