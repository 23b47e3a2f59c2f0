"""cors.py: what a browser lets web pages of other origins read, with --cors and without."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

import fakefiles
from doubles import Connection, Response

ORIGIN = "Origin: https://page.example"
ASKS = "Access-Control-Request-Method: GET"
EXPOSED = (
    "Accept-Ranges, Content-Disposition, Content-Encoding, Content-Length, Content-Range, Date, Digest, ETag,"
    " Last-Modified, Repr-Digest, Retry-After, Server, WWW-Authenticate, *"
)
READABLE = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": EXPOSED,
    "timing-allow-origin": "*",
}
ALLOWED = {
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": (
        "Authorization, Cache-Control, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since,"
        " Pragma, Range, Want-Digest, Want-Repr-Digest, *"
    ),
    "access-control-max-age": "600",
}


def get(target: str, *headers: str, method: str = "GET", **settings: Any) -> Response:
    """Make a request to a server with these settings; its answer has no Date."""
    clock = Clock()
    client = Connection(fakefiles.site(reactor=clock, **settings), clock)
    response = client.get(target, *headers, method=method)
    response.headers.pop("date")
    return response


def fields_of_cors(response: Response) -> dict[str, str]:
    """Return the fields that are for browsers."""
    return {
        name: value for name, value in response.headers.items() if name.startswith(("access-control-", "timing-allow"))
    }


@pytest.mark.parametrize("origin", [(), (ORIGIN,)])
@pytest.mark.parametrize(
    ("target", "method", "header", "status"),
    [
        ("/5/a.bin", "GET", "Accept: */*", 200),
        ("/5/a.bin", "HEAD", "Accept: */*", 200),
        ("/5/a.bin", "OPTIONS", "Accept: */*", 204),
        ("/5", "GET", "Range: bytes=1-2", 206),
        ("/5", "GET", 'If-None-Match: "ones-5"', 304),
        ("/5", "GET", "Range: bytes=9-", 416),
        ("/5?rate=x", "GET", "Accept: */*", 400),
        ("/nothing", "GET", "Accept: */*", 404),
        ("/5", "POST", "Accept: */*", 405),
        ("/5?redirect=1", "GET", "Accept: */*", 302),
        ("/5?auth=basic&user=u&password=p", "GET", "Accept: */*", 401),
        ("/5?status=503&disposition=path", "GET", "Accept: */*", 503),
        ("/5?ranges=lie&etag=weak", "GET", "Accept: */*", 200),
        ("/5/a.bin.sha256", "GET", "Accept: */*", 200),
    ],
)
def test_files(target: str, method: str, header: str, status: int, origin: tuple[str, ...]) -> None:
    """Any page can read any answer about a file, its errors and lies, too; without --cors, the answer is the same."""
    with_cors = get(target, header, *origin, method=method, cors=True)
    without = get(target, header, *origin, method=method)
    assert (with_cors.status, fields_of_cors(with_cors), fields_of_cors(without)) == (status, READABLE, {})
    assert with_cors == without._replace(headers={**without.headers, **READABLE})


@pytest.mark.parametrize("target", ["/5", "/5?status=503", "/5?rate=x", "/5?auth=basic&user=u&password=p"])
@pytest.mark.parametrize("private", [False, True])
def test_preflight(target: str, private: bool) -> None:  # noqa: FBT001
    """A browser may send any request, whatever the URL is; the page reads in its answer what is wrong with that."""
    asks_for = ["Access-Control-Request-Private-Network: true"] * private
    response = get(target, ORIGIN, ASKS, *asks_for, method="OPTIONS", cors=True)
    expected = {**READABLE, **ALLOWED, **({"access-control-allow-private-network": "true"} if private else {})}
    assert (response.status, fields_of_cors(response), response.body) == (204, expected, b"")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", (ORIGIN, ASKS), 200),
        ("OPTIONS", (ORIGIN,), 204),
        ("OPTIONS", (ASKS,), 204),
        ("OPTIONS", (ORIGIN, "Access-Control-Request-Private-Network: true"), 204),
    ],
)
def test_no_preflight(method: str, headers: tuple[str, ...], status: int) -> None:
    """It is an OPTIONS of some origin, about some method. The answer to others allows nothing."""
    response = get("/5", *headers, method=method, cors=True)
    assert (response.status, fields_of_cors(response)) == (status, READABLE)


def test_no_preflight_without_cors() -> None:
    """A server without --cors answers a preflight like any OPTIONS: the browser then sends no request."""
    headers = (ORIGIN, ASKS, "Access-Control-Request-Private-Network: true")
    assert get("/5", *headers, method="OPTIONS") == get("/5", method="OPTIONS")


def test_a_wrong_private_network() -> None:
    """Only "true" asks for it."""
    headers = (ORIGIN, ASKS, "Access-Control-Request-Private-Network: maybe")
    response = get("/5", *headers, method="OPTIONS", cors=True)
    assert fields_of_cors(response) == {**READABLE, **ALLOWED}


@pytest.mark.parametrize("target", ["/", "/-/health", "/-/journal", "/-/nothing", "/-"])
@pytest.mark.parametrize(("method", "headers"), [("GET", ()), ("GET", (ORIGIN,)), ("OPTIONS", (ORIGIN, ASKS))])
def test_pages(target: str, method: str, headers: tuple[str, ...]) -> None:
    """The pages of the server are not for other pages."""
    assert fields_of_cors(get(target, *headers, method=method, cors=True)) == {}


def test_a_bad_host() -> None:
    """A preflight needs a Host, as all requests do (RFC 9112, 3.2); the page may read that."""
    response = get("/5", "Host: other", ORIGIN, ASKS, method="OPTIONS", cors=True)
    assert (response.status, fields_of_cors(response)) == (400, READABLE)


def test_an_origin_of_its_own() -> None:
    """A field that the URL spells out goes before ours."""
    response = get("/5?header=Access-Control-Allow-Origin:+null", cors=True)
    assert fields_of_cors(response) == {**READABLE, "access-control-allow-origin": "null"}
