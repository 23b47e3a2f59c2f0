"""What the bytes are: each kind of content computes any slice of an endless file directly, holding no state.

docs/content.md specifies the kinds, with test vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from fakefiles.files.errors import RequestError


class Content(Protocol):
    """The bytes of an endless file, as a pure function of the offset. It is read from several threads at once."""

    @property
    def identity(self) -> str:
        """A name no other bytes have: letters, digits and hyphens. It goes into the ETag."""

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from byte `offset` on; the time it takes does not depend on the offset."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A pattern of bytes, repeated for ever. All downloads of it share the memory from which they are sent.

    Raises ValueError when the pattern is empty.
    """

    identity: str
    pattern: bytes
    _wall: memoryview = field(init=False, repr=False, compare=False)
    _piece: bytes = field(init=False, repr=False, compare=False)

    #: The most bytes in a view.
    VIEW_SIZE = 1 << 20
    #: Reading so many, at a multiple of the pattern's length, costs nothing.
    PIECE_SIZE = 1 << 17

    def __post_init__(self) -> None:
        if not self.pattern:
            raise ValueError("the pattern of a Tile has at least one byte")
        wall = self.pattern * (self.VIEW_SIZE // len(self.pattern) + 2)
        object.__setattr__(self, "_wall", memoryview(wall))
        object.__setattr__(self, "_piece", wall[: self.PIECE_SIZE])

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes of the repeated pattern, from byte `offset` on."""
        start = offset % len(self.pattern)
        if start == 0 and length <= self.PIECE_SIZE:
            # A whole slice of bytes is the object itself.
            return self._piece[:length]
        if length <= self.VIEW_SIZE:
            return bytes(self._wall[start : start + length])
        repeated = self.pattern * ((start + length) // len(self.pattern) + 1)
        return repeated[start : start + length]

    def view(self, offset: int, most: int) -> memoryview:
        """Return the same without a copy: `most` bytes, or VIEW_SIZE if that is less."""
        start = offset % len(self.pattern)
        return self._wall[start : start + min(most, self.VIEW_SIZE)]


@dataclass(frozen=True, slots=True)
class Ruler:
    r"""Lines of 16 bytes, each the offset at which it begins: 15 hexadecimal digits and a newline.

    The digits are those of the offset modulo 2^60, which is 1 EiB.
    """

    identity: str = "ruler"

    LINE_SIZE = 16
    #: Offsets are told modulo this.
    MODULUS = 1 << 60

    def line(self, offset: int) -> bytes:
        """Return the line that begins at an offset, a multiple of 16."""
        return b"%015x\n" % (offset % self.MODULUS)

    def read(self, offset: int, length: int) -> bytes:
        """Return the lines, or parts of lines, from `offset` on."""
        if length <= _SHORT:
            first = offset - offset % self.LINE_SIZE
            text = b"".join(self.line(start) for start in range(first, offset + length, self.LINE_SIZE))
        else:
            first = offset - offset % _RULER_BLOCK
            text = b"".join(self._block(start) for start in range(first, offset + length, _RULER_BLOCK))
        return text[offset - first : offset - first + length]

    def _block(self, start: int) -> bytes:
        """Return the _RULER_BLOCK bytes at a multiple of that: a template, but for the digits that all lines share."""
        block = bytearray(_RULER_TEMPLATE)
        for column, digit in enumerate(self.line(start)[:_RULER_SHARED]):
            if digit != _ZERO_DIGIT:
                block[column :: self.LINE_SIZE] = bytes([digit]) * (_RULER_BLOCK // self.LINE_SIZE)
        return bytes(block)


# Up to here, lines one by one are faster than a block.
_SHORT = 1024
_ZERO_DIGIT = ord("0")
# In a block only the last four digits differ from line to line; the 11 before them are the same in all.
_RULER_BLOCK = 1 << 16
_RULER_SHARED = 11
_RULER_TEMPLATE = b"".join(b"%015x\n" % offset for offset in range(0, _RULER_BLOCK, Ruler.LINE_SIZE))


@dataclass(frozen=True, slots=True)
class Random:
    """Bytes that do not compress or repeat: the AES-128 keystream in counter mode (NIST SP 800-38A, 6.5).

    The key is the seed as a 16-byte big-endian number; the counter block of bytes 16n up to 16n+15 is n, likewise.
    """

    seed: int = 0

    BLOCK_SIZE = 16
    #: Seeds are 0 up to this.
    MAX_SEED = 2**64 - 1

    @property
    def identity(self) -> str:
        """Return a name that tells the seed."""
        return f"random-{self.seed}"

    @property
    def key(self) -> bytes:
        """Return the AES key."""
        return self.seed.to_bytes(16, "big")

    def read(self, offset: int, length: int) -> bytes:
        """Return the keystream from `offset` on."""
        # Late: a server of other kinds does not pay for it.
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CTR

        block, skipped = divmod(offset, self.BLOCK_SIZE)
        keystream = Cipher(AES(self.key), CTR(block.to_bytes(16, "big"))).encryptor()
        return keystream.update(bytes(skipped + length))[skipped:]


@dataclass(frozen=True, slots=True)
class Literal:
    """These bytes, and no more: reading beyond them gives less than was asked for."""

    identity: str
    data: bytes

    def read(self, offset: int, length: int) -> bytes:
        """Return a slice of the bytes."""
        return self.data[offset : offset + length]


#: ASCII "1" in every byte.
ONES = Tile("ones", b"1")
#: NUL in every byte.
ZEROS = Tile("zeros", b"\0")
RULER = Ruler()

#: The kinds that need no seed.
KINDS: Mapping[str, Content] = MappingProxyType({"ones": ONES, "zeros": ZEROS, "ruler": RULER})
#: The kind that has one.
SEEDED_KIND = "random"


def find_content(kind: str, seed: int | None, more: Mapping[str, Content]) -> Content:
    """Return the content of a kind, one of ours or of `more`; `seed` is for random only, and 0 when it is None.

    Raises RequestError when there is no such kind, or a seed where none belongs.
    """
    if kind == SEEDED_KIND and kind not in more:
        return Random(seed or 0)
    content = more.get(kind) or KINDS.get(kind)
    if content is None:
        raise RequestError(f"content is one of {', '.join([*KINDS, SEEDED_KIND, *more])}")
    if seed is not None:
        raise RequestError(f"a seed goes with content={SEEDED_KIND} only")
    return content
