"""digests.py: hashing a file."""

from __future__ import annotations

import hashlib

import pytest

from fakefiles.files.digests import ALGORITHMS, SMALL, Algorithm, hashed_at_once, update
from fakefiles.files.kinds import RULER
from fakefiles.files.virtual_file import VirtualFile


def test_names() -> None:
    """HTTP has names of its own, those of RFC 9530 and those of RFC 3230."""
    assert [(each.name, each.field, each.legacy) for each in ALGORITHMS] == [
        ("sha256", "sha-256", "SHA-256"),
        ("sha512", "sha-512", "SHA-512"),
        ("sha1", "sha", "SHA"),
        ("md5", "md5", "MD5"),
    ]


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_small_files(algorithm: Algorithm) -> None:
    """A small file is hashed at once, a larger one is not."""
    small = VirtualFile(SMALL, RULER)
    assert hashed_at_once(small, algorithm) == hashlib.new(algorithm.name, RULER.read(0, SMALL)).digest()
    assert hashed_at_once(VirtualFile(SMALL + 1, RULER), algorithm) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_in_parts(algorithm: Algorithm) -> None:
    """A file may be hashed part by part, and a digest is as long as it says."""
    hash_ = algorithm.new()
    for start, stop in ((0, 0), (0, 1000), (1000, 300_000), (300_000, 300_001)):
        update(hash_, VirtualFile(300_001, RULER), start, stop)
    assert hash_.digest() == hashlib.new(algorithm.name, RULER.read(0, 300_001)).digest()
    assert len(hash_.digest()) == algorithm.size


def test_piece_by_piece() -> None:
    """No more than 128 KiB of a file are in memory at a time; twice that is a small file."""
    lengths: list[int] = []

    class Counting:
        identity = "counting"

        def read(self, offset: int, length: int) -> bytes:
            lengths.append(length)
            return RULER.read(offset, length)

    update(ALGORITHMS[0].new(), VirtualFile(300_000, Counting()), 0, 300_000)
    assert lengths == [131_072, 131_072, 300_000 - 262_144]
    assert SMALL == 262_144
