"""crc.py: the CRC32 of content in numbered lines."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.crc import Lines, crc32_of_lines, power, remainder, times
from fakefiles.files.editions import SecondRuler
from fakefiles.files.kinds import RULER

KINDS_OF_LINES = (RULER, SecondRuler())
every_kind = pytest.mark.parametrize("lines", KINDS_OF_LINES, ids=lambda lines: lines.identity)
any_polynomial = st.integers(0, 2**32 - 1)
ONE, X = 1 << 31, 1 << 30


@every_kind
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 255, 256, 257, 4095, 65_536, 1_048_591, 3_000_001])
def test_as_zlib(lines: Lines, size: int) -> None:
    """It is what zlib computes byte by byte."""
    assert crc32_of_lines(lines, size) == crc32(lines.read(0, size))


@given(st.sampled_from(KINDS_OF_LINES), st.integers(0, 2**63 - 1), st.integers(0, 5000))
def test_any_size(lines: Lines, size: int, more: int) -> None:
    """That of a longer file is that of the shorter one, continued by zlib; also beyond 1 EiB."""
    assert crc32_of_lines(lines, size + more) == crc32(lines.read(size, more), crc32_of_lines(lines, size))


@given(any_polynomial, any_polynomial, any_polynomial)
def test_products(one: int, two: int, three: int) -> None:
    """Polynomials are multiplied as such."""
    assert times(one, two) == times(two, one)
    assert times(one, two ^ three) == times(one, two) ^ times(one, three)
    assert times(ONE, one) == one
    assert power(one, 5) == times(times(times(times(one, one), one), one), one)


def test_powers() -> None:
    """x^32 is what the polynomial of RFC 1952 leaves of it; the powers of x begin again after 2^32 - 1 of them."""
    assert (power(X, 0), power(X, 1), power(X, 32)) == (ONE, X, 0xEDB88320)
    assert power(X, 2**32 - 1) == ONE


@given(st.binary(), st.binary())
def test_remainders(one: bytes, two: bytes) -> None:
    """Bytes that follow others multiply their remainder."""
    assert remainder(one + two) == times(remainder(one), power(X, 8 * len(two))) ^ remainder(two)
