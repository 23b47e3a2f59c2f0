"""The journal: the records of the last transfers. It never keeps bodies."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from fakefiles.transfer.record import TransferRecord

_Record = TypeVar("_Record", bound=TransferRecord)


class Journal(Generic[_Record]):
    """The last `size` records. `version` is that of the latest change.

    `count` is the number of the newest record, `lost` that of the newest one dropped for lack of room.
    Code that changes a record must call changed(), which calls the `listeners`.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.version = 0
        self.lost = 0
        self.listeners: list[Callable[[], None]] = []
        self._records: deque[_Record] = deque()
        self.count = 0

    def add(self, record: _Record) -> None:
        """Give a record its number, and keep it."""
        self.count += 1
        record.number = self.count
        self._records.append(record)
        if len(self._records) > self.size:
            self.lost = self._records.popleft().number
        self.changed(record)

    def changed(self, record: _Record) -> None:
        """Give a record the newest version, and tell the listeners."""
        self.version += 1
        record.version = self.version
        if self.listeners:
            for listener in tuple(self.listeners):
                listener()

    def records(self, *, path: str | None = None, tag: str | None = None, since: int = 0) -> list[_Record]:
        """Return the records, in the order of the requests, that have changed since a version; of a path, or a tag."""
        return [
            record
            for record in self._records
            if record.version > since and (path is None or record.path == path) and (tag is None or record.tag == tag)
        ]

    def clear(self, records: Iterable[_Record]) -> None:
        """Forget some records, as if they had not been; they do not count as lost."""
        gone = {id(record) for record in records}
        self._records = deque(record for record in self._records if id(record) not in gone)
