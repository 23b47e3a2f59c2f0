"""content.py: what kinds are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.content import Literal, Tile
from fakefiles.files.units import MAX_SIZE

tiles = st.binary(min_size=1, max_size=300).map(lambda pattern: Tile("t", pattern))


@given(tiles, st.integers(0, MAX_SIZE), st.integers(0, 5000))
def test_reading_a_tile(tile: Tile, offset: int, length: int) -> None:
    """The pattern begins again after its last byte."""
    size = len(tile.pattern)
    assert tile.read(offset, length) == bytes(tile.pattern[(offset + index) % size] for index in range(length))


def test_pieces_of_a_tile_are_shared() -> None:
    """Downloads of a Tile hold one piece among them, not one each."""
    tile = Tile("ab", b"ab")
    assert tile.read(0, Tile.PIECE_SIZE) is tile.read(Tile.PIECE_SIZE, Tile.PIECE_SIZE)


@given(tiles, st.integers(0, MAX_SIZE), st.integers(1, 5000))
def test_views_of_a_tile(tile: Tile, offset: int, most: int) -> None:
    """A view has the bytes that reading gives."""
    assert tile.view(offset, most) == tile.read(offset, most)


def test_a_view_is_bounded() -> None:
    """However much is asked for, a view has no more than VIEW_SIZE bytes; reading has."""
    tile = Tile("abc", b"abc")
    assert len(tile.view(2, 2**40)) == Tile.VIEW_SIZE
    assert tile.read(2, 2**20 + 7) == (b"abc" * 2**20)[2 : 2**20 + 9]


def test_a_tile_has_a_pattern() -> None:
    """Nothing cannot be repeated."""
    with pytest.raises(ValueError, match="at least one byte"):
        Tile("none", b"")


def test_literal() -> None:
    """A literal has an end."""
    assert Literal("x", b"abcdef").read(4, 10) == b"ef"
