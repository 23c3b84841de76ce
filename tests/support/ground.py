"""Old names, until their users are changed."""

from support.base_stacks import DOMAIN  # noqa: F401
from support.base_stacks import gateway_stack as ground
