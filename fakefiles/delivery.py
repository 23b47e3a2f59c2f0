"""How a body goes out: steps say what to send, generators turn them into pieces of bytes, one for each write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from fakefiles.content import ONES, Content
from fakefiles.ranges import Span

#: A step of a body: literal bytes, or a span of the file.
Step = bytes | Span

#: The most bytes of a file in one piece. A client that never reads leaves one piece in its connection's buffer.
MAX_PIECE = 1 << 17


class Framing(str, Enum):
    """How the client learns where the body ends (RFC 9112, section 6)."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Body:
    """What follows the headers: `length` bytes made of `steps`, whose spans are spans of `content`.

    `chunk_size` is the most bytes of the body in one write and, when chunked, the length of every chunk but the last.
    """

    steps: Iterable[Step]
    length: int
    content: Content = ONES
    chunk_size: int = MAX_PIECE
    framing: Framing = Framing.LENGTH

    @classmethod
    def literal(cls, data: bytes) -> Body:
        """Return a body of just these bytes."""
        return cls((data,), len(data))

    def pieces(self, most: int = MAX_PIECE) -> Iterator[bytes]:
        """Yield the bytes for the wire: in each piece at most one chunk, or `most` bytes of it, and some framing."""
        pieces = cut(self.steps, self.content, min(self.chunk_size, most))
        return chunked(pieces, self.length, self.chunk_size) if self.framing is Framing.CHUNKED else pieces


def cut(steps: Iterable[Step], content: Content, most: int) -> Iterator[bytes]:
    """Yield the bytes of the steps, a span in pieces of `most` bytes, each read only when it is asked for."""
    for step in steps:
        if isinstance(step, bytes):
            yield step
        else:
            for offset in range(step.start, step.stop, most):
                yield content.read(offset, min(most, step.stop - offset))


def chunked(pieces: Iterable[bytes], length: int, chunk_size: int) -> Iterator[bytes]:
    """Yield the pieces, `length` bytes in all, as chunks of `chunk_size` and the last chunk (RFC 9112, 7.1).

    A chunk may be longer than a piece: it then goes out in several.
    """
    left_of_chunk = 0
    for piece in pieces:
        rest, framed = memoryview(piece), list[bytes | memoryview]()
        while rest:
            if not left_of_chunk:
                left_of_chunk = min(chunk_size, length)
                length -= left_of_chunk
                framed.append(b"%x\r\n" % left_of_chunk)
            data, rest = rest[:left_of_chunk], rest[left_of_chunk:]
            framed.append(data)
            left_of_chunk -= len(data)
            if not left_of_chunk:
                framed.append(b"\r\n")
        yield b"".join(framed)
    yield b"0\r\n\r\n"
