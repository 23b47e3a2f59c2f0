"""Framing: a length, chunks, or the end of the connection tells where a body ends (RFC 9112, 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from fakefiles.transfer.body import Piece


class Framing(str, Enum):
    """How the client knows where the body ends (RFC 9112, 6.3)."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


class Chunks(NamedTuple):
    """What is around the data of chunks: the line before it, in which its size stands for %x, and the last chunk."""

    line: bytes = b"%x\r\n"
    last: bytes = b"0\r\n\r\n"


#: Chunks as everybody sends them.
PLAIN_CHUNKS = Chunks()


def chunked(
    pieces: Iterable[Piece], length: int | None, chunk_size: int, chunks: Chunks = PLAIN_CHUNKS
) -> Iterator[Piece]:
    """Yield the pieces, `length` bytes in all, in chunks of `chunk_size` bytes, then the last chunk (RFC 9112, 7.1).

    A chunk may be longer than a piece, and is then sent in several. With `length` None, it is unknown how long a chunk
    could become, so none extends beyond its piece. Events pass through unchanged.
    """
    left_of_chunk = 0
    for piece in pieces:
        if not isinstance(piece, bytes):
            yield piece
            continue
        rest, framed = memoryview(piece), list[bytes | memoryview]()
        while rest:
            if not left_of_chunk:
                left_of_chunk = min(chunk_size, len(rest) if length is None else length)
                length = None if length is None else length - left_of_chunk
                framed.append(chunks.line % left_of_chunk)
            data, rest = rest[:left_of_chunk], rest[left_of_chunk:]
            framed.append(data)
            left_of_chunk -= len(data)
            if not left_of_chunk:
                framed.append(b"\r\n")
        yield b"".join(framed)
    if chunks.last:
        yield chunks.last
