"""fields.py: which fields a URL may spell out, and that no field is more than one line."""

from __future__ import annotations

import re

import pytest

from fakefiles.behaviour.fields import MOST_BYTES, MOST_FIELDS, Field, Fields, is_lost
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

(HEADER,) = parameters_of(Fields)
PARSED = [
    ("X-A: b", Field(b"X-A", b"b")),
    ("X-A:b", Field(b"X-A", b"b")),
    ("X-A:", Field(b"X-A", b"")),
    ("x-a: \t b:c \t", Field(b"x-a", b"b:c")),
    ("Set-Cookie: a=b; Path=/\tc", Field(b"Set-Cookie", b"a=b; Path=/\tc")),
    ("X-A: \u00e9\x85", Field(b"X-A", b"\xc3\xa9\xc2\x85")),
    ("!#$%&'*+-.^_`|~09azAZ: x", Field(b"!#$%&'*+-.^_`|~09azAZ", b"x")),
    ("Content-Range: bytes 0-1/2", Field(b"Content-Range", b"bytes 0-1/2")),
    ("Date: yesterday", Field(b"Date", b"yesterday")),
]
SYNTAX = "a field like X-Name: value, in UTF-8 and without control characters"


def test_parsed() -> None:
    """A field has a name and a value, in UTF-8; what is around the value is left out. Several are a tuple."""
    for text, field in PARSED:
        assert HEADER.read(text) == (field,)
    assert (HEADER.repeatable, HEADER.kind.takes, HEADER.kind.keyword) == (True, "NAME: VALUE", "str")


@pytest.mark.parametrize(
    "text",
    ["", ":", ": x", "X", "X A: b", "X-A : b", "\u00e9: b", "X-\u212a: b", "X\n: b", "X\r\nY: b", "X;: b", '"X": b']
    + [f"X: a{character}b" for character in ("\r", "\n", "\r\n", "\0", "\x0b", "\x1f", "\x7f", "\ufffd", "\udc80")]
    + ["X: a\n", "X:\r\n\r\nb"],
)
def test_not_a_field(text: str) -> None:
    """What could be more than one line, or is none, is refused; and what came from bytes that are no UTF-8."""
    with pytest.raises(RequestError) as caught:
        HEADER.read(text)
    assert str(caught.value) == f"header is {SYNTAX}"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            "Connection Content-Length HTTP2-Settings Keep-Alive Proxy-Connection TE Trailer Transfer-Encoding Upgrade",
            "which say where an answer ends and how its connection goes on",
        ),
        ("Location Refresh", "which could lead to any other server"),
    ],
)
def test_not_for_urls(names: str, message: str) -> None:
    """No URL can reframe an answer, or lead to another server, however the name is written."""
    for name in names.split():
        for written in (name, name.lower(), name.upper()):
            with pytest.raises(RequestError) as caught:
                HEADER.read(f"{written}: 1")
            assert str(caught.value) == f"header is any field but {', '.join(names.split())}, {message}"


@pytest.mark.parametrize(
    ("name", "value"),
    [(b"", b"x"), (b"A B", b"x"), (b"A:", b"x"), (b"A\n", b"x"), (b"A", b"x\r"), (b"A", b"\n"), (b"A", b"a\0b")],
)
def test_one_line(name: bytes, value: bytes) -> None:
    """Whoever makes a field: it is one line, or an error."""
    with pytest.raises(ValueError, match="a token as its name, and no CR, LF or NUL"):
        Field(name, value)


def test_line() -> None:
    """All other bytes go to the wire as they are."""
    value = bytes(set(range(256)) - {0, 10, 13})
    assert Field(b"A", value).line == b"A: " + value + b"\r\n"


def test_limits() -> None:
    """There may be 20, with 4 KiB in all: names, values and what separates them."""
    few = Field(b"A", b"b" * 10)
    assert Fields([few] * MOST_FIELDS).header
    with pytest.raises(RequestError, match=f"^header= can be there {MOST_FIELDS} times$"):
        Fields([few] * (MOST_FIELDS + 1))
    assert (MOST_FIELDS, MOST_BYTES) == (20, 4096)
    most = Field(b"A", b"b" * (2048 - len(b"A: \r\n")))
    assert Fields([most, most]).header
    with pytest.raises(RequestError, match=re.escape("have at most 4096 bytes together")):
        Fields([most, Field(b"A", most.value + b"b")])
    assert Fields().header == ()


def test_lost() -> None:
    """A percent-encoded byte that is no UTF-8 is noticed."""
    assert [is_lost(text) for text in ("", "\u00e9", "a\ufffd", "\udce9", "\ud800")] == [False, False, True, True, True]
