"""units.py: what is a size, and what is not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.errors import RequestError
from fakefiles.files.units import MAX_DURATION, MAX_SIZE, parse_duration, parse_number, parse_offset, parse_size

GOOD = {
    "0": 0,
    "1": 1,
    "007": 7,
    "1024": 1024,
    "4k": 4096,
    "4K": 4096,
    "4KiB": 4096,
    "4kib": 4096,
    "4kB": 4000,
    "4KB": 4000,
    "700m": 700 * 2**20,
    "10MB": 10_000_000,
    "1g": 2**30,
    "1.5GiB": 3 * 2**29,
    "1.5GB": 1_500_000_000,
    "1t": 2**40,
    "2TB": 2 * 10**12,
    "1p": 2**50,
    "1PB": 10**15,
    "0.5k": 512,
    "1.000": 1,
    "0.001kB": 1,
    "0.0000": 0,
    "8191.9990234375p": 2**63 - 2**40,
    "0.00000000000000088817841970012523233890533447265625p": 1,
    "9223372036854775807": MAX_SIZE,
    "0" * 10_000 + "5": 5,
    "1." + "0" * 10_000: 1,
}
BAD = {
    "": "not a size",
    "abc": "not a size",
    "-1": "not a size",
    "+1": "not a size",
    " 1": "not a size",
    "1 ": "not a size",
    "1\n": "not a size",
    "1\0": "not a size",
    "1x": "not a size",
    "1b": "not a size",
    "1kk": "not a size",
    "1ki": "not a size",
    "1e400": "not a size",
    "1e3": "not a size",
    "0x10": "not a size",
    "1_000": "not a size",
    "1,5k": "not a size",
    "1.": "not a size",
    ".5k": "not a size",
    "1.2.3": "not a size",
    "１": "not a size",
    "1²": "not a size",
    "٣": "not a size",
    "1\u212a": "not a size",  # the Kelvin sign, a k to a careless regex
    "inf": "not a size",
    "nan": "not a size",
    "0.5": "not a whole number",
    "1.0001k": "not a whole number",
    "0." + "0" * 60 + "1p": "not a whole number",
    "0." + "0" * 10_000 + "1p": "not a whole number",
    str(MAX_SIZE + 1): "too large",
    "8192p": "too large",
    "9" * 10_000: "too large",
    "9" * 10_000 + ".5": "too large",
}


@pytest.mark.parametrize(("text", "size"), GOOD.items(), ids=lambda value: str(value)[:20])
def test_good(text: str, size: int) -> None:
    """A size comes to this many bytes."""
    assert parse_size(text) == size


@pytest.mark.parametrize(("text", "message"), BAD.items(), ids=lambda value: ascii(value)[:20])
def test_bad(text: str, message: str) -> None:
    """What is no size is refused in one line that does not repeat it."""
    with pytest.raises(RequestError, match=message) as caught:
        parse_size(text)
    assert "\n" not in str(caught.value)
    assert ("k m g t p count in 1024s" in str(caught.value)) is (message != "too large")
    assert len(str(caught.value)) < 150


def test_limit() -> None:
    """The limit is inclusive, and the message names it."""
    assert parse_size("1k", limit=1024) == 1024
    with pytest.raises(RequestError, match="largest size here is 1023 bytes"):
        parse_size("1k", limit=1023)


@given(st.integers(0, MAX_SIZE))
def test_every_number_of_bytes(size: int) -> None:
    """Every size up to the limit can be said in plain bytes."""
    assert parse_size(str(size)) == size


@given(st.text())
def test_any_text(text: str) -> None:
    """Nothing but RequestError is ever raised."""
    with suppress(RequestError):
        assert 0 <= parse_size(text) <= MAX_SIZE


@pytest.mark.parametrize(("text", "number"), [("5", 5), ("6", 6), ("99", 99), ("100", 100), ("007", 7)])
def test_number(text: str, number: int) -> None:
    """A number is decimal digits, from the least to the most."""
    assert parse_number(text, 5, 100) == number


@pytest.mark.parametrize(
    "text", ["", "4", "101", "0", "-5", "+5", " 5", "5 ", "5\n", "5.0", "1_0", "0x9", "٩", "²", "x", "9" * 10_000]
)
def test_bad_number(text: str) -> None:
    """Whatever else is refused with what would be right, also more digits than Python makes a number of."""
    with pytest.raises(RequestError, match=r"^a whole number from 5 to 100$"):
        parse_number(text, 5, 100)


DURATIONS = {
    "0": 0,
    "2": 2,
    "0.5": 0.5,
    "200ms": 0.2,
    "1.5s": 1.5,
    "2m": 120,
    "1h": 3600,
    "24h": MAX_DURATION,
    "007": 7,
}
BAD_DURATIONS = {
    "": "not a duration",
    "s": "not a duration",
    "-1": "not a duration",
    "1 s": "not a duration",
    ".5": "not a duration",
    "1.": "not a duration",
    "1d": "not a duration",
    "1S": "not a duration",
    "1e3": "not a duration",
    "inf": "not a duration",
    "nan": "not a duration",
    "٣": "not a duration",
    "1\n": "not a duration",
    "9" * 10_000: "not a duration",
    "25h": "too long; the longest duration is 24h",
    "86400.1": "too long",
}


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items())
def test_duration(text: str, seconds: float) -> None:
    """Numbers are seconds, as in go-httpbin, unless they have a unit."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(("text", "message"), BAD_DURATIONS.items(), ids=lambda value: ascii(value)[:20])
def test_bad_duration(text: str, message: str) -> None:
    """What is none is refused with what would be right."""
    with pytest.raises(RequestError, match=message):
        parse_duration(text)


# Text, and the offset in a file of 1000 bytes.
OFFSETS = {
    "0": 0,
    "1000": 1000,
    "1k": 1024,
    "0%": 0,
    "50%": 500,
    "33.33%": 333,
    "100%": 1000,
    "0.05%": 0,
    "99.999999999%": 999,
}


@pytest.mark.parametrize(("text", "offset"), OFFSETS.items())
def test_offset(text: str, offset: int) -> None:
    """An offset is bytes, or per cent of the file."""
    assert parse_offset(text).at(1000) == offset


def test_offset_of_the_largest_file() -> None:
    """Per cent are exact, however large the file."""
    assert parse_offset("100%").at(MAX_SIZE) == MAX_SIZE
    assert parse_offset("50%").at(MAX_SIZE) == MAX_SIZE // 2


@pytest.mark.parametrize(
    "text", ["", "%", "-1", "101%", "100.1%", "1%%", "50 %", "x", "1.5", "9" * 10_000 + "%", "1e1%"]
)
def test_bad_offset(text: str) -> None:
    """What is neither is refused."""
    with pytest.raises(RequestError, match="not an offset; write bytes like 1000 or 1m, or 0% to 100% of the file"):
        parse_offset(text)
