"""journal.py: the ring that keeps the last records."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from fakefiles.http.record import Record
from fakefiles.transfer.journal import ROOM, Journal


def record(url: str = "/1k", tag: str = "", **fields: Any) -> Record:
    """Return a record of a GET request."""
    made = Record(method="GET", url=url, started=0.0, tag=tag)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def filled(size: int, *records: Record) -> Journal[Record]:
    """Return a journal to which these were added."""
    journal: Journal[Record] = Journal(size)
    for each in records:
        journal.add(each)
    return journal


def numbers(records: list[Record]) -> list[int]:
    """Return the numbers of records."""
    return [each.number for each in records]


class TestJournal:
    """The ring."""

    def test_keeps_the_last(self) -> None:
        """Records are numbered from 1; the oldest are dropped, and `lost` is the number of the last one dropped."""
        journal = filled(3, *(record() for _ in range(5)))
        assert numbers(journal.records()) == [3, 4, 5]
        assert journal.lost == 2
        assert filled(3, record()).lost == 0

    def test_of_no_size(self) -> None:
        """A journal of size 0 numbers the records and keeps none."""
        only = record()
        journal = filled(0, only)
        assert (only.number, journal.records(), journal.lost) == (1, [], 1)

    def test_every_change_has_a_version(self) -> None:
        """A reader gets the records that changed after a version, in the order of the requests."""
        first, second = record(), record()
        journal = filled(9, first, second)
        assert (first.version, second.version, journal.version) == (1, 2, 2)
        assert numbers(journal.records(since=1)) == [2]
        journal.changed(first)
        assert (first.version, journal.version) == (3, 3)
        assert numbers(journal.records(since=1)) == [1, 2]
        assert numbers(journal.records(since=2)) == [1]
        assert journal.records(since=3) == []

    def test_filters(self) -> None:
        """Records are selected by path, without the query, and by tag; the empty tag selects those without one."""
        journal = filled(9, record("/a?x=1", "t"), record("/a", ""), record("/b", "t"))
        assert numbers(journal.records(path="/a")) == [1, 2]
        assert numbers(journal.records(tag="t")) == [1, 3]
        assert numbers(journal.records(tag="")) == [2]
        assert numbers(journal.records(path="/a", tag="t")) == [1]
        assert numbers(journal.records(path="/a", tag="t", since=1)) == []
        assert journal.records(path="/a?x=1") == []

    def test_clear(self) -> None:
        """A cleared record does not count as lost, and its number is not used again."""
        first, second = record(), record()
        journal = filled(9, first, second)
        journal.clear([first])
        assert (numbers(journal.records()), journal.lost) == ([2], 0)
        journal.clear(journal.records())
        journal.add(third := record())
        assert (third.number, third.version) == (3, 3)

    def test_a_change_of_what_is_gone(self) -> None:
        """A record that was dropped while its transfer went on may still change, but is never returned again."""
        first = record()
        journal = filled(1, first, record())
        journal.changed(first)
        assert numbers(journal.records(since=0)) == [2]

    def test_listeners(self) -> None:
        """Each is told of every change, with the record, and may leave at that."""
        journal, heard = filled(9), list[tuple[str, int]]()

        def once(changed: Record) -> None:
            heard.append(("once", changed.number))
            leave()

        leave = journal.listen(once)
        journal.listen(lambda changed: heard.append(("always", changed.number)))
        journal.add(first := record())
        journal.changed(first)
        assert heard == [("once", 1), ("always", 1), ("always", 1)]
        assert journal.listening == 1

    def test_a_listener_makes_another_leave(self) -> None:
        """Who has left is not told, not even of the change at which it left."""
        journal, heard = filled(9), list[int]()
        journal.listen(lambda _: leave())
        leave = journal.listen(lambda changed: heard.append(changed.number))
        journal.add(record())
        assert heard == []

    @pytest.mark.parametrize(
        ("wanted", "heard"),
        [
            ({}, [1, 2, 3]),
            ({"path": "/a"}, [1, 2]),
            ({"tag": "t"}, [1, 3]),
            ({"tag": ""}, [2]),
            ({"path": "/a", "tag": "t"}, [1]),
            ({"path": "/a?x=1"}, []),
        ],
    )
    def test_listeners_for_some(self, wanted: dict[str, Any], heard: list[int]) -> None:
        """Each is told of what records() would return, and of nothing else."""
        journal, told = filled(9), list[int]()
        journal.listen(lambda changed: told.append(changed.number), **wanted)
        for each in (record("/a?x=1", "t"), record("/a"), record("/b", "t")):
            journal.add(each)
        assert told == heard == numbers(journal.records(**wanted))

    def test_many_who_wait_for_another(self) -> None:
        """They cost a change nothing: its steps are the same with one and with a thousand."""

        def steps(listeners: int) -> int:
            journal = filled(9)
            for number in range(listeners):
                journal.listen(lambda _: None, tag=f"t{number}")
            count = 0

            def counting(*_: object) -> None:
                nonlocal count
                count += 1

            sys.setprofile(counting)
            journal.add(record())
            sys.setprofile(None)
            return count

        assert steps(1000) < 2 * steps(1)

    def test_walk(self) -> None:
        """A reader goes on after what it has, whatever is dropped, cleared or added meanwhile."""
        journal = filled(4, *(record() for _ in range(4)))
        walk = journal.walk()
        assert next(walk).number == 1
        journal.add(record())  # drops 1
        journal.add(record())  # drops 2
        journal.clear([journal.records()[0]])  # 3
        assert numbers(list(walk)) == [4]
        assert journal.lost == 2

    def test_long_records(self) -> None:
        """Their bytes are bounded, too: a journal of 8 keeps fewer of those that weigh more than ROOM."""
        journal = filled(8, *(record(weight=2 * ROOM - 1) for _ in range(20)))
        kept = journal.records()
        assert len(kept) == 8 * ROOM // kept[0].weight < 9
        assert journal.lost == 20 - len(kept)
        journal.clear(kept)
        assert len(filled(8, *(record(weight=ROOM) for _ in range(8))).records()) == 8

    def test_a_record_that_grows(self) -> None:
        """It is weighed again when it changes, and not after it has gone."""
        journal = filled(2, first := record(), record(weight=ROOM))
        first.weight = ROOM + 1
        journal.changed(first)
        assert (numbers(journal.records()), journal.lost) == ([2], 1)
        first.weight = 9 * ROOM
        journal.changed(first)
        journal.add(record(weight=ROOM))
        assert numbers(journal.records()) == [2, 3]

    def test_cleared_records_weigh_nothing(self) -> None:
        """They leave room for others."""
        journal = filled(2, record(weight=ROOM), record(weight=ROOM))
        journal.clear(journal.records())
        journal.clear([record()])  # of no journal: nothing to forget
        for _ in range(2):
            journal.add(record(weight=ROOM))
        assert (numbers(journal.records()), journal.lost) == ([3, 4], 0)

    def test_the_longest_record(self) -> None:
        """The newest is kept, however long it is."""
        journal = filled(2, record(), record(weight=99 * ROOM))
        assert numbers(journal.records()) == [2]
