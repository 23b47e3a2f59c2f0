"""The fast ways out, past the transport, where there is a plain socket: of shaped bodies, and of plain ones.

A transport sends 128 KiB at a time, and holds the rest of a piece for as long as the client does not read. Of a plain
body each send offers far more, and what the socket does not take is forgotten: any byte can be had again.
benchmarks/RESULTS.md says what that is worth, and why it is not os.sendfile.
"""

from __future__ import annotations

from collections.abc import Iterator
from errno import EAGAIN, ENOBUFS, EWOULDBLOCK
from typing import Any

from twisted.internet.interfaces import IPullProducer, IReactorTime
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure
from twisted.web.http import Request
from zope.interface import implementer

from fakefiles.files.content import Content, Tile
from fakefiles.serving.producer import BodyProducer, Observer
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.body import MAX_PIECE, Body, Piece, read_all
from fakefiles.transfer.span import Span

# A body of fewer bytes is sent as quickly by the transport.
_WORTHWHILE = 1 << 20
# The most bytes offered to the socket at once, when they have to be made for it. A Tile's view costs nothing.
_MOST_MADE = 1 << 18
# What a socket says that takes nothing now.
_FULL = {EAGAIN, EWOULDBLOCK, ENOBUFS}


def has_socket(request: Request) -> bool:
    """Return whether what is sent on the socket of a request is what its client gets: plain, and not wrapped."""
    return isinstance(request.transport, Connection) and not request.isSecure()


def direct_span(request: Request, body: Body) -> Span | None:
    """Return the span that DirectProducer can send as this body, or None if it can not."""
    if body.length < _WORTHWHILE or body.chunk_size < MAX_PIECE or not has_socket(request):
        return None
    return body.span


@implementer(IPullProducer)
class _WhenEmpty:
    """What the transport asks for more whenever its buffer is empty and its socket takes bytes."""

    def __init__(self, producer: SocketProducer) -> None:
        self._producer = producer
        self._registered = False

    def resumeProducing(self) -> None:
        # The first call comes from registering, when the headers are not yet sent.
        if self._registered:
            self._producer.send_some()
        self._registered = True

    def stopProducing(self) -> None:
        self._producer.stopProducing()


class SocketProducer(BodyProducer):
    """Sends pieces as BodyProducer does, but past the transport, whose producer it becomes meanwhile.

    The transport still says when its buffer is empty and its socket takes bytes, reads from it, and finds out when the
    client leaves. What the socket does not take of a piece goes through the transport. For small pieces this saves a
    third of the cost: a transport waits for its socket to be ready, each time.
    """

    def __init__(
        self, request: Request, pieces: Iterator[Piece], clock: IReactorTime | Ticks, observer: Observer
    ) -> None:
        super().__init__(request, pieces, clock, observer)
        self._transport: Any = request.transport
        self._channel: Any = request.channel
        # Whether the transport has something to send: at first the headers.
        self._behind = True

    def start(self) -> None:
        """Register with the request, and with its transport in the place of the channel."""
        super().start()
        self._transport.unregisterProducer()
        self._transport.registerProducer(_WhenEmpty(self), False)  # noqa: FBT003  Twisted's signature

    def resumeProducing(self) -> None:
        """Go on when the transport has sent what it has."""
        if self._behind:
            self._paused = False
        else:
            super().resumeProducing()

    def send_some(self) -> None:
        """Go on: nothing can be overtaken now."""
        self._behind = False
        if not self._paused:
            super().resumeProducing()

    @property
    def _blocked(self) -> bool:
        return self._paused or self._behind

    def _write(self, piece: bytes) -> None:
        try:
            sent = self._transport.getHandle().send(piece)
        except OSError as error:
            if error.errno not in _FULL:
                self._behind = True
                self._transport.abortConnection()
                return
            sent = 0
        self._request.sentLength += len(piece)
        if sent < len(piece):
            self._behind = True
            self._transport.write(piece[sent:])

    def _finish(self) -> None:
        self._stop()
        self._transport.unregisterProducer()
        self._transport.registerProducer(self._channel, True)  # noqa: FBT003  Twisted's signature
        # Its transport has room now, whatever it last heard.
        self._channel.resumeProducing()
        super()._finish()


class DirectProducer(SocketProducer):
    """Sends one span of a file: in each send as much as the socket takes, and nothing held for it."""

    def __init__(
        self, request: Request, content: Content, span: Span, clock: IReactorTime | Ticks, observer: Observer
    ) -> None:
        super().__init__(request, iter(()), clock, observer)
        self._content = content
        self._offset, self._stop_at = span

    def resumeProducing(self) -> None:
        """Go on when the socket takes bytes; after the last, finish in the next turn."""
        if self._stopped:
            return
        if self._offset < self._stop_at:
            self._paused = False
            self._transport.startWriting()
        else:
            BodyProducer.resumeProducing(self)

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
        self.resumeProducing()


def _offer(content: Content, offset: int, most: int) -> bytes | memoryview:
    """Return bytes to send, at most so many."""
    if isinstance(content, Tile):
        return content.view(offset, most)
    return read_all(content, offset, min(_MOST_MADE, most))
