"""Sizes as people write them: "4k", "1.5GiB", "10MB" to bytes."""

from __future__ import annotations

import re
from fractions import Fraction

from fakefiles.errors import RequestError

#: The largest size, in bytes: what fits in a signed 64-bit file offset.
MAX_SIZE = 2**63 - 1

GRAMMAR = "write a size like 1024, 4k, 1.5GiB or 10MB: k m g t p count in 1024s, kB MB GB TB PB in 1000s"

_SIZE = re.compile(r"([0-9]+)(?:\.([0-9]+))?(?:([kmgtp])(i?b)?)?", re.ASCII | re.IGNORECASE)
# No larger number of digits can matter: 19 before the point reach the limit, 50 after it are what 1 PiB can make whole.
_MAX_WHOLE_DIGITS = len(str(MAX_SIZE))
_MAX_FRACTION_DIGITS = 50


def parse_size(text: str, limit: int = MAX_SIZE) -> int:
    """Return the number of bytes that `text` stands for, from 0 to `limit`.

    k m g t p, in either case, are powers of 1024, as are KiB MiB ...; kB MB ..., with the B, are powers of 1000.
    A decimal fraction must come to a whole number of bytes.

    Raises RequestError when `text` is malformed, not a whole number of bytes, or more than `limit`.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise RequestError(f"not a size; {GRAMMAR}")
    whole, fraction, unit, suffix = match.groups()
    whole, fraction = whole.lstrip("0"), (fraction or "").rstrip("0")
    if len(whole) > _MAX_WHOLE_DIGITS:
        raise _too_large(limit)
    if len(fraction) > _MAX_FRACTION_DIGITS:
        raise _not_whole()
    size = Fraction(int(whole + fraction or "0"), 10 ** len(fraction)) * _multiplier(unit, suffix)
    if size > limit:
        raise _too_large(limit)
    if size.denominator != 1:
        raise _not_whole()
    return size.numerator


def _multiplier(unit: str | None, suffix: str | None) -> int:
    if unit is None:
        return 1
    base = 1000 if suffix and suffix.lower() == "b" else 1024
    return int(base ** ("kmgtp".index(unit.lower()) + 1))


def _too_large(limit: int) -> RequestError:
    return RequestError(f"too large; the largest size here is {limit} bytes")


def _not_whole() -> RequestError:
    return RequestError(f"not a whole number of bytes; {GRAMMAR}")
