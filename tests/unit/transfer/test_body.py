"""body.py: steps become pieces."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import FailingContent, joined, unheeded
from fakefiles.files.content import Content
from fakefiles.transfer.body import Body, Cut, Event, Hold, Note, Pause, Step, Take, cut
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.framing import chunked
from fakefiles.transfer.span import Span


class Counting:
    """Content in which every byte depends on its offset; it remembers what was read."""

    identity = "counting"

    def __init__(self) -> None:
        self.reads: list[tuple[int, int]] = []

    def read(self, offset: int, length: int) -> bytes:
        """Return the offsets, modulo 251."""
        self.reads.append((offset, length))
        return bytes((offset + i) % 251 for i in range(length))


def body_of(content: Content, steps: list[Step]) -> bytes:
    """Return the body, by the simplest means."""
    return b"".join(
        content.read(step.start, step.stop - step.start) if isinstance(step, Span) else step
        for step in steps
        if isinstance(step, bytes | Span)
    )


spans = st.tuples(st.integers(0, 10**6), st.integers(0, 500)).map(lambda pair: Span(pair[0], sum(pair)))
steps_lists = st.lists(st.one_of(st.binary(min_size=1, max_size=50), spans), max_size=6)


@given(steps_lists, st.integers(1, 600))
def test_cut(steps: list[Step], most: int) -> None:
    """Cutting changes no byte, and no piece is longer than allowed."""
    content = Counting()
    pieces = list(cut(steps, content, most, unheeded))
    assert all(isinstance(piece, bytes) and len(piece) <= most for piece in pieces)
    assert all(length <= most for _, length in content.reads)
    assert joined(pieces) == body_of(content, steps)


def test_content_is_read_only_when_asked_for() -> None:
    """An endless body costs nothing until its pieces are taken."""
    content = Counting()
    pieces = Body((Span(0, 2**63 - 1),), 2**63 - 1, content, piece_size=10).pieces(unheeded)
    assert content.reads == []
    next(pieces)
    next(pieces)
    assert content.reads == [(0, 10), (10, 10)]


EVENTS: list[Event] = [Take(Bucket(1), 1), Pause(1), Pause(), Hold(), Note("reset@1"), Cut(), Cut(reset=True)]
mixed = st.lists(st.one_of(st.binary(min_size=1, max_size=9), spans, st.sampled_from(EVENTS)), max_size=9)


@given(mixed, st.booleans())
def test_events_stand_where_they_were(steps: list[Step], chunks: bool) -> None:  # noqa: FBT001
    """Events go through cutting and chunking, in their order and at their place among the bytes."""
    content, told = Counting(), list[int]()
    body = Body(steps, len(body_of(content, steps)), content, 7)
    pieces = body.pieces(lambda amount, _: told.append(amount))
    if chunks:
        pieces = chunked(pieces, body.length, 7)
    events = [(piece, sum(told)) for piece in pieces if not isinstance(piece, bytes)]
    assert events == [
        (step, len(body_of(content, steps[:place])))
        for place, step in enumerate(steps)
        if not isinstance(step, bytes | Span)
    ]


@given(steps_lists, st.integers(1, 600))
def test_progress(steps: list[Step], most: int) -> None:
    """Progress is told just before each piece: its length, and what of the file it is."""
    content, told = Counting(), list[tuple[int, Span | None]]()
    for piece in cut(steps, content, most, lambda amount, span: told.append((amount, span))):
        amount, span = told[-1]
        assert isinstance(piece, bytes)
        assert len(piece) == amount
        assert span is None or content.read(span.start, span.stop - span.start) == piece
    assert sum(amount for amount, _ in told) == len(body_of(content, steps))


def nothing_changed(steps: Iterable[Step]) -> Iterable[Step]:
    """Be a shape that leaves the steps as they are."""
    return steps


@pytest.mark.parametrize(
    ("body", "plain", "span"),
    [
        (Body([Span(5, 9)], 4), True, Span(5, 9)),
        (Body([Span(0, 0)], 0), True, Span(0, 0)),
        (Body([Span(5, 9)], 4, shape=nothing_changed), False, None),
        (Body([Span(5, 9), Span(0, 5)], 9), True, None),
        (Body([b"head", Span(5, 9)], 8), True, None),
        (Body([b"x"], 1), True, None),
        (Body([], 0), True, None),
        (Body(iter([Span(5, 9)]), 4), True, None),  # to look at it would use it up
        (Body.literal(b"text"), True, None),
    ],
)
def test_plain_spans(body: Body, plain: bool, span: Span | None) -> None:  # noqa: FBT001
    """A body without a shape is plain; if it is one span of the file and nothing else, it says which."""
    assert (body.plain, body.span) == (plain, span)


def test_literal() -> None:
    """A literal body is just those bytes, and as long."""
    body = Body.literal(b"text")
    assert (body.length, body.exact, joined(body.pieces(unheeded))) == (4, True, b"text")
    assert Cut().reset is False


def test_largest_piece() -> None:
    """No piece has more than 128 KiB, whoever asks."""
    content = Counting()
    list(Body([Span(0, 300_000)], 300_000, content).pieces(unheeded))
    assert [length for _, length in content.reads] == [131_072, 131_072, 300_000 - 262_144]


def test_content_that_is_too_short() -> None:
    """A content that returns fewer bytes than it should is an error, which says where."""
    pieces = cut([Span(0, 20)], FailingContent(10, short=True), 10, unheeded)
    assert len(joined([next(pieces)])) == 10
    with pytest.raises(ValueError, match=r"^failing returned 9 bytes instead of 10 at offset 10$"):
        next(pieces)
