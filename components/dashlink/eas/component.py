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
from dashlink.eas.plan import eas_outputs, service_json, service_name
from dashlink.eas.settings import EasServiceSettings
from dashlink.redaction import missing_secrets, references_in
from dashlink.resources.eas_addresses import EasAddresses
from dashlink.resources.eas_service import EasService, TagArgs
from dashlink.resources.provider import provider_for
from dashlink.types import SecretRef


@dataclass(frozen=True, kw_only=True)
class EasAccessArgs:
    """Arguments of `EasAccess`.

    Attributes:
        key: Name of the service in the settings; part of the default name in the cloud.
        settings: Settings of the service.
        region: Region of the service, the same as that of the provider.
        vpc_id: VPC of the instances, for `in_vpc`.
        vswitch_ids: vSwitches by zone, for `in_vpc`.
        security_group_ids: Security groups, for `in_vpc`.
        tags: Tags of a deployed service.
        private_only: Refuse what is on the internet.
    """

    key: str
    settings: EasServiceSettings
    region: str
    vpc_id: pulumi.Input[str] | None = None
    vswitch_ids: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    security_group_ids: Sequence[pulumi.Input[str]] = ()
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
            *rules.find_faults(services, private_only=args.private_only),
            *missing_secrets(references, keys, secret_keys_of("dashlink")),
        ]
        super().__init__("dashlink:eas:EasAccess", name, opts, faults=faults)
        self._args = args
        provider = provider_for(self, name, args.region)
        self._child = pulumi.ResourceOptions(parent=self, provider=provider)
        service = service_name(pulumi.get_project(), pulumi.get_stack(), args.key, args.settings)
        deployed = self._deploy(service)
        addresses = EasAddresses(
            name,
            name=service if deployed is None else deployed.name,
            service_id=None if deployed is None else deployed.service_id,
            trigger=None if deployed is None else _trigger(deployed),
            probe=args.settings.probe,
            opts=self._child,
        )
        self.token = pulumi.Output.secret(addresses.access_token)
        self.outputs = pulumi.Output.all(addresses.found_service_id, addresses.gateways).apply(
            lambda values: self._outputs(service, *values)
        )
        self.register_outputs({"outputs": self.outputs})

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
            token=_token(settings),
            tags=tags,
            timeout_seconds=settings.timeout_seconds,
            opts=self._child,
        )

    def _config(self) -> pulumi.Input[str]:
        """Return the service JSON, with the ids of the network where the instances need them."""
        deploy = self._args.settings.deploy
        assert deploy is not None  # noqa: S101 - the caller deploys
        if not deploy.in_vpc:
            return _text(service_json(deploy))
        zone = min(self._args.vswitch_ids)
        ids = {
            "vpc_id": self._args.vpc_id,
            "vswitch_id": self._args.vswitch_ids[zone],
            "security_group_id": self._args.security_group_ids[0],
        }
        config: pulumi.Output[str] = pulumi.Output.all(**ids).apply(
            lambda known: _text(service_json(deploy, known))
        )
        return config

    def _outputs(
        self, service: str, service_id: str, gateways: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        return eas_outputs(service, service_id, self._args.settings, gateways)


def _trigger(service: EasService) -> pulumi.Output[str]:
    """Return a digest that changes with what callers may notice: the service JSON and the token."""
    texts = pulumi.Output.all(service.config, service.token)
    digest: pulumi.Output[str] = texts.apply(
        lambda values: hashlib.sha256(json.dumps(values).encode()).hexdigest()
    )
    return pulumi.Output.secret(digest)


def _text(config: Mapping[str, Any]) -> str:
    return json.dumps(config, sort_keys=True, ensure_ascii=False)


def _token(settings: EasServiceSettings) -> pulumi.Input[str] | None:
    token = settings.token
    if isinstance(token, SecretRef):
        secret: pulumi.Output[str] = pulumi.Config("dashlink").require_secret(token.config)
        return secret
    return token
