"""sizes.py: what is a size, and what is not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.errors import RequestError
from fakefiles.sizes import MAX_SIZE, parse_size

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
    str(MAX_SIZE): MAX_SIZE,
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
