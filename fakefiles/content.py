"""What the bytes are: each kind of content computes any slice of an endless file directly, holding no state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Content(Protocol):
    """The bytes of an endless file, as a pure function of the offset."""

    @property
    def identity(self) -> str:
        """A name no other bytes have: letters, digits and hyphens. It goes into the ETag."""

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from byte `offset` on; the time it takes does not depend on the offset."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One byte value, repeated for ever."""

    identity: str
    byte: bytes
    _block: bytes = field(init=False, repr=False, compare=False)

    BLOCK_SIZE = 1 << 17

    def __post_init__(self) -> None:
        object.__setattr__(self, "_block", self.byte * self.BLOCK_SIZE)

    def read(self, offset: int, length: int) -> bytes:  # noqa: ARG002  all offsets look alike
        """Return `length` copies of the byte; up to BLOCK_SIZE of them from one shared block."""
        if length > self.BLOCK_SIZE:
            return self.byte * length
        # A whole slice of bytes is the object itself: every download in flight then shares the one block.
        return self._block[:length]


#: ASCII "1" in every byte.
ONES = Fill("ones", b"1")
#: NUL in every byte.
ZEROS = Fill("zeros", b"\0")

#: The kinds that `?content=` takes.
KINDS: dict[str, Content] = {"ones": ONES, "zeros": ZEROS}
