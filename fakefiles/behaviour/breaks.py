"""Faults at an offset of the file: a reset, a close, a stall, a hold, flipped bits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import OFFSET, Kind
from fakefiles.files.content import Content
from fakefiles.files.errors import RequestError
from fakefiles.files.units import Offset, parse_duration, parse_offset
from fakefiles.transfer.body import Cut, Event, Hold, Note, Pause
from fakefiles.transfer.shaping import Mark

_MOST_FLIPS = 64


class Stall(NamedTuple):
    """Send nothing at `offset` for `seconds`; None means for ever."""

    offset: Offset
    seconds: float | None = None


def _stall(value: str) -> Stall:
    offset, colon, duration = value.partition(":")
    return Stall(parse_offset(offset), parse_duration(duration) if colon else None)


def _flip(value: str) -> tuple[Offset, ...]:
    offsets = value.split(",")
    if len(offsets) > _MOST_FLIPS:
        raise RequestError(f"at most {_MOST_FLIPS} offsets")
    return tuple(parse_offset(offset) for offset in offsets)


_STALL = Kind("OFFSET[:DURATION]", _stall, "int | str")
_FLIP = Kind("OFFSET[,OFFSET...]", _flip, "int | str")


@dataclass(frozen=True, slots=True)
class Breaks:
    """The faults that a URL asks for at offsets of its file. The fields are the parameters of the URL."""

    reset: Offset | None = parameter(OFFSET, "Reset the connection there (RST).")
    close: Offset | None = parameter(OFFSET, "Close the connection there (FIN).")
    stall: Stall | None = parameter(_STALL, "Stop sending there, for this long or for ever.")
    hold: Offset | None = parameter(OFFSET, "Stop sending there, until the test releases it.")
    flip: Sequence[Offset] = parameter(_FLIP, "Flip the lowest bit of these bytes.", default=())

    def marks(self, size: int) -> list[Mark]:
        """Return the faults in a file of `size` bytes as marks, sorted by offset.

        The sort is stable: faults at the same offset keep the order of _events().
        """
        marks = []
        for name, offset, event in self._events():
            at = offset.at(size)
            marks.append(Mark(at, (Note(f"{name}@{at}"), event)))
        marks += [Mark(at, (Note(f"flip@{at}"),), byte=True) for at in {offset.at(size) for offset in self.flip}]
        return sorted(marks, key=lambda mark: mark.offset)

    def _events(self) -> Iterator[tuple[str, Offset, Event]]:
        """Yield the faults that happen between two bytes: name, offset, event.

        Those that end the connection come last, because nothing at the same offset can happen after them.
        """
        if self.hold:
            yield "hold", self.hold, Hold()
        if self.stall:
            yield "stall", self.stall.offset, Pause(self.stall.seconds)
        if self.close:
            yield "close", self.close, Cut()
        if self.reset:
            yield "reset", self.reset, Cut(reset=True)

    def distort(self, content: Content, size: int) -> Content:
        """Return the content of a file of `size` bytes, with the bits flipped that flip= names."""
        return Flipped(content, sorted({offset.at(size) for offset in self.flip})) if self.flip else content

    def check(self, names: Collection[str], size: int) -> None:
        """Raise RequestError if one of the parameters in `names` cannot happen in a file of `size` bytes.

        `names` are those of the URL itself. A default or a profile is for files of any size: it may lie beyond the end.
        """
        for name, offset, _ in self._events():
            if name in names and offset.at(size) > size:
                raise RequestError(f"{name}= lies beyond the end of the file, which has {size} bytes")
        if "flip" in names and any(offset.at(size) >= size for offset in self.flip):
            raise RequestError(f"flip= names a byte beyond the last one of the file, which has {size} bytes")


@dataclass(frozen=True, slots=True)
class Flipped:
    """Wraps a content and flips the lowest bit of the bytes at `offsets`, which must be sorted."""

    content: Content
    offsets: Sequence[int]

    @property
    def identity(self) -> str:
        """A name that differs from that of the wrapped content."""
        return f"{self.content.identity}-flipped"

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset` on, with the bits flipped."""
        data = self.content.read(offset, length)
        flips = self.offsets[bisect_left(self.offsets, offset) : bisect_left(self.offsets, offset + length)]
        if not flips:
            return data
        wrong = bytearray(data)
        for flip in flips:
            wrong[flip - offset] ^= 1
        return bytes(wrong)
