"""A shortcut past the transport, where there is a plain socket.

A transport of Twisted waits until its socket is ready before each write, sends at most 128 KiB at a time
(FileDescriptor.SEND_LIMIT), and keeps the rest of a piece while the client does not read. Here bytes are offered to the
socket at once. The transport still reads, notices when the client leaves, and says when its buffer is empty and its
socket takes bytes: for the last, a producer is registered with it in place of the channel while a body is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from errno import EAGAIN, ENOBUFS, EWOULDBLOCK
from typing import Any

from twisted.internet.interfaces import IPullProducer, IPushProducer
from zope.interface import implementer

from fakefiles.serving.outlet import HttpOutlet
from fakefiles.serving.ticks import Ticks

# The errors of send() on a socket that takes nothing now, as in Connection.writeSomeData() of twisted.internet.tcp.
_FULL = {EAGAIN, EWOULDBLOCK, ENOBUFS}


@implementer(IPullProducer)
class WhenEmpty:
    """A pull producer: the transport resumes it whenever its buffer is empty and its socket takes bytes.

    A push producer would not do: FileDescriptor.doWrite() resumes one only after it has paused it.
    """

    def __init__(self, producer: IPushProducer) -> None:
        self._producer = producer
        self._registered = False

    def resumeProducing(self) -> None:
        """Resume the producer, but not at the first time."""
        # FileDescriptor.registerProducer() resumes a pull producer at once. The head may still be in the transport's
        # buffer then, and the body would overtake it.
        if self._registered:
            self._producer.resumeProducing()
        self._registered = True

    def stopProducing(self) -> None:
        """Stop the producer."""
        self._producer.stopProducing()


class PlainSocketOutlet:
    """A request of HTTP/1.1 on a plain socket. Bytes that the socket does not take go through the transport.

    Order is kept because the producer is paused while the transport has anything to send: first until the head is sent,
    later until the rest of a piece is.
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
        """Register with the request, and with its transport in place of the channel. The producer starts paused."""
        self._producer = producer
        producer.pauseProducing()
        # The request and its channel must know of it: Twisted calls its stopProducing() when the client leaves.
        self._ordinary.register(producer)
        self.when_closed(self._forget)
        self._transport.unregisterProducer()
        self._transport.registerProducer(WhenEmpty(producer), False)  # noqa: FBT003  Twisted's signature

    def _forget(self) -> None:
        """Drop the producer, as its client has left: see "No cycles" in channel.py."""
        self._producer = None

    def unregister(self) -> None:
        """Give the transport back to the channel.

        The channel is resumed: while it was not registered, it may have missed that the transport has room again.
        """
        self._producer = None
        self._transport.unregisterProducer()
        self._transport.registerProducer(self._channel, True)  # noqa: FBT003  Twisted's signature
        self._ordinary.unregister()
        self._channel.resumeProducing()

    def write(self, data: bytes) -> None:
        """Send bytes. The transport sends those that the socket does not take; until then, the producer is paused."""
        sent = self.send(data)
        if sent < len(data) and self._producer is not None:
            self._request.sentLength += len(data) - sent
            self._producer.pauseProducing()
            self._transport.write(data[sent:])

    def send(self, data: bytes | memoryview) -> int:
        """Send bytes; return how many the socket took, perhaps 0. A broken socket is reset, and its producer paused."""
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
        # The reactor then calls doWrite(), which finds its buffer empty and resumes the pull producer.
        if self._producer is not None:
            self._transport.startWriting()

    def finish(self) -> None:
        """End the request."""
        self._ordinary.finish()

    def close(self) -> None:
        """End the connection with a FIN when everything is sent."""
        self._ordinary.close()

    def reset(self) -> None:
        """Reset the connection now."""
        self._ordinary.reset()

    def reset_when_sent(self, clock: Ticks) -> None:
        """Reset the connection when the client has received everything."""
        self._ordinary.reset_when_sent(clock)
