"""Digests: the algorithms there are, and hashing a file, with one of them or in another way."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from fakefiles.files.virtual_file import VirtualFile

if TYPE_CHECKING:
    from hashlib import _Hash

# Bytes that are read and hashed at a time.
_PIECE = 1 << 17
#: A file up to this many bytes is hashed while its client waits: two pieces, well under a millisecond.
SMALL = 2 * _PIECE
#: Bytes hashed in one step. That takes some milliseconds, so hashing stops soon after the last client leaves.
STEP = 1 << 23

#: Hashing under way: each next() does a step, in a thread; the value that it returns at its end is the result.
Steps = Generator[None, None, bytes]


class Hashing(Protocol):
    """What is computed from all bytes of a file: its digest, or the digests of its pieces."""

    @property
    def name(self) -> str:
        """A name that no other hashing has, which could have another result."""

    def quick(self, file: VirtualFile) -> bool:
        """Return whether hashing takes less than a millisecond, so that the client can wait for it."""

    def steps(self, file: VirtualFile) -> Steps:
        """Return the steps of hashing a file. They raise whatever its content raises."""

    def blank(self, file: VirtualFile) -> bytes:
        """Return bytes as many as the result has: they stand for it where only the length matters."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A digest algorithm: hashlib's name of it, and the names that HTTP has."""

    name: str
    field: str
    legacy: str

    def new(self) -> _Hash:
        """Return a new hash; it is for finding errors, not for security."""
        return hashlib.new(self.name, usedforsecurity=False)

    @property
    def size(self) -> int:
        """The length of a digest, in bytes."""
        return self.new().digest_size

    def quick(self, file: VirtualFile) -> bool:
        """Return whether the file is SMALL."""
        return file.size <= SMALL

    def steps(self, file: VirtualFile) -> Steps:
        """Return the steps of hashing a file, whose result is the digest."""
        hash_ = self.new()
        for start in range(0, file.size, STEP):
            if start:
                yield
            update(hash_, file, start, min(start + STEP, file.size))
        return hash_.digest()

    def blank(self, file: VirtualFile) -> bytes:  # noqa: ARG002  the same for every file
        """Return NULs, as many as a digest has bytes."""
        return bytes(self.size)


ALGORITHMS = (
    Algorithm("sha256", "sha-256", "SHA-256"),
    Algorithm("sha512", "sha-512", "SHA-512"),
    Algorithm("sha1", "sha", "SHA"),
    Algorithm("md5", "md5", "MD5"),
)
BY_FIELD = {algorithm.field: algorithm for algorithm in ALGORITHMS}


def update(hash_: _Hash, file: VirtualFile, start: int, stop: int) -> None:
    """Feed bytes `start` up to `stop` of a file to a hash, piece by piece."""
    for offset in range(start, stop, _PIECE):
        hash_.update(file.content.read(offset, min(_PIECE, stop - offset)))


def hashed_at_once(file: VirtualFile, hashing: Hashing) -> bytes | None:
    """Return the result of hashing a file if that is quick, else None."""
    return result_of(hashing.steps(file)) if hashing.quick(file) else None


def result_of(steps: Steps) -> bytes:
    """Take all steps now, and return their result."""
    while (result := after_step(steps)) is None:
        pass
    return result


def after_step(steps: Steps) -> bytes | None:
    """Take one step; return the result if it was the last one, else None."""
    try:
        next(steps)
    except StopIteration as end:
        result: bytes = end.value
        return result
    return None
