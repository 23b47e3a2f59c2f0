"""The body of an answer: steps say what to send, generators turn them into pieces of bytes, one for each write.

Between the pieces are events, which the producer obeys: they slow a transfer down, or break it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fakefiles.files.content import Content
from fakefiles.files.kinds import ONES
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.span import Span


class Take(NamedTuple):
    """Take `amount` bytes from a bucket before the next piece, and wait as long as it says."""

    bucket: Bucket
    amount: int


class Pause(NamedTuple):
    """Send nothing for `seconds`; 0 waits for the next turn of the reactor, None waits for ever."""

    seconds: float | None = None


class Hold(NamedTuple):
    """Send nothing until the test releases the transfer."""


class Note(NamedTuple):
    """A fault happens here: record its `text`, like "reset@1048576", in the journal."""

    text: str


class Cut(NamedTuple):
    """End the connection here: with an RST if `reset`, else with a FIN."""

    reset: bool = False


class Deadline(NamedTuple):
    """After `seconds`, `events` happen, the last of which ends the connection; whatever the body is doing then."""

    seconds: float
    events: Sequence[Note | Cut]


Event = Deadline | Take | Pause | Hold | Note | Cut
#: What a body is made of on the wire: bytes for one write, or what happens between two.
Piece = bytes | Event
#: A step of a body: literal bytes, a span of the file, or an event.
Step = bytes | Span | Event
#: Turns steps into other steps: slower ones, or with faults between them.
Shape = Callable[[Iterable[Step]], Iterable[Step]]
#: Called just before a piece goes out: with how many bytes of the body it has, and their span of the file, or None.
Progress = Callable[[int, "Span | None"], None]

#: The most bytes of a file in one piece: so much stays in the transport's buffer if the client never reads.
MAX_PIECE = 1 << 17


@dataclass(frozen=True, slots=True)
class Body:
    """What follows the head of an answer: `length` bytes, made of `steps`, whose spans are read from `content`.

    `piece_size`: the most bytes in one piece. `shape` transforms the steps; None leaves them as they are. `exact`:
    whether the length is the true one: gzip changes it, and made() does not know it. The framing is added later: see
    framing.py.
    """

    steps: Iterable[Step]
    length: int
    content: Content = ONES
    piece_size: int = MAX_PIECE
    shape: Shape | None = None
    exact: bool = True

    @classmethod
    def literal(cls, data: bytes) -> Body:
        """Return a body of just these bytes."""
        return cls((data,), len(data))

    @classmethod
    def made(cls, pieces: Iterator[bytes]) -> Body:
        """Return a body of bytes that are made while they are sent: its length is known only at the end."""
        return cls(pieces, 0, exact=False)

    @property
    def plain(self) -> bool:
        """Whether the body is only bytes, without events."""
        return self.shape is None

    @property
    def span(self) -> Span | None:
        """The span if the body is exactly one span, else None."""
        steps = self.steps
        if not self.plain or not isinstance(steps, list) or len(steps) != 1:
            return None
        return steps[0] if isinstance(steps[0], Span) else None

    def pieces(self, progress: Progress, most: int = MAX_PIECE) -> Iterator[Piece]:
        """Yield pieces of at most `most` and `piece_size` bytes, and the events between them."""
        steps = self.steps if self.shape is None else self.shape(self.steps)
        return cut(steps, self.content, min(self.piece_size, most), progress)


def cut(steps: Iterable[Step], content: Content, most: int, progress: Progress) -> Iterator[Piece]:
    """Yield the steps, with spans and bytes as pieces of up to `most` bytes.

    A piece of a span is read only when it is asked for.
    """
    for step in steps:
        if isinstance(step, Span):
            for offset in range(step.start, step.stop, most):
                stop = min(offset + most, step.stop)
                piece = read_all(content, offset, stop - offset)
                progress(len(piece), Span(offset, stop))
                yield piece
        elif isinstance(step, bytes):
            for start in range(0, len(step), most):
                piece = step[start : start + most]
                progress(len(piece), None)
                yield piece
        else:
            yield step


def read_all(content: Content, offset: int, length: int) -> bytes:
    """Return `length` bytes of a content. Raises ValueError if it returns more or fewer: it may be third-party code."""
    data = content.read(offset, length)
    if len(data) != length:
        raise ValueError(f"{content.identity} returned {len(data)} bytes instead of {length} at offset {offset}")
    return data
