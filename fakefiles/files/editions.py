"""The second version of a file: other bytes, another time, perhaps another size. It is a function of the first one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from fakefiles.files.content import Content, Locatable, Tile, sized
from fakefiles.files.gzipped import Gzipped
from fakefiles.files.kinds import RULER, Random, Ruler
from fakefiles.files.virtual_file import VirtualFile

#: The second version is modified so many seconds after the first one.
LATER = 86_400
#: A byte of the second version is that of the first one, XOR this: "1" becomes "2".
MASK = 3
#: The seed of the second version of random bytes is that of the first one, XOR this.
SEED_MASK = 1 << 63

_MASKED = bytes(byte ^ MASK for byte in range(256))


@dataclass(frozen=True, slots=True)
class Masked:
    """The second version of a content that is not one of ours: each byte of it, XOR MASK."""

    content: Content

    @property
    def identity(self) -> str:
        """A name that differs from that of the first version."""
        return f"{self.content.identity}-v2"

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the content, each of them another one."""
        return self.content.read(offset, length).translate(_MASKED)


@dataclass(frozen=True, slots=True)
class SecondRuler(Locatable):
    r"""Lines of 16 bytes: a newline, the offset of that newline in 14 letters, and the digit 2.

    The letters A to P are the digits of a hexadecimal number, which is the offset modulo 2^56. No byte is the same as
    in the ruler that is the first version.
    """

    identity: str = "ruler-v2"

    def read(self, offset: int, length: int) -> bytes:
        """Return the lines, or parts of lines, from `offset` on."""
        text = bytearray(RULER.read(offset, length).translate(_TO_LETTERS))
        first = -offset % RULER.LINE_SIZE
        text[first :: RULER.LINE_SIZE] = b"\n" * len(range(first, length, RULER.LINE_SIZE))
        return bytes(text)

    def offsets(self, window: bytes, at: int) -> Iterator[int]:
        """Yield the offsets that the whole lines in a window spell, each once."""
        lines = _SECOND_LINE.finditer(window)
        told = {int(line[1].translate(_TO_DIGITS), 16) - line.start() + at for line in lines}
        yield from (offset for offset in sorted(told) if offset >= 0)


_TO_LETTERS = bytes.maketrans(b"0123456789abcdef\n", b"ABCDEFGHIJKLMNOP2")
_TO_DIGITS = bytes.maketrans(b"ABCDEFGHIJKLMNOP", b"0123456789abcdef")
_SECOND_LINE = re.compile(rb"\n([A-P]{14})2")
_SECOND_RULER = SecondRuler()


def second_content(content: Content) -> Content:
    """Return the content of the second version. No byte in it is the same; of random bytes, one of 256 is.

    Of a gzip file the framing is the same, so that it is one again, and what is in it is the second version of that.
    """
    if isinstance(content, Random):
        return Random(content.seed ^ SEED_MASK)
    if isinstance(content, Ruler):
        return _SECOND_RULER
    if isinstance(content, Gzipped):
        return replace(content, name=f"{content.name}-v2", payload=_SECOND_RULER)
    return _second_tile(content) if isinstance(content, Tile) else Masked(content)


# A Tile takes some memory and time to make.
@lru_cache(maxsize=8)
def _second_tile(tile: Tile) -> Tile:
    return Tile(f"{tile.identity}-v2", tile.pattern.translate(_MASKED))


def second_file(file: VirtualFile, size: int | None = None) -> VirtualFile:
    """Return the second version of a file, of the same size unless another one is given.

    Raises RequestError if the content has no file of that size.
    """
    size = file.size if size is None else size
    return replace(
        file,
        size=size,
        content=sized(second_content(file.content), size),
        modified=file.modified + LATER,
    )
