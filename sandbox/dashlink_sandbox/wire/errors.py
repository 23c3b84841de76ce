"""API errors: the cloud's code, message and HTTP status."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus


class ApiError(Exception):
    """A response other than success.

    Attributes:
        code: The cloud's error code, e.g. ``InvalidVpcId.NotFound``.
        message: One sentence for people.
        status: The HTTP status, 400 or more.
    """

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        """Store the three fields; the exception's text is ``code: message``."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = int(status)


def not_found(code: str, message: str) -> ApiError:
    """HTTP 404: the resource does not exist, or belongs to another account."""
    return ApiError(code, message, HTTPStatus.NOT_FOUND)


def forbidden(code: str, message: str) -> ApiError:
    """HTTP 403: not allowed for this account, or in the resource's current state."""
    return ApiError(code, message, HTTPStatus.FORBIDDEN)


def missing(name: str) -> ApiError:
    """A required parameter is absent: the API gateway's own code, ``Missing<name>``."""
    return ApiError(f"Missing{name}", f"{name} is mandatory for this action.")


def invalid(name: str, message: str = "") -> ApiError:
    """A parameter has an invalid value."""
    return ApiError(f"InvalidParameter.{name}", message or f"The specified {name} is not valid.")


def check_choice(name: str, value: str, allowed: Collection[str]) -> None:
    """Refuse a value that is not among the allowed ones.

    Raises:
        ApiError: ``InvalidParameter.<name>``.
    """
    if value not in allowed:
        raise invalid(name, f"The specified {name} must be one of {', '.join(allowed)}.")
