"""framing.py: pieces become chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import joined, parse_chunks, unheeded
from fakefiles.transfer.body import MAX_PIECE, Body, Note, Piece
from fakefiles.transfer.framing import Chunks, Framing, chunked
from fakefiles.transfer.span import Span


def test_names() -> None:
    """URLs and journals call the framings so."""
    assert [framing.value for framing in Framing] == ["length", "chunked", "close"]


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.integers(1, 60), st.integers(1, 600))
def test_chunked(data: list[bytes], most: int, chunk_size: int) -> None:
    """Chunks hold the same bytes, and each but the last is exactly chunk_size long, however the pieces fall."""
    whole = b"".join(data)
    pieces = [piece[at : at + most] for piece in data for at in range(0, len(piece), most)]
    chunks, rest = parse_chunks(joined(chunked(pieces, len(whole), chunk_size)))
    assert rest == b""
    assert b"".join(chunks) == whole
    assert all(len(chunk) == chunk_size for chunk in chunks[:-1])
    assert all(len(chunk) <= chunk_size for chunk in chunks)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6))
def test_of_unknown_length(data: list[bytes]) -> None:
    """When nobody knows the length, each piece is a chunk; without the last chunk, nothing says that it is complete."""
    assert parse_chunks(joined(chunked(data, None, 2**40))) == (data, b"")
    assert joined(chunked(data, None, 2**40, Chunks(last=b""))) + b"0\r\n\r\n" == joined(chunked(data, None, 2**40))


def test_a_piece_is_bounded_whatever_the_chunk() -> None:
    """A chunk larger than a piece goes out in several, so that memory stays bounded."""
    body = Body((Span(0, 3 * MAX_PIECE),), 3 * MAX_PIECE, piece_size=2**40)
    pieces = list(chunked(body.pieces(unheeded), body.length, body.piece_size))
    assert max(len(piece) for piece in pieces if isinstance(piece, bytes)) < MAX_PIECE + 20
    assert [len(chunk) for chunk in parse_chunks(joined(pieces))[0]] == [3 * MAX_PIECE]


@pytest.mark.parametrize(
    ("chunk_size", "framed"),
    [
        (2, [b"2\r\nab\r\n", Note("x"), b"1\r\nc\r\n", b"0\r\n\r\n"]),
        (3, [b"3\r\nab", Note("x"), b"c\r\n", b"0\r\n\r\n"]),
    ],
)
def test_events_stay_where_they_are(chunk_size: int, framed: list[Piece]) -> None:
    """An event between two pieces is passed on between them, in the middle of a chunk, too."""
    assert list(chunked([b"ab", Note("x"), b"c"], 3, chunk_size)) == framed
