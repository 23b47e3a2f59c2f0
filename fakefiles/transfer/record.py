"""The record of one transfer: what was promised of a file, what was sent, and how it ended. No protocol shows in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from fakefiles.transfer.span import Span


class JournalError(RuntimeError):
    """The journal cannot tell: it is off, records are lost, or a transfer still goes on. The text says what to do."""


class End(str, Enum):
    """How an answer ended."""

    COMPLETE = "complete"
    CLIENT_LEFT = "client left"
    FAULT = "fault"
    SERVER_STOPPED = "server stopped"


@dataclass(eq=False, kw_only=True)
class TransferRecord:
    """One transfer. Times are in seconds since the epoch, and all else that counts is in bytes.

    `number` counts the transfers from 1. `version` grows with every change of any record, except for the mere progress
    of its bytes. `url` names the file, as it was asked for; `tag` is what its query says of it. `connection` numbers
    the connections of the server, from 1; it is 0 where that is not known. `given` are the spans of the file, of `size`
    bytes, that were promised. `sent` are the spans handed to the connection so far: what a client that left had not
    read yet is among them. `length` and `body_sent` are bytes without any framing. `faults` are those that fired, like
    "reset@1048576".
    """

    url: str = ""
    started: float = 0.0
    client: str = ""
    connection: int = 0
    tag: str = ""
    number: int = 0
    version: int = 0
    size: int | None = None
    given: list[Span] = field(default_factory=list)
    length: int = 0
    body_sent: int = 0
    sent: list[Span] = field(default_factory=list)
    first_byte: float | None = None
    last_byte: float | None = None
    ended: float | None = None
    end: End | None = None
    faults: list[str] = field(default_factory=list)
    releaser: Callable[[], object] | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """The URL without its query."""
        return self.url.partition("?")[0]

    @property
    def live(self) -> bool:
        """Whether more may yet be sent."""
        return self.end is None and self.body_sent < self.length

    def release(self) -> None:
        """Let the transfer go on, if it is held by hold=. Raises JournalError when nothing of it is under way."""
        if self.releaser is None:
            raise JournalError("no transfer of this request is under way, to be released")
        self.releaser()

    def progress(self, amount: int, span: Span | None) -> None:
        """Take note of `amount` more bytes of the body, which are a span of the file or, with None, are not."""
        self.body_sent += amount
        if span is None:
            return
        if self.sent and self.sent[-1].stop == span.start:
            self.sent[-1] = Span(self.sent[-1].start, span.stop)
        else:
            self.sent.append(span)
