"""Framing: a length, chunks, or the end of the connection tells where a body ends (RFC 9112, 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from fakefiles.transfer.body import Piece


class Framing(str, Enum):
    """How the client knows where the body ends (RFC 9112, 6.3)."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


def chunked(
    pieces: Iterable[Piece], length: int | None, chunk_size: int, *, last_chunk: bool = True
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
                framed.append(b"%x\r\n" % left_of_chunk)
            data, rest = rest[:left_of_chunk], rest[left_of_chunk:]
            framed.append(data)
            left_of_chunk -= len(data)
            if not left_of_chunk:
                framed.append(b"\r\n")
        yield b"".join(framed)
    if last_chunk:
        yield b"0\r\n\r\n"
