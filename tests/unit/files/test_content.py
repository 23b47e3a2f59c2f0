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
    """Downloads of a Tile hold one piece of 128 KiB among them, not one each."""
    tile, size = Tile("ab", b"ab"), 128 * 1024
    assert tile.read(0, size) is tile.read(size, size)


@pytest.mark.parametrize("length", [Tile.PIECE_SIZE, Tile.PIECE_SIZE + 1, Tile.VIEW_SIZE, Tile.VIEW_SIZE + 1])
def test_long_reads_of_a_tile(length: int) -> None:
    """However much is read, and wherever in the pattern, nothing is missing."""
    tile = Tile("x", b"abcdefg")
    for start in (0, 1, 6):
        assert tile.read(7 * 10**9 + start, length) == (b"abcdefg" * (length // 7 + 2))[start : start + length]


@given(tiles, st.integers(0, MAX_SIZE), st.integers(1, 5000))
def test_views_of_a_tile(tile: Tile, offset: int, most: int) -> None:
    """A view has the bytes that reading gives."""
    assert tile.view(offset, most) == tile.read(offset, most)


def test_a_view_is_bounded() -> None:
    """However much is asked for, a view has no more than 1 MiB, wherever in the pattern it begins; reading has."""
    tile = Tile("abc", b"abc")
    assert len(tile.view(2, 2**40)) == 2**20
    assert {len(Tile("x", bytes(7)).view(start, 2**40)) for start in range(7)} == {2**20}
    assert tile.read(2, 2**20 + 7) == (b"abc" * 2**20)[2 : 2**20 + 9]


def test_a_tile_has_a_pattern() -> None:
    """Nothing cannot be repeated."""
    with pytest.raises(ValueError, match="at least one byte"):
        Tile("none", b"")


def test_people_are_not_shown_the_repetitions() -> None:
    """What a Tile looks like is its name and its pattern."""
    assert repr(Tile("abc", b"abc")) == "Tile(identity='abc', pattern=b'abc')"


def test_literal() -> None:
    """A literal has an end."""
    assert Literal("x", b"abcdef").read(4, 10) == b"ef"
    assert Literal("x", b"abcdef").read(1, 2) == b"bc"
