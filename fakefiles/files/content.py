"""What the bytes are: content computes any slice of an endless file directly, holding no state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol


class Content(Protocol):
    """The bytes of an endless file, as a pure function of the offset. It is read from several threads at once."""

    @property
    def identity(self) -> str:
        """A name no other bytes have: letters, digits and hyphens. It goes into the ETag."""

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from byte `offset` on; the time it takes does not depend on the offset."""


class Locatable(ABC):
    """Base class of content whose bytes tell where they belong: the verifier finds them in any wrong place.

    Other content it finds only where that belongs.
    """

    __slots__ = ()

    @abstractmethod
    def offsets(self, window: bytes, at: int) -> Iterator[int]:
        """Yield the offsets to which byte `at` of a window, and what follows it, may belong.

        What comes before it, at most 15 bytes, may help. No offset is negative, and a wrong one does no harm.
        """


class Sizable(ABC):
    """Base class of content that depends on the size of its file, as one with a checksum at its end does."""

    __slots__ = ()

    @abstractmethod
    def of_size(self, size: int) -> Content:
        """Return the content of a file of a size, in the identity of which the size is.

        Raises RequestError if no file has that size.
        """


def sized(content: Content, size: int) -> Content:
    """Return the content of a file of a size. Raises RequestError if there is no such file of this content."""
    return content.of_size(size) if isinstance(content, Sizable) else content


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
class Literal:
    """These bytes, and no more: reading beyond them gives less than was asked for."""

    identity: str
    data: bytes

    def read(self, offset: int, length: int) -> bytes:
        """Return a slice of the bytes."""
        return self.data[offset : offset + length]
