"""The CRC32 of a content in numbered lines, in a time that grows with the number of digits of its size only.

A CRC is a remainder: bytes are a polynomial over GF(2), the CRC is what is left of it after division by the polynomial
of RFC 1952, section 8. It is linear: that of bytes XOR others is their CRCs, XOR. That of one string after another
needs the CRCs of both, and a multiplication. The bits are mirrored: the highest bit of a number stands for x^0.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import NamedTuple, Protocol
from zlib import crc32

from fakefiles.files.content import Content

_POLYNOMIAL = 0xEDB88320
_ALL_BITS = 0xFFFFFFFF
_ONE = 1 << 31
# x^8: what comes before a byte is multiplied by it.
_BYTE = 1 << 23
#: The length of a line. Each digit of a number in base BASE multiplies the bytes by that.
LINE_SIZE = BASE = 16
# Digits of the largest size.
_DIGITS = 16


class Lines(Content, Hashable, Protocol):
    """Content in lines of LINE_SIZE bytes, that number themselves.

    Each byte of a line depends on at most one hexadecimal digit of the offset at which the line begins.
    """


def times(one: int, other: int) -> int:
    """Return the product of two polynomials, modulo that of the CRC."""
    product = 0
    while one:
        if one & _ONE:
            product ^= other
        one = one << 1 & _ALL_BITS
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product


def power(base: int, exponent: int) -> int:
    """Return a power of a polynomial, modulo that of the CRC."""
    product = _ONE
    while exponent:
        if exponent & 1:
            product = times(product, base)
        base = times(base, base)
        exponent >>= 1
    return product


def remainder(data: bytes) -> int:
    """Return the remainder of bytes: their CRC32 but for what it begins and ends with, which is not linear."""
    return crc32(data, _ALL_BITS) ^ _ALL_BITS


class _Level(NamedTuple):
    """Of as many bytes as a power of BASE has: `size`, the remainder at offset 0, and two factors.

    `shift` puts the bytes behind what comes before; `lines` repeats the remainder of one line in all lines.
    """

    size: int
    first: int
    shift: int
    lines: int


def crc32_of_lines(content: Lines, size: int) -> int:
    """Return the CRC32 of the first `size` bytes of a content, up to BASE^_DIGITS."""
    offset = total = 0
    for level in reversed(_levels(content)):
        while size - offset >= level.size:
            total = times(total, level.shift) ^ _block(content, level, offset)
            offset += level.size
    # A CRC32 begins with all bits set, and is inverted at its end (RFC 1952, 8).
    begun = total ^ times(_ALL_BITS, power(_BYTE, offset)) ^ _ALL_BITS
    return crc32(content.read(offset, size - offset), begun)


def _block(content: Lines, level: _Level, offset: int) -> int:
    """Return the remainder of the bytes of a level from `offset` on, a multiple of its size.

    They are those at offset 0, with the same few digits more in each line.
    """
    line, first = content.read(offset, LINE_SIZE), content.read(0, LINE_SIZE)
    return level.first ^ times(level.lines, remainder(line) ^ remainder(first))


@lru_cache(maxsize=8)
def _levels(content: Lines) -> tuple[_Level, ...]:
    """Return the levels of a content, from that of one line on; a larger one is BASE of the one before."""
    level = _Level(LINE_SIZE, remainder(content.read(0, LINE_SIZE)), power(_BYTE, LINE_SIZE), _ONE)
    levels = [level]
    for _ in range(_DIGITS - 2):
        first = lines = 0
        for digit in range(BASE):
            first = times(first, level.shift) ^ _block(content, level, digit * level.size)
            lines = times(lines, level.shift) ^ level.lines
        level = _Level(level.size * BASE, first, power(level.shift, BASE), lines)
        levels.append(level)
    return tuple(levels)
