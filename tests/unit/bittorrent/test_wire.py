"""wire.py: the bytes of handshakes and messages."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.bittorrent.wire import (
    HANDSHAKE,
    KEEP_ALIVE,
    BlockRequest,
    Handshake,
    HashRequest,
    Kind,
    Splitter,
    WireError,
    message,
    read_block_request,
    read_handshake,
    read_hash_request,
    reserved,
)

HASH, ID = b"h" * 20, b"i" * 20


def test_handshake() -> None:
    """It is 68 bytes: the name of the protocol, what the peer can, its torrent, and its id."""
    packed = Handshake(bytes(8), HASH, ID).packed()
    assert packed == b"\x13BitTorrent protocol" + bytes(8) + HASH + ID
    assert len(packed) == HANDSHAKE
    assert read_handshake(packed) == (bytes(8), HASH, ID)
    with pytest.raises(WireError, match="a handshake of another protocol"):
        read_handshake(b"\x13BitTorrent protocoL" + bytes(48))


@pytest.mark.parametrize(
    ("bits", "can"),
    [
        ("0000000000000000", (False, False, False)),
        ("0000000000100004", (True, True, False)),  # aria2, Transmission
        ("0000000000100005", (True, True, False)),  # libtorrent
        ("0000000000100015", (True, True, True)),  # libtorrent with a hybrid
        ("0000000000100000", (True, False, False)),  # rtorrent
        ("0000000000000010", (False, False, True)),
        ("ffffffffffefffeb", (False, False, False)),
    ],
)
def test_reserved_bytes(bits: str, can: tuple[bool, bool, bool]) -> None:
    """They say which extensions a peer has."""
    handshake = Handshake(bytes.fromhex(bits), HASH, ID)
    assert (handshake.extended, handshake.fast, handshake.upgrades) == can


def test_our_reserved_bytes() -> None:
    """We have extended messages and are fast; v2 is for torrents that have it."""
    assert reserved(v2=False).hex() == "0000000000100004"
    assert reserved(v2=True).hex() == "0000000000100014"


def test_messages() -> None:
    """A message is its length, its kind and its payload."""
    assert message(Kind.UNCHOKE) == b"\0\0\0\x01\x01"
    assert message(Kind.BITFIELD, b"\xff\x80") == b"\0\0\0\x03\x05\xff\x80"
    assert bytes(4) == KEEP_ALIVE


def test_block_request() -> None:
    """A block is answered with its message up to its bytes, or rejected."""
    request = read_block_request(struct.pack(">III", 1, 2, 3))
    assert request == BlockRequest(piece=1, begin=2, length=3)
    assert request.head() == struct.pack(">IBII", 12, 7, 1, 2)
    assert request.rejected() == struct.pack(">IBIII", 13, 16, 1, 2, 3)


def test_hash_request() -> None:
    """The answer repeats the request."""
    payload = struct.pack(">32sIIII", b"r" * 32, 1, 2, 4, 3)
    request = read_hash_request(payload)
    assert request == HashRequest(b"r" * 32, base=1, start=2, length=4, proofs=3)
    assert request.answered(b"xy") == struct.pack(">IB", 51, 22) + payload + b"xy"
    assert request.rejected() == struct.pack(">IB", 49, 23) + payload


@pytest.mark.parametrize("length", [0, 11, 13, 47, 49])
def test_requests_of_another_length(length: int) -> None:
    """No request is shorter or longer."""
    for read in (read_block_request, read_hash_request):
        with pytest.raises(WireError, match="as long as none may be"):
            read(bytes(length))


class TestSplitter:
    """A stream becomes messages."""

    def test_whole(self) -> None:
        """Several may come at once, and keep-alives are none."""
        data = message(Kind.INTERESTED) + KEEP_ALIVE * 2 + message(Kind.EXTENDED, b"abc") + KEEP_ALIVE
        assert list(Splitter().feed(data)) == [(2, b""), (20, b"abc")]

    def test_too_long(self) -> None:
        """A length that no message has is an error before the message comes; what came before it is split."""
        splitter = Splitter()
        found = splitter.feed(message(Kind.INTERESTED) + b"\xff\xff\xff\xff")
        assert next(found) == (2, b"")
        with pytest.raises(WireError, match="a message is longer than any may be"):
            next(found)

    def test_the_longest(self) -> None:
        """It is the bitfield of a torrent with the most pieces; one that is longer is not waited for."""
        bits = bytes(1 << 16)
        assert list(Splitter().feed(message(Kind.BITFIELD, bits))) == [(5, bits)]
        with pytest.raises(WireError, match="a message is longer than any may be"):
            list(Splitter().feed(struct.pack(">I", (1 << 16) + 2)))

    def test_who_stops_early(self) -> None:
        """Messages that nobody took stay for the next time."""
        splitter = Splitter()
        found = splitter.feed(message(Kind.INTERESTED) + message(Kind.UNCHOKE))
        assert next(found) == (2, b"")
        found.close()  # type: ignore[attr-defined]  # it is a generator
        assert list(splitter.feed(b"")) == [(1, b"")]

    @given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=30))), st.lists(st.integers(1, 40)))
    def test_in_parts(self, sent: list[tuple[int, bytes]], cuts: list[int]) -> None:
        """However the stream is cut, the messages are the same."""
        data = b"".join(struct.pack(">IB", len(payload) + 1, kind) + payload + bytes(4) for kind, payload in sent)
        splitter, found = Splitter(), list[tuple[int, bytes]]()
        for size in [*cuts, len(data) + 1]:
            found += splitter.feed(data[:size])
            data = data[size:]
        assert found == sent

    @given(st.lists(st.binary(max_size=100)))
    def test_any_bytes(self, parts: list[bytes]) -> None:
        """Any bytes are messages, or a WireError."""
        splitter = Splitter()
        with suppress(WireError):
            for part in parts:
                for kind, payload in splitter.feed(part):
                    assert 0 <= kind < 256
                    assert isinstance(payload, bytes)
