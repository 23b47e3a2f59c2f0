"""How a body goes out: steps say what to send, generators turn them into pieces of bytes, one for each write.

Between the pieces stand events, which the producer obeys: they make a transfer slow, or break it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fakefiles.files.content import Content
from fakefiles.files.kinds import ONES
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.span import Span


class Take(NamedTuple):
    """Take `amount` bytes from a bucket before the next piece: wait while it is empty."""

    bucket: Bucket
    amount: int


class Pause(NamedTuple):
    """Send nothing for so many seconds, if only until the next turn of the reactor; with None, for ever."""

    seconds: float | None = None


class Hold(NamedTuple):
    """Send nothing until somebody releases the transfer."""


class Note(NamedTuple):
    """A fault fires here: tell the journal, like "reset@1048576"."""

    text: str


class Cut(NamedTuple):
    """End the connection here: with a FIN, or with `reset` with an RST."""

    reset: bool = False


Event = Take | Pause | Hold | Note | Cut
#: What a body is made of on the wire: bytes for one write, or what happens between two.
Piece = bytes | Event
#: A step of a body: literal bytes, a span of the file, or an event.
Step = bytes | Span | Event
#: Makes other steps of steps: slower, or with faults among them.
Shape = Callable[[Iterable[Step]], Iterable[Step]]
#: Is told, just before a piece goes out, of its bytes of the body, and of which span of the file they are, if of any.
Progress = Callable[[int, "Span | None"], None]

#: The most bytes of a file in one piece. A client that never reads leaves one piece in its connection's buffer.
MAX_PIECE = 1 << 17


@dataclass(frozen=True, slots=True)
class Body:
    """What follows the head: `length` bytes made of `steps`, whose spans are spans of `content`.

    `piece_size` is the most bytes in one piece. `shape` is what happens to the steps on their way; nothing if None. It
    may change their length, unless `exact`. How the end of the body is told is not its business: see framing.py.
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

    @property
    def plain(self) -> bool:
        """Whether it is only bytes, among which nothing happens."""
        return self.shape is None

    @property
    def span(self) -> Span | None:
        """The span, if the body is one span and nothing else."""
        steps = self.steps
        if not self.plain or not isinstance(steps, list) or len(steps) != 1:
            return None
        return steps[0] if isinstance(steps[0], Span) else None

    def pieces(self, progress: Progress, most: int = MAX_PIECE) -> Iterator[Piece]:
        """Yield the bytes, at most `most` or `piece_size` in each piece, and the events among them."""
        steps = self.steps if self.shape is None else self.shape(self.steps)
        return cut(steps, self.content, min(self.piece_size, most), progress)


def cut(steps: Iterable[Step], content: Content, most: int, progress: Progress) -> Iterator[Piece]:
    """Yield the steps, a span in pieces of `most` bytes, each read only when it is asked for."""
    for step in steps:
        if isinstance(step, Span):
            for offset in range(step.start, step.stop, most):
                stop = min(offset + most, step.stop)
                piece = read_all(content, offset, stop - offset)
                progress(len(piece), Span(offset, stop))
                yield piece
        else:
            if isinstance(step, bytes):
                progress(len(step), None)
            yield step


def read_all(content: Content, offset: int, length: int) -> bytes:
    """Return bytes of a content. Raises ValueError if they are more or fewer: it may be anybody's code."""
    data = content.read(offset, length)
    if len(data) != length:
        raise ValueError(f"{content.identity} returned {len(data)} bytes instead of {length} at offset {offset}")
    return data
