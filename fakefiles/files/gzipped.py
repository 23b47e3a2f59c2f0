"""Content that is itself a gzip file: one member of any size, each byte of which is known at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from fakefiles.files.content import Locatable, Sizable
from fakefiles.files.crc import Lines, crc32_of_lines
from fakefiles.files.errors import RequestError

# ID1, ID2, the method deflate, no flags, no time, no extra flags, an unknown system (RFC 1952, 2.3).
_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
_TRAILER_SIZE = 8
# A stored block: three bits, of which the lowest says whether it is the last one, and 00 for the type; the rest of that
# byte; LEN and NLEN (RFC 1951, 3.2.3 and 3.2.4).
_BLOCK_HEADER_SIZE = 5
#: The bytes stored in each block but the last one: whole lines of 16 bytes, and a few less than LEN can say.
STORED = 65520
_BLOCK_SIZE = _BLOCK_HEADER_SIZE + STORED
#: The smallest gzip file made here: one empty block.
SMALLEST = len(_HEADER) + _BLOCK_HEADER_SIZE + _TRAILER_SIZE
# Larger than any file.
_ENDLESS = 1 << 64


class Payload(Lines, Protocol):
    """What can be in a gzip file: lines whose CRC is known at once, and that tell where they belong."""

    def offsets(self, window: bytes, at: int) -> Iterator[int]:
        """See Locatable."""


@dataclass(frozen=True, slots=True)
class Gzipped(Locatable, Sizable):
    """A gzip file (RFC 1952) of `size` bytes, in stored blocks (RFC 1951, 3.2.4), of the beginning of `payload`.

    Of blocks with STORED bytes, there are as many as there is room for. The last one has the rest, if that is 1 to 4
    bytes more than a multiple then up to 4 bytes more than STORED: they are too few for another block.

    Without a size it is endless: what all files of this kind begin with.
    """

    name: str
    payload: Payload
    size: int = _ENDLESS

    @property
    def identity(self) -> str:
        """Return a name that tells the size: files of different sizes differ before their ends."""
        return self.name if self.size == _ENDLESS else f"{self.name}-{self.size}"

    def of_size(self, size: int) -> Gzipped:
        """Return the gzip file of a size. Raises RequestError if none is so small."""
        if size < SMALLEST:
            raise RequestError(f"a gzip file has at least {SMALLEST} bytes here; ask for more, or for another content")
        return replace(self, size=size)

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset` on, but none beyond the end."""
        pieces = []
        stop = min(offset + length, self.size)
        while offset < stop:
            piece = self._piece(offset, stop - offset)
            pieces.append(piece)
            offset += len(piece)
        return b"".join(pieces)

    def offsets(self, window: bytes, at: int) -> Iterator[int]:
        """Yield the offsets that the lines of the payload in a window spell."""
        before = len(_HEADER) + _BLOCK_HEADER_SIZE
        for told in self.payload.offsets(window, at + before):
            blocks = (told - before) // STORED
            # One more if the header of a block is between the byte and the line that tells.
            found = (told + _BLOCK_HEADER_SIZE * more for more in (blocks, blocks + 1))
            yield from (offset for offset in found if offset >= 0)

    def _piece(self, offset: int, most: int) -> bytes:
        """Return up to `most` bytes, at least one, from an offset in the file on."""
        if offset < len(_HEADER):
            return _HEADER[offset : offset + most]
        last, rest = divmod(self.size - SMALLEST, _BLOCK_SIZE)
        block = min((offset - len(_HEADER)) // _BLOCK_SIZE, last)
        stored = rest if block == last else STORED
        within = offset - len(_HEADER) - block * _BLOCK_SIZE
        if within < _BLOCK_HEADER_SIZE:
            return _block_header(stored, last=block == last)[within : within + most]
        within -= _BLOCK_HEADER_SIZE
        if within < stored:
            return self.payload.read(block * STORED + within, min(most, stored - within))
        return _trailer(self.payload, last * STORED + rest)[within - stored :][:most]


def _block_header(stored: int, *, last: bool) -> bytes:
    """Return the header of a stored block: whether it is the last one, LEN, and NLEN, its complement."""
    return bytes([last]) + stored.to_bytes(2, "little") + (stored ^ 0xFFFF).to_bytes(2, "little")


# Its CRC takes a few milliseconds.
@lru_cache(maxsize=1024)
def _trailer(payload: Payload, size: int) -> bytes:
    """Return CRC32 and ISIZE of the first `size` bytes of the payload (RFC 1952, 2.3.1)."""
    return crc32_of_lines(payload, size).to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little")
