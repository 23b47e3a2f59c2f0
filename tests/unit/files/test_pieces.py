"""pieces.py: the digests of pieces, compared with those made in the plainest way."""

from __future__ import annotations

from hashlib import sha1, sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakefiles.files.content import Content, Tile
from fakefiles.files.digests import STEP, result_of
from fakefiles.files.kinds import ONES, RULER
from fakefiles.files.pieces import piece_digests, usual_piece

K, M, G = 1 << 10, 1 << 20, 1 << 30


@pytest.mark.parametrize(
    ("size", "piece"),
    [
        (0, 16 * K),
        (1, 16 * K),
        (16 * M, 16 * K),
        (32 * M - 1, 16 * K),
        (32 * M, 32 * K),
        (700 * M, 512 * K),
        (G, M),
        (2 * G - 1, M),
        (16 * G, 16 * M),
        (64 * G, 64 * M),
        (2**63 - 1, 64 * M),
    ],
)
def test_usual_piece(size: int, piece: int) -> None:
    """There are about 1000 to 2000 pieces, of 16 KiB to 64 MiB."""
    assert usual_piece(size) == piece


class Counted:
    """A content that counts the bytes that are read of it."""

    identity = "counted"

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, offset: int, length: int) -> bytes:
        self.read_bytes += length
        return RULER.read(offset, length)


def digests(content: Content, start: int, stop: int, piece: int) -> bytes:
    """Return the digests of the pieces."""
    return result_of(piece_digests(content, start, stop, piece, sha256))


@settings(max_examples=40)
@given(
    st.sampled_from([RULER, ONES, Tile("abc", b"abc"), Tile("long", bytes(range(256)) * 5)]),
    st.integers(0, 5000),
    st.integers(0, 400_000),
    st.sampled_from([1000, 1280, 4096, 9999, 131072, 150_000, 1_000_000]),
)
def test_digests(content: Content, start: int, length: int, piece: int) -> None:
    """Each piece has its digest; the last one may be shorter."""
    data = content.read(start, length)
    wanted = [sha256(data[at : at + piece]).digest() for at in range(0, length, piece)]
    assert digests(content, start, start + length, piece) == b"".join(wanted)


def test_each_byte_is_read_once() -> None:
    """Hashing reads what it has to, and no more."""
    content = Counted()
    assert len(digests(content, 5, 1_000_005, 30_000)) == 34 * 32
    assert content.read_bytes == 1_000_000


@pytest.mark.parametrize("piece", [16 * K, M, 3 * M, 8 * M, 20 * M])
def test_steps(piece: int) -> None:
    """No step hashes much more than 8 MiB, whatever the size of the pieces."""
    content = Counted()
    steps: Any = piece_digests(content, 0, 40 * M, piece, lambda data: sha1(data, usedforsecurity=False))
    before, most = 0, 0
    for _ in steps:
        most = max(most, content.read_bytes - before)
        before = content.read_bytes
    assert 0 < most <= STEP + 131072
    assert content.read_bytes - before <= STEP + 131072


def test_what_repeats() -> None:
    """Of repeated content, one piece and the last one are hashed, whatever the size of the file."""
    steps: Any = piece_digests(ONES, 0, 2**40 + 5, 16 * M, sha256)
    result = result_of(steps)
    assert len(result) == 32 * (2**16 + 1)
    assert result[:32] == result[32:64] == sha256(b"1" * (16 * M)).digest()
    assert result[-32:] == sha256(b"11111").digest()
