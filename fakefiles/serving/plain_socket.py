"""The way past the transport, where there is a plain socket.

A transport waits for its socket to be ready before each write, sends 128 KiB at a time, and holds the rest of a piece
for as long as the client does not read. Here bytes are offered to the socket at once. The transport still says when its
buffer is empty and its socket takes bytes, reads from it, and finds out when the client leaves: for that, this is its
producer for a while, in the place of the channel.
"""

from __future__ import annotations

from collections.abc import Callable
from errno import EAGAIN, ENOBUFS, EWOULDBLOCK
from typing import Any

from twisted.internet.interfaces import IPullProducer, IPushProducer
from zope.interface import implementer

from fakefiles.serving.outlet import HttpOutlet
from fakefiles.serving.ticks import Ticks

# What a socket says that takes nothing now.
_FULL = {EAGAIN, EWOULDBLOCK, ENOBUFS}


@implementer(IPullProducer)
class _WhenEmpty:
    """What the transport asks for more whenever its buffer is empty and its socket takes bytes."""

    def __init__(self, producer: IPushProducer) -> None:
        self._producer = producer
        self._registered = False

    def resumeProducing(self) -> None:
        # The first call comes from registering, when the head is not yet sent.
        if self._registered:
            self._producer.resumeProducing()
        self._registered = True

    def stopProducing(self) -> None:
        self._producer.stopProducing()


class PlainSocketOutlet:
    """A request of HTTP/1.1 on a plain socket. What the socket does not take goes through the transport.

    The producer is paused from the start, until the head is sent, and whenever the transport has something to send:
    nothing can be overtaken.
    """

    def __init__(self, request: Any, ordinary: HttpOutlet) -> None:
        self._request = request
        self._ordinary = ordinary
        self._transport = request.transport
        self._channel = request.channel
        self._producer: IPushProducer | None = None
        self.name = ordinary.name
        self.piece_size = ordinary.piece_size
        self.when_closed: Callable[[Callable[[], object]], None] = ordinary.when_closed

    def register(self, producer: IPushProducer) -> None:
        """Register with the request, and with its transport in the place of the channel."""
        self._producer = producer
        producer.pauseProducing()
        self._ordinary.register(producer)
        self._transport.unregisterProducer()
        self._transport.registerProducer(_WhenEmpty(producer), False)  # noqa: FBT003  Twisted's signature

    def unregister(self) -> None:
        """Give the transport back to the channel; it has room now, whatever the channel last heard."""
        self._producer = None
        self._transport.unregisterProducer()
        self._transport.registerProducer(self._channel, True)  # noqa: FBT003  Twisted's signature
        self._ordinary.unregister()
        self._channel.resumeProducing()

    def write(self, data: bytes) -> None:
        """Send bytes; what the socket does not take is sent by the transport, and the producer waits for that."""
        sent = self.send(data)
        if sent < len(data) and self._producer is not None:
            self._request.sentLength += len(data) - sent
            self._producer.pauseProducing()
            self._transport.write(data[sent:])

    def send(self, data: bytes | memoryview) -> int:
        """Return how many bytes the socket took. One that is broken is reset, and its producer paused."""
        try:
            sent: int = self._transport.getHandle().send(data)
        except OSError as error:
            if error.errno not in _FULL and self._producer is not None:
                self._producer.pauseProducing()
                self._producer = None
                self._transport.abortConnection()
            return 0
        self._request.sentLength += sent
        return sent

    def wait(self) -> None:
        """Resume the producer when the socket takes bytes again."""
        if self._producer is not None:
            self._transport.startWriting()

    def finish(self) -> None:
        """End the request."""
        self._ordinary.finish()

    def close(self) -> None:
        """Flush, and end the connection."""
        self._ordinary.close()

    def reset(self) -> None:
        """Reset the connection."""
        self._ordinary.reset()

    def reset_when_sent(self, clock: Ticks) -> None:
        """Reset the connection when the client has all."""
        self._ordinary.reset_when_sent(clock)
