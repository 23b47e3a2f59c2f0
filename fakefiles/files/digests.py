"""Digests: the algorithms there are, and hashing a file with one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakefiles.files.virtual_file import VirtualFile

if TYPE_CHECKING:
    from hashlib import _Hash

# Bytes that are read and hashed at a time.
_PIECE = 1 << 17
#: A file up to this many bytes is hashed while its client waits: two pieces, well under a millisecond.
SMALL = 2 * _PIECE


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


def digest_if_small(file: VirtualFile, algorithm: Algorithm) -> bytes | None:
    """Return the digest of a file that is SMALL, None of another."""
    if file.size > SMALL:
        return None
    hash_ = algorithm.new()
    update(hash_, file, 0, file.size)
    return hash_.digest()
