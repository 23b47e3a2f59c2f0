"""record.py: what the journal has of a peer."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.bittorrent.record import PeerRecord
from fakefiles.transfer.record import End
from fakefiles.transfer.span import Span

_spans = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda pair: Span(pair[0], sum(pair))))


def bytes_of(spans: list[Span]) -> list[int]:
    """Return the offsets of the bytes in spans."""
    return [offset for span in spans for offset in range(span.start, span.stop)]


@given(_spans)
def test_progress(sent: list[Span]) -> None:
    """Each byte that was sent is noted once, in order, and each that was sent again, too."""
    record = PeerRecord(size=100)
    for span in sent:
        record.wants(span)
        record.progress(span.stop - span.start, span)
    times = bytes_of(sent)
    assert bytes_of(record.sent) == bytes_of(record.asked) == sorted({*times})
    assert bytes_of(record.again) == sorted({offset for offset in times if times.count(offset) > 1})
    assert record.body_sent == len(times)
    for spans in (record.sent, record.again):
        assert all(before.stop < after.start for before, after in pairwise(spans))
    kept = len(record.sent) + len(record.asked) + len(record.again)
    assert record.weight == 120 * kept
    assert not record.overflowed


def test_what_is_no_block() -> None:
    """Bytes that are of no file only count."""
    record = PeerRecord()
    record.progress(5, None)
    assert (record.body_sent, record.sent) == (5, [])


def test_live() -> None:
    """It is live while something that it has asked for may yet come, and it is there."""
    record = PeerRecord(size=10)
    assert not record.live
    record.waiting = 5
    assert record.live
    record.end = End.CLIENT_LEFT
    assert not record.live


def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of spans, no more are noted, but for those that touch one; the record says so."""
    monkeypatch.setattr("fakefiles.bittorrent.record._MOST_SPANS", 2)
    record = PeerRecord()
    for start in (0, 10, 20):
        record.wants(Span(start, start + 1))
    assert record.overflowed
    record.wants(Span(1, 2))
    assert record.asked == [Span(0, 2), Span(10, 11)]
    assert record.weight == 240


_texts = st.text(st.characters(max_codepoint=255), max_size=9)
_records = st.builds(
    PeerRecord,
    url=_texts,
    started=st.floats(0, 1e10),
    client=_texts,
    connection=st.integers(0, 9),
    tag=_texts,
    size=st.none() | st.integers(0, 9),
    info_hash=_texts,
    peer_id=_texts,
    agent=_texts,
    encrypted=st.booleans(),
    overflowed=st.booleans(),
    asked=_spans,
    given=_spans,
    sent=_spans,
    again=_spans,
    end=st.none() | st.sampled_from(End),
    faults=st.lists(_texts, max_size=2),
)


@given(_records)
def test_through_json(original: PeerRecord) -> None:
    """A record goes through JSON and comes back as it was, down to the types."""
    copy = PeerRecord.from_dict(json.loads(json.dumps(original.as_dict())))
    assert copy.as_dict() == original.as_dict()
    assert all(isinstance(span, Span) for span in copy.asked + copy.given + copy.sent + copy.again)
    assert copy.end is original.end


def test_from_another_version() -> None:
    """What a newer server tells besides is left out; what an older one leaves out is as in a new record."""
    copy = PeerRecord.from_dict({"method": "PEER", "url": "/1", "mood": "good"})
    assert copy.as_dict() == PeerRecord(url="/1").as_dict()
