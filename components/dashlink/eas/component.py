"""`EasAccess`: a model service of PAI-EAS, deployed or existing, with its addresses.

EasService (where it is deployed) -> EasAddresses, ready when it runs and answers
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from dashlink.component import CheckedComponent
from dashlink.configuration import secret_keys_of, values_of
from dashlink.eas import rules
from dashlink.eas.deployment import service_json
from dashlink.eas.gateway_plan import with_gateway
from dashlink.eas.plan import eas_outputs, is_far, service_name, vpc_zones
from dashlink.eas.settings import EasDeployment, EasServiceSettings
from dashlink.redaction import missing_secrets, references_in
from dashlink.resources.eas_addresses import EasAddresses
from dashlink.resources.eas_service import EasService, SecretVariableArgs, TagArgs
from dashlink.resources.provider import provider_for, provider_in
from dashlink.types import Secret, SecretRef


@dataclass(frozen=True, kw_only=True)
class EasAccessArgs:
    """Arguments of `EasAccess`.

    Attributes:
        key: Name of the service in the settings; part of the default name in the cloud.
        settings: Settings of the service.
        region: Region of the stack, the same as that of the provider.
        vpc_id: VPC of the instances, for `in_vpc`.
        vswitch_ids: vSwitches by zone, for `in_vpc`.
        security_group_ids: Security groups, for `in_vpc`.
        gateway_id: Id of the dedicated gateway, for a `deploy.gateway` that is a name in the
            settings.
        tags: Tags of a deployed service.
        private_only: Refuse what is on the internet.
    """

    key: str
    settings: EasServiceSettings
    region: str
    vpc_id: pulumi.Input[str] | None = None
    vswitch_ids: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    security_group_ids: Sequence[pulumi.Input[str]] = ()
    gateway_id: pulumi.Input[str] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    private_only: bool = False


class EasAccess(CheckedComponent):
    """A model service that callers reach through its gateway.

    Attributes:
        outputs: URLs and gateways, in the shape of `dashlink.clients.outputs.EasServiceOutputs`;
            no secret.
        token: The token that callers send, a secret.

    Raises:
        ConfigError: If the settings have faults: all of them.
    """

    outputs: pulumi.Output[dict[str, Any]]
    token: pulumi.Output[str]

    def __init__(
        self, name: str, args: EasAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        services = {args.key: args.settings}
        keys = values_of("dashlink")
        references = references_in(args.settings, f"eas_services.{args.key}")
        faults = [
            *rules.find_faults(
                services,
                private_only=args.private_only,
                region=args.region,
                zones=tuple(args.vswitch_ids) or None,
            ),
            *missing_secrets(references, keys, secret_keys_of("dashlink")),
        ]
        super().__init__("dashlink:eas:EasAccess", name, opts, faults=faults)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self, provider=self._regional_provider())
        service = service_name(pulumi.get_project(), pulumi.get_stack(), args.key, args.settings)
        deployed = self._deploy(service)
        addresses = EasAddresses(
            name,
            name=service if deployed is None else deployed.name,
            service_id=None if deployed is None else deployed.service_id,
            trigger=None if deployed is None else _trigger(deployed, args.settings),
            probe=args.settings.probe,
            opts=self._child,
        )
        self.token = pulumi.Output.secret(addresses.access_token)
        internet = args.settings.access == "internet"
        queue_urls = addresses.queue_internet_urls if internet else addresses.queue_vpc_urls
        self.outputs = pulumi.Output.all(
            addresses.found_service_id, addresses.gateways, queue_urls
        ).apply(lambda values: self._outputs(service, *values))
        self.register_outputs({"outputs": self.outputs})

    def _regional_provider(self) -> pulumi.ProviderResource:
        """Return dashlink's provider for the region of the service."""
        region = self._args.settings.region
        if region is not None and is_far(self._args.settings, self._args.region):
            return provider_in(self, f"{self._name}-provider", region)
        return provider_for(self, self._name, self._args.region)

    def _deploy(self, service: str) -> EasService | None:
        settings = self._args.settings
        if settings.deploy is None:
            return None
        tags: list[TagArgs] = []
        for key, value in sorted(self._args.tags.items()):
            tags.append({"key": key, "value": value})
        return EasService(
            self._name,
            name=service,
            config=self._config(),
            workspace_id=settings.workspace_id,
            token=_secret(settings.token),
            docker_auth=_secret(settings.deploy.docker_auth),
            secret_environment=_secret_variables(settings.deploy.secret_environment),
            tags=tags,
            timeout_seconds=settings.timeout_seconds,
            opts=self._child,
        )

    def _config(self) -> pulumi.Input[str]:
        """Return the service JSON, with the ids of its gateway and network where it needs them."""
        deploy = self._args.settings.deploy
        assert deploy is not None  # noqa: S101 - the caller deploys
        gateway_id = self._args.gateway_id
        if not deploy.in_vpc and gateway_id is None:
            return _text(service_json(deploy))
        known = pulumi.Output.all(gateway=gateway_id, networking=self._networking(deploy))
        config: pulumi.Output[str] = known.apply(
            lambda ids: _text(service_json(with_gateway(deploy, ids["gateway"]), ids["networking"]))
        )
        return config

    def _networking(self, deploy: EasDeployment) -> dict[str, pulumi.Input[Any]] | None:
        """Return the ids of the network of the instances; None where they have none there."""
        if not deploy.in_vpc:
            return None
        vswitch_ids = [
            self._args.vswitch_ids[zone] for zone in vpc_zones(deploy, self._args.vswitch_ids)
        ]
        return {
            "vpc_id": self._args.vpc_id,
            "vswitch_id": pulumi.Output.all(*vswitch_ids).apply(",".join),
            "security_group_id": self._args.security_group_ids[0],
        }

    def _outputs(
        self,
        service: str,
        service_id: str,
        gateways: Sequence[Mapping[str, Any]],
        queue_urls: Sequence[str] | None,
    ) -> dict[str, Any]:
        return eas_outputs(
            service,
            service_id,
            self._args.settings,
            gateways,
            queue_urls=queue_urls or (),
            stack_region=self._args.region,
        )


def _trigger(service: EasService, settings: EasServiceSettings) -> pulumi.Output[str]:
    """Return a digest that changes with what callers may notice: the service JSON, its secrets.

    Secrets that the settings lack are left out: a preview does not know outputs without a value.
    """
    outputs: list[pulumi.Output[Any]] = [service.config]
    if settings.token is not None:
        outputs.append(service.token)
    if settings.deploy is not None and settings.deploy.docker_auth is not None:
        outputs.append(service.docker_auth)
    if settings.deploy is not None and settings.deploy.secret_environment:
        outputs.append(service.secret_environment)
    digest: pulumi.Output[str] = pulumi.Output.all(*outputs).apply(
        lambda values: hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    )
    return pulumi.Output.secret(digest)


def _text(config: Mapping[str, Any]) -> str:
    return json.dumps(config, sort_keys=True, ensure_ascii=False)


def _secret(value: Secret | None) -> pulumi.Input[str] | None:
    """Return the secret that a setting refers to."""
    if isinstance(value, SecretRef):
        secret: pulumi.Output[str] = pulumi.Config("dashlink").require_secret(value.config)
        return secret
    return value


def _secret_variables(variables: Mapping[str, Secret]) -> list[SecretVariableArgs]:
    rows: list[SecretVariableArgs] = []
    for name, value in sorted(variables.items()):
        resolved = _secret(value)
        assert resolved is not None  # noqa: S101 - a value of the map is no None
        rows.append({"name": name, "value": resolved})
    return rows
