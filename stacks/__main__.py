"""The project's program: read the stack's settings, ask the cloud what can be asked, declare the whole, export it."""

import sys

import pulumi

from dashlink import PrivateModelAccess, PrivateModelAccessArgs
from dashlink.errors import DashlinkError
from dashlink.preflight import preflight
from dashlink.stack import alicloud_account, read_settings, settings_file, stack_owner

TOLD_ALREADY = 32  # the exit code by which Pulumi's Python host knows that the person has read why


def main() -> None:
    """Declare the stack; a mistake in the settings ends the run before anything is created."""
    try:
        settings, region = read_settings()
        preflight(settings, alicloud_account(), source=settings_file(), owner=stack_owner())
    except DashlinkError as error:
        pulumi.log.error(str(error))
        sys.exit(TOLD_ALREADY)
    access = PrivateModelAccess("access", PrivateModelAccessArgs(settings=settings, region=region))
    for note in access.notes:
        pulumi.log.info(note)
    for key, value in access.outputs.items():
        pulumi.export(key, value)


main()
