"""answers.py: an answer in plain values, and how its end is framed."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import ask, joined, unheeded
from fakefiles.behaviour.fields import Field
from fakefiles.files.errors import MethodNotAllowedError, NotFoundError, RequestError
from fakefiles.files.kinds import ONES, RULER
from fakefiles.http.answers import REASONS, Answer, finished, line_of_text, refused
from fakefiles.transfer.body import Body, Note, Pause
from fakefiles.transfer.framing import Chunks, Framing
from fakefiles.transfer.span import Span

FOREVER = {"Cache-Control": "public"}
PLAIN = Body([Span(5, 15)], 10, RULER)
SHAPED = Body([Span(5, 15)], 10, RULER, shape=lambda steps: [Pause(0), *steps])


@pytest.mark.parametrize(
    ("answer", "lasting"),
    [
        (Answer(200, FOREVER, PLAIN), True),
        (Answer(304, FOREVER), True),
        (Answer(200, FOREVER, SHAPED), False),
        (Answer(200, FOREVER, PLAIN, delay=1), False),
        (Answer(200, {"Cache-Control": "no-store"}, PLAIN), False),
        (Answer(404, {}, PLAIN), False),
    ],
)
def test_lasting(answer: Answer, lasting: bool) -> None:  # noqa: FBT001
    """An answer may be kept if it says so itself, and has no delay and no events that happen anew each time."""
    assert answer.lasting is lasting


@pytest.mark.parametrize(
    ("answer", "span"),
    [
        (Answer(200, {}, PLAIN), Span(5, 15)),
        (Answer(200, {}, PLAIN, framing=Framing.CLOSE), Span(5, 15)),
        (Answer(200, {}, PLAIN, framing=Framing.CHUNKED), None),  # it is not alone on the wire
        (Answer(200, {}, SHAPED), None),
        (Answer(200, {}, Body.literal(b"x")), None),
        (Answer(200, {}, Body([Span(0, 5), Span(5, 9)], 9)), None),
        (Answer(204, {}), None),
    ],
)
def test_span(answer: Answer, span: Span | None) -> None:
    """Only a body that is nothing but the bytes of one span is told by that span."""
    assert answer.span == span


def test_head() -> None:
    """The status has its reason phrase, if it has one; each header is a line."""
    assert Answer(206, {}).status_text == b"206 Partial Content"
    assert Answer(299, {}).status_text == b"299 Unknown"
    assert (REASONS[404], REASONS[503]) == ("Not Found", "Service Unavailable")
    assert Answer(200, {"ETag": '"x"', "Content-Length": "5"}).fields == b'ETag: "x"\r\nContent-Length: 5\r\n'


def test_overriding() -> None:
    """More fields replace those with the same name, in any case; each is sent, byte for byte, at the end."""
    fields = [Field(b"etag", b"\xe9"), Field(b"A", b"1"), Field(b"ETag", b"2")]
    answer = Answer(200, {"ETag": '"x"', "Content-Length": "5"}, overriding=fields)
    assert answer.fields == b"Content-Length: 5\r\netag: \xe9\r\nA: 1\r\nETag: 2\r\n"
    assert Answer(200, {}).fields == b""


def of_length(length: int, **fields: Any) -> Body:
    """Return a body of so many ones."""
    return Body([Span(0, length)], length, ONES, **fields)


@pytest.mark.parametrize(
    ("answer", "small_body"),
    [
        (Answer(204, {}), b""),
        (Answer(200, {}, PLAIN), RULER.read(5, 10)),
        (Answer(200, {}, Body([b"head", Span(16, 19), b"tail"], 11, RULER)), b"head000tail"),
        (Answer(200, {}, PLAIN, framing=Framing.CHUNKED), b"a\r\n%b\r\n0\r\n\r\n" % RULER.read(5, 10)),
        (
            Answer(200, {}, PLAIN, framing=Framing.CHUNKED, chunks=Chunks(b"%x;a\r\n", b"0\r\nb: c\r\n\r\n")),
            b"a;a\r\n%b\r\n0\r\nb: c\r\n\r\n" % RULER.read(5, 10),
        ),
        (Answer(200, {}, PLAIN, framing=Framing.CHUNKED, chunks=Chunks(last=b"")), b"a\r\n%b\r\n" % RULER.read(5, 10)),
        (Answer(200, {}, of_length(4096)), b"1" * 4096),
        (Answer(200, {}, of_length(4097)), None),
        (Answer(200, {}, of_length(7, piece_size=7)), b"1" * 7),
        (Answer(200, {}, of_length(8, piece_size=7)), None),  # the URL wants several writes
        (Answer(200, {}, SHAPED), None),
    ],
)
def test_small_body(answer: Answer, small_body: bytes | None) -> None:
    """A body of up to 4 KiB goes out with the head, if it is one piece and nothing happens in it."""
    assert answer.small_body == small_body


@pytest.mark.parametrize(
    ("fields", "pieces"),
    [
        ({}, [b"1111", b"1"]),
        ({"framing": Framing.CLOSE}, [b"1111", b"1"]),
        ({"framing": Framing.CHUNKED}, [b"4\r\n1111\r\n", b"1\r\n1\r\n", b"0\r\n\r\n"]),
        ({"framing": Framing.CHUNKED, "chunks": Chunks(last=b"")}, [b"4\r\n1111\r\n", b"1\r\n1\r\n"]),
    ],
)
def test_pieces(fields: dict[str, Any], pieces: list[bytes]) -> None:
    """The body goes out in pieces with their framing."""
    answer = Answer(200, {}, of_length(5, piece_size=4), **fields)
    assert list(answer.pieces(unheeded)) == pieces


def test_pieces_of_another_size() -> None:
    """A connection may want smaller pieces, also in the middle of a chunk; nothing comes without a body."""
    assert list(Answer(200, {}, of_length(5)).pieces(unheeded, 3)) == [b"111", b"11"]
    assert list(Answer(200, {}, of_length(5), framing=Framing.CHUNKED).pieces(unheeded, 3)) == [
        *(b"5\r\n111", b"11\r\n", b"0\r\n\r\n")
    ]
    inexact = Answer(200, {}, of_length(5, exact=False), framing=Framing.CHUNKED)
    assert list(inexact.pieces(unheeded, 3)) == [b"3\r\n111\r\n", b"2\r\n11\r\n", b"0\r\n\r\n"]
    assert list(Answer(204, {}).pieces(unheeded)) == []


def test_events_among_the_pieces() -> None:
    """What happens in a body happens among its pieces."""
    body = Body([Note("x"), Span(0, 1)], 1, ONES)
    assert list(Answer(200, {}, body).pieces(unheeded)) == [Note("x"), b"1"]


TEXT = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
# The status, the headers, and the text of the body, if there is one.
LINES: list[tuple[int, dict[str, str], bytes | None]] = [
    (404, {**TEXT, "X": "y"}, b"h\xc3\xa9llo\n"),
    (200, {**TEXT, "Content-Type": "text/html", "X": "y"}, b"h\xc3\xa9llo\n"),
    (204, {"X": "y"}, None),
    (304, {"X": "y"}, None),
    (205, {"X": "y"}, b""),
]


@pytest.mark.parametrize(("status", "headers", "text"), LINES)
def test_line_of_text(status: int, headers: dict[str, str], text: bytes | None) -> None:
    """A line is sent as UTF-8 text, unless another type is said; where the status allows no body, there is none."""
    given = headers if status == 200 else {"X": "y"}
    answer = line_of_text(status, "h\xe9llo", given, ["status"])
    assert (answer.status, answer.headers, answer.faults) == (status, headers, ["status"])
    assert (joined(answer.body.pieces(unheeded)) if answer.body else None) == text
    assert line_of_text(status, "", {}).faults == ()


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (RequestError("wrong"), 400, {}),
        (NotFoundError("wrong"), 404, {}),
        (MethodNotAllowedError("wrong", "PUT"), 405, {"Allow": "PUT"}),
    ],
)
def test_refused(error: RequestError, status: int, headers: dict[str, str]) -> None:
    """An error is told in its own words, with its status and its headers."""
    answer = refused(error)
    assert (answer.status, answer.small_body) == (status, b"wrong\n")
    assert answer.headers == {**TEXT, **headers}


CHUNKED, CLOSE = {"Transfer-Encoding": "chunked"}, {"Connection": "close"}
# The answer, the version, and then the headers, the framing, and whether the connection is closed.
FRAMED: list[tuple[Answer, str, dict[str, str], Framing, bool]] = [
    (Answer(200, {}, PLAIN), "HTTP/1.1", {"Content-Length": "10"}, Framing.LENGTH, False),
    (Answer(200, {}, PLAIN), "HTTP/1.0", {"Content-Length": "10"}, Framing.LENGTH, False),
    (Answer(200, {}, PLAIN), "HTTP/2", {"Content-Length": "10"}, Framing.LENGTH, False),
    (Answer(200, {}, PLAIN, close=True), "HTTP/1.1", {"Content-Length": "10", **CLOSE}, Framing.LENGTH, True),
    (Answer(200, {}, PLAIN, close=True), "HTTP/2", {"Content-Length": "10"}, Framing.LENGTH, False),
    (Answer(200, {"Content-Length": "9"}, PLAIN), "HTTP/1.1", {"Content-Length": "9"}, Framing.LENGTH, False),
    (Answer(200, {}, PLAIN, framing=Framing.CHUNKED), "HTTP/1.1", CHUNKED, Framing.CHUNKED, False),
    (Answer(200, {}, PLAIN, framing=Framing.CHUNKED), "HTTP/1.0", CLOSE, Framing.CLOSE, True),
    (Answer(200, {}, PLAIN, framing=Framing.CHUNKED), "HTTP/2", {}, Framing.CLOSE, False),
    (Answer(200, {}, PLAIN, framing=Framing.CLOSE), "HTTP/1.1", CLOSE, Framing.CLOSE, True),
    (Answer(200, {}, PLAIN, framing=Framing.CLOSE), "HTTP/2", {}, Framing.CLOSE, False),
    (Answer(304, {}), "HTTP/1.1", {}, Framing.LENGTH, False),
    (Answer(304, {}, close=True), "HTTP/1.1", CLOSE, Framing.LENGTH, True),
]


@pytest.mark.parametrize(("answer", "version", "headers", "framing", "close"), FRAMED)
def test_finished(answer: Answer, version: str, headers: dict[str, str], framing: Framing, close: bool) -> None:  # noqa: FBT001
    """The headers say where the body ends, as the version of the protocol has it; those of HEAD do, too."""
    before = dict(answer.headers)
    got = finished(answer, ask(version=version))
    assert (got.headers, got.framing, got.close, got.body) == (headers, framing, close, answer.body)
    head = finished(answer, ask(method="HEAD", version=version))
    assert (head.headers, head.framing, head.close, head.body) == (headers, framing, close, None)
    assert answer.headers == before
