"""Numbers as people write them: "1.5GiB" to bytes, "200ms" to seconds, "50%" of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from fakefiles.files.errors import RequestError

#: The largest size, in bytes: what fits in a signed 64-bit file offset.
MAX_SIZE = 2**63 - 1

GRAMMAR = "write a size like 1024, 4k, 1.5GiB or 10MB: k m g t p count in 1024s, kB MB GB TB PB in 1000s"

#: The longest duration, in seconds: a day.
MAX_DURATION = 24 * 60 * 60

_SIZE = re.compile(r"([0-9]+)(?:\.([0-9]+))?(?:([kmgtp])(i?b)?)?", re.ASCII | re.IGNORECASE)
# No larger number of digits can matter: 19 before the point reach the limit, 50 after it are what 1 PiB can make whole.
_MAX_WHOLE_DIGITS = len(str(MAX_SIZE))
_MAX_FRACTION_DIGITS = 50
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)?", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, None: 1}
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)%", re.ASCII)


def parse_number(text: str, least: int, most: int) -> int:
    """Return the whole number that `text` is, in decimal digits: from `least` to `most`.

    Raises RequestError when it is something else.
    """
    # No more digits than matter: int() fails for thousands of them (CVE-2020-10735).
    digits = text if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else ""
    if not digits or not least <= int(digits) <= most:
        raise RequestError(f"a whole number from {least} to {most}")
    return int(digits)


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


def parse_duration(text: str) -> float:
    """Return the seconds that `text` stands for, from 0 to MAX_DURATION: a number with ms, s, m, h, or of seconds.

    Raises RequestError when `text` is malformed or too long.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise RequestError("not a duration; write seconds like 2 or 0.5, or 200ms, 1.5s, 2m, 1h")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > MAX_DURATION:
        raise RequestError(f"too long; the longest duration is {MAX_DURATION // 3600}h")
    return seconds


@dataclass(frozen=True, slots=True)
class Offset:
    """A place in a file: a number of bytes from its beginning, or that many per cent of its size."""

    number: Fraction
    percent: bool = False

    def at(self, size: int) -> int:
        """Return the offset in a file of `size` bytes, which may lie beyond it; of a fraction, the whole bytes."""
        return int(self.number * size / 100 if self.percent else self.number)


def parse_offset(text: str) -> Offset:
    """Return what `text`, a size or a percentage, says. Raises RequestError when it is neither."""
    if match := _PERCENT.fullmatch(text):
        percentage = Fraction(match[1])
        if percentage <= 100:  # noqa: PLR2004  that is what per cent means
            return Offset(percentage, percent=True)
    try:
        return Offset(Fraction(parse_size(text)))
    except RequestError:
        raise RequestError("not an offset; write bytes like 1000 or 1m, or 0% to 100% of the file") from None


def _multiplier(unit: str | None, suffix: str | None) -> int:
    if unit is None:
        return 1
    base = 1000 if suffix and suffix.lower() == "b" else 1024
    return int(base ** ("kmgtp".index(unit.lower()) + 1))


def _too_large(limit: int) -> RequestError:
    return RequestError(f"too large; the largest size here is {limit} bytes")


def _not_whole() -> RequestError:
    return RequestError(f"not a whole number of bytes; {GRAMMAR}")
