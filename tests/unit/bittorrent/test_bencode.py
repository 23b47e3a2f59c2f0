"""bencode.py: values as bytes, and back."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.bittorrent.bencode import BencodeError, decode, decode_first, encode

# Values and how they are written.
WRITTEN = [
    (0, b"i0e"),
    (-42, b"i-42e"),
    (2**63, b"i9223372036854775808e"),
    (b"", b"0:"),
    (b"spam", b"4:spam"),
    ("é", b"2:\xc3\xa9"),
    ("\udcff", b"1:\xff"),
    ([], b"le"),
    (("a", 1, [b"b"]), b"l1:ai1el1:bee"),
    ({}, b"de"),
    # Sorted as raw bytes: capital letters first, what is beyond ASCII last.
    ({"é": 1, "b": 2, b"B": 3, "aa": 4, "a": 5}, b"d1:Bi3e1:ai5e2:aai4e1:bi2e2:\xc3\xa9i1ee"),
    (OrderedDict(z={"y": []}), b"d1:zd1:yleee"),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN)
def test_encode(value: Any, text: bytes) -> None:
    """Text becomes UTF-8, and the keys of a dictionary stand in order."""
    assert encode(value) == text


@pytest.mark.parametrize("value", [None, True, 1.5, {"a": {1}}, [None], {"a": False}])
def test_what_cannot_be_encoded(value: Any) -> None:
    """There is no other notation, and none for a boolean, which Python takes for a number."""
    with pytest.raises(TypeError, match=r"^bencoding has no "):
        encode(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"i0e", 0),
        (b"i-1e", -1),
        (b"0:", b""),
        (b"12:" + b"x" * 12, b"x" * 12),
        (b"l4:spami7elee", [b"spam", 7, []]),
        (b"d1:ad1:bi1eee", {b"a": {b"b": 1}}),
        # Some clients do not sort, and repeat.
        (b"d1:bi1e1:ai2ee", {b"b": 1, b"a": 2}),
        (b"d1:ai1e1:ai2ee", {b"a": 2}),
        (b"l" * 20 + b"e" * 20, None),
    ],
)
def test_decode(text: bytes, value: Any) -> None:
    """Strings come back as bytes."""
    assert decode(text) == value or value is None


BROKEN = [
    *(b"", b"x", b"i", b"ie", b"i1", b"i-0e", b"i01e", b"i 1e", b"i1.5e", b"i1" + b"0" * 19 + b"e", b"i\xd9\xa1e"),
    *(b"1:", b"-1:", b"01:a", b"99999999999:", b"9999999999:a", b"5:spam", b"4spam", b":"),
    *(b"l", b"li1e", b"l1:ax", b"d", b"d1:a", b"d1:ae", b"di1ei2ee", b"dlelee", b"e", b"ee", b"i1ei2e", b"lee"),
    *(b"l" * 21 + b"e" * 21, b"d1:a" * 21 + b"e" * 21, b"l" * 100_000),
]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: ascii(text)[:20])
def test_what_is_not_bencoded(text: bytes) -> None:
    """Whatever it is, there is one error for it, with what is wrong."""
    with pytest.raises(BencodeError, match=r"^(a value|a string|a dictionary|something) "):
        decode(text)


def test_decode_first() -> None:
    """A message may go on behind its value."""
    assert decode_first(b"d1:ai1eerest") == ({b"a": 1}, 8)
    with pytest.raises(BencodeError, match="something follows the value"):
        decode(b"d1:ai1eerest")


_values = st.recursive(
    st.integers(-(10**18), 10**18) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.binary(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(_values)
def test_there_and_back(value: Any) -> None:
    """What is encoded is decoded as it was, and as nothing else."""
    text = encode(value)
    assert decode(text) == value
    assert encode(decode(text)) == text


@given(_values, st.lists(st.tuples(st.integers(0, 200), st.sampled_from(b"0123456789:ilde-\x00\xff")), max_size=4))
def test_mutated(value: Any, changes: list[tuple[int, int]]) -> None:
    """Changed bytes are a value, too, or a BencodeError."""
    text = bytearray(encode(value))
    for place, byte in changes:
        text[place % len(text)] = byte
    with suppress(BencodeError):
        decode(bytes(text))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Any bytes are a value, or a BencodeError."""
    with suppress(BencodeError):
        decode(data)
