"""The journal: records of the last requests, what was sent for each, and how it ended. It never keeps bodies."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from fakefiles.transfer.ranges import Span


class JournalError(RuntimeError):
    """The journal cannot answer: it is off, has lost records, or a transfer still goes on. The text says what to do."""


class End(str, Enum):
    """How an answer ended."""

    COMPLETE = "complete"
    CLIENT_LEFT = "client left"
    FAULT = "fault"
    SERVER_STOPPED = "server stopped"


class Headers(Mapping[str, str]):
    """Header fields. Names match in any case (RFC 9110, 5.1); iteration yields them in lower case."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = {name.lower(): value for name, value in fields.items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return repr(self._fields)


@dataclass(eq=False)
class Record:
    """One request and its answer. Times are in seconds since the epoch, sizes in bytes.

    - `number`: of the request, from 1. `version`: of the journal, when this record last changed; progress of the bytes
      alone is no change.
    - `connection`: the number of the connection, from 1; 0 in a Site of another class than FakeFilesSite.
    - `url`: the path and the query as requested. `tag`: the tag= in the query.
    - `asked`: the Range field. `given`: the spans that the answer promises, of the file with `size` bytes.
    - `sent`: the spans handed to the connection so far. A client that left may not have received all of them.
    - `length`, `body_sent`: bytes of the body, without the framing of chunks.
    - `faults`: those that happened, like "reset@1048576".
    """

    method: str
    url: str
    started: float
    client: str = ""
    connection: int = 0
    headers_of: Callable[[], Mapping[str, str]] = field(default=dict, repr=False)
    tag: str = ""
    number: int = 0
    version: int = 0
    status: int | None = None
    size: int | None = None
    asked: str | None = None
    given: list[Span] = field(default_factory=list)
    framing: str | None = None
    length: int = 0
    body_sent: int = 0
    sent: list[Span] = field(default_factory=list)
    first_byte: float | None = None
    last_byte: float | None = None
    ended: float | None = None
    end: End | None = None
    faults: list[str] = field(default_factory=list)
    releaser: Callable[[], object] | None = field(default=None, repr=False)

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The fields of the request. Names match in any case; values of a repeated field are joined with ", "."""
        return Headers(self.headers_of())

    @property
    def path(self) -> str:
        """The URL without its query."""
        return self.url.partition("?")[0]

    @property
    def live(self) -> bool:
        """Whether the server may still send something."""
        return self.end is None and (self.status is None or self.body_sent < self.length)

    def release(self) -> None:
        """Let a transfer that hold= has stopped go on. Raises JournalError if it has ended already."""
        if self.releaser is None:
            raise JournalError("no transfer of this request is under way, to be released")
        self.releaser()

    def progress(self, amount: int, span: Span | None) -> None:
        """Record `amount` more bytes of the body. `span` is their place in the file; None if they are not from it."""
        self.body_sent += amount
        if span is None:
            return
        if self.sent and self.sent[-1].stop == span.start:
            self.sent[-1] = Span(self.sent[-1].start, span.stop)
        else:
            self.sent.append(span)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain values for JSON; from_dict() is the reverse."""
        values = {name: getattr(self, name) for name in _FIELDS}
        return {**values, "headers": dict(self.headers)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Record:
        """Return the record that as_dict() turned into `values`. Unknown keys are ignored: versions may differ."""
        known = {name: values[name] for name in _FIELDS if name in values}
        for name in ("given", "sent"):
            known[name] = [Span(*span) for span in known.get(name, ())]
        known["end"] = End(known["end"]) if known.get("end") else None
        headers = dict(values.get("headers", {}))
        return cls(**known, headers_of=lambda: headers)


_FIELDS = tuple(name for name in Record.__dataclass_fields__ if name not in {"headers_of", "releaser"})


class Journal:
    """The last `size` records. `version` counts the changes of records.

    `count` is the number of the newest record, `lost` that of the newest one dropped for lack of room.
    Code that changes a record must call changed(), which calls the `listeners`.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.version = 0
        self.lost = 0
        self.listeners: list[Callable[[], None]] = []
        self._records: deque[Record] = deque()
        self.count = 0

    def add(self, record: Record) -> None:
        """Give a record its number and keep it; drop the oldest one if there are more than `size`."""
        self.count += 1
        record.number = self.count
        self._records.append(record)
        if len(self._records) > self.size:
            self.lost = self._records.popleft().number
        self.changed(record)

    def changed(self, record: Record) -> None:
        """Give a record the newest version, and tell the listeners."""
        self.version += 1
        record.version = self.version
        if self.listeners:
            for listener in tuple(self.listeners):
                listener()

    def records(self, *, path: str | None = None, tag: str | None = None, since: int = 0) -> list[Record]:
        """Return records in the order of the requests: those changed after version `since`, of a path, with a tag."""
        return [
            record
            for record in self._records
            if record.version > since and (path is None or record.path == path) and (tag is None or record.tag == tag)
        ]

    def clear(self, records: Iterable[Record]) -> None:
        """Forget some records. They do not count as lost."""
        gone = {id(record) for record in records}
        self._records = deque(record for record in self._records if id(record) not in gone)
