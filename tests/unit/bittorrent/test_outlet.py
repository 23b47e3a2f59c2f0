"""outlet.py: what carries the bytes to a peer."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock

from doubles import FakeOutlet
from fakefiles.bittorrent.outlet import PeerOutlet
from fakefiles.serving.ticks import Ticks
from loops import Loop
from peers import PeerTransport, Stream


class Producer:
    """Records what it is told."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def pauseProducing(self) -> None:
        self.calls.append("pause")

    def resumeProducing(self) -> None:
        self.calls.append("resume")

    def stopProducing(self) -> None:
        self.calls.append("stop")


def test_bytes() -> None:
    """They go to the transport, which pauses the producer when it can take no more."""
    transport, producer = PeerTransport(), Producer()
    outlet: Any = PeerOutlet(transport, "/1", None)
    assert (outlet.name, outlet.piece_size) == ("/1", 1 << 17)
    outlet.register(producer)
    outlet.when_closed(producer.stopProducing)
    outlet.write(b"abc")
    outlet.write(bytes(1 << 17))
    assert producer.calls == ["pause"]
    assert transport.read() == b"abc" + bytes(1 << 17)
    outlet.unregister()
    outlet.write(bytes(1 << 17))
    assert producer.calls == ["pause", "resume"]


def test_encrypted() -> None:
    """With a cipher, all bytes are encrypted, in their order."""
    transport = PeerTransport()
    outlet = PeerOutlet(transport, "/1", Stream(b"key"))
    outlet.write(b"abc")
    outlet.write(b"def")
    assert Stream(b"key").update(transport.read()) == b"abcdef"


@pytest.mark.parametrize("end", ["finish", "close", "reset"])
def test_ends(end: str) -> None:
    """A connection is closed, or reset."""
    transport = PeerTransport()
    getattr(PeerOutlet(transport, "/1", None), end)()
    assert transport.disconnecting
    assert transport.disconnected is (end == "reset")


def test_all_of_an_outlet() -> None:
    """It has what a pump needs of an outlet."""
    wanted = {name for name in dir(FakeOutlet) if not name.startswith("_")} - {"drain"}
    assert wanted <= {*dir(PeerOutlet(PeerTransport(), "/1", None))}


def test_reset_when_sent() -> None:
    """Without a socket, it is reset at once, and nothing is left to be given up."""
    transport, clock = PeerTransport(), Clock()
    outlet = PeerOutlet(transport, "/1", None)
    outlet.lost()
    outlet.reset_when_sent(Ticks(clock))
    assert transport.disconnected
    outlet.lost()
    outlet.lost()
    assert clock.getDelayedCalls() == []


class Leaver(Protocol):
    """Gives up its outlet when its connection is lost, as a peer does."""

    outlet: PeerOutlet

    def connectionMade(self) -> None:
        self.outlet = PeerOutlet(self.transport, "/1", None)

    def connectionLost(self, reason: object = None) -> None:  # noqa: ARG002  Twisted's signature
        self.outlet.lost()


def test_a_reset_on_a_socket() -> None:
    """It comes after what was sent. If the peer leaves first, nothing is left of it."""
    loop, made = Loop(), list[Leaver]()

    def build(_: Any) -> Leaver:
        made.append(Leaver())
        return made[-1]

    factory: Any = Factory()
    factory.buildProtocol = build
    port = loop.listen(factory)
    client, other = loop.connect(port), loop.connect(port)
    loop.until(lambda: len(made) == 2)
    for protocol in made:
        protocol.outlet.write(b"bye")
    made[0].outlet.reset_when_sent(Ticks(loop.reactor))
    assert client.read_until_reset() == b"bye"
    other.leave()
    made[1].outlet.reset_when_sent(Ticks(loop.reactor))
    loop.until(lambda: loop.left() == [])
    loop.close()
