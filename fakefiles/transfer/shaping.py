"""Shapes: generators that transform the steps of a body lazily. Each does one thing: faults, gzip, pace."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import NamedTuple

from fakefiles.files.content import Content
from fakefiles.transfer.body import Cut, Event, Pause, Shape, Step, Take
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.span import Span

# The most bytes compressed in one turn of the reactor: compressing blocks it.
_GZIP_PIECE = 1 << 15
# wbits: 16 asks zlib for a gzip header and trailer, 15 is the largest window.
_GZIP = 31


class Mark(NamedTuple):
    """Events at an offset of the file: just before that byte or, with `byte`, concerning the byte itself."""

    offset: int
    events: Sequence[Event]
    byte: bool = False

    def lies_in(self, span: Span, size: int) -> bool:
        """Return whether the mark happens while `span`, of a file of `size` bytes, is sent.

        An offset between two bytes happens only strictly inside a span: a client that was cut off there and resumes
        there gets past it. At the start and the end of the file there is no inside: it happens in spans that touch it.
        """
        if self.byte:
            return span.start <= self.offset < span.stop
        if self.offset in {0, size}:
            return self.offset in {span.start, span.stop}
        return span.start < self.offset < span.stop


def interrupted(steps: Iterable[Step], marks: Sequence[Mark], size: int) -> Iterator[Step]:
    """Yield the steps, with the events of the marks between them. `marks` are sorted by offset. A Cut ends it all."""
    for step in steps:
        if not isinstance(step, Span):
            yield step
            continue
        if (yield from divided(step, [mark for mark in marks if mark.lies_in(step, size)])):
            return


def divided(span: Span, marks: Iterable[Mark]) -> Generator[Step, None, bool]:
    """Yield a span, with the events of the marks, which are sorted and lie in it; return whether a Cut has ended it."""
    start = span.start
    for mark in marks:
        if start < mark.offset:
            yield Span(start, mark.offset)
            start = mark.offset
        yield from mark.events
        if isinstance(mark.events[-1], Cut):
            return True
    if start < span.stop:
        yield Span(start, span.stop)
    return False


def limited(steps: Iterable[Step], most: int, events: Sequence[Event]) -> Iterator[Step]:
    """Yield the first `most` bytes of the steps, then the events. If there are not more bytes, all, and no events."""
    left = most
    for step in steps:
        size = step.stop - step.start if isinstance(step, Span) else len(step) if isinstance(step, bytes) else 0
        if size > left:
            if isinstance(step, Span) and left:
                yield Span(step.start, step.start + left)
            elif isinstance(step, bytes) and left:
                yield step[:left]
            yield from events
            return
        left -= size
        yield step


def begun(steps: Iterable[Step], event: Event) -> Iterator[Step]:
    """Yield an event, then the steps."""
    yield event
    yield from steps


def gzipped(steps: Iterable[Step], content: Content) -> Iterator[Step]:
    """Yield the steps as one gzip stream (RFC 1952).

    It is flushed before each event: the client can decompress all that comes before the event.
    """
    stream = zlib.compressobj(level=1, wbits=_GZIP)
    for step in sliced(steps, _GZIP_PIECE):
        if isinstance(step, Span):
            # Well-compressible bytes yield nothing for many steps. The pause keeps the loop from blocking the reactor.
            yield stream.compress(content.read(step.start, step.stop - step.start)) or Pause(0)
        elif isinstance(step, bytes):
            yield stream.compress(step) or Pause(0)
        else:
            if flushed := stream.flush(zlib.Z_SYNC_FLUSH):
                yield flushed
            yield step
    yield stream.flush()


def sliced(steps: Iterable[Step], most: int) -> Iterator[Step]:
    """Yield the steps, cut into ones of at most `most` bytes."""
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
    """Yield the steps, and before each the Take of its bytes from the bucket."""
    for step in steps:
        if isinstance(step, Span):
            yield Take(bucket, step.stop - step.start)
        elif isinstance(step, bytes):
            yield Take(bucket, len(step))
        yield step


def unsteady(steps: Iterable[Step], pauses: Iterator[float]) -> Iterator[Step]:
    """Yield the steps, and before each with bytes a pause. `pauses` yields seconds, and must never end."""
    for step in steps:
        if isinstance(step, Span | bytes):
            yield Pause(next(pauses))
        yield step


def in_turn(shapes: Sequence[Shape]) -> Shape | None:
    """Return one shape that applies all of them, the first one first; None if there are none."""
    if not shapes:
        return None

    def shape(steps: Iterable[Step]) -> Iterable[Step]:
        for each in shapes:
            steps = each(steps)
        return steps

    return shape
