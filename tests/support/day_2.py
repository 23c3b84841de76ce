"""What a change of each setting does to a living stack: the table of docs/day-2.md, as data.

A row has patterns of settings (`*` for a name or a list's item, `**` for all below), what `up`
does, and the fields of dashlink's own resources that decide it. A test compares the rows with the
schema of the settings, and the fields with the contract of the resources.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "day-2.md"
SCHEMA = ROOT / "schemas" / "stack.schema.json"
START, END = "<!-- table: day 2 -->\n", "<!-- end -->\n"
IN_PLACE, REPLACED, REFUSED, NONE = "in place", "replaced", "refused", "nothing in the cloud"


@dataclass(frozen=True)
class Row:
    """Settings with one behaviour.

    Attributes:
        settings: Patterns of settings, separated by spaces.
        kind: What happens.
        text: Order and interruption.
        fields: ``Resource.field`` of dashlink's own provider, separated by spaces.
    """

    settings: str
    kind: str
    text: str
    fields: str = ""


ROWS = (
    Row("clients client_ca_file", NONE, "outputs and client files only"),
    Row("private_only", NONE, "settings that make anything public are refused"),
    Row("protected", NONE, "Pulumi's protection of the stack's resources"),
    Row(
        "keep_foreign",
        NONE,
        "what others added is kept, or listed by the next refresh",
        "ForeignContents.keep_foreign",
    ),
    Row(
        "tags.* network.tags.* endpoints.*.tags.* gateway.tags.*",
        IN_PLACE,
        "no interruption",
        "EasService.tags EasGateway.tags",
    ),
    Row(
        "resource_group_id network.resource_group_id endpoints.*.resource_group_id "
        "gateway.resource_group_id model_apis.*.resource_group_id",
        IN_PLACE,
        "private zones of names are replaced, deleted first: names do not resolve for some seconds",
        "AiService.resource_group_id ModelApi.resource_group_id Domain.resource_group_id",
    ),
    Row(
        "network.cidr",
        IN_PLACE,
        "to a block within or around the old one that holds all vSwitches; automatic blocks "
        "move, and their vSwitches with them. Any other block is refused: deploy a second stack",
    ),
    Row(
        "network.vpc_id",
        REPLACED,
        "a new endpoint in the other VPC, then the private name, then the old network. Clients in "
        "the old VPC lose access",
    ),
    Row(
        "network.zones endpoints.*.zones",
        IN_PLACE,
        "vSwitches and zones of the endpoint are created and deleted; the others stay",
        "EndpointConnection.zone_ids",
    ),
    Row(
        "network.vswitches.* network.vswitch_ids.*",
        REPLACED,
        "the vSwitch is created, the endpoint's zone deleted and created in it, the old vSwitch "
        "deleted: the zone is gone for a minute, so change one zone at a time. A gateway and a NAT "
        "gateway in it are replaced. A block that overlaps an existing one is refused",
    ),
    Row("network.security_group_id", IN_PLACE, "the endpoint gets the group, then loses the old"),
    Row("network.ingress.**", IN_PLACE, "rules are created and deleted; the others stay"),
    Row("network.name endpoints.*.name endpoints.*.description", IN_PLACE, "no interruption"),
    Row(
        "network.connected_vpcs.*.cidr",
        REPLACED,
        "rule and routes of an existing VPC, the routes deleted first. The block of a new VPC "
        "changes as that of the network does",
    ),
    Row(
        "network.connected_vpcs.*.vpc_id network.connected_vpcs.*.region "
        "network.connected_vpcs.*.zones network.connected_vpcs.*.over "
        "network.connected_vpcs.*.account_id",
        REPLACED,
        "the connection, deleted first: its clients lose access for some minutes",
    ),
    Row(
        "network.connected_vpcs.*.vswitch_ids.* network.connected_vpcs.*.bandwidth_mbps "
        "network.connected_vpcs.*.acceptance",
        IN_PLACE,
        "no interruption",
    ),
    Row("network.cen.**", REPLACED, "the attachments, deleted first: minutes without routes"),
    Row(
        "network.egress.eip_id network.egress.addresses network.egress.nat_gateway_id "
        "network.egress.snat_table_id network.egress.zone",
        REPLACED,
        "SNAT entries and perhaps the gateway, deleted first: minutes without a way out",
    ),
    Row("network.egress.bandwidth_mbps", IN_PLACE, "no interruption"),
    Row(
        "endpoints.*.service endpoints.*.service_id endpoints.*.service_region "
        "endpoints.*.id endpoints.*.workspace.workspace_id endpoints.*.workspace.host",
        REPLACED,
        "the endpoint is created before the old one is deleted; clients reconnect for minutes. "
        "The cloud may refuse a new endpoint: see operations.md",
        "EndpointConnection.endpoint_id",
    ),
    Row(
        "endpoints.*.workspace.addresses endpoints.*.workspace.attach_to.**",
        IN_PLACE,
        "records and the list of VPCs",
    ),
    Row(
        "endpoints.*.policy endpoints.*.cross_region_bandwidth_mbps "
        "endpoints.*.deletion_protection endpoints.*.connection_timeout_seconds",
        IN_PLACE,
        "no interruption",
        "EndpointConnection.timeout_seconds",
    ),
    Row(
        "endpoints.*.private_name.mode endpoints.*.private_name.domain endpoints.*.profile",
        REPLACED,
        "the private zone, deleted first: the name does not resolve for some seconds",
    ),
    Row(
        "endpoints.*.private_name.ttl_seconds endpoints.*.private_name.attach_to.**",
        IN_PLACE,
        "record and list of VPCs",
    ),
    Row("endpoints.*.scheme endpoints.*.base_paths.*", NONE, "outputs and client files only"),
    Row(
        "gateway.id gateway.spec gateway.zones",
        REPLACED,
        "the gateway with everything on it: operations.md, Replace the gateway",
        "AiService.gateway_id ModelApi.gateway_id GatewayAddresses.gateway_id",
    ),
    Row("gateway.access_log", REPLACED, "as the gateway, or turn it on in the console"),
    Row(
        "gateway.environment_id",
        REPLACED,
        "each Model API is deleted, then created: seconds without it",
        "ModelApi.environment_id GatewayAddresses.environment_id",
    ),
    Row(
        "gateway.internet gateway.name gateway.deletion_protection gateway.ready_timeout_seconds",
        IN_PLACE,
        "no interruption",
        "GatewayAddresses.network_access GatewayAddresses.timeout_seconds",
    ),
    Row("gateway.spellings.*", IN_PLACE, "other words for the same; `up` settles them"),
    Row(
        "domains.*.id",
        REPLACED,
        "the domain; its APIs serve the new one in place",
        "Domain.name",
    ),
    Row(
        "domains.*.scheme domains.*.certificate_id domains.*.force_https domains.*.tls_min "
        "domains.*.public",
        IN_PLACE,
        "no interruption",
        "Domain.protocol Domain.certificate_id Domain.force_https Domain.tls_min",
    ),
    Row(
        "domains.*.name_by domains.*.ttl_seconds domains.*.attach_to",
        IN_PLACE,
        "private zone, record and list of VPCs are created, changed or deleted",
    ),
    Row(
        "ai_services.**",
        IN_PLACE,
        "no interruption; a wrong key or address fails requests at once",
        "AiService.address AiService.api_keys AiService.health_check AiService.vendor "
        "AiService.protocols AiService.outlier_detection AiService.verify AiService.vertex "
        "AiService.bedrock AiService.eas AiService.default_model AiService.compatible_protocols",
    ),
    Row(
        "consumers.*.name",
        REPLACED,
        "deleted first: its clients are refused for some seconds",
        "Consumer.name",
    ),
    Row(
        "consumers.*.api_keys.* consumers.*.api_key_headers consumers.*.api_key_query "
        "consumers.*.ak_sk.** consumers.*.jwt.** consumers.*.enabled consumers.*.description",
        IN_PLACE,
        "at once; keep the old key beside the new one until clients have changed",
        "Consumer.api_keys Consumer.api_key_headers Consumer.api_key_query Consumer.key_pairs "
        "Consumer.jwt Consumer.enabled Consumer.description",
    ),
    Row(
        "model_apis.*.name model_apis.*.scene",
        REPLACED,
        "deleted first: some seconds without the API",
        "ModelApi.name ModelApi.category",
    ),
    Row(
        "model_apis.*.routes",
        IN_PLACE,
        "from or to `llm` it is replaced, deleted first",
        "ModelApi.builtin_routes",
    ),
    Row(
        "model_apis.*.consumers",
        IN_PLACE,
        "rights are given and withdrawn",
        "ModelApiAuthorization.consumer_ids",
    ),
    Row(
        "model_apis.*.auth.** model_apis.*.base_path model_apis.*.by_model.** "
        "model_apis.*.by_weight.** model_apis.*.cache.** model_apis.*.content_security.** "
        "model_apis.*.default.** model_apis.*.description model_apis.*.domains "
        "model_apis.*.fallback_only_on_upstream_codes model_apis.*.fallbacks.** "
        "model_apis.*.first_byte_timeout_seconds model_apis.*.limits.** model_apis.*.model "
        "model_apis.*.observe.** model_apis.*.protocol model_apis.*.remove_base_path "
        "model_apis.*.service",
        IN_PLACE,
        "the API is deployed again; clients of an old path or domain are refused",
        "ModelApi.auth_type ModelApi.base_path ModelApi.targets ModelApi.routing ModelApi.cache "
        "ModelApi.content_security ModelApi.description ModelApi.domain_ids ModelApi.fallbacks "
        "ModelApi.fallback_only_on_upstream_codes ModelApi.first_byte_timeout_seconds "
        "ModelApi.token_limits ModelApi.fields ModelApi.log_bodies ModelApi.statistics "
        "ModelApi.protocol ModelApi.remove_base_path",
    ),
    Row(
        "eas_services.*.name eas_services.*.region",
        REPLACED,
        "deleted first: the service is gone until the new one runs",
        "EasService.name",
    ),
    Row(
        "eas_services.*.deploy.** eas_services.*.token.* eas_services.*.workspace_id "
        "eas_services.*.timeout_seconds",
        IN_PLACE,
        "a rolling update of the service; a token is another one at once",
        "EasService.config EasService.token EasService.workspace_id EasService.docker_auth "
        "EasService.secret_environment EasService.timeout_seconds",
    ),
    Row(
        "eas_services.*.access eas_services.*.default_model eas_services.*.probe "
        "eas_services.*.protocols",
        NONE,
        "outputs and client files, and what is asked of the service",
        "EasAddresses.probe",
    ),
    Row(
        "eas_gateways.*.id eas_gateways.*.resource_group",
        REPLACED,
        "the gateway: services move to it by a rolling update",
        "EasGateway.resource_group ExistingEasGateway.gateway_id",
    ),
    Row(
        "eas_gateways.*.links.account_id eas_gateways.*.links.authoritative_dns "
        "eas_gateways.*.links.vpc_id eas_gateways.*.links.vswitch_id eas_gateways.*.links.zone",
        REPLACED,
        "the link, deleted first: its VPC has no access for some minutes",
        "EasGatewayLink.account_id EasGatewayLink.authoritative_dns EasGatewayLink.vpc_id "
        "EasGatewayLink.vswitch_id",
    ),
    Row(
        "eas_gateways.*.links.acl.* eas_gateways.*.links.peers.* eas_gateways.*.default "
        "eas_gateways.*.domains.* eas_gateways.*.instance_type eas_gateways.*.internet "
        "eas_gateways.*.internet_acl.* eas_gateways.*.intranet eas_gateways.*.name "
        "eas_gateways.*.replicas eas_gateways.*.ssl_redirection eas_gateways.*.timeout_seconds",
        IN_PLACE,
        "no interruption by dashlink; another instance type is the cloud's rolling change",
        "EasGatewayLink.acl EasGatewayLink.peers EasGateway.is_default EasGateway.domains "
        "EasGateway.instance_type EasGateway.internet EasGateway.internet_acl EasGateway.intranet "
        "EasGateway.name EasGateway.replicas EasGateway.ssl_redirection "
        "EasGateway.timeout_seconds",
    ),
    Row(
        "maas_services.**",
        NONE,
        "outputs and client files; an AI service at it changes in place",
        "AiService.address AiService.api_keys",
    ),
)
REGION = Row(
    "alicloud:region",
    REFUSED,
    "not by dashlink: the resources of the old region stay in the state. Deploy a second stack, "
    "move the clients, then remove this one",
)


@cache
def leaves() -> list[str]:
    """Every setting that has a value of its own, `endpoints.*.service`, without its namespace."""
    schema = json.loads(SCHEMA.read_text())
    found = set(_leaves(schema["properties"]["config"], "", schema["definitions"], ()))
    found.discard(".*")  # keys of other namespaces
    return sorted(path.removeprefix("dashlink:") for path in found)


@cache
def rows_of(setting: str) -> list[Row]:
    """The rows with a pattern that fits a setting."""
    fitting = []
    for row in (*ROWS, REGION):
        for pattern in row.settings.split():
            if _expression(pattern).fullmatch(setting):
                fitting.append(row)
    return fitting


def page() -> str:
    """The page with the table of today's rows."""
    lines = ["| settings | what `up` does | order and interruption |", "|---|---|---|"]
    for row in (*ROWS, REGION):
        settings = ", ".join(f"`{pattern}`" for pattern in row.settings.split())
        lines.append(f"| {settings} | {row.kind} | {row.text} |")
    before, _, rest = PAGE.read_text().partition(START)
    return before + START + "\n".join(lines) + "\n" + END + rest.partition(END)[2]


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"\*\*", ".+").replace(r"\*", "[^.]+")
    return re.compile(text)


def _leaves(
    node: Mapping[str, Any], path: str, definitions: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[str]:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name not in above:
            yield from _leaves(definitions[name], path, definitions, (*above, name))
        return
    inner = [one for key in ("anyOf", "oneOf", "allOf") for one in node.get(key, ())]
    parts = [(path, one) for one in inner]
    for name, child in node.get("properties", {}).items():
        parts.append((f"{path}.{name}" if path else name, child))
    extra = [node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
    parts += [(f"{path}.*", child) for child in extra if isinstance(child, dict)]
    items = node.get("items")
    if isinstance(items, dict) and ("$ref" in items or "properties" in items):
        parts.append((path, items))
    below = set()
    for child_path, child in parts:
        below.update(_leaves(child, child_path, definitions, above))
    below.discard(path)
    yield from below or {path}
