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


class ParameterError(ApiError):
    """A parameter is absent or invalid; a product may have codes of its own for both.

    Attributes:
        name: The parameter's name.
        absent: Whether it is absent.
    """

    def __init__(self, code: str, name: str, message: str, *, absent: bool = False) -> None:
        """Store the fields."""
        super().__init__(code, message)
        self.name = name
        self.absent = absent


def not_found(code: str, message: str) -> ApiError:
    """HTTP 404: the resource does not exist, or belongs to another account."""
    return ApiError(code, message, HTTPStatus.NOT_FOUND)


def forbidden(code: str, message: str) -> ApiError:
    """HTTP 403: not allowed for this account, or in the resource's current state."""
    return ApiError(code, message, HTTPStatus.FORBIDDEN)


def missing(name: str) -> ParameterError:
    """A required parameter is absent: the API gateway's own code, ``Missing<name>``."""
    message = f"{name} is mandatory for this action."
    return ParameterError(f"Missing{name}", name, message, absent=True)


def invalid(name: str, message: str = "") -> ParameterError:
    """A parameter has an invalid value."""
    message = message or f"The specified {name} is not valid."
    return ParameterError(f"InvalidParameter.{name}", name, message)


def check_choice(name: str, value: str, allowed: Collection[str]) -> None:
    """Refuse a value that is not among the allowed ones.

    Raises:
        ApiError: ``InvalidParameter.<name>``.
    """
    if value not in allowed:
        raise invalid(name, f"The specified {name} must be one of {', '.join(allowed)}.")
