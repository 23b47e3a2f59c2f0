"""Digests: which there are, who wants which (RFC 9530, RFC 3230), and the checksum file beside a file."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from fakefiles.files.content import Literal
from fakefiles.files.virtual_file import FakeFile
from fakefiles.transfer.body import MAX_PIECE

if TYPE_CHECKING:
    from hashlib import _Hash

#: A file up to this many bytes is hashed while its client waits: two pieces, well under a millisecond.
SMALL = 2 * MAX_PIECE


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A digest algorithm: hashlib's name, which is also the suffix of checksum files, and the names that HTTP has."""

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
BY_SUFFIX = {f".{algorithm.name}": algorithm for algorithm in ALGORITHMS}
BY_FIELD = {algorithm.field: algorithm for algorithm in ALGORITHMS}
_BY_LEGACY = {algorithm.legacy.lower(): algorithm for algorithm in ALGORITHMS}

_WANT_MEMBER = re.compile(r"[ \t]*([a-z*][a-z0-9_.*-]*)=(\d|10)(?:;[^,]*)?[ \t]*", re.ASCII)
_LEGACY_MEMBER = re.compile(
    r"[ \t]*([A-Za-z0-9-]+)[ \t]*(?:;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*", re.ASCII
)


def update(hash_: _Hash, file: FakeFile, start: int, stop: int) -> None:
    """Feed bytes `start` up to `stop` of a file to a hash, piece by piece."""
    for offset in range(start, stop, MAX_PIECE):
        hash_.update(file.content.read(offset, min(MAX_PIECE, stop - offset)))


def digest_if_small(file: FakeFile, algorithm: Algorithm) -> bytes | None:
    """Return the digest of a file that is SMALL, None of another."""
    if file.size > SMALL:
        return None
    hash_ = algorithm.new()
    update(hash_, file, 0, file.size)
    return hash_.digest()


def wanted(want_repr_digest: str | None) -> list[Algorithm]:
    """Return what Want-Repr-Digest asks for, the most wanted first; nothing if it is malformed (RFC 9530, 4)."""
    members = [_WANT_MEMBER.fullmatch(member) for member in want_repr_digest.split(",")] if want_repr_digest else []
    if not all(members):
        return []
    weights = {match[1]: int(match[2]) for match in members if match}
    return _preferred([(BY_FIELD.get(name), weight) for name, weight in weights.items()])


def wanted_legacy(want_digest: str | None) -> list[Algorithm]:
    """Return what a Want-Digest field asks for, the most wanted first; nothing if it is malformed (RFC 3230, 4.3.1)."""
    # Empty members of a list are to be ignored (RFC 9110, 5.6.1.2).
    members = [_LEGACY_MEMBER.fullmatch(member) for member in (want_digest or "").split(",") if member.strip(" \t")]
    if not all(members):
        return []
    return _preferred([(_BY_LEGACY.get(match[1].lower()), float(match[2] or 1)) for match in members if match])


def _preferred(choices: list[tuple[Algorithm | None, float]]) -> list[Algorithm]:
    ranked = sorted(choices, key=lambda choice: -choice[1])
    return [algorithm for algorithm, weight in ranked if algorithm and weight > 0]


def digest_field(algorithm: Algorithm, digest: bytes) -> str:
    """Return the value of a Repr-Digest field (RFC 9530, 3)."""
    return f"{algorithm.field}=:{b64encode(digest).decode('ascii')}:"


def legacy_field(algorithm: Algorithm, digest: bytes) -> str:
    """Return the value of a Digest field (RFC 3230, 4.3.2)."""
    return f"{algorithm.legacy}={b64encode(digest).decode('ascii')}"


def sidecar(file: FakeFile, algorithm: Algorithm, digest: bytes | None) -> FakeFile:
    """Return the checksum file of a named file, as `sha256sum -c` reads it; its length does not need the digest."""
    escaped = file.name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    # coreutils marks a line whose name is escaped.
    mark = "\\" if escaped != file.name else ""
    text = f"{mark}{(digest or bytes(algorithm.size)).hex()}  {escaped}\n".encode("utf-8", "surrogateescape")
    name = crc32(escaped.encode("utf-8", "surrogateescape"))
    content = Literal(f"{algorithm.name}-{file.content.identity}-{file.size}-{name:08x}", text)
    return FakeFile(len(text), content, f"{file.name}.{algorithm.name}")
