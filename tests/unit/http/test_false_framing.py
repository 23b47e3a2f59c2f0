"""false_framing.py: false lengths and odd chunks, in the answer and on the wire."""

from __future__ import annotations

import re

import pytest

from doubles import Connection, ask, decide
from fakefiles.http.answers import Answer
from fakefiles.urls.settings import Settings

FILE = b"1" * 10


def answer(query: str, version: str = "HTTP/1.1", method: str = "GET", **headers: str) -> Answer:
    """Return the answer to a request."""
    reply = decide(ask(f"/10?{query}", method, version, **headers), Settings())
    assert isinstance(reply, Answer)
    return reply


def wire(query: str, version: str = "HTTP/1.1", method: str = "GET") -> tuple[list[str], bytes, bool]:
    """Return the fields of an answer about its framing, what follows its head, and whether the connection is closed."""
    connection = Connection()
    raw = connection.send(f"{method} /10?{query} {version}\r\nHost: localhost\r\n\r\n".encode())
    head, _, rest = raw.partition(b"\r\n\r\n")
    fields = re.findall(r"(?:Content-Length|Transfer-Encoding|Trailer|Connection): .*", head.decode().replace("\r", ""))
    return fields, rest, connection.transport.disconnecting


CLOSE = "Connection: close"
CHUNKS = b"4\r\n1111\r\n4\r\n1111\r\n2\r\n11\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("lie", "fields", "rest", "closed"),
    [
        ("short:3", ["Content-Length: 7", CLOSE], FILE, True),
        ("negative", ["Content-Length: -1", CLOSE], FILE, True),
        ("spill:3", ["Content-Length: 7"], FILE, False),
        ("spill:30", ["Content-Length: 0"], FILE, False),
        ("twice:3", ["Content-Length: 10", CLOSE, "Content-Length: 7"], FILE, True),
        ("both&chunk_size=4", ["Content-Length: 10", "Transfer-Encoding: chunked", CLOSE], CHUNKS, True),
    ],
)
def test_length(lie: str, fields: list[str], rest: bytes, closed: bool) -> None:  # noqa: FBT001
    """The fields lie, the body is whole, and the connection closes, but for spill."""
    assert wire(f"length={lie}") == (fields, rest, closed)
    assert wire(f"length={lie}", method="HEAD") == (fields, b"", closed)
    assert answer(f"length={lie}").faults == [f"length={lie.partition('&')[0]}"]


def test_both_of_http_1_0() -> None:
    """HTTP/1.0 has no chunks: the length is right, and nothing lies."""
    assert wire("length=both", "HTTP/1.0") == (["Content-Length: 10"], FILE, True)
    assert answer("length=both", "HTTP/1.0").faults == []


def test_lengths_of_a_range() -> None:
    """They are those of the part."""
    reply = answer("length=twice:1", Range="bytes=2-5")
    assert (reply.status, reply.headers["Content-Length"], reply.more) == (206, "4", (("Content-Length", "3"),))
    assert b"Content-Length: 4\r\n" in reply.fields
    assert reply.fields.endswith(b"Content-Length: 3\r\n")


def test_spill_into_the_next_answer() -> None:
    """What is too much comes before the status line of the next answer."""
    connection = Connection()
    request = b"GET /10?length=spill:3 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    _, _, rest = connection.send(2 * request).partition(b"\r\n\r\n")
    assert rest.startswith(FILE + b"HTTP/1.1 200 OK\r\n")


def framed(line: bytes, last: bytes) -> bytes:
    """Return the file in chunks of 4 bytes, with this line before each, and this behind them."""
    return b"".join(line % len(data) + data + b"\r\n" for data in (b"1111", b"1111", b"11")) + last


TRAILER = b"0\r\nX-Trailer-1: one\r\nX-Trailer-2: two\r\n\r\n"
EXTENSION = b'%x;word;name=token;text="quoted; \\"text\\""\r\n'


@pytest.mark.parametrize(
    ("chunks", "fields", "rest", "closed"),
    [
        ("trailer", ["Trailer: X-Trailer-1, X-Trailer-2"], framed(b"%x\r\n", TRAILER), False),
        ("extension", [], framed(EXTENSION, b"0;word\r\n\r\n"), False),
        ("long", [], framed(b"%x;long=" + b"x" * 131_072 + b"\r\n", b"0\r\n\r\n"), False),
        ("zeros", [], framed(b"%032x\r\n", b"0" * 32 + b"\r\n\r\n"), False),
        ("huge", [CLOSE], framed(b"1%016x\r\n", b"0\r\n\r\n"), True),
    ],
)
def test_chunks(chunks: str, fields: list[str], rest: bytes, closed: bool) -> None:  # noqa: FBT001
    """The sizes, or what follows the last chunk, are unusual; the connection closes where a client may lose its way."""
    told, got, ended = wire(f"framing=chunked&chunk_size=4&chunks={chunks}")
    assert sorted(told) == sorted([*fields, "Transfer-Encoding: chunked"])
    assert (got == rest, ended) == (True, closed)
    assert answer(f"framing=chunked&chunks={chunks}").faults == [f"chunks={chunks}"]


def test_without_chunks() -> None:
    """In HTTP/1.0, and in an answer without a body, there are no chunks to be odd."""
    query = "framing=chunked&chunks=trailer"
    assert wire(query, "HTTP/1.0") == ([CLOSE], FILE, True)
    assert answer(query, "HTTP/1.0").faults == []
    assert not answer(query, If_None_Match='"ones-10"').faults


def test_odd_chunks_without_the_last() -> None:
    """Both can be: then the last chunk is missing, and the others are odd."""
    reply = answer("framing=chunked&chunks=huge&lastchunk=off")
    assert (reply.faults, reply.close) == (["lastchunk=off", "chunks=huge"], True)
    assert b"".join(piece for piece in reply.pieces(lambda _, __: None) if isinstance(piece, bytes)) == (
        b"1%016x\r\n%b\r\n" % (10, FILE)
    )
