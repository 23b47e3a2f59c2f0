"""What may happen to a body on its way out: transformers from steps to steps, each doing one thing, lazily."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fakefiles.files.content import Content
from fakefiles.transfer.body import Cut, Event, Pause, Shape, Step, Take
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.span import Span

# Compressed in one go, in one turn of the reactor.
_GZIP_PIECE = 1 << 15
# zlib's number for a gzip stream rather than its own kind.
_GZIP = 31


class Mark(NamedTuple):
    """Events at an offset of the file: at the border before that byte or, with `byte`, about the byte itself."""

    offset: int
    events: Sequence[Event]
    byte: bool = False

    def lies_in(self, span: Span, size: int) -> bool:
        """Return whether it happens in a span of a file of `size` bytes.

        A border is one between two bytes of the span, so that a download which resumes there passes it; or an end of
        the file.
        """
        if self.byte:
            return span.start <= self.offset < span.stop
        if self.offset in {0, size}:
            return self.offset in {span.start, span.stop}
        return span.start < self.offset < span.stop


def interrupted(steps: Iterable[Step], marks: Sequence[Mark], size: int) -> Iterator[Step]:
    """Yield the steps with the events of the marks, sorted by their offsets, between them; nothing after a Cut."""
    for step in steps:
        if not isinstance(step, Span):
            yield step
            continue
        start = step.start
        for mark in marks:
            if not mark.lies_in(step, size):
                continue
            if start < mark.offset:
                yield Span(start, mark.offset)
                start = mark.offset
            yield from mark.events
            if isinstance(mark.events[-1], Cut):
                return
        if start < step.stop:
            yield Span(start, step.stop)


def gzipped(steps: Iterable[Step], content: Content) -> Iterator[Step]:
    """Yield the steps as one gzip stream (RFC 1952); before an event, all that came before it can be decompressed."""
    stream = zlib.compressobj(level=1, wbits=_GZIP)
    for step in sliced(steps, _GZIP_PIECE):
        if isinstance(step, Span):
            # What compresses well yields nothing for long: others have their turn meanwhile.
            yield stream.compress(content.read(step.start, step.stop - step.start)) or Pause(0)
        elif isinstance(step, bytes):
            yield stream.compress(step) or Pause(0)
        else:
            if flushed := stream.flush(zlib.Z_SYNC_FLUSH):
                yield flushed
            yield step
    yield stream.flush()


def sliced(steps: Iterable[Step], most: int) -> Iterator[Step]:
    """Yield the steps, each cut to `most` bytes."""
    for step in steps:
        if isinstance(step, Span):
            for start in range(step.start, step.stop, most):
                yield Span(start, min(start + most, step.stop))
        elif isinstance(step, bytes):
            for start in range(0, len(step), most):
                yield step[start : start + most]
        else:
            yield step


def paced(steps: Iterable[Step], bucket: Bucket) -> Iterator[Step]:
    """Yield the steps, the bytes of each taken from a bucket first."""
    for step in steps:
        if isinstance(step, Span):
            yield Take(bucket, step.stop - step.start)
        elif isinstance(step, bytes):
            yield Take(bucket, len(step))
        yield step


def unsteady(steps: Iterable[Step], pauses: Iterator[float]) -> Iterator[Step]:
    """Yield the steps, before the bytes of each a pause of so many seconds; `pauses` has no end."""
    for step in steps:
        if isinstance(step, Span | bytes):
            yield Pause(next(pauses))
        yield step


def in_turn(shapes: Sequence[Shape]) -> Shape | None:
    """Return the shapes as one, the first of them applied first; None if there are none."""
    if not shapes:
        return None

    def shape(steps: Iterable[Step]) -> Iterable[Step]:
        for each in shapes:
            steps = each(steps)
        return steps

    return shape
