"""delivery.py: steps become pieces, and pieces become chunks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from doubles import parse_chunks
from fakefiles.content import Content
from fakefiles.delivery import MAX_PIECE, Body, Framing, Step, chunked, cut
from fakefiles.ranges import Span


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
        step if isinstance(step, bytes) else content.read(step.start, step.stop - step.start) for step in steps
    )


spans = st.tuples(st.integers(0, 10**6), st.integers(0, 500)).map(lambda pair: Span(pair[0], sum(pair)))
steps_lists = st.lists(st.one_of(st.binary(min_size=1, max_size=50), spans), max_size=6)


@given(steps_lists, st.integers(1, 600))
def test_cut(steps: list[Step], most: int) -> None:
    """Cutting changes no byte, and no piece of a file is longer than allowed."""
    content = Counting()
    pieces = list(cut(steps, content, most))
    assert all(length <= most for _, length in content.reads)
    assert b"".join(pieces) == body_of(content, steps)


@given(steps_lists, st.integers(1, 600), st.integers(1, 600))
def test_chunked(steps: list[Step], most: int, chunk_size: int) -> None:
    """Chunks hold the same bytes, and each but the last is exactly chunk_size long, however the pieces fall."""
    content = Counting()
    body = body_of(content, steps)
    chunks, rest = parse_chunks(b"".join(chunked(cut(steps, content, most), len(body), chunk_size)))
    assert rest == b""
    assert b"".join(chunks) == body
    assert all(len(chunk) == chunk_size for chunk in chunks[:-1])
    assert all(len(chunk) <= chunk_size for chunk in chunks)


def test_content_is_read_only_when_asked_for() -> None:
    """An endless body costs nothing until its pieces are taken."""
    content = Counting()
    pieces = Body((Span(0, 2**63 - 1),), 2**63 - 1, content, chunk_size=10).pieces()
    assert content.reads == []
    next(pieces)
    next(pieces)
    assert content.reads == [(0, 10), (10, 10)]


def test_a_piece_is_bounded_whatever_the_chunk() -> None:
    """A chunk larger than a piece goes out in several, so that memory stays bounded."""
    body = Body((Span(0, 3 * MAX_PIECE),), 3 * MAX_PIECE, chunk_size=2**40, framing=Framing.CHUNKED)
    pieces = list(body.pieces())
    assert max(map(len, pieces)) < MAX_PIECE + 20
    assert [len(chunk) for chunk in parse_chunks(b"".join(pieces))[0]] == [3 * MAX_PIECE]
