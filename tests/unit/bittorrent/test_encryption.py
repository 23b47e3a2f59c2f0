"""encryption.py: MSE, with the other side written here."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.bittorrent.encryption import Negotiation, obfuscated
from fakefiles.bittorrent.wire import WireError
from peers import Initiator, digest

HASH, OTHER = b"h" * 20, b"o" * 20
HELLO = b"the first message"


class Responder:
    """A negotiation, and what it has written."""

    def __init__(self) -> None:
        self.written = b""
        self.negotiation = Negotiation(0x1234567890, {obfuscated(HASH): HASH, obfuscated(OTHER): OTHER}, self.write)

    def write(self, data: bytes) -> None:
        """Keep what is written."""
        self.written += data

    def read(self) -> bytes:
        """Return what was written since the last time."""
        data, self.written = self.written, b""
        return data


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize(("first_pad", "second_pad"), [(0, 0), (1, 5), (512, 512)])
@pytest.mark.parametrize(("able", "chosen"), [(1, 1), (3, 1), (2, 2), (0xFFFFFFFF, 1)])
def test_agreement(able: int, chosen: int, first_pad: int, second_pad: int, step: int) -> None:
    """Plain text is chosen if the peer can do it, else ARC4; however long the padding is, and however it is cut."""
    responder, peer = Responder(), Initiator(HASH, able)
    negotiation = responder.negotiation
    assert negotiation.feed(peer.first(b"p" * first_pad)) is None
    data = peer.second(responder.read(), HELLO, b"q" * second_pad)
    rest = None
    for at in range(0, len(data), step):
        assert rest is None
        rest = negotiation.feed(data[at : at + step])
    assert rest == HELLO
    assert negotiation.info_hash == HASH
    way, follows = peer.choice(responder.read())
    assert (way, follows) == (chosen, b"")
    if chosen == 1:
        assert (negotiation.incoming, negotiation.outgoing) == (None, None)
    else:
        assert negotiation.incoming
        assert negotiation.outgoing
        assert negotiation.incoming.update(peer.outgoing.update(b"to you")) == b"to you"
        assert peer.incoming.update(negotiation.outgoing.update(b"to me")) == b"to me"


def test_what_follows_at_once() -> None:
    """A peer that goes on in ARC4 may send more than its first message."""
    responder, peer = Responder(), Initiator(HASH, 2)
    responder.negotiation.feed(peer.first())
    data = peer.second(responder.read(), HELLO) + peer.outgoing.update(b" and more")
    assert responder.negotiation.feed(data) == HELLO + b" and more"


def test_the_key_in_parts() -> None:
    """Nothing is said before the whole key is there."""
    responder, peer = Responder(), Initiator(HASH)
    assert responder.negotiation.feed(peer.first()[:95]) is None
    assert responder.read() == b""
    assert responder.negotiation.feed(peer.first()[95:]) is None
    assert len(responder.read()) == 96


def test_no_mse() -> None:
    """Bytes without what follows the padding are given up when it would be too long."""
    responder = Responder()
    assert responder.negotiation.feed(b"x" * (96 + 531)) is None
    with pytest.raises(WireError, match="neither a handshake nor MSE"):
        responder.negotiation.feed(b"x")


def test_unknown_torrent() -> None:
    """A torrent that is not known has no key."""
    responder, peer = Responder(), Initiator(b"?" * 20)
    responder.negotiation.feed(peer.first())
    with pytest.raises(WireError, match="MSE for a torrent that is not known here"):
        responder.negotiation.feed(peer.second(responder.read()))


@pytest.mark.parametrize(
    ("able", "constant", "pad", "message"),
    [
        (0, bytes(8), 0, "MSE without a way to go on"),
        (4, bytes(8), 0, "MSE without a way to go on"),
        (3, b"12345678", 0, "a wrong MSE"),
        (3, bytes(8), 513, "a wrong MSE"),
    ],
)
def test_wrong(able: int, constant: bytes, pad: int, message: str) -> None:
    """What is decrypted must be MSE."""
    responder, peer = Responder(), Initiator(HASH, able)
    responder.negotiation.feed(peer.first())
    with pytest.raises(WireError, match=message):
        responder.negotiation.feed(peer.second(responder.read(), b"", b"p" * pad, constant))


def test_obfuscated() -> None:
    """A torrent has the name that MSE gives it."""
    assert obfuscated(HASH) == digest(b"req2", HASH)


@given(st.lists(st.binary(max_size=400), max_size=6))
def test_any_bytes(parts: list[bytes]) -> None:
    """Any bytes wait for more, or are a WireError."""
    responder = Responder()
    with suppress(WireError):
        for part in parts:
            assert responder.negotiation.feed(part) is None


@given(st.integers(0, 200), st.integers(1, 255), st.integers(1, 3))
def test_mutated(place: int, change: int, able: int) -> None:
    """A byte that is changed behind the key is an agreement, or a WireError, or waits for more."""
    responder, peer = Responder(), Initiator(HASH, able)
    responder.negotiation.feed(peer.first())
    data = bytearray(peer.second(responder.read(), HELLO, b"pad"))
    data[place % len(data)] ^= change
    with suppress(WireError):
        responder.negotiation.feed(bytes(data))
