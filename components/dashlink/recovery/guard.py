"""Refuse to create a second resource of a name that the stack has in the cloud already.

Pulumi calls a hook in the program right before a real creation, never in a preview (resource hooks,
Pulumi 3.259). There the cloud is asked once more: a resource of the same name and tags that the
state does not know was made by a run whose end is not recorded. A replacement creates its new
resource beside the old one, which the state knows.

After the creation of what the alicloud provider v1.285.0 sends again without its client token, the
cloud is asked for a second one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import monitor_supports_feature
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from dashlink.cloud.credentials import Account
from dashlink.errors import CloudError, DashlinkError
from dashlink.pulumi_stack import stack_of
from dashlink.recovery.catalog import GUARDED, LOOK_UPS, REPEATED
from dashlink.recovery.desired import Found, Inputs, UnknownInputError
from dashlink.recovery.reads import Reads
from dashlink.recovery.state import State
from dashlink.recovery.words import doubled, refused, unread

_NAME = "dashlink"
_READS_OF_STATE = 5


def guard(account: Account) -> None:
    """Watch the creations of this program, whatever component they are in.

    Call it before the first resource is declared. A CLI without hooks is not watched.

    Args:
        account: Credentials and region of the stack.
    """
    if not monitor_supports_feature(resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS):
        return
    watch = _Watch(Reads(account))
    before = pulumi.ResourceHook(f"{_NAME}-before", watch.before_creation)
    after = pulumi.ResourceHook(f"{_NAME}-after", watch.after_creation)

    def watched(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        if args.type_ not in GUARDED:
            return None
        region = getattr(args.opts.provider, "region", None)
        if region is not None:
            watch.regions[args.name] = region
        hooks = pulumi.ResourceHookBinding(
            before_create=[before], after_create=[after] if args.type_ in REPEATED else None
        )
        opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(hooks=hooks))
        return pulumi.ResourceTransformationResult(props=args.props, opts=opts)

    pulumi.runtime.register_stack_transformation(watched)


class _Watch:
    """The hooks, and the region of resources with an explicit provider by logical name."""

    def __init__(self, reads: Reads) -> None:
        """Keep the account's requests, in the region of the stack."""
        self._reads = reads
        self.regions: dict[str, pulumi.Output[str | None]] = {}

    async def before_creation(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse the creation of what exists.

        Raises:
            DashlinkError: It exists, and the state does not know it.
        """
        lost = await self._lost(args, args.new_inputs or {}, "")
        if lost:
            raise DashlinkError(refused(args.name, lost, pulumi.get_stack()))

    async def after_creation(self, args: pulumi.ResourceHookArgs) -> None:
        """Report a second resource of the name.

        Raises:
            DashlinkError: There is one, and the state does not know it.
        """
        inputs = args.new_inputs or {}
        lost = await self._lost(args, inputs, args.id)
        if lost:
            raise DashlinkError(doubled(args.name, args.type, lost, await self._region(args.name)))

    async def _lost(
        self, args: pulumi.ResourceHookArgs, inputs: Mapping[str, Any], own_id: str
    ) -> list[Found]:
        values = _plain(inputs)
        region = await self._region(args.name)
        found = await asyncio.to_thread(_look_up, self._reads, args, values, region)
        others = [one for one in found if one.import_id != own_id]
        if not others:
            return []
        try:
            known = (await asyncio.to_thread(_read_state)).known_ids
        except DashlinkError as error:
            raise DashlinkError(unread(args.name, others, str(error))) from None
        return [one for one in others if (args.type, one.import_id) not in known]

    async def _region(self, name: str) -> str:
        if name in self.regions:
            return await self.regions[name].future() or self._reads.region
        return self._reads.region


def _look_up(
    reads: Reads, args: pulumi.ResourceHookArgs, values: Mapping[str, Any], region: str
) -> list[Found]:
    """Return what the cloud has; nothing, with a warning, where the account may not ask."""
    try:
        return list(LOOK_UPS[args.type](reads.in_region(region), Inputs(values, region)))
    except UnknownInputError:
        return []
    except CloudError as error:
        pulumi.log.warn(f"{args.name}: not known whether it exists already: {error}")
        return []


def _read_state() -> State:
    """Return the state while the operation is in progress, by the CLI of this operation.

    A backend of files is read again if the engine is writing.

    Raises:
        DashlinkError: The CLI cannot be run, or returns no state.
    """
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    stack = stack_of(name)
    retrying = Retrying(
        retry=retry_if_exception_type((DashlinkError, ValueError)),
        stop=stop_after_attempt(_READS_OF_STATE),
        wait=wait_fixed(1),
        reraise=True,
    )
    return State(retrying(stack.state))


def _plain(value: Any) -> Any:
    """Return inputs without secrets, which the program gets as outputs."""
    if isinstance(value, Mapping):
        kept = {}
        for name, item in value.items():
            if not isinstance(item, pulumi.Output):
                kept[name] = _plain(item)
        return kept
    return value
