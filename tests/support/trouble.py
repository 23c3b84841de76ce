"""Old names, until their users are changed."""

from support.sandbox_admin import console  # noqa: F401
from support.sandbox_admin import inject_fault as plant
from support.sandbox_admin import limit_calls as limit
from support.waiting import wait_for


def until(true, seconds, what="it"):
    wait_for(true, what, seconds=seconds)
