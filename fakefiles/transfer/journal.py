"""The journal: the records of the last transfers. It never keeps bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from fakefiles.transfer.record import TransferRecord

_Record = TypeVar("_Record", bound=TransferRecord)
_Listener = Callable[[_Record], object]

#: The bytes that a journal has for each of its records, on average: see TransferRecord.weight.
ROOM = 8192


class Journal(Generic[_Record]):
    """The last `size` records; fewer if they weigh more than `size` times ROOM. `version` is that of the latest change.

    `count` is the number of the newest record, `lost` that of the newest one dropped for lack of room.
    Code that changes a record must call changed(), which tells the listeners.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.version = 0
        self.lost = 0
        self.count = 0
        # By their numbers, and in that order: so a reader can go on after any of them, whatever has gone meanwhile.
        self._records: dict[int, _Record] = {}
        self._oldest = 1  # no record has a smaller number
        self._weight = 0
        # By the path and the tag that they listen for: so a change costs the same, however many wait for another one.
        self._listeners: dict[tuple[str | None, str | None], dict[object, _Listener[_Record]]] = {}

    def add(self, record: _Record) -> None:
        """Give a record its number, and keep it."""
        self.count += 1
        record.number = self.count
        self._records[record.number] = record
        self.changed(record)
        if len(self._records) > self.size:
            self._make_room()

    def changed(self, record: _Record) -> None:
        """Give a record the newest version, and tell the listeners."""
        self.version += 1
        record.version = self.version
        if record.weight != record.weighed and record.number in self._records:
            self._weight += record.weight - record.weighed
            record.weighed = record.weight
            self._make_room()
        if self._listeners:
            path, tag = record.path, record.tag
            for wanted in ((None, None), (path, None), (None, tag), (path, tag)):
                self._tell(record, self._listeners.get(wanted, {}))

    def _make_room(self) -> None:
        """Drop the oldest records, but not the newest one, until the others have room."""
        records = self._records
        while len(records) > self.size or (self._weight > self.size * ROOM and len(records) > 1):
            self.lost = self._oldest if self._oldest in records else self._first()
            self._weight -= records.pop(self.lost).weighed
            self._oldest = self.lost + 1

    def _first(self) -> int:
        """Return the number of the oldest record; without records, the one that the next record gets."""
        while self._oldest not in self._records and self._oldest <= self.count:
            self._oldest += 1
        return self._oldest

    @staticmethod
    def _tell(record: _Record, listeners: dict[object, _Listener[_Record]]) -> None:
        for key, listener in tuple(listeners.items()):
            if key in listeners:  # an earlier one may have made it leave
                listener(record)

    def listen(
        self, listener: _Listener[_Record], *, path: str | None = None, tag: str | None = None
    ) -> Callable[[], None]:
        """Call `listener` with each record that changes; of a path, or a tag. Return a function that ends this."""
        wanted, key = (path, tag), object()
        self._listeners.setdefault(wanted, {})[key] = listener

        def leave() -> None:
            del self._listeners[wanted][key]
            if not self._listeners[wanted]:
                del self._listeners[wanted]

        return leave

    @property
    def listening(self) -> int:
        """The number of listeners."""
        return sum(map(len, self._listeners.values()))

    def records(self, *, path: str | None = None, tag: str | None = None, since: int = 0) -> list[_Record]:
        """Return the records, in the order of the requests, that have changed since a version; of a path, or a tag."""
        return list(self.walk(path=path, tag=tag, since=since))

    def walk(self, *, path: str | None = None, tag: str | None = None, since: int = 0) -> Iterator[_Record]:
        """Yield what records() returns, without keeping it: records may be added and dropped between two of them.

        Those that are added after the first one are not among them.
        """
        for number in range(self._first(), self.count + 1):
            record = self._records.get(number)
            if (
                record is not None
                and record.version > since
                and (path is None or record.path == path)
                and (tag is None or record.tag == tag)
            ):
                yield record

    def clear(self, records: Iterable[_Record]) -> None:
        """Forget some records, as if they had not been; they do not count as lost."""
        for record in list(records):
            if self._records.pop(record.number, None) is not None:
                self._weight -= record.weighed
