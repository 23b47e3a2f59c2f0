"""request.py: what an answer may depend on, decoded."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest

from doubles import ask
from fakefiles.http.request import FIELDS, NEGOTIATED_FIELDS, Ask, unfolded


def test_defaults() -> None:
    """What is left out is that of the simplest request."""
    ask = Ask(b"GET", b"/")
    assert (ask.method, ask.version, ask.url_path, ask.query, ask.path, ask.secure) == (
        *("GET", "HTTP/1.1", "/", "", [], False),
    )


def test_decoding() -> None:
    """All bytes have a meaning: a name that is no UTF-8 keeps them, and so does the path."""
    ask = Ask(
        *(b"HEAD", b"/100/\xff?x=\xe9?y", b"HTTP/1.0"), raw_path=b"/100/\xff", segments=(b"100", b"\xc3\xa9", b"\xff")
    )
    assert (ask.method, ask.version, ask.query, ask.url_path) == ("HEAD", "HTTP/1.0", "x=\xe9?y", "/100/\xff")
    assert ask.path == ["100", "\xe9", "\udcff"]


@pytest.mark.parametrize(
    ("root", "segments", "mount"),
    [
        ((), (b"",), ""),
        ((b"files",), (b"",), ""),
        ((), (), ".//"),
        ((b"files",), (), "./files/"),
        ((b"a", b"b c"), (), "./b%20c/"),
    ],
)
def test_mount(root: tuple[bytes, ...], segments: tuple[bytes, ...], mount: str) -> None:
    """Where the slash at the end is missing, links begin with the last segment."""
    assert Ask(b"GET", b"/", root=root, segments=segments).mount == mount


def test_header() -> None:
    """A field is found by the name that Twisted gives it; one that no answer may depend on cannot be asked for."""
    ask = Ask(b"GET", b"/", fields=((b"Host", b"x"), (b"Range", b"bytes=\xe9")))
    assert (ask.header("Host"), ask.header("Range"), ask.header("If-Range")) == ("x", "bytes=\xe9", None)
    with pytest.raises(KeyError):
        ask.header("User-Agent")


def test_fields() -> None:
    """An answer may depend on who asks whom for what, from which page: preconditions, ranges, digests."""
    names = [
        *("Authorization", "Host", "Origin", "Sec-Fetch-Site", "Range", "Want-Digest", "Want-Repr-Digest"),
        *("Access-Control-Request-Method", "Access-Control-Request-Private-Network"),
        *("If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since"),
    ]
    assert {*names} == {name.decode() for name in FIELDS}
    assert {b"Accept-Encoding"} == NEGOTIATED_FIELDS - FIELDS
    assert all(Ask(b"GET", b"/", fields=((name.encode(), b"v"),)).header(name) == "v" for name in names)


@pytest.mark.parametrize(
    ("secure", "fields", "origin"),
    [
        (False, ((b"Host", b"localhost:8000"),), "http://localhost:8000"),
        (True, ((b"Host", b"a.example"),), "https://a.example"),
        (False, (), ""),
        (False, ((b"Host", b""),), ""),
    ],
)
def test_origin(secure: bool, fields: tuple[tuple[bytes, bytes], ...], origin: str) -> None:  # noqa: FBT001
    """It is what the client calls this server, if it says so."""
    assert Ask(b"GET", b"/", secure=secure, fields=fields).origin == origin


# Targets with a query in their path, and those that they stand for.
UNFOLDED = {
    "/with/rate=1k/10/a": "/10/a?rate=1k",
    "/with/rate=1k&tag=t/10/a?seed=1": "/10/a?rate=1k&tag=t&seed=1",
    "/with/flip=1%2C2/10": "/10?flip=1,2",
    "/with/rate=1k/set/a=1/demo/a": "/set/a=1/demo/a?rate=1k",
    "/with//10/a": "/10/a",
    "/with/rate=1k&tag=t/10/a?tag=u": "/10/a?rate=1k&tag=u",
    "/with/rate=1k": "/with/rate=1k",
    "/with": "/with",
    "/10/a?rate=1k": "/10/a?rate=1k",
    "/10/with/rate=1k/a": "/10/with/rate=1k/a",
}


@pytest.mark.parametrize(("target", "expected"), UNFOLDED.items())
def test_unfolded(target: str, expected: str) -> None:
    """A query in a path is as one behind it, where it may say something else; any other path stays as it is."""
    asked = ask(target)
    asked = asked._replace(segments=tuple(map(unquote_to_bytes, asked.segments)))  # as Twisted has them
    found = unfolded(asked)
    assert found == ask(expected)
    assert (found is asked) is (target == expected)


def test_unfolded_below_a_root() -> None:
    """In a resource tree, what comes before stays there."""
    asked = ask("/files/with/rate=1k/10/a")._replace(root=(b"files",), segments=(b"with", b"rate=1k", b"10", b"a"))
    found = unfolded(asked)
    assert (found.url_path, found.query, found.path) == ("/files/10/a", "rate=1k", ["10", "a"])


def test_unfolded_from_an_odd_path() -> None:
    """Where "with" is percent-encoded, the path as it came stays, but means the same."""
    asked = ask("/w%69th/rate=1k/10")._replace(segments=(b"with", b"rate=1k", b"10"))
    assert (unfolded(asked).path, unfolded(asked).url_path) == (["10"], "/w%69th/rate=1k/10")
