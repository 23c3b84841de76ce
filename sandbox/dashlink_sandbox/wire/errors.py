"""The error that a service raises: the cloud's code, message and HTTP status."""

from __future__ import annotations

from http import HTTPStatus


class ApiError(Exception):
    """An answer other than success.

    Attributes:
        code: The cloud's error code, e.g. ``InvalidVpcId.NotFound``.
        message: One sentence for people.
        status: The HTTP status, 400 or more.
    """

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        """Keep the three parts; the text is ``code: message``."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = int(status)


def not_found(code: str, message: str) -> ApiError:
    """A thing that does not exist, or belongs to another account: HTTP 404."""
    return ApiError(code, message, HTTPStatus.NOT_FOUND)


def forbidden(code: str, message: str) -> ApiError:
    """What this account, or this thing as it now is, may not do: HTTP 403."""
    return ApiError(code, message, HTTPStatus.FORBIDDEN)


def missing(name: str) -> ApiError:
    """A required parameter is absent: the API gateway's own code, ``Missing`` and the parameter's name."""
    return ApiError(f"Missing{name}", f"{name} is mandatory for this action.")


def invalid(name: str, message: str = "") -> ApiError:
    """A parameter has a value that it cannot have."""
    return ApiError(f"InvalidParameter.{name}", message or f"The specified {name} is not valid.")
