"""wire.py: requests as text."""

from __future__ import annotations

from fakefiles.bittorrent.record import PeerRecord
from fakefiles.conformance.reports.wire import wire
from fakefiles.http.record import Record
from fakefiles.transfer.record import End


def test_wire() -> None:
    """Two lines for each request: what came, and what was answered, with times since the first one."""
    records = [
        Record(
            method="GET",
            url="/1k?x=" + "y" * 300,
            started=10.0,
            connection=3,
            status=206,
            length=10,
            body_sent=5,
            end=End.FAULT,
            faults=["close@5"],
            headers_of=lambda: {"Range": "bytes=5-", "Host": "x"},
        ),
        Record(method="HEAD", url="/1k", started=10.5),
        PeerRecord(url="/1k", started=11.0, connection=4, length=1024, body_sent=9, faults=["peer=choke"]),
    ]
    lines = wire(records).splitlines()
    assert lines[0] == "  0.000 s  conn 3  GET /1k?x=" + "y" * 154 + " | range: bytes=5-"
    assert lines[1].strip() == "206, sent 5 of 10; fault (close@5)"
    assert lines[2:4] == ["  0.500 s  conn 0  HEAD /1k", "           no answer, sent 0 of 0; not over"]
    assert lines[4:] == ["  1.000 s  conn 4  PEER /1k", "           peer, sent 9 of 1024; not over (peer=choke)"]


def test_many_and_none() -> None:
    """Of very many requests only the first ones are shown."""
    assert wire([]) == "no requests"
    assert wire([Record()] * 50).splitlines()[-1] == "... and 10 more requests"
