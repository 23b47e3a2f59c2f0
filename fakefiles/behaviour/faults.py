"""What goes wrong with an answer: before its first byte, or at an offset of the file."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from fakefiles.files.content import Content
from fakefiles.files.errors import RequestError
from fakefiles.files.units import Offset
from fakefiles.transfer.body import Cut, Event, Hold, Note, Pause
from fakefiles.transfer.shaping import Mark


class Refusal(str, Enum):
    """How a connection ends before the first byte of a body."""

    CLOSE = "close"  # a FIN, without an answer
    RESET = "reset"  # an RST, without an answer
    HEADERS = "headers"  # a FIN, inside the headers


class Stall(NamedTuple):
    """Nothing is sent from an offset on, for so many seconds; with None, for ever."""

    offset: Offset
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """What a URL wants to go wrong; the fields are its parameters.

    Raises RequestError when it makes no sense.
    """

    reset: Offset | None = None
    close: Offset | None = None
    stall: Stall | None = None
    hold: Offset | None = None
    flip: Sequence[Offset] = ()
    refuse: Refusal | None = None
    status: int | None = None
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if self.retry_after is not None and self.status is None:
            raise RequestError("retry_after= goes with status=, like status=503")
        if self.refuse and self.status is not None:
            raise RequestError("refuse= sends no answer that could have a status=; leave out one of them")
        if self.in_body and (self.refuse or self.status is not None):
            raise RequestError("status= and refuse= send no file in which something could happen at an offset")

    @property
    def in_body(self) -> bool:
        """Whether something is to happen at an offset of the file."""
        return bool(self.reset or self.close or self.stall or self.hold or self.flip)

    def marks(self, size: int) -> list[Mark]:
        """Return what happens in a file of `size` bytes, and where, in the order of the offsets."""
        marks = []
        for name, offset, event in self._events():
            at = offset.at(size)
            marks.append(Mark(at, (Note(f"{name}@{at}"), event)))
        marks += [Mark(at, (Note(f"flip@{at}"),), byte=True) for at in {offset.at(size) for offset in self.flip}]
        return sorted(marks, key=lambda mark: mark.offset)

    def _events(self) -> Iterator[tuple[str, Offset, Event]]:
        """Yield what happens at borders; of several at the same one, the end of the connection comes last."""
        if self.hold:
            yield "hold", self.hold, Hold()
        if self.stall:
            yield "stall", self.stall.offset, Pause(self.stall.seconds)
        if self.close:
            yield "close", self.close, Cut()
        if self.reset:
            yield "reset", self.reset, Cut(reset=True)

    def distort(self, content: Content, size: int) -> Content:
        """Return the content with the bits wrong that are to be, in a file of `size` bytes."""
        return Flipped(content, sorted({offset.at(size) for offset in self.flip})) if self.flip else content

    def check(self, names: Collection[str], size: int) -> None:
        """Raise RequestError when one of the named parameters cannot happen in a file of `size` bytes."""
        for name, offset, _ in self._events():
            if name in names and offset.at(size) > size:
                raise RequestError(f"{name}= lies beyond the end of the file, which has {size} bytes")
        if "flip" in names and any(offset.at(size) >= size for offset in self.flip):
            raise RequestError(f"flip= names a byte beyond the last one of the file, which has {size} bytes")


@dataclass(frozen=True, slots=True)
class Flipped:
    """Another content with the lowest bit of some bytes flipped, at `offsets`, which are sorted."""

    content: Content
    offsets: Sequence[int]

    @property
    def identity(self) -> str:
        """Return a name of its own."""
        return f"{self.content.identity}-flipped"

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the content, wrong where they are to be."""
        data = self.content.read(offset, length)
        flips = self.offsets[bisect_left(self.offsets, offset) : bisect_left(self.offsets, offset + length)]
        if not flips:
            return data
        wrong = bytearray(data)
        for flip in flips:
            wrong[flip - offset] ^= 1
        return bytes(wrong)
