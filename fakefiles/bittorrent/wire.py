"""The messages between peers (BEP 3, 6, 10, 52) as bytes: splitting a stream into them, and making them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple

PROTOCOL = b"\x13BitTorrent protocol"
#: The length of a handshake in bytes.
HANDSHAKE = 68

# Bits of the reserved bytes: byte, mask.
_EXTENDED, _FAST, _V2 = (5, 0x10), (7, 0x04), (7, 0x10)

#: The most bytes in a block that a peer may ask for.
MOST_BLOCK = 1 << 17
# The longest message that we take: the bitfield of a torrent with the most pieces. Nobody sends blocks to a seed.
_LONGEST = (1 << 16) + 1


class WireError(ValueError):
    """A peer has sent something that no peer may. The text says what, and never repeats it."""


class Kind(IntEnum):
    """The kinds of messages that we send, or act upon; all others are ignored."""

    UNCHOKE = 1
    INTERESTED = 2
    BITFIELD = 5
    REQUEST = 6
    PIECE = 7
    CANCEL = 8
    HAVE_ALL = 14
    REJECT = 16
    EXTENDED = 20
    HASH_REQUEST = 21
    HASHES = 22
    HASH_REJECT = 23


class Handshake(NamedTuple):
    """The first message of a peer: what it can, the torrent that it wants, and its id."""

    reserved: bytes
    info_hash: bytes
    peer_id: bytes

    @property
    def extended(self) -> bool:
        """Whether the peer takes extended messages (BEP 10)."""
        return self._has(_EXTENDED)

    @property
    def fast(self) -> bool:
        """Whether the peer takes HAVE ALL and REJECT (BEP 6)."""
        return self._has(_FAST)

    @property
    def upgrades(self) -> bool:
        """Whether the peer, if it comes with the hash of v1, would rather have v2 (BEP 52)."""
        return self._has(_V2)

    def _has(self, bit: tuple[int, int]) -> bool:
        return bool(self.reserved[bit[0]] & bit[1])

    def packed(self) -> bytes:
        """Return the message."""
        return PROTOCOL + self.reserved + self.info_hash + self.peer_id


def reserved(*, v2: bool) -> bytes:
    """Return our reserved bytes; `v2`: whether the torrent has a v2."""
    bits = bytearray(8)
    for byte, mask in (_EXTENDED, _FAST, *([_V2] if v2 else [])):
        bits[byte] |= mask
    return bytes(bits)


def read_handshake(data: bytes) -> Handshake:
    """Return the handshake in 68 bytes. Raises WireError if they are none."""
    if not data.startswith(PROTOCOL):
        raise WireError("a handshake of another protocol")
    return Handshake(data[20:28], data[28:48], data[48:68])


class Splitter:
    """Splits what a peer sends into messages, and keeps what is not yet complete: never more than one message."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the messages that are complete with more data, as their kind and their payload.

        Keep-alives are left out. Raises WireError at a message that is longer than any may be.
        """
        self._buffer += data
        at = 0
        try:
            while len(self._buffer) - at >= _PREFIX.size:
                (length,) = _PREFIX.unpack_from(self._buffer, at)
                if length > _LONGEST:
                    raise WireError("a message is longer than any may be")
                if len(self._buffer) - at < _PREFIX.size + length:
                    break
                at += _PREFIX.size
                message = bytes(self._buffer[at : at + length])
                at += length
                if message:
                    yield message[0], message[1:]
        finally:
            del self._buffer[:at]


_PREFIX = struct.Struct(">I")
_BLOCK = struct.Struct(">III")
_HASH_REQUEST = struct.Struct(">32sIIII")


def message(kind: Kind, payload: bytes = b"") -> bytes:
    """Return a message of a kind."""
    return _PREFIX.pack(len(payload) + 1) + bytes([kind]) + payload


KEEP_ALIVE = _PREFIX.pack(0)


class BlockRequest(NamedTuple):
    """A block that a peer wants: the number of its piece, where it begins there, and its length, both in bytes."""

    piece: int
    begin: int
    length: int

    def head(self) -> bytes:
        """Return the message with this block, up to where the block comes."""
        return struct.pack(">IBII", self.length + 9, Kind.PIECE, self.piece, self.begin)

    def rejected(self) -> bytes:
        """Return the message that this block will not come (BEP 6)."""
        return message(Kind.REJECT, _BLOCK.pack(*self))


def read_block_request(payload: bytes) -> BlockRequest:
    """Return the request in a REQUEST or a CANCEL. Raises WireError if there is none."""
    return BlockRequest(*_unpacked(_BLOCK, payload))


class HashRequest(NamedTuple):
    """The hashes that a peer wants of the tree of a file (BEP 52)."""

    root: bytes
    base: int
    start: int
    length: int
    proofs: int

    def answered(self, hashes: bytes) -> bytes:
        """Return the message with the hashes."""
        return message(Kind.HASHES, _HASH_REQUEST.pack(*self) + hashes)

    def rejected(self) -> bytes:
        """Return the message that the hashes will not come."""
        return message(Kind.HASH_REJECT, _HASH_REQUEST.pack(*self))


def read_hash_request(payload: bytes) -> HashRequest:
    """Return the request in a HASH REQUEST. Raises WireError if there is none."""
    return HashRequest(*_unpacked(_HASH_REQUEST, payload))


def _unpacked(form: struct.Struct, payload: bytes) -> tuple[Any, ...]:
    if len(payload) != form.size:
        raise WireError("a request is as long as none may be")
    return form.unpack(payload)
