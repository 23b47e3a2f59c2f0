"""shaping.py: each shape does one thing to any steps, and nothing else."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import cycle, pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import joined, unheeded, until_cut
from fakefiles.files.kinds import ONES, RULER
from fakefiles.files.kinds import Random as RandomContent
from fakefiles.transfer.body import Cut, Event, Note, Pause, Step, Take, cut
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.shaping import Mark, gzipped, in_turn, interrupted, paced, sliced, unsteady
from fakefiles.transfer.span import Span

SIZE = 100


def only_data(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps that are no events."""
    return (step for step in steps if isinstance(step, Span | bytes))


def data_of(steps: Iterable[Step]) -> bytes:
    """Return the bytes of steps; their spans are read from a ruler."""
    return joined(cut(only_data(steps), RULER, 1000, unheeded))


spans = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(lambda pair: Span(min(pair), max(pair)))
events = st.sampled_from([Pause(1), Note("x"), Take(Bucket(1), 1)])
steps_lists = st.lists(st.one_of(st.binary(min_size=1, max_size=50), spans, events), max_size=6)


class Counting:
    """Ones; `lengths` are those of what was read."""

    identity = "counting"

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def read(self, offset: int, length: int) -> bytes:
        self.lengths.append(length)
        return ONES.read(offset, length)


NOTE = (Note("x"),)
CUT = (Note("x"), Cut())
# A span of 100 bytes, a mark, and what comes out.
INTERRUPTED: list[tuple[Span, Mark, list[Step]]] = [
    (Span(0, 100), Mark(50, NOTE), [Span(0, 50), *NOTE, Span(50, 100)]),
    (Span(0, 100), Mark(50, CUT), [Span(0, 50), *CUT]),
    (Span(0, 100), Mark(0, CUT), [*CUT]),
    (Span(0, 100), Mark(100, CUT), [Span(0, 100), *CUT]),
    (Span(0, 100), Mark(100, NOTE), [Span(0, 100), *NOTE]),  # and no empty span
    (Span(0, 100), Mark(101, CUT), [Span(0, 100)]),
    (Span(0, 50), Mark(50, CUT), [Span(0, 50)]),  # the border is behind its last byte
    (Span(50, 100), Mark(50, CUT), [Span(50, 100)]),  # a resumed download passes it
    (Span(51, 100), Mark(50, CUT), [Span(51, 100)]),
    (Span(49, 51), Mark(50, CUT), [Span(49, 50), *CUT]),
    (Span(99, 100), Mark(100, CUT), [Span(99, 100), *CUT]),
    (Span(0, 100), Mark(50, NOTE, byte=True), [Span(0, 50), *NOTE, Span(50, 100)]),
    (Span(50, 100), Mark(50, NOTE, byte=True), [*NOTE, Span(50, 100)]),
    (Span(50, 51), Mark(50, NOTE, byte=True), [*NOTE, Span(50, 51)]),
    (Span(0, 50), Mark(50, NOTE, byte=True), [Span(0, 50)]),
    (Span(0, 100), Mark(100, NOTE, byte=True), [Span(0, 100)]),
]


@pytest.mark.parametrize(("span", "mark", "expected"), INTERRUPTED, ids=str)
def test_interrupted(span: Span, mark: Mark, expected: list[Step]) -> None:
    """A mark happens in ranges with bytes on both sides of its offset, and at the ends of the file."""
    assert list(interrupted([span], [mark], SIZE)) == expected


def test_interrupted_empty_file() -> None:
    """In an empty file, both ends are at 0."""
    assert list(interrupted([Span(0, 0)], [Mark(0, CUT)], 0)) == [*CUT]


def test_interrupted_several() -> None:
    """Marks happen in their order, in each span that has them; literal bytes and other events are passed on."""
    marks = [Mark(10, NOTE), Mark(10, (Pause(1),)), Mark(60, CUT)]
    steps: list[Step] = [b"head", Span(0, 20), Pause(2), Span(5, 15), b"x", Span(50, 70), b"end"]
    assert list(interrupted(steps, marks, SIZE)) == [
        *(b"head", Span(0, 10), *NOTE, Pause(1), Span(10, 20)),
        *(Pause(2), Span(5, 10), *NOTE, Pause(1), Span(10, 15)),
        *(b"x", Span(50, 60), *CUT),
    ]


@given(steps_lists, st.lists(st.integers(0, SIZE + 5)), st.booleans())
def test_interrupted_changes_no_byte(steps: list[Step], offsets: list[int], byte: bool) -> None:  # noqa: FBT001
    """Events come between the bytes, at their offset; without a Cut, all bytes go out."""
    marks = [Mark(offset, (Note(str(offset)),), byte) for offset in sorted(offsets)]
    shaped = list(interrupted(steps, marks, SIZE))
    assert data_of(shaped) == data_of(steps)


@given(spans, st.lists(st.integers(0, SIZE + 5)), st.booleans())
def test_interrupted_at_the_offset(span: Span, offsets: list[int], byte: bool) -> None:  # noqa: FBT001
    """In a range, a mark happens after exactly the bytes before its offset, and never outside."""
    marks = [Mark(offset, (Note(str(offset)),), byte) for offset in sorted(offsets)]
    gone = span.start
    for step in interrupted([span], marks, SIZE):
        if isinstance(step, Span):
            assert step.start == gone
            gone = step.stop
        else:
            assert isinstance(step, Note)
            assert span.start <= int(step.text) == gone <= span.stop
    assert gone == span.stop


@given(steps_lists, st.integers(1, 120))
def test_sliced(steps: list[Step], most: int) -> None:
    """No step is longer than it may be, and none is lost."""
    shaped = list(sliced(steps, most))
    assert data_of(shaped) == data_of(steps)
    lengths = [len(data_of([step])) for step in only_data(shaped)]
    assert all(0 < length <= most for length in lengths)
    assert [step for step in shaped if not isinstance(step, Span | bytes)] == [
        step for step in steps if not isinstance(step, Span | bytes)
    ]


@given(steps_lists)
def test_paced(steps: list[Step]) -> None:
    """All bytes, and nothing but bytes, are taken from the bucket, each step just before it goes."""
    bucket = Bucket(10)
    shaped = list(paced(steps, bucket))
    assert [step for step in shaped if not (isinstance(step, Take) and step.bucket is bucket)] == steps
    for take, step in pairwise(shaped):
        if isinstance(take, Take) and take.bucket is bucket:
            assert take.amount == len(data_of([step]))
    assert sum(step.amount for step in shaped if isinstance(step, Take) and step.bucket is bucket) == len(
        data_of(steps)
    )


def test_unsteady() -> None:
    """There is a pause before each step with bytes, and nowhere else."""
    steps: list[Step] = [b"x", Note("y"), Span(0, 1)]
    assert list(unsteady(steps, cycle([1.0, 2.0]))) == [Pause(1), b"x", Note("y"), Pause(2), Span(0, 1)]


@given(st.lists(spans, max_size=5), st.integers(0, 3))
def test_gzipped(steps: list[Step], pauses: int) -> None:
    """The bytes are one gzip stream of all input, whatever events are between."""
    with_events = [step for span in steps for step in (*repeat(Pause(5), pauses), span)]
    assert gzip.decompress(data_of(gzipped(with_events, RULER))) == data_of(steps)


def test_gzipped_before_an_event() -> None:
    """The bytes before an event can be decompressed there; no empty pieces are sent."""
    steps = list(gzipped([Span(0, 1000), Note("a"), Note("b"), b"literal", Cut()], RULER))
    first, events = until_cut(cut(steps, RULER, 10**6, unheeded))
    decompressor = zlib.decompressobj(wbits=31)
    assert decompressor.decompress(first) == RULER.read(0, 1000) + b"literal"
    assert [event for _, event in events if not isinstance(event, Pause)] == [Note("a"), Note("b"), Cut()]
    assert b"" not in steps


def test_gzipped_takes_turns() -> None:
    """Input that compresses to nearly nothing still gives turns to others; for other input, pieces stay bounded.

    In one turn, 32 KiB are compressed.
    """
    for step in (Span(0, 10**6), b"1" * 10**6):
        assert {step for step in gzipped([step], ONES) if not isinstance(step, bytes)} == {Pause(0)}
    content = Counting()
    taken = gzipped([Span(0, 2**63 - 1)], content)
    assert any(isinstance(next(taken), Pause) for _ in range(5))
    assert {*content.lengths} == {32 * 1024}
    sizes = [len(step) for step in gzipped([Span(0, 10**6)], RandomContent()) if isinstance(step, bytes)]
    assert max(sizes) < 1 << 17


def test_in_turn() -> None:
    """The first shape is applied first; without shapes the result is None."""
    assert in_turn([]) is None
    shape = in_turn([partial(sliced, most=2), partial(sliced, most=3)])
    assert shape is not None
    assert list(shape([Span(0, 4)])) == [Span(0, 2), Span(2, 4)]


def test_events_are_values() -> None:
    """An event without fields is an empty tuple, and so false; it is still not taken for nothing."""
    each: list[Event] = [Cut(), Pause()]
    assert list(sliced(each, 1)) == each
