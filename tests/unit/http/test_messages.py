"""messages.py: whatever the answer is, its message is odd in the way that the URL wants; on the wire, too."""

from __future__ import annotations

import gzip
import time
from email.utils import parsedate_to_datetime

import pytest

from doubles import Connection, ask, decide
from fakefiles.behaviour.dates import HttpDate
from fakefiles.behaviour.message import Message
from fakefiles.behaviour.substitute import Refusal
from fakefiles.http.answers import Answer
from fakefiles.http.messages import around, dropped
from fakefiles.urls.settings import Settings


def answer(target: str, method: str = "GET", **headers: str) -> Answer:
    """Return the answer to the first request to a server."""
    reply = decide(ask(target, method, **headers), Settings())
    assert isinstance(reply, Answer)
    return reply


def when(date: str) -> float:
    """Return the moment of a date."""
    return parsedate_to_datetime(f"{date} GMT" if "GMT" not in date else date).timestamp()


def fault_of(query: str) -> tuple[str, ...]:
    """Return the faults of an answer."""
    return tuple(answer(f"/10?{query}").faults)


def test_nothing_odd() -> None:
    """An ordinary message stays what it is."""
    reply = Answer(200, {})
    assert around(reply, ask(), Message()) is reply
    assert dropped(ask()._replace(reused=True), Message()) is None
    assert not answer("/10").dates


def test_retry_after() -> None:
    """A number is a field at once, a date only when the answer goes out; what is unusual is in the journal."""
    assert fault_of("status=503&retry_after=3") == ("status=503",)
    assert fault_of("status=503&retry_after=negative") == ("status=503", "retry_after=negative")
    assert fault_of("status=503&retry_after=date:1m") == ("status=503", "retry_after=date:60")
    assert answer("/10?status=503&retry_after=huge").headers["Retry-After"] == "9" * 20
    reply = answer("/10?status=503&retry_after=date:3")
    assert ("Retry-After" in reply.headers, reply.dates) == (False, {"Retry-After": HttpDate(3)})
    told = reply.at(784_111_777.9).headers
    assert (told["Date"], told["Retry-After"]) == ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:40 GMT")


def test_skew() -> None:
    """Date is wrong, and a date in Retry-After with it."""
    reply = answer("/10?status=503&retry_after=asctime:3&skew=-1h")
    assert reply.dates == {"Date": HttpDate(-3600), "Retry-After": HttpDate(-3597, "asctime")}
    assert reply.faults == ["skew=-3600", "status=503", "retry_after=asctime:3"]


@pytest.mark.parametrize(
    ("target", "field", "status"),
    [
        ("/10?skew=1h", {}, 200),
        ("/10?skew=1h", {"Range": "bytes=0-1"}, 206),
        ("/10?skew=1h", {"Range": "bytes=20-"}, 416),
        ("/10?skew=1h", {"If_None_Match": '"ones-10"'}, 304),
        ("/10?skew=1h", {"If_Match": '"x"'}, 412),
    ],
)
def test_skew_of_every_answer(target: str, field: dict[str, str], status: int) -> None:
    """The clock is wrong for whatever a file answers; a checksum file is right."""
    reply = answer(target, **field)
    assert (reply.status, reply.dates, reply.faults) == (status, {"Date": HttpDate(3600)}, ["skew=3600"])
    assert not reply.lasting
    assert not answer("/10/a.sha256?skew=1h", "HEAD").dates


def test_behaving() -> None:
    """After fail=1 the clock is right."""
    server = Connection()
    first, second = (server.get("/10?fail=1&skew=-1h").headers["date"] for _ in range(2))
    assert when(second) - when(first) == pytest.approx(3600, abs=2)
    assert when(second) == pytest.approx(time.time(), abs=2)


@pytest.mark.parametrize(("form", "skew"), [("date", 0), ("rfc850", 7200), ("asctime", -7200)])
def test_dates_on_the_wire(form: str, skew: int) -> None:
    """There is one Date, which is right but for the skew, and Retry-After is so much later."""
    headers = Connection().get(f"/10?status=503&retry_after={form}:3&skew={skew}").headers
    assert when(headers["retry-after"]) - when(headers["date"]) == 3
    assert when(headers["date"]) == pytest.approx(time.time() + skew, abs=2)


def test_after_a_delay() -> None:
    """The dates are those of the moment when the answer goes out: the same for both."""
    headers = Connection().get("/10?status=503&retry_after=past").headers
    assert when(headers["retry-after"]) - when(headers["date"]) == -86_400


def raw(query: str, version: str = "HTTP/1.1", times: int = 1) -> tuple[bytes, Connection]:
    """Return what is on the wire after some requests on one connection, and that connection."""
    connection = Connection()
    request = f"GET /10?{query} {version}\r\nHost: localhost\r\n\r\n".encode()
    return b"".join(connection.send(request) for _ in range(times)), connection


HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n"


@pytest.mark.parametrize(
    ("query", "before", "rest"),
    [
        ("early=100", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n"),
        ("early=103", HINTS, b"HTTP/1.1 200 OK\r\n"),
        ("early=102,103", b"HTTP/1.1 102 Processing\r\n\r\n" + HINTS, b"HTTP/1.1 200 OK\r\n"),
        ("early=103&status=404", HINTS, b"HTTP/1.1 404 Not Found\r\n"),
        ("early=103&refuse=close", HINTS, b""),
    ],
)
def test_early(query: str, before: bytes, rest: bytes) -> None:
    """Interim answers come first, then the answer, or the end of the connection."""
    data, _ = raw(query)
    assert data.startswith(before + rest)
    assert (data == before) is (rest == b"")
    assert fault_of(query)[0] == query.partition("&")[0]


def test_early_before_the_delay() -> None:
    """They do not wait, and are followed by one answer."""
    data, connection = raw("early=103&delay=5")
    assert data == HINTS
    connection.clock.advance(5)
    assert connection.read().startswith(b"HTTP/1.1 200 OK\r\n")


def test_early_of_http_1_0() -> None:
    """A client of HTTP/1.0 knows no interim answers."""
    assert raw("early=103", "HTTP/1.0")[0].startswith(b"HTTP/1.0 200 OK\r\n")
    reply = decide(ask("/10?early=103", version="HTTP/1.0"), Settings())
    assert isinstance(reply, Answer)
    assert not reply.faults


def test_http_1_0() -> None:
    """The answer has the version, no Connection field, and is the last on its connection."""
    data, connection = raw("http=1.0")
    head, _, body = data.partition(b"\r\n\r\n")
    assert (head.startswith(b"HTTP/1.0 200 OK\r\n"), b"Connection" in head, body) == (True, False, b"1" * 10)
    assert b"Content-Length: 10" in head
    assert connection.transport.disconnecting
    assert fault_of("http=1.0") == ("http=1.0",)


def test_http_1_0_without_a_length() -> None:
    """Such a body ends with the connection: what would be chunks in HTTP/1.1 is not."""
    head, _, body = raw("http=1.0&encoding=gzip")[0].partition(b"\r\n\r\n")
    assert (b"Transfer-Encoding" in head, gzip.decompress(body)) == (False, b"1" * 10)


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/2"])
def test_http_1_0_of_other_versions(version: str) -> None:
    """To a request of another version it changes nothing."""
    reply = decide(ask("/10?http=1.0", version=version), Settings())
    assert isinstance(reply, Answer)
    assert (reply.version, reply.faults) == ("", ())


@pytest.mark.parametrize("how", ["close", "reset"])
def test_reused(how: str) -> None:
    """The first request of a connection is answered, the second ends it; other requests count."""
    data, connection = raw(f"reused={how}&early=103&skew=1h", times=2)
    assert (data.count(b"HTTP/1.1 200 OK\r\n"), data.endswith(b"1" * 10)) == (1, True)
    assert connection.transport.disconnecting
    assert connection.site.journal.records()[-1].faults == [f"reused={how}"]
    other = Connection()
    assert other.get("/10").body == b"1" * 10
    assert other.send(f"GET /10?reused={how} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()) == b""


def test_reused_with_a_delay() -> None:
    """The connection ends after the delay."""
    reply = decide(ask("/10?reused=close&delay=2")._replace(reused=True), Settings())
    assert isinstance(reply, Answer)
    assert (reply.refusal, reply.delay, reply.lasting) == (Refusal.CLOSE, 2, False)


def test_no_head() -> None:
    """Where no head is sent, nothing in it is wrong."""
    assert fault_of("refuse=close&skew=1h&http=1.0") == ("refuse=close",)
    assert fault_of("refuse=headers&skew=1h&http=1.0") == ("http=1.0", "skew=3600", "refuse=headers")


def test_plain_urls_stay_cached() -> None:
    """The answer to a plain URL is kept for new connections and for used ones."""
    connection = Connection()
    for _ in range(3):
        connection.get("/10")
    Connection(connection.site).get("/10")
    assert len(connection.site.resource._cache._answers) == 2
