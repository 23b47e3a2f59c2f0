"""bittorrent/outlet.py on real sockets: past the transport, in order, and with no more than a piece in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer

from fakefiles.bittorrent.outlet import PeerOutlet
from loops import Client, Loop

PIECE = 1 << 17


@implementer(IPushProducer)
class Sender(Protocol):
    """Sends pieces, each of another byte, whenever it may; a word comes between two of them now and then."""

    transport: Any

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.going = self.stopped = False

    def connectionMade(self) -> None:
        self.outlet = PeerOutlet(self.transport, "/1", None)
        self.write(b"greeting")
        self.outlet.register(self)

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        self.outlet.write(data)

    def pauseProducing(self) -> None:
        self.going = False

    def resumeProducing(self) -> None:
        self.going = True

    def stopProducing(self) -> None:
        self.going, self.stopped = False, True

    def connectionLost(self, reason: Any = None) -> None:  # noqa: ARG002  Twisted's signature
        self.outlet.lost()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Return a reactor, which is closed at the end."""
    loop = Loop()
    yield loop
    loop.close()


def connected(loop: Loop, **options: Any) -> tuple[Sender, Client]:
    """Return both ends of a connection."""
    made: list[Sender] = []
    factory: Any = Factory()
    factory.loop = loop

    def build(_: Any) -> Sender:
        made.append(Sender())
        made[0].factory = factory
        return made[0]

    factory.buildProtocol = build
    client = loop.connect(loop.listen(factory), **options)
    loop.until(lambda: bool(made) and made[0].going)
    return made[0], client


def test_order(loop: Loop) -> None:
    """Whatever the socket takes at once, all comes in its order."""
    sender, client = connected(loop)
    received, got = [], 0
    for number in range(200):
        if sender.going:
            sender.write(bytes([number]) * PIECE)
        if number % 7 == 0:
            sender.write(b"a word")
        if number % 3 == 0:
            received.append(client.receive(1 << 16))
            got += len(received[-1])
    received.append(client.read(sum(map(len, sender.sent)) - got))
    assert b"".join(received) == b"".join(sender.sent)
    assert b"a word" in sender.sent


def test_a_peer_that_never_reads(loop: Loop) -> None:
    """It is sent what its socket takes, and one piece more at most, which waits."""
    sender, _ = connected(loop, buffer=1 << 12)
    while sender.going:
        sender.write(bytes(PIECE))
    loop.until_settled(lambda: sender.going)
    assert not sender.going
    waiting = len(sender.transport.dataBuffer) + sender.transport._tempDataLen
    assert 0 < waiting <= PIECE


def test_a_peer_that_leaves(loop: Loop) -> None:
    """The transport notices it, and stops the producer; nothing is sent then."""
    sender, client = connected(loop)
    client.leave(reset=True)
    while sender.going:
        sender.write(bytes(PIECE))
    loop.until(lambda: sender.stopped or not sender.transport.connected)
    sender.outlet.write(b"more")
    sender.outlet.resumeProducing()
    sender.outlet.stopProducing()
    sender.outlet.pauseProducing()
    assert not sender.going


def test_without_a_producer(loop: Loop) -> None:
    """Bytes go through the transport again, which sends them before it closes."""
    sender, client = connected(loop)
    sender.outlet.unregister()
    sender.outlet.write(b"bye")
    sender.outlet.finish()
    assert client.read_until_closed() == b"greetingbye"
