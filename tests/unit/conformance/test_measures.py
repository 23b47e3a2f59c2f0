"""measures.py: numbers about the requests."""

from __future__ import annotations

import pytest

from fakefiles.bittorrent.record import PeerRecord
from fakefiles.conformance.measures import shortest_wait, sizes_sent
from fakefiles.http.record import Record


def test_sizes_sent() -> None:
    """All bytes count, also those of an error, and of peers; of an empty file there is nothing to count."""
    assert sizes_sent([Record(body_sent=100), PeerRecord(body_sent=50)], 100) == pytest.approx(1.5)
    assert sizes_sent([Record(body_sent=5)], 0) == 0.0


def test_shortest_wait() -> None:
    """It is from the end of an error to the next request; an error that is the last one has none. No peer counts."""
    records = [
        Record(status=503, started=1.0, ended=1.5),
        PeerRecord(started=1.6),
        Record(status=503, started=4.0),
        Record(status=200, started=5.0, ended=9.0),
        Record(status=404, started=9.0, ended=9.0),
    ]
    assert shortest_wait(records) == pytest.approx(1.0)
    assert shortest_wait(records[3:]) is None
    assert shortest_wait([]) is None
