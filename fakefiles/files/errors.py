"""What is wrong with a request, in words for the person who made it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ALLOWED_METHODS = ("GET", "HEAD", "OPTIONS")


class RequestError(ValueError):
    """The request cannot be served. Its text is one line for people: what was wrong and what would be right.

    The text never repeats what the client sent, so it is safe in any response. `status` is the HTTP status code,
    `headers` what that status must have beside it.
    """

    status = 400
    headers: Mapping[str, str] = MappingProxyType({})


class UnauthorizedError(RequestError):
    """The request lacks the token that it needs, in Authorization: Bearer (RFC 9110, 11.6.1; RFC 6750, 3)."""

    status = 401
    headers = MappingProxyType({"WWW-Authenticate": 'Bearer realm="fakefiles"'})


class NotAllowedError(RequestError):
    """The operator of the server does not want it."""

    status = 403


class NotFoundError(RequestError):
    """The path names no file and no page."""

    status = 404


class MethodNotAllowedError(RequestError):
    """The method is not one of those `allowed`, by default ALLOWED_METHODS (RFC 9110, 15.5.6)."""

    status = 405

    def __init__(self, message: str, allowed: str = ", ".join(ALLOWED_METHODS)) -> None:
        super().__init__(message)
        self.headers = {"Allow": allowed}


class PreconditionFailedError(RequestError):
    """If-Match or If-Unmodified-Since does not hold (RFC 9110, 13.1)."""

    status = 412


class RangeNotSatisfiableError(RequestError):
    """No range of the Range header can be served of a file of `size` bytes (RFC 9110, 15.5.17)."""

    status = 416

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.headers = {"Content-Range": f"bytes */{size}"}
