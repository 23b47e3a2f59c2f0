"""The record of one transfer: what was promised, what was sent, and how it ended. It is the same for all protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

from fakefiles.transfer.span import Span


class JournalError(RuntimeError):
    """The journal cannot answer: it is off, has lost records, or a transfer still goes on. The text says what to do."""


class End(str, Enum):
    """How a transfer ended."""

    COMPLETE = "complete"
    CLIENT_LEFT = "client left"
    FAULT = "fault"
    SERVER_STOPPED = "server stopped"


@dataclass(eq=False, kw_only=True)
class TransferRecord:
    """One transfer. Times are in seconds since the epoch, by the reactor's clock; sizes are in bytes.

    - `number`: of the transfer, from 1. `version`: of the journal, when this record last changed; progress of the bytes
      alone is no change.
    - `url`: the path and the query as requested. `tag`: the tag= in the query.
    - `connection`: the number of the connection, from 1; 0 in a Site of another class than FakeFilesSite.
    - `edition`: which version of the file the URL denoted, 1 or 2, if it is one that changes.
    - `given`: the spans that were promised, of the file with `size` bytes.
    - `sent`: the spans handed to the connection so far. A client that left may not have received all of them.
    - `length`, `body_sent`: bytes without any framing.
    - `faults`: those that happened, like "reset@1048576".
    - `weight`: how many bytes of memory the request has made this record take, roughly. `weighed`: what the journal
      knows of that.
    """

    #: The fields in JSON, in their order; each protocol has its own.
    FIELDS: ClassVar[Sequence[str]] = ()

    url: str = ""
    started: float = 0.0
    client: str = ""
    connection: int = 0
    tag: str = ""
    number: int = 0
    version: int = 0
    size: int | None = None
    edition: int | None = None
    given: list[Span] = field(default_factory=list)
    length: int = 0
    body_sent: int = 0
    sent: list[Span] = field(default_factory=list)
    first_byte: float | None = None
    last_byte: float | None = None
    ended: float | None = None
    end: End | None = None
    faults: list[str] = field(default_factory=list)
    weight: int = 0
    weighed: int = 0
    releaser: Callable[[], object] | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """The URL without its query."""
        return self.url.partition("?")[0]

    @property
    def live(self) -> bool:
        """Whether more may yet be sent."""
        return self.end is None and self.body_sent < self.length

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain values, for JSON: its FIELDS."""
        return {name: getattr(self, name) for name in self.FIELDS}

    def release(self) -> None:
        """Release the transfer if hold= holds it. Raises JournalError if it has ended already."""
        if self.releaser is None:
            raise JournalError("no transfer of this request is under way, to be released")
        self.releaser()

    def progress(self, amount: int, span: Span | None) -> None:
        """Note `amount` more bytes of the body: a span of the file, or None if they are not of the file."""
        self.body_sent += amount
        if span is None:
            return
        if self.sent and self.sent[-1].stop == span.start:
            self.sent[-1] = Span(self.sent[-1].start, span.stop)
        else:
            self.sent.append(span)
