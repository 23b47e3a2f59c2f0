"""access_log.py: a line explains a failure, and no client can forge one."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock
from twisted.python.failure import Failure

import fakefiles
from doubles import Connection

BEFORE = '"127.0.0.1" - - [01/Jan/1970:00:00:00 +0000] "GET '

LINES = [
    ("/10", "", '/10 HTTP/1.1" 200 10 "-" "-" 0.000s'),
    ("/10", "Range: bytes=2-5", '/10 HTTP/1.1" 206 4 "-" "-" 0.000s range="bytes=2-5"'),
    ("/10", "Range: bytes=99-", '/10 HTTP/1.1" 416 53 "-" "-" 0.000s range="bytes=99-"'),
    ("/10", 'Range: x" 200\x1b\x85', '/10 HTTP/1.1" 416 80 "-" "-" 0.000s range="x\\" 200\\u001b\\u0085"'),
    ("/10?flip=3", "", '/10?flip=3 HTTP/1.1" 200 10 "-" "-" 0.000s faults="flip@3"'),
    ("/10?status=503", "", '/10?status=503 HTTP/1.1" 503 25 "-" "-" 0.000s faults="status=503"'),
    ("/10?close=4", "", '/10?close=4 HTTP/1.1" 200 4 "-" "-" 0.000s sent=4/10 faults="close@4" end="fault"'),
    ("/10?reset=0", "", '/10?reset=0 HTTP/1.1" 200 - "-" "-" 0.000s sent=0/10 faults="reset@0" end="fault"'),
    (
        "/10?refuse=close",
        "",
        '/10?refuse=close HTTP/1.1" 0 - "-" "-" 0.000s sent=0/0 faults="refuse=close" end="fault"',
    ),
    ("/10?hold=4", "", '/10?hold=4 HTTP/1.1" 200 4 "-" "-" 0.000s sent=4/10 faults="hold@4" end="client left"'),
    ("/10?delay=9", "", '/10?delay=9 HTTP/1.1" 0 - "-" "-" 0.000s sent=0/0 end="client left"'),
]


@pytest.mark.parametrize(("target", "header", "line"), LINES)
def test_lines(target: str, header: str, line: str, logged_lines: list[str]) -> None:
    """Each request has one line, however it ended, written as soon as that is known."""
    clock = Clock()
    client = Connection(fakefiles.site(access_log=True, reactor=clock), clock)
    head = f"GET {target} HTTP/1.1\r\nHost: test\r\n{header}\r\n" + "\r\n" * bool(header)
    client.send(head.encode("latin-1"))
    client.protocol.connectionLost(Failure(ConnectionError()))
    assert logged_lines == [BEFORE + line]


def test_duration(logged_lines: list[str]) -> None:
    """The time is from the request to the end of its answer."""
    clock = Clock()
    client = Connection(fakefiles.site(access_log=True, reactor=clock), clock)
    client.send(b"GET /10?rate=4 HTTP/1.1\r\nHost: test\r\n\r\n")
    clock.pump([0.5] * 10)
    assert [line.rpartition(" ")[2] for line in logged_lines] == ["2.500s"]


def test_a_page_that_is_not_recorded(logged_lines: list[str]) -> None:
    """A large page of the journal has its line, too, if its client leaves in the middle of it."""
    clock = Clock()
    site = fakefiles.site(access_log=True, reactor=clock)
    client = Connection(site, clock)
    for _ in range(20):
        client.get("/1/" + "x" * 200)
    del logged_lines[:]
    client.send(b"GET /-/journal HTTP/1.1\r\nHost: localhost\r\n\r\n", most_turns=0)
    client.protocol.connectionLost(Failure(ConnectionError()))
    assert len(logged_lines) == 1
    assert logged_lines[0].startswith(f'{BEFORE}/-/journal HTTP/1.1" 200 ')
