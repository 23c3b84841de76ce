"""State of AI gateways: records of APIG in the terms of its API (2024-03-27, SDK 11.6.0).

Values that the API returns unchanged (a deploy configuration, a service's AI configuration,
credentials) are stored as received over the wire. Every record is replaced, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from dashlink_sandbox.records import Fixed, Record

DEPLOY_SECONDS = 0.2  # Deploying -> Deployed
PUBLISH_SECONDS = 0.2  # plugin classes: Publishing -> Success
LOCK_SECONDS = 0.5  # the lock of a service that was just changed, in the dialects that have one


class Gateway(Fixed):
    """A gateway.

    ``vswitches`` are (zone, vSwitch) in the order of the request; ``since`` is the time at which
    ``status`` was set. ``security_group_id`` is the group that was created for it.
    """

    gateway_id: str
    region: str
    name: str
    type: str = "AI"
    edition: str = "Professional"
    charge_type: str = "POSTPAY"
    spec: str = ""
    vpc_id: str = ""
    vswitch_id: str = ""
    vswitches: tuple[tuple[str, str], ...] = ()
    network: str = "Intranet"
    security_group_id: str = ""
    maintenance_period: Mapping[str, str] = Field(default_factory=dict)
    sls_enabled: bool = False
    status: str = "Creating"
    since: float = 0.0
    address: str = ""
    load_balancer: str = ""
    features: Mapping[str, str] = Field(default_factory=dict)


class Environment(Fixed):
    """An environment of a gateway; a new gateway has a default one."""

    environment_id: str
    gateway_id: str
    name: str
    alias: str
    description: str = ""
    default: bool = False

    @property
    def domain_id(self) -> str:
        """The id of its own domain; the form is an example of the SDK (envDomainInfos)."""
        return f"d-{self.environment_id}"

    @property
    def domain(self) -> str:
        """The name of its own domain, HTTP alone; unverified."""
        return f"{self.environment_id}.alicloudapi.com"


class AiService(Fixed):
    """A service of a gateway. ``ai_config`` is aiServiceConfig as received, with its keys."""

    service_id: str
    gateway_id: str
    name: str
    source_type: str = "AI"
    ai_config: Mapping[str, Any] = Field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    dns_servers: tuple[str, ...] = ()
    protocol: str = ""
    ports: tuple[Mapping[str, Any], ...] = ()
    health_check: Mapping[str, Any] = Field(default_factory=dict)
    outlier_detection: Mapping[str, Any] = Field(default_factory=dict)
    healthy_panic_threshold: float = 0.0
    model_provider_id: str = ""
    updated: float = 0.0


class HttpApi(Fixed):
    """An API; of type LLM it is a Model API.

    ``deploy_config`` is its one deployConfigs item as received. ``custom_routes`` are routes by id,
    as received; the built-in ones follow from category and protocol. ``deployed`` is the time of
    its last deployment; None: it is not deployed.
    """

    http_api_id: str
    name: str
    type: str
    base_path: str = "/"
    protocols: tuple[str, ...] = ("HTTP",)
    ai_protocols: tuple[str, ...] = ()
    model_category: str = ""
    remove_base_path_on_forward: bool = False
    first_byte_timeout: int = 0
    enable_auth: bool = False
    auth_config: Mapping[str, Any] = Field(default_factory=dict)
    description: str = ""
    gateway_id: str = ""
    deploy_config: Mapping[str, Any] = Field(default_factory=dict)
    custom_routes: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    deployed: float | None = None
    updated: float = 0.0


class Domain(Fixed):
    """A domain that APIs are served under; ``cipher_suites`` is tlsCipherSuitesConfig.

    ``certificate_end`` is the time at which its certificate expires; 0 without one.
    """

    domain_id: str
    name: str
    gateway_type: str = "AI"
    protocol: str = "HTTP"
    cert_identifier: str = ""
    certificate_end: float = 0.0
    force_https: bool = False
    tls_min: str = ""
    tls_max: str = ""
    scope: str = "Dedicated"
    ca_cert_identifier: str = ""
    client_ca_cert: str = ""
    http2_option: str = ""
    mtls_enabled: bool = False
    cipher_suites: Mapping[str, Any] = Field(default_factory=dict)
    updated: float = 0.0


class Consumer(Fixed):
    """A client of APIs; its credentials as received."""

    consumer_id: str
    name: str
    gateway_type: str = "AI"
    description: str = ""
    enabled: bool = True
    api_key_config: Mapping[str, Any] | None = None
    ak_sk_configs: tuple[Mapping[str, Any], ...] = ()
    jwt_config: Mapping[str, Any] | None = None
    updated: float = 0.0


class AuthorizationRule(Fixed):
    """A consumer's authorization for an API in an environment."""

    rule_id: str
    consumer_id: str
    resource_type: str
    resource_id: str
    environment_id: str
    parent_resource_id: str = ""
    expire_mode: str = "LongTerm"


class Policy(Fixed):
    """A policy. ``config`` is JSON text, as on the wire."""

    policy_id: str
    name: str
    class_name: str
    config: str
    description: str = ""


class PolicyAttachment(Fixed):
    """The attachment of a policy to a resource."""

    attachment_id: str
    policy_id: str
    resource_id: str
    resource_type: str
    environment_id: str = ""
    gateway_id: str = ""


class PluginClass(Fixed):
    """A class of plugins that a user has uploaded; what plugins do is not simulated."""

    plugin_class_id: str
    name: str
    alias: str
    description: str
    version: str
    version_description: str
    wasm_url: str
    wasm_language: str
    execute_stage: str
    execute_priority: int
    supported_min_gateway_version: str = ""


class LateChange(Fixed):
    """A change of a record that the API does not show yet.

    Attributes:
        until: The time at which it shows, seconds since the epoch.
        shown: The fields of the record that the API shows until then; None: it shows no record.
    """

    until: float
    shown: Mapping[str, Any] | None = None


class Upstream(Record):
    """A model server that is not behind an endpoint: on the internet, or within a VPC.

    An admin call creates it.

    Attributes:
        host: Its name or address, as services name it.
        vpc_id: The VPC that it is in; empty: on the internet, which only a VPC with internet access
            reaches.
        failing: The HTTP status of every answer; 0: it works; -1: it refuses connections.
        delay_seconds: The delay before it answers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    vpc_id: str = ""
    failing: int = 0
    delay_seconds: float = 0.0
