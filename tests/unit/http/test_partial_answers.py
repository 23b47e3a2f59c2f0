"""partial_answers.py: whole requests with a Range to whole answers, where a parameter changes what a Range gets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doubles import Connection, Response, ask, decide, parse_multipart, unheeded, until_cut
from fakefiles.files.kinds import RULER
from fakefiles.http.answers import Answer
from fakefiles.http.ranges import Multipart
from fakefiles.transfer.framing import Framing
from fakefiles.transfer.span import Span
from fakefiles.urls.settings import Settings

FILE = RULER.read(0, 100)
SETTINGS = Settings(content="ruler")


def get(query: str = "", range_: str | None = None, method: str = "GET", path: str = "/100") -> Answer:
    """Return the answer to the first request of a URL."""
    headers = {} if range_ is None else {"Range": f"bytes={range_}"}
    reply = decide(ask(f"{path}?{query}" if query else path, method, **headers), SETTINGS)
    assert isinstance(reply, Answer)
    return reply


def body_of(reply: Answer) -> bytes:
    """Return the body's bytes."""
    return until_cut(reply.pieces(unheeded))[0] if reply.body else b""


def parts_of(reply: Answer) -> list[tuple[str | None, bytes]]:
    """Return the Content-Range and the bytes of each part of a multipart body."""
    response = Response("", 206, {name.lower(): value for name, value in reply.headers.items()}, body_of(reply))
    assert response.headers["content-length"] == str(len(response.body))
    return [(headers.get("content-range"), data) for headers, data in parse_multipart(response)]


# The query, the Range; status, Content-Range, body. All of them are faults, which the journal is told.
SINGLE = [
    ("partial=whole", "50-59", 206, "bytes 0-99/100", FILE),
    ("partial=whole", "50-59,0-0", 206, "bytes 0-99/100", FILE),
    ("partial=whole", "-5", 206, "bytes 0-99/100", FILE),
    ("partial=cap:10", "50-", 206, "bytes 50-59/100", FILE[50:60]),
    ("partial=cap:10", "0-", 206, "bytes 0-9/100", FILE[:10]),
    ("partial=cap:10", "50-89,0-0", 206, "bytes 50-59/100", FILE[50:60]),
    ("partial=overrun:3", "50-59", 206, "bytes 50-59/100", FILE[50:60] + b"!!!"),
    ("partial=overrun:3", "90-", 206, "bytes 90-99/100", FILE[90:] + b"!!!"),
    ("content_range=none", "5-9", 206, None, FILE[5:10]),
    ("content_range=star", "5-9", 206, "bytes 5-9/*", FILE[5:10]),
    ("content_range=open", "5-9", 206, "bytes 5-/100", FILE[5:10]),
    ("content_range=inverted", "5-9", 206, "bytes 5-4/100", FILE[5:10]),
    ("content_range=equals", "5-9", 206, "bytes=5-9/100", FILE[5:10]),
    ("content_range=nounit", "5-9", 206, "5-9/100", FILE[5:10]),
    ("content_range=capital", "5-9", 206, "Bytes 5-9/100", FILE[5:10]),
    ("content_range=garbage", "5-9", 206, "bytes some/many", FILE[5:10]),
    ("content_range=long:5", "5-9", 206, "bytes 5-9/105", FILE[5:10]),
    ("content_range=short:5", "5-9", 206, "bytes 5-9/95", FILE[5:10]),
    ("content_range=in-200", None, 200, "bytes 0-99/100", FILE),
    ("several=200", "0-0,5-9", 200, None, FILE),
    ("several=200", "0-0,-5", 200, None, FILE),
    ("several=200", "0-0,x", 200, None, FILE),
    ("several=501", "0-0,5-9", 501, None, b"501, as the URL wants it\n"),
    ("several=first", "5-9,0-0", 206, "bytes 5-9/100", FILE[5:10]),
    ("several=first", "5-9,0-0,x", 206, "bytes 5-9/100", FILE[5:10]),
    ("several=first", "900-,0-0", 416, "bytes */100", None),
    ("several=merged", "50-59,5-9", 206, "bytes 5-59/100", FILE[5:60]),
    ("several=merged", "0-0,-1", 206, "bytes 0-99/100", FILE),
    ("suffix=501", "-5", 501, None, b"501, as the URL wants it\n"),
    ("suffix=500", "-5", 500, None, b"500, as the URL wants it\n"),
    ("suffix=404", "-5", 404, None, b"404, as the URL wants it\n"),
    ("suffix=400", "0-0,-5", 400, None, b"400, as the URL wants it\n"),
    ("suffix=200", "-5", 200, None, FILE),
    ("at_end=206", "100-", 206, None, b""),
    ("at_end=206-open", "100-", 206, "bytes 100-/100", b""),
    ("at_end=206-inverted", "100-199", 206, "bytes 100-99/100", b""),
    ("at_end=206-star", "100-", 206, "bytes */100", b""),
    ("at_end=200", "100-", 200, None, FILE),
    ("content_range=none", "100-", 416, None, None),
    ("content_range=none", "x", 416, None, None),
]


@pytest.mark.parametrize(("query", "range_", "status", "label", "body"), SINGLE)
def test_single(query: str, range_: str | None, status: int, label: str | None, body: bytes | None) -> None:
    """The body is exactly this, its length is told as it is, the connection stays open, and the journal knows."""
    reply = get(query, range_)
    assert (reply.status, reply.headers.get("Content-Range")) == (status, label)
    data = body_of(reply)
    assert body is None or data == body
    assert reply.headers["Content-Length"] == str(len(data))
    assert reply.body
    assert reply.body.length == len(data)
    assert (list(reply.faults), reply.close, reply.framing) == ([query], False, Framing.LENGTH)


# The same, where the parameter is no matter.
USUAL = [
    ("partial=whole", None),
    ("partial=whole", "0-"),
    ("partial=whole", "100-"),
    ("partial=cap:10", None),
    ("partial=cap:10", "90-"),
    ("partial=cap:10", "0-4,50-54"),
    ("partial=overrun:5", None),
    ("partial=multipart", None),
    ("partial=multipart", "0-4,50-54"),
    ("content_range=star", None),
    ("content_range=star", "900-"),
    ("content_range=in-200", "0-4"),
    ("several=501", "0-4"),
    ("several=first", "100-"),
    ("several=501", ",0-4,"),
    ("several=merged", "0-4,3-9"),
    ("suffix=501", "5-"),
    ("suffix=501", "-"),
    ("at_end=206", "99-"),
    ("at_end=206", "101-"),
    ("at_end=206", "100-99"),
    ("at_end=206", "100-,0-0"),
    ("at_end=206", "-0"),
    ("ranges=shift:5", "x"),
]


@pytest.mark.parametrize(("query", "range_"), USUAL)
def test_usual(query: str, range_: str | None) -> None:
    """Where a parameter is no matter, the answer is that of a URL without it, and the journal has no fault of it."""
    reply, plain = get(query, range_), get("", range_)
    assert replace(reply, headers={}, body=None) == replace(plain, headers={}, body=None, faults=reply.faults)
    assert list(reply.faults) == []
    assert {**reply.headers, "Cache-Control": ""} == {**plain.headers, "Cache-Control": ""}
    assert body_of(reply) == body_of(plain)


def test_other_units() -> None:
    """A Range of another unit is ignored."""
    reply = decide(ask("/100?partial=whole&several=501", Range="pages=1-2,3-4"), SETTINGS)
    assert isinstance(reply, Answer)
    assert (reply.status, list(reply.faults)) == (200, [])


def test_multipart() -> None:
    """A single range comes as the only part."""
    reply = get("partial=multipart", "5-9")
    assert (reply.status, reply.headers.get("Content-Range"), reply.faults) == (206, None, ["partial=multipart"])
    assert reply.headers["Content-Type"] == f"multipart/byteranges; boundary={Multipart.BOUNDARY}"
    assert parts_of(reply) == [("bytes 5-9/100", FILE[5:10])]


PARTS: list[tuple[str, str, list[tuple[str | None, bytes]]]] = [
    ("partial=cap:10", "50-54,0-19", [("bytes 50-54/100", FILE[50:55]), ("bytes 0-4/100", FILE[:5])]),
    ("partial=overrun:2", "50-54,0-0", [("bytes 50-54/100", FILE[50:55] + b"!!"), ("bytes 0-0/100", FILE[:1] + b"!!")]),
    ("content_range=none", "50-54,0-0", [(None, FILE[50:55]), (None, FILE[:1])]),
    ("content_range=star", "50-54,0-0", [("bytes 50-54/*", FILE[50:55]), ("bytes 0-0/*", FILE[:1])]),
    ("content_range=long:5", "50-54,0-0", [("bytes 50-54/105", FILE[50:55]), ("bytes 0-0/105", FILE[:1])]),
    ("ranges=shift:5", "0-0,50-", [("bytes 5-5/100", FILE[5:6]), ("bytes 55-99/100", FILE[55:])]),
]


@pytest.mark.parametrize(("query", "range_", "parts"), PARTS)
def test_parts(query: str, range_: str, parts: list[tuple[str | None, bytes]]) -> None:
    """The parts of several ranges are capped, labelled or overrun alike."""
    reply = get(query, range_)
    assert parts_of(reply) == parts
    assert reply.faults == [query]


def test_combined() -> None:
    """Each parameter does its own; the journal has all that happened."""
    reply = get("several=first&partial=multipart&content_range=star&ranges=hidden&etag=weak", "5-9,0-0")
    assert parts_of(reply) == [("bytes 5-9/*", FILE[5:10])]
    assert "Accept-Ranges" not in reply.headers
    assert reply.faults == [
        *("etag=weak", "ranges=hidden", "several=first"),
        *("content_range=star", "partial=multipart"),
    ]
    reply = get("ranges=shift:5&partial=cap:10&length=short:1", "50-")
    assert (reply.headers["Content-Range"], body_of(reply)) == ("bytes 55-64/100", FILE[55:65])
    assert (reply.headers["Content-Length"], reply.close) == ("9", True)
    assert reply.faults == ["ranges=shift:5", "partial=cap:10", "length=short:1"]
    reply = get("ranges=mislabel:5&partial=whole", "50-")
    assert (reply.headers["Content-Range"], body_of(reply)) == ("bytes 0-99/100", FILE[5:] + FILE[:5])
    reply = get("several=first&content_range=none&etag=weak", "900-,0-0")
    assert (reply.status, "Content-Range" in reply.headers) == (416, False)
    assert reply.faults == ["several=first", "content_range=none"]
    assert get("several=first&suffix=404", "0-0,-5").status == 206
    assert get("several=first&suffix=404", "-5,0-0").faults == ["several=first", "suffix=404"]


@pytest.mark.parametrize("query", ["ranges=off", "ranges=lie", "encoding=gzip"])
def test_in_a_200_without_ranges(query: str) -> None:
    """A 200 to a Range has the Content-Range, too."""
    reply = get(f"{query}&content_range=in-200", "5-9")
    assert (reply.status, reply.headers["Content-Range"]) == (200, "bytes 0-99/100")


def test_head() -> None:
    """HEAD has no ranges, and the fields of a GET without Range."""
    assert get("content_range=in-200", None, "HEAD").headers["Content-Range"] == "bytes 0-99/100"
    assert get("partial=whole&at_end=206", "100-", "HEAD").status == 200


def test_empty_file() -> None:
    """Of an empty file, every range begins at the end, but for a suffix."""
    reply = get("at_end=206-inverted", "0-", path="/0")
    assert (reply.status, reply.headers["Content-Range"], body_of(reply)) == (206, "bytes 0--1/0", b"")
    assert (get("partial=whole", "-5", path="/0").status, get("partial=whole", "0-", path="/0").status) == (200, 416)


def test_what_is_promised() -> None:
    """The journal has the spans of the file that the 206 is labelled with; the rest of the body is none."""
    assert get("partial=whole", "5-9").given == [Span(0, 100)]
    assert get("partial=overrun:5", "5-9").given == [Span(5, 10)]
    assert get("at_end=206", "100-").given == []
    assert get("suffix=501", "-5").given == ()


def test_a_plain_span_stays_one() -> None:
    """A single range is one span, which has a faster way to the socket, unless other bytes follow it."""
    assert get("", "5-9").span == get("content_range=star", "5-9").span == Span(5, 10)
    assert get("partial=overrun:5", "5-9").span is None


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
@pytest.mark.parametrize("query", ["partial=overrun:3", "at_end=206-open&rate=10", "partial=cap:3&drip=1"])
def test_framing(query: str, framing: str) -> None:
    """On the wire, too, the body is this in each framing."""
    range_ = "100-" if "at_end" in query else "50-54"
    response = Connection().get(f"/100?{query}&framing={framing}", f"Range: bytes={range_}", "Connection: close")
    assert response.status == 206
    assert response.body == {"p": b"11111!!!", "a": b""}.get(query[0] if "cap" not in query else "", b"111")


def test_slow_and_broken() -> None:
    """The pace and faults at an offset are those of the bytes sent, whichever were asked for."""
    reply = get("partial=whole&close=20", "50-59")
    assert body_of(reply) == FILE[:20]
    assert body_of(get("partial=overrun:5&close=100%", "90-")) == FILE[90:]
    assert body_of(get("partial=overrun:5&flip=95", "90-"))[-5:] == b"!!!!!"


def test_the_journal_counts_what_was_sent() -> None:
    """Bytes that are no part of the file are counted, but are no span of it."""
    client = Connection()
    client.get("/100k?partial=overrun:10k", "Range: bytes=0-9999")
    client.get("/100?at_end=206", "Range: bytes=100-")
    large, small = client.site.journal.records()
    assert (large.given, large.sent, large.body_sent) == ([Span(0, 10_000)], [Span(0, 10_000)], 10_000 + 10 * 1024)
    assert (small.given, small.sent, small.body_sent, small.end.value) == ([], [], 0, "complete")
