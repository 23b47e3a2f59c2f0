"""Compares bytes with what they should be, and says of every wrong region what it holds instead.

A region is explained when its bytes are those of some content at some offset: zeros where there should be none (a
hole), the right content from elsewhere (a segment in the wrong place, an insertion), another kind, another seed. The
content itself says where its bytes may belong, if it is Locatable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from fakefiles.files.content import Content, Locatable
from fakefiles.files.kinds import KINDS, ZEROS

#: Returns exactly so many bytes of the file, from an offset on.
Read = Callable[[int, int], bytes]

# Compared at a time; at first, after a wrong region, less: the next one may be near.
_BLOCK = 1 << 17
_FIRST_BLOCK = 1 << 9
# An explanation has to hold for more than 16 bytes: one flipped bit makes a line that spells its offset spell another.
_MIN_EXPLAINED = 17
# Bytes from which content tells where they belong, and how many of them at most come before the first in question.
_WINDOW = 64
_WINDOW_BEFORE = 15
# Wrong bytes with no more right ones between them are one region: of a line of 16 bytes that spells its offset, 15 may
# be right in the wrong place.
_GAP = 64
# So many differing bits are told one by one; more are not a few flipped bits.
_MAX_FLIPS = 8
# Other seeds that are tried: 0 up to this, exclusive. That takes milliseconds, and is done for no shorter region, for
# so many regions, and in unexplained bytes at doubling distances.
_SEEDS = 4096
_MIN_SEEDED = 256
_SEED_SEARCHES = 100
# In unexplained bytes, explanations are looked for at doubling distances up to the first, from that on at the second.
_STRIDES = (1 << 12, 1 << 17)
_LONG_RUN = 1 << 20
# Regions behind these are found, but not explained.
_MOST_EXPLAINED = 1000

_NOT_ZERO = re.compile(rb"[^\0]")


@dataclass(frozen=True, slots=True)
class Region:
    """Wrong bytes `start` up to, not including, `stop`.

    `what` they are: "zeros"; "moved", the right content from `offset` on; "content", that of `identity` from `offset`
    on; "flipped", with `bits` as pairs of offset and bit, 0 the lowest; or "unknown".
    """

    start: int
    stop: int
    what: str
    offset: int | None = None
    identity: str | None = None
    bits: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        words = {
            "zeros": "zeros (a hole)",
            "moved": f"bytes that belong at offset {self.offset}",
            "content": f"content {self.identity}, from offset {self.offset}",
            "flipped": f"{len(self.bits)} flipped bit(s): "
            + ", ".join(f"bit {bit} of byte {offset}" for offset, bit in self.bits),
            "unknown": "unknown bytes",
        }
        return f"{self.start}-{self.stop - 1} ({self.stop - self.start} bytes): {words[self.what]}"


class Comparison:
    """The first `size` bytes that `actual` reads against `expected`; `others` are contents to look for besides ours.

    `progress` is called with the number of bytes done, now and then.
    """

    def __init__(
        self,
        actual: Read,
        expected: Content,
        size: int,
        others: Sequence[Content] = (),
        progress: Callable[[int], object] = bool,
    ) -> None:
        self._actual = actual
        self._expected = expected
        self._size = size
        self._contents = _known_contents(expected, others)
        self._progress = progress
        self._seed_searches_left = _SEED_SEARCHES

    def regions(self) -> Iterator[Region]:
        """Yield every wrong region, in order; the first _MOST_EXPLAINED explained, as far as they can be."""
        position = self._agrees_until(0, self._expected, 0)
        for _ in range(_MOST_EXPLAINED):
            if position == self._size:
                return
            region = self._explained(position) or self._unexplained(position)
            yield region
            position = self._agrees_until(region.stop, self._expected, 0)
        while position < self._size:
            stop = self._wrong_until(position, self._size)
            yield Region(position, stop, "unknown")
            position = self._agrees_until(stop, self._expected, 0)

    def right_until(self, position: int) -> int:
        """Return where, from `position` on, the first wrong byte is; `size` if none is."""
        return self._agrees_until(position, self._expected, 0)

    def _agrees_until(self, position: int, content: Content, shift: int) -> int:
        """Return where, from `position` on, the file first differs from content that is shifted by so many bytes."""
        block = _FIRST_BLOCK
        while position < self._size:
            length = min(block, self._size - position)
            actual, wanted = self._actual(position, length), content.read(position + shift, length)
            if actual != wanted:
                return position + first_difference(actual, wanted)
            position += length
            block = min(2 * block, _BLOCK)
            self._progress(position)
        return self._size

    def _wrong_until(self, position: int, limit: int) -> int:
        """Return where the wrong bytes that begin at `position` end: a gap of right ones follows, or the limit."""
        block = _FIRST_BLOCK
        while True:
            stop = min(position + block, limit)
            difference = self._difference(position, stop)
            gap = difference.find(bytes(_GAP))
            if gap >= 0:
                return position + gap
            position += len(difference.rstrip(b"\0"))
            if stop == limit:
                return position
            block = min(2 * block, _BLOCK)

    def _difference(self, start: int, stop: int) -> bytes:
        """Return the bits that are wrong: the file XOR what it should be."""
        length = stop - start
        actual, wanted = self._actual(start, length), self._expected.read(start, length)
        return (int.from_bytes(actual, "big") ^ int.from_bytes(wanted, "big")).to_bytes(length, "big")

    def _explained(self, start: int) -> Region | None:
        """Return the region that begins at `start`, a wrong byte, if some content explains it: the longest one.

        The ruler explains all that has come out of a gzip file, which itself explains it block by block.
        """
        known = [*self._explanations(self._fitting(self._contents, start), start)]
        if known:
            return max(known, key=lambda region: region.stop)
        return next(self._explanations(self._seeded(start), start), None)

    def _explanations(self, candidates: Iterable[tuple[Content, int]], start: int) -> Iterator[Region]:
        """Yield the regions that begin at `start`, a wrong byte, one for each candidate that explains it."""
        for content, shift in candidates:
            # The right bytes that follow may continue the explanation for a few bytes by chance.
            stop = self._wrong_until(start, self._agrees_until(start, content, shift))
            if stop - start >= _MIN_EXPLAINED:
                yield self._region(start, stop, content, shift)

    def _region(self, start: int, stop: int, content: Content, shift: int) -> Region:
        if content.identity == ZEROS.identity:
            return Region(start, stop, "zeros")
        what = "moved" if content.identity == self._expected.identity else "content"
        return Region(start, stop, what, start + shift, content.identity)

    def _candidates(self, start: int, *, seeds: bool) -> Iterator[tuple[Content, int]]:
        """Yield contents, each with its shift, that the bytes from `start` on may be of; `seeds`: other ones, too."""
        yield from self._fitting(self._contents, start)
        if seeds:
            yield from self._seeded(start)

    def _seeded(self, start: int) -> Iterator[tuple[Content, int]]:
        """Yield contents of other seeds, each with its shift, unless that is too much work."""
        if self._seed_searches_left and self._is_long(start):
            self._seed_searches_left -= 1
            yield from self._fitting(_of_other_seeds(), start)

    def _fitting(self, contents: Iterable[Content], start: int) -> Iterator[tuple[Content, int]]:
        """Yield those of some contents, each with its shift, that the first bytes from `start` on may be of."""
        before = min(start, _WINDOW_BEFORE)
        window = self._actual(start - before, min(self._size - start + before, _WINDOW))
        for content in contents:
            if isinstance(content, Locatable):
                yield from ((content, offset - start) for offset in content.offsets(window, before))
            elif content.read(start, _MIN_EXPLAINED) == window[before : before + _MIN_EXPLAINED]:
                yield content, 0

    def _is_long(self, start: int) -> bool:
        """Return whether the wrong bytes from `start` on are many enough to look for their seed."""
        stop = min(start + _MIN_SEEDED, self._size)
        return stop - start == _MIN_SEEDED and bytes(_GAP) not in self._difference(start, stop)

    def _unexplained(self, start: int) -> Region:
        """Return the region that begins at `start`, whose first bytes nothing explains."""
        stop, stride, next_seeds = start, _GAP, _GAP
        while True:
            reach = min(stop + stride, self._size)
            stop = self._wrong_until(stop, reach)
            if reach - stop >= _GAP or reach == self._size:
                return self._damaged(start, stop)
            seeds = reach - start >= next_seeds
            next_seeds *= 2 if seeds else 1
            for content, shift in self._candidates(reach, seeds=seeds):
                if self._agrees_until(reach, content, shift) - reach >= _MIN_EXPLAINED:
                    begin = self._begins(start, reach, content, shift)
                    return self._damaged(start, self._wrong_until(start, begin))
            stride = min(2 * stride, _STRIDES[reach - start >= _LONG_RUN])
            self._progress(reach)

    def _begins(self, start: int, stop: int, content: Content, shift: int) -> int:
        """Return the first byte, after `start`, from which on up to `stop` the file is the shifted content."""
        while length := min(_BLOCK, stop - start - 1, stop + shift):
            actual = self._actual(stop - length, length)[::-1]
            wanted = content.read(stop - length + shift, length)[::-1]
            if actual != wanted:
                return stop - first_difference(actual, wanted)
            stop -= length
        return stop

    def _damaged(self, start: int, stop: int) -> Region:
        """Return a region that no content explains: a few flipped bits, or unknown bytes."""
        if stop - start <= _BLOCK:
            wrong = [(match.start(), match[0][0]) for match in _NOT_ZERO.finditer(self._difference(start, stop))]
            flips = [(start + at, bit) for at, byte in wrong for bit in range(8) if byte >> bit & 1]
            if len(flips) <= _MAX_FLIPS:
                return Region(start, stop, "flipped", bits=tuple(flips))
        return Region(start, stop, "unknown")


def first_difference(one: bytes, other: bytes) -> int:
    """Return the first index at which two strings of bytes differ, or the length of the shorter one."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _known_contents(expected: Content, others: Sequence[Content]) -> list[Content]:
    """Return the contents to look for at any wrong place, each once, those first that are found in one place only.

    Of those that are found anywhere, the expected one comes first: in a gzip file there is a ruler, too.
    """
    kinds = [kind.content for kind in KINDS.values() if kind.of_seed is None]
    contents = {content.identity: content for content in [*kinds, *others]}
    if isinstance(expected, Locatable):
        contents = {expected.identity: expected, **contents}
    return sorted(contents.values(), key=lambda content: isinstance(content, Locatable))


def _of_other_seeds() -> Iterator[Content]:
    """Yield contents of the kinds that take a seed, of the lowest seeds."""
    for kind in KINDS.values():
        if kind.of_seed:
            yield from map(kind.of_seed, range(_SEEDS))
