"""journal.py: the ring that keeps the last records."""

from __future__ import annotations

from typing import Any

from fakefiles.http.record import Record
from fakefiles.transfer.journal import Journal


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
        """Each is called at every change, and may leave at that."""
        journal, heard = filled(9), list[str]()

        def once() -> None:
            heard.append("once")
            journal.listeners.remove(once)

        journal.listeners += [once, lambda: heard.append("always")]
        journal.add(first := record())
        journal.changed(first)
        assert heard == ["once", "always", "always"]
