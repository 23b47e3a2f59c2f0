"""Bencoding (BEP 3): the notation of torrents, of trackers' answers, and of peers' extended messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

#: What can be bencoded; text becomes UTF-8. Decoding gives int, bytes, list and dict with bytes as keys.
Value = Any

_INTEGER = re.compile(rb"i(0|-?[1-9][0-9]{0,18})e")
_LENGTH = re.compile(rb"(0|[1-9][0-9]{0,9}):")
_DEEPEST = 20


class BencodeError(ValueError):
    """The bytes are not bencoded."""


def encode(value: Value) -> bytes:
    """Return a value bencoded. Raises TypeError if it, or a part of it, cannot be."""
    parts: list[bytes] = []
    _encode(value, parts)
    return b"".join(parts)


def _encode(value: Value, parts: list[bytes]) -> None:
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    if isinstance(value, bytes):
        parts += b"%d:" % len(value), value
    elif isinstance(value, bool):
        raise TypeError("bencoding has no booleans")
    elif isinstance(value, int):
        parts.append(b"i%de" % value)
    elif isinstance(value, Mapping):
        parts.append(b"d")
        # Keys are sorted as raw bytes.
        for key, item in sorted((_bytes(key), item) for key, item in value.items()):
            _encode(key, parts)
            _encode(item, parts)
        parts.append(b"e")
    elif isinstance(value, Sequence):
        parts.append(b"l")
        for item in value:
            _encode(item, parts)
        parts.append(b"e")
    else:
        raise TypeError(f"bencoding has no {type(value).__name__}")


def _bytes(key: str | bytes) -> bytes:
    return key.encode("utf-8", "surrogateescape") if isinstance(key, str) else key


def decode(data: bytes) -> Value:
    """Return the value that all of some bytes are. Raises BencodeError if they are none."""
    value, end = decode_first(data)
    if end != len(data):
        raise BencodeError("something follows the value")
    return value


def decode_first(data: bytes) -> tuple[Value, int]:
    """Return the value with which some bytes begin, and where it ends. Raises BencodeError if there is none."""
    return _decode(data, 0, _DEEPEST)


def _decode(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    if found := _INTEGER.match(data, at):
        return int(found[1]), found.end()
    if found := _LENGTH.match(data, at):
        end = found.end() + int(found[1])
        if end > len(data):
            raise BencodeError("a string is shorter than it says")
        return data[found.end() : end], end
    kind = data[at : at + 1]
    if kind not in {b"d", b"l"} or not depth:
        raise BencodeError("a value is malformed")
    items = []
    at += 1
    while data[at : at + 1] != b"e":
        item, at = _decode(data, at, depth - 1)
        items.append(item)
    return (_dictionary(items) if kind == b"d" else items), at + 1


def _dictionary(items: list[Value]) -> dict[bytes, Value]:
    keys = items[::2]
    if len(items) % 2 or not all(isinstance(key, bytes) for key in keys):
        raise BencodeError("a dictionary has no pairs")
    # Not checked: whether the keys are sorted. Clients exist that do not sort them.
    return dict(zip(keys, items[1::2], strict=True))
