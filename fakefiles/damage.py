"""Compares bytes with what they should be, and says of every wrong region what it holds instead.

A region is explained when its bytes are those of some content at some offset: zeros where there should be none (a
hole), the right content from elsewhere (a segment in the wrong place, an insertion), another kind, another seed. Ruler
and random content tell their offset: a ruler's line spells it, and a keystream block decrypts to its number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fakefiles.content import ONES, RULER, ZEROS, Content, Random, Ruler

#: Returns exactly so many bytes of the file, from an offset on.
Read = Callable[[int, int], bytes]

_BLOCK = 1 << 17
_RULER_LINE = re.compile(rb"[0-9a-f]{15}\n")
# An explanation has to hold for more than a ruler's line: one flipped bit makes a line spell another offset.
_MIN_EXPLAINED = 17
# Wrong bytes with no more right ones between them are one region: a ruler's line in the wrong place has 15 right bytes.
_GAP = 64
# Other seeds take milliseconds to try: that is done for no shorter region, and for so many regions of a file.
_MIN_SEEDED = 256
_SEED_SEARCHES = 100
# So many differing bits are told one by one; more are not a few flipped bits.
_MAX_FLIPS = 8
# Other seeds that are tried: 0 up to this, exclusive.
_SEEDS = 4096
# In unexplained bytes, explanations are looked for at doubling distances, up to this one.
_MAX_STRIDE = 1 << 26


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
        self._others = [ZEROS, ONES, *others]
        self._progress = progress
        self._seed_searches_left = _SEED_SEARCHES

    def regions(self) -> Iterator[Region]:
        """Yield every wrong region, in order."""
        position = self._agrees_until(0, self._expected, 0)
        while position < self._size:
            region = self._explained(position) or self._unexplained(position)
            yield region
            position = self._agrees_until(region.stop, self._expected, 0)

    def _agrees_until(self, position: int, content: Content, shift: int) -> int:
        """Return where, from `position` on, the file first differs from content that is shifted by so many bytes."""
        while position < self._size:
            length = min(_BLOCK, self._size - position)
            actual, wanted = self._actual(position, length), content.read(position + shift, length)
            if actual != wanted:
                return position + first_difference(actual, wanted)
            position += length
            self._progress(position)
        return self._size

    def _explained(self, start: int) -> Region | None:
        """Return the region that begins at `start`, a wrong byte, if some content explains it."""
        for content, shift in self._candidates(start):
            stop = self._agrees_until(start, content, shift)
            # The right bytes that follow may continue the explanation for a few bytes by chance.
            stop = self._last_wrong(start, stop) + 1
            if stop - start >= _MIN_EXPLAINED:
                return self._region(start, stop, content, shift)
        return None

    def _last_wrong(self, start: int, stop: int) -> int:
        """Return the last wrong byte from `start`, which is one, up to `stop`."""
        while stop > start + 1 and self._actual(stop - 1, 1) == self._expected.read(stop - 1, 1):
            stop -= 1
        return max(start, stop - 1)

    def _region(self, start: int, stop: int, content: Content, shift: int) -> Region:
        if content.identity == ZEROS.identity:
            return Region(start, stop, "zeros")
        what = "moved" if content.identity == self._expected.identity else "content"
        return Region(start, stop, what, start + shift, content.identity)

    def _candidates(self, start: int) -> Iterator[tuple[Content, int]]:
        """Yield the contents, each with its shift, that the bytes from `start` on may be of."""
        before = min(start, Ruler.LINE_SIZE - 1)
        window = self._actual(start - before, min(self._size - start + before, 4 * Ruler.LINE_SIZE))
        sample = window[before:]
        for content in self._others:
            if content.read(start, _MIN_EXPLAINED) == sample[:_MIN_EXPLAINED]:
                yield content, 0
        shifts = {int(line[0], 16) - (start - before + line.start()) for line in _RULER_LINE.finditer(window)}
        yield from ((RULER, shift) for shift in sorted(shifts) if start + shift >= 0)
        if isinstance(self._expected, Random):
            yield from _random_candidates(sample, start, [self._expected.seed])
        if self._seed_searches_left and self._is_long(start):
            self._seed_searches_left -= 1
            yield from _random_candidates(sample, start, range(_SEEDS))

    def _is_long(self, start: int) -> bool:
        """Return whether the wrong bytes from `start` on are many enough to look for their seed."""
        stop = min(start + _MIN_SEEDED, self._size)
        return stop - start == _MIN_SEEDED and self._run_end(start, stop) is None

    def _unexplained(self, start: int) -> Region:
        """Return the region that begins at `start`, whose first bytes nothing explains."""
        stop, stride = start, _GAP
        while stop < self._size:
            reach = min(stop + min(stride, _BLOCK), self._size)
            end = self._run_end(start if stop == start else stop - _GAP, reach)
            if end is not None:
                return self._damaged(start, end)
            stop = reach
            if stop - start >= stride:
                stride = min(2 * stride, _MAX_STRIDE)
                for content, shift in self._candidates(stop) if stop < self._size else ():
                    if self._agrees_until(stop, content, shift) - stop >= _MIN_EXPLAINED:
                        return self._damaged(start, self._begins(start, stop, content, shift))
            self._progress(stop)
        return self._damaged(start, self._size)

    def _run_end(self, start: int, stop: int) -> int | None:
        """Return where, between `start` and `stop`, wrong bytes are followed by a gap of right ones, or None."""
        difference = self._difference(start, stop)
        at = difference.find(bytes(_GAP))
        return start + at if at >= 0 else None

    def _begins(self, start: int, stop: int, content: Content, shift: int) -> int:
        """Return the first byte, after `start`, from which on up to `stop` the file is the shifted content."""
        while stop > start + 1:
            length = min(_BLOCK, stop - start - 1, stop + shift)
            actual = self._actual(stop - length, length)[::-1]
            wanted = content.read(stop - length + shift, length)[::-1]
            if actual != wanted or not length:
                return stop - first_difference(actual, wanted)
            stop -= length
        return stop

    def _damaged(self, start: int, stop: int) -> Region:
        """Return the region, up to `stop` at most, that no content explains: a few flipped bits, or unknown bytes."""
        stop = self._last_wrong(start, stop) + 1
        if stop - start <= _BLOCK:
            difference = self._difference(start, stop)
            flips = [(start + at, bit) for at, byte in enumerate(difference) for bit in range(8) if byte >> bit & 1]
            if len(flips) <= _MAX_FLIPS:
                return Region(start, stop, "flipped", bits=tuple(flips))
        return Region(start, stop, "unknown")

    def _difference(self, start: int, stop: int) -> bytes:
        """Return the bits that are wrong: the file XOR what it should be."""
        length = stop - start
        actual, wanted = self._actual(start, length), self._expected.read(start, length)
        return (int.from_bytes(actual, "big") ^ int.from_bytes(wanted, "big")).to_bytes(length, "big")


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


def _random_candidates(sample: bytes, start: int, seeds: Sequence[int]) -> Iterator[tuple[Content, int]]:
    """Yield the random contents, each with its shift, that a sample from `start` on may be of.

    Decrypted with its key, a block of the keystream is its number: one with many leading zeros is no chance.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    size = Random.BLOCK_SIZE
    alignments = range(min(size, len(sample) - size + 1))
    blocks = b"".join(sample[at : at + size] for at in alignments)
    for seed in seeds:
        content = Random(seed)
        numbers = Cipher(AES(content.key), ECB()).decryptor().update(blocks)  # noqa: S305  one block at a time is the aim
        for at in alignments:
            number = int.from_bytes(numbers[at * size : (at + 1) * size], "big")
            if at <= number * size < 2**63:
                yield content, number * size - (start + at)
