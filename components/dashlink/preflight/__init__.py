"""The preflight: what only the cloud knows, checked before the first resource is declared.

It reads and never writes; the program calls it, no component does. All faults are raised at once,
like those of the settings.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from dashlink.cloud.credentials import Account
from dashlink.errors import ConfigError, Fault
from dashlink.preflight.answers import request_answers
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.endpoint import endpoint_faults
from dashlink.preflight.gateway import gateway_faults, model_api_faults
from dashlink.preflight.network import network_faults
from dashlink.settings import StackSettings

_PARALLEL_REQUESTS = 8


def preflight(
    settings: StackSettings, account: Account, *, source: str = "", owner: str = ""
) -> None:
    """Check ``settings`` against the cloud of ``account``.

    Args:
        settings: Validated settings of a stack; ids that are unknown until the deployment are
            skipped.
        account: Sends the requests; its region is the stack's.
        source: File of the settings, the prefix of each fault.
        owner: `<project>-<stack>`, the prefix of the names of the stack's own AI services.

    Raises:
        ConfigError: With every fault: a service or zone that is not offered, existing resources
            that do not fit, names that are already in use.
        CloudError: If the cloud refuses a request or cannot be reached.
    """
    faults = find_faults(settings, CloudLookups(account), account.region, owner)
    if faults:
        raise ConfigError(faults, source)


def find_faults(
    settings: StackSettings, cloud: CloudLookups, region: str, owner: str = ""
) -> list[Fault]:
    """Return every fault of ``settings`` in ``cloud``, in no order.

    Requests are sent in parallel.
    """
    with ThreadPoolExecutor(max_workers=_PARALLEL_REQUESTS) as pool:
        answers = request_answers(settings, cloud, region, pool)
        return [
            *endpoint_faults(settings, answers, region),
            *network_faults(settings, answers.network, region),
            *gateway_faults(settings, answers, region),
            *model_api_faults(settings, answers, owner),
        ]
