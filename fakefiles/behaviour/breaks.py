"""Faults at offsets of the file: a reset, a close, a stall, a hold, flipped bits; and limits of each answer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import Kind
from fakefiles.files.content import Content
from fakefiles.files.errors import RequestError
from fakefiles.files.units import Offset, parse_duration, parse_offset, parse_size
from fakefiles.transfer.body import Cut, Deadline, Event, Hold, Note, Pause, Shape
from fakefiles.transfer.shaping import Mark, begun, limited

_MOST_OFFSETS = 64
_SECONDS = re.compile(r"[0-9.]+(?:ms|s)", re.ASCII)


class Stall(NamedTuple):
    """Send nothing at `offset` for `seconds`; None means for ever."""

    offset: Offset
    seconds: float | None = None


class Limit(NamedTuple):
    """After how many bytes, or how many seconds, each answer ends; one of them is None."""

    amount: int | None = None
    seconds: float | None = None

    def __str__(self) -> str:
        """Return the limit as a number of bytes, or of seconds with an s."""
        return str(self.amount) if self.seconds is None else f"{self.seconds:g}s"


_T = TypeVar("_T")


def _list(value: str, parse: Callable[[str], _T]) -> tuple[_T, ...]:
    """Return the parsed elements of a list with commas."""
    elements = value.split(",")
    if len(elements) > _MOST_OFFSETS:
        raise RequestError(f"at most {_MOST_OFFSETS} offsets")
    return tuple(map(parse, elements))


def _stall(value: str) -> Stall:
    offset, colon, duration = value.partition(":")
    return Stall(parse_offset(offset), parse_duration(duration) if colon else None)


def _limit(value: str) -> Limit:
    if _SECONDS.fullmatch(value):
        return Limit(seconds=parse_duration(value))
    try:
        return Limit(parse_size(value))
    except RequestError:
        raise RequestError("not a size like 10m, or seconds like 30s or 500ms") from None


_OFFSETS = Kind("OFFSET[,OFFSET...]", lambda value: _list(value, parse_offset), "int | str")
_STALLS = Kind("OFFSET[:DURATION][,...]", lambda value: _list(value, _stall), "int | str")
_LIMIT = Kind("SIZE|SECONDS", _limit, "int | str")


@dataclass(frozen=True, slots=True)
class Breaks:
    """The faults that a URL asks for at offsets of its file. The fields are the parameters of the URL."""

    reset: Sequence[Offset] = parameter(_OFFSETS, "Reset the connection there (RST).", default=())
    close: Sequence[Offset] = parameter(_OFFSETS, "Close the connection there (FIN).", default=())
    stall: Sequence[Stall] = parameter(_STALLS, "Stop sending there, for this long or for ever.", default=())
    hold: Sequence[Offset] = parameter(_OFFSETS, "Stop sending there, until the test releases it.", default=())
    flip: Sequence[Offset] = parameter(_OFFSETS, "Flip the lowest bit of these bytes.", default=())
    cut: Limit | None = parameter(_LIMIT, "Close the connection after so much, or so long, of each response.")

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

    def limits(self) -> list[Shape]:
        """Return the shape of a body that ends at the limit of each answer; none without a limit."""
        if self.cut is None:
            return []
        events = (Note(f"cut@{self.cut}"), Cut())
        if self.cut.amount is not None:
            return [partial(limited, most=self.cut.amount, events=events)]
        return [partial(begun, event=Deadline(self.cut.seconds or 0, events))]

    def _events(self) -> Iterator[tuple[str, Offset, Event]]:
        """Yield the faults that happen between two bytes: name, offset, event.

        Those that end the connection come last, because nothing at the same offset can happen after them.
        """
        yield from (("hold", offset, Hold()) for offset in self.hold)
        yield from (("stall", offset, Pause(seconds)) for offset, seconds in self.stall)
        yield from (("close", offset, Cut()) for offset in self.close)
        yield from (("reset", offset, Cut(reset=True)) for offset in self.reset)

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
