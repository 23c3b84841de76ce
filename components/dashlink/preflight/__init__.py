"""The preflight: what only the cloud knows, checked before the first resource is declared.

It reads and never writes; the program calls it, no component does. All faults are raised at once,
like those of the settings.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dashlink.cloud.credentials import Account
from dashlink.errors import ConfigError, Fault
from dashlink.preflight.adopted import adopted_faults, adopted_warnings
from dashlink.preflight.answers import request_answers
from dashlink.preflight.cen import cen_faults
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.connected import connected_faults
from dashlink.preflight.eas import (
    eas_answers,
    eas_faults,
    eas_upstream_answers,
    eas_upstream_faults,
    eas_warnings,
)
from dashlink.preflight.eas_gateways import (
    eas_gateway_answers,
    eas_gateway_faults,
    eas_gateway_warnings,
)
from dashlink.preflight.eas_targets import eas_target_warnings
from dashlink.preflight.egress import egress_answers, egress_faults, egress_warnings
from dashlink.preflight.endpoint import (
    endpoint_faults,
    endpoint_warnings,
    endpoints_without_service,
)
from dashlink.preflight.gateway import gateway_faults, model_api_faults
from dashlink.preflight.names import name_faults, name_warnings
from dashlink.preflight.network import network_faults, network_warnings
from dashlink.preflight.own_network import own_network_faults
from dashlink.preflight.peering import peering_faults, peering_warnings
from dashlink.preflight.workspace import (
    workspace_answers,
    workspace_faults,
    workspace_warnings,
)
from dashlink.settings import StackSettings

_PARALLEL_REQUESTS = 8


@dataclass(frozen=True)
class Findings:
    """What the cloud says about settings, in no order.

    Attributes:
        faults: What does not fit.
        warnings: What fits, and is probably a mistake; without meaning where there are faults.
    """

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()


def preflight(
    settings: StackSettings, account: Account, *, source: str = "", owner: str = ""
) -> tuple[str, ...]:
    """Check ``settings`` against the cloud of ``account``; return warnings for the user, sorted.

    Args:
        settings: Validated settings of a stack; ids that are unknown until the deployment are
            skipped.
        account: Sends the requests; its region is the stack's.
        source: File of the settings, the prefix of each fault.
        owner: `<project>-<stack>`, by which the stack's own resources are recognized. Without it,
            names of domains, consumers and private zones are not checked.

    Raises:
        ConfigError: With every fault: a service or zone that is not offered, existing resources
            that do not fit, names that are already in use.
        CloudError: If the cloud refuses a request or cannot be reached.
    """
    findings = find(settings, CloudLookups(account), account.region, owner)
    if findings.faults:
        raise ConfigError(findings.faults, source)
    return tuple(sorted(map(str, findings.warnings)))


def find(settings: StackSettings, cloud: CloudLookups, region: str, owner: str = "") -> Findings:
    """Return every fault and every warning of ``settings`` in ``cloud``.

    Requests are sent in parallel.
    """
    with ThreadPoolExecutor(max_workers=_PARALLEL_REQUESTS) as pool:
        answers = request_answers(settings, cloud, region, pool)
        services = eas_answers(settings, cloud, pool)
        eas_gateways = eas_gateway_answers(settings, cloud, pool)
        way_out = egress_answers(settings, cloud, pool)
        upstreams = eas_upstream_answers(settings, cloud, pool)
        workspaces = workspace_answers(settings, cloud, region, pool)
        own_endpoints = endpoints_without_service(settings, answers, cloud, owner)
        faults = (
            *endpoint_faults(settings, answers, region, own_endpoints),
            *adopted_faults(settings, answers, region),
            *connected_faults(settings, answers.network, cloud, region, pool),
            *cen_faults(settings, cloud, region, owner),
            *peering_faults(settings, cloud, owner),
            *network_faults(settings, answers.network, region),
            *own_network_faults(settings, cloud, region, owner),
            *egress_faults(settings, way_out, region, owner),
            *gateway_faults(settings, answers, region),
            *model_api_faults(settings, answers, owner),
            *name_faults(settings, answers, owner),
            *workspace_faults(settings, workspaces, region),
            *eas_faults(settings, services, region, owner),
            *eas_gateway_faults(settings, eas_gateways, cloud, region, owner),
            *eas_upstream_faults(settings, upstreams, answers, region),
        )
        if faults:
            return Findings(faults)
        warnings = (
            *endpoint_warnings(settings, region, own_endpoints),
            *adopted_warnings(settings, answers),
            *peering_warnings(settings, cloud, owner),
            *network_warnings(settings, answers.network, region),
            *egress_warnings(way_out, owner),
            *name_warnings(settings, answers, owner),
            *workspace_warnings(settings, workspaces, region),
            *eas_warnings(settings, services),
            *eas_gateway_warnings(settings, eas_gateways),
            *eas_target_warnings(settings, services, answers, cloud),
        )
        return Findings((), warnings)
