"""errors.py: what is wrong with a request, as HTTP says it."""

from __future__ import annotations

import pytest

from fakefiles.files.errors import (
    MethodNotAllowedError,
    NotAllowedError,
    NotFoundError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    RequestError,
)

# Errors, their statuses, and the fields that go with those (RFC 9110, 15.5).
ERRORS: list[tuple[RequestError, int, dict[str, str]]] = [
    (RequestError("wrong"), 400, {}),
    (NotAllowedError("wrong"), 403, {}),
    (NotFoundError("wrong"), 404, {}),
    (MethodNotAllowedError("wrong"), 405, {"Allow": "GET, HEAD, OPTIONS"}),
    (MethodNotAllowedError("wrong", "POST"), 405, {"Allow": "POST"}),
    (PreconditionFailedError("wrong"), 412, {}),
    (RangeNotSatisfiableError("wrong", 10), 416, {"Content-Range": "bytes */10"}),
]


@pytest.mark.parametrize(("error", "status", "headers"), ERRORS, ids=repr)
def test_status(error: RequestError, status: int, headers: dict[str, str]) -> None:
    """An error has its status, the fields that the status demands, and its text."""
    assert (error.status, error.headers, str(error)) == (status, headers, "wrong")
    assert isinstance(error, ValueError)
