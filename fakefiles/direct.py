"""The fast way out, for a plain body on a plain socket: as much in one send as the socket takes, and nothing held.

A transport sends 128 KiB at a time, and holds the rest of a piece for as long as the client does not read. Here each
send offers far more, and what the socket does not take is forgotten: any byte can be had again. benchmarks/RESULTS.md
says what that is worth, and why it is not os.sendfile.
"""

from __future__ import annotations

from errno import EAGAIN, ENOBUFS, EWOULDBLOCK
from typing import Any

from twisted.internet.interfaces import IPullProducer, IReactorTime
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure
from twisted.web.http import Request
from zope.interface import implementer

from fakefiles.content import Content, Tile
from fakefiles.delivery import MAX_PIECE, Body, read_all
from fakefiles.producer import BodyProducer, Observer
from fakefiles.ranges import Span
from fakefiles.ticks import Ticks

# A body of fewer bytes is sent as quickly by the transport.
_WORTHWHILE = 1 << 20
# The most bytes offered to the socket at once, when they have to be made for it. A Tile's view costs nothing.
_MOST_MADE = 1 << 18
# What a socket says that takes nothing now.
_FULL = {EAGAIN, EWOULDBLOCK, ENOBUFS}


def direct_span(request: Request, body: Body) -> Span | None:
    """Return the span that DirectProducer can send as this body, or None if it can not."""
    if body.length < _WORTHWHILE or body.chunk_size < MAX_PIECE:
        return None
    if request.isSecure() or not isinstance(request.transport, Connection):
        return None
    return body.span


@implementer(IPullProducer)
class _WhenEmpty:
    """What the transport asks for more whenever its buffer is empty and its socket takes bytes."""

    def __init__(self, producer: DirectProducer) -> None:
        self._producer = producer
        self._registered = False

    def resumeProducing(self) -> None:
        # The first call comes from registering, when the headers are not yet sent.
        if self._registered:
            self._producer.send_some()
        self._registered = True

    def stopProducing(self) -> None:
        self._producer.stopProducing()


class DirectProducer(BodyProducer):
    """Sends one span of a file as BodyProducer would, but past the transport, whose producer it becomes meanwhile.

    The transport still says when its socket takes bytes, reads from it, and finds out when the client leaves.
    """

    def __init__(
        self, request: Request, content: Content, span: Span, clock: IReactorTime | Ticks, observer: Observer
    ) -> None:
        super().__init__(request, iter(()), clock, observer)
        self._content = content
        self._offset, self._stop_at = span
        self._transport: Any = request.transport
        self._channel: Any = request.channel

    def start(self) -> None:
        """Register with the request, and with its transport in the place of the channel."""
        super().start()
        self._transport.unregisterProducer()
        self._transport.registerProducer(_WhenEmpty(self), False)  # noqa: FBT003  Twisted's signature

    def resumeProducing(self) -> None:
        """Go on when the socket takes bytes."""
        self._paused = False
        if self._stopped:
            return
        if self._offset < self._stop_at:
            self._transport.startWriting()
        else:
            super().resumeProducing()

    def send_some(self) -> None:
        """Send what the socket takes."""
        if self._paused:
            return
        try:
            data = _offer(self._content, self._offset, self._stop_at - self._offset)
        except Exception:  # noqa: BLE001  content may be anybody's code
            self._break_off(Failure())
            return
        try:
            self._sent(self._transport.getHandle().send(data))
        except OSError as error:
            if error.errno in _FULL:
                self.resumeProducing()
            else:
                self._transport.abortConnection()

    def _sent(self, amount: int) -> None:
        start, self._offset = self._offset, self._offset + amount
        self._request.sentLength += amount
        self._observer.progress(amount, Span(start, self._offset))
        if self._offset < self._stop_at:
            self.resumeProducing()
        else:
            self._give_back()

    def _give_back(self) -> None:
        """Make the channel the transport's producer again, and finish as its producer."""
        self._transport.unregisterProducer()
        self._transport.registerProducer(self._channel, True)  # noqa: FBT003  Twisted's signature
        # Its transport has room now, whatever it last heard.
        self._channel.resumeProducing()


def _offer(content: Content, offset: int, most: int) -> bytes | memoryview:
    """Return bytes to send, at most so many."""
    if isinstance(content, Tile):
        return content.view(offset, most)
    return read_all(content, offset, min(_MOST_MADE, most))
