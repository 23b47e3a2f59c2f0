"""request.py: what an answer may depend on, decoded."""

from __future__ import annotations

import pytest

from fakefiles.http.request import FIELDS, NEGOTIATED_FIELDS, Ask


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
