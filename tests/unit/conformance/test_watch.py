"""watch.py: what is done when a transfer is held; the server is a list of readings."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from fakefiles.bittorrent.record import PeerRecord
from fakefiles.conformance import watch
from fakefiles.conformance.watch import Requests, Watch, release
from fakefiles.http.record import Record
from fakefiles.testing.process import ServerError
from fakefiles.testing.view import Reading
from fakefiles.transfer.record import End, JournalError, TransferRecord
from fakefiles.transfer.span import Span
from processes import PATIENCE


class Journal:
    """A journal whose readings are these, one after the other; the last one again and again, or its error."""

    def __init__(self, *readings: Sequence[TransferRecord] | Exception, lost: int = 0) -> None:
        self._readings = [[], *readings]
        self._lost = lost
        self._count = 0

    def read(self, tag: str, since: int = 0, wait: float = 0) -> Reading:
        """Return the next reading."""
        assert tag == "t"
        threading.Event().wait(min(wait, 0.001))
        now = self._readings.pop(0) if len(self._readings) > 1 else self._readings[0]
        if isinstance(now, Exception):
            raise now
        self._count += 1
        return Reading(since + 1, self._lost * (self._count > 1), 0, now)


def requests(*readings: Sequence[TransferRecord] | Exception, **fields: int) -> Requests:
    """Return the requests of a journal with these readings."""
    journal: Any = Journal(*readings, **fields)
    return Requests(journal, "t")


def live(number: int, *faults: str) -> Record:
    """Return a record of a transfer under way."""
    return Record(number=number, status=200, length=10, body_sent=5, faults=[*faults])


def test_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits until no transfer is under way, or for some time."""
    over = Record(number=1, status=200, length=10, body_sent=10, end=End.COMPLETE)
    assert requests([live(1)], [live(1)], [over]).settled() == [over]
    monkeypatch.setattr(watch, "_SETTLE_PATIENCE", 0.02)
    assert [record.live for record in requests([live(1)]).settled()] == [True]


def test_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first requests are kept, as they are now; all are counted."""
    monkeypatch.setattr(watch, "_MOST_KEPT", 2)
    found = requests([live(1), live(2), live(3)], [Record(number=1, end=End.FAULT), live(4)])
    assert [record.number for record in found.read()] == [1, 2]
    assert [record.end for record in found.read()] == [End.FAULT, None]
    assert found.count == 4


def test_peers() -> None:
    """The connections of peers are among the requests; one that waits for what it has asked for is not settled."""
    waiting = PeerRecord(number=2, asked=[Span(0, 5)], waiting=5)
    gone = PeerRecord(number=2, asked=[Span(0, 5)], end=End.CLIENT_LEFT)
    found = requests([waiting], [gone])
    assert found.settled() == [gone]
    assert found.count == 1


def test_lost() -> None:
    """It says when the journal has lost requests since the beginning."""
    assert not requests([]).lost
    losing = requests([], lost=5)
    losing.read()
    assert losing.lost


def watched(
    *readings: Sequence[TransferRecord] | Exception, acts: int = 1, enough: int = 1, **fields: Any
) -> list[list[int]]:
    """Watch these readings until something is done so often; return the numbers of the requests it was done for."""
    done: list[list[int]] = []
    ready = threading.Event()

    def act(held: Sequence[TransferRecord]) -> None:
        done.append([record.number for record in held])
        if len(done) == acts:
            ready.set()
        if fields.get("error"):
            raise fields["error"]

    watching = Watch(requests(*readings), act, enough)
    assert ready.wait(PATIENCE)
    watching.stop()
    assert watching.first.is_set()
    return done


def test_once() -> None:
    """It acts for the first transfer that is held, and not for others."""
    over = Record(number=1, end=End.COMPLETE, faults=["hold@5"])
    assert watched([over, live(2, "close@5")], [live(2), live(3, "hold@5")]) == [[3]]


def test_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """With so many held at once; or later, if they do not come."""
    assert watched([live(1, "hold@5")], [live(1, "hold@5"), live(2, "hold@5")], enough=2) == [[1, 2]]
    monkeypatch.setattr(watch, "_COMPANION_PATIENCE", 0.01)
    assert watched([live(1, "hold@5")], enough=2) == [[1]]


def test_later_ones_are_released() -> None:
    """What is held after it has acted is released; without an act, all is."""
    released = threading.Event()
    first, second = live(1, "hold@5"), live(2, "hold@5")
    second.releaser = released.set
    done: list[int] = []
    watching = Watch(requests([first], [first, second]), lambda held: done.append(len(held)))
    assert released.wait(PATIENCE)
    watching.stop()
    assert done == [1]
    released.clear()
    watching = Watch(requests([second]), None)
    assert released.wait(PATIENCE)
    watching.stop()


def test_errors() -> None:
    """A transfer that has ended before it is released is no error; when the server is gone, watching ends."""
    assert watched([live(1, "hold@5")], error=JournalError("over")) == [[1]]
    watching = Watch(requests(ServerError("gone")), None)
    watching.stop()
    with pytest.raises(JournalError):
        release([live(1)])
