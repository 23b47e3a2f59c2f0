"""link_fields.py: the mirrors, the metalink and the torrent of a file, in Link fields."""

from __future__ import annotations

import pytest

from doubles import Connection

QUERY = "links=on&mirrors=localhost:8001,localhost;status=503"
BESIDE = "links=on&mirrors=localhost:8001,localhost%3Bstatus%3D503"
LINKS = [
    "<http://localhost:8001/10/a.bin>; rel=duplicate; pri=1",
    "<http://localhost/10/a.bin?status=503>; rel=duplicate; pri=2",
    f'<http://localhost/10/a.bin.meta4?{BESIDE}>; rel=describedby; type="application/metalink4+xml"',
    f'<http://localhost/10/a.bin.torrent?{BESIDE}>; rel=describedby; type="application/x-bittorrent"',
]


def links_in(raw: bytes) -> list[str]:
    """Return the values of all lines with a Link."""
    lines = raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return [line.removeprefix("Link: ") for line in lines if line.startswith("Link: ")]


@pytest.mark.parametrize("request_line", ["GET", "HEAD"])
def test_a_line_for_each_link(request_line: str) -> None:
    """The mirrors come first, in the order of the URL; each link has a line of its own, which aria2 needs."""
    raw = Connection().send(f"{request_line} /10/a.bin?{QUERY} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert links_in(raw) == LINKS


def test_beside_a_false_length() -> None:
    """A second Content-Length takes no link away."""
    raw = Connection().send(b"GET /10/a.bin?links=on&length=twice:9 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert raw.count(b"Content-Length: ") == 2
    assert len(links_in(raw)) == 3


@pytest.mark.parametrize("query", ["", "?links=off", "?links=on&status=503"])
def test_none(query: str) -> None:
    """There are none without links=on, nor in what comes instead of the file."""
    raw = Connection().send(f"GET /10/a.bin{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert links_in(raw) == []


def test_refused() -> None:
    """A mirror that is no host of the server is an error."""
    raw = Connection().send(b"GET /10/a.bin?links=on&mirrors=evil.example HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 400 ")
    assert b"mirrors= is the host of the request" in raw
