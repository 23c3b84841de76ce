"""The program of a stack: read its settings, check them against the cloud, declare, export."""

import sys

import pulumi

from dashlink import PrivateModelAccess, PrivateModelAccessArgs
from dashlink.errors import DashlinkError
from dashlink.preflight import preflight
from dashlink.recovery.guard import guard
from dashlink.stack import alicloud_account, read_settings, settings_file, stack_owner

EXIT_REPORTED = 32  # Pulumi's exit code of a Python program that has reported its error itself


def main() -> None:
    """Declare the stack; invalid settings end the run before a resource is created."""
    try:
        settings, region = read_settings()
        account = alicloud_account()
        warnings = preflight(settings, account, source=settings_file(), owner=stack_owner())
    except DashlinkError as error:
        pulumi.log.error(str(error))
        sys.exit(EXIT_REPORTED)
    guard(account)
    access = PrivateModelAccess("access", PrivateModelAccessArgs(settings=settings, region=region))
    for warning in (*access.warnings, *warnings):
        pulumi.log.warn(warning)
    for note in access.notes:
        pulumi.log.info(note)
    for key, value in access.outputs.items():
        pulumi.export(key, value)


main()
