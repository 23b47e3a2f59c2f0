"""The producer of plain bodies on plain sockets: each send offers as much as the socket takes, and buffers nothing.

Bytes that the socket does not take are dropped, since content can always be read again. So a send can offer far more
than a transport would. benchmarks/RESULTS.md says how much faster that is, and why it is not os.sendfile.
"""

from __future__ import annotations

from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure
from zope.interface import implementer

from fakefiles.files.content import Content, Tile
from fakefiles.serving.ending import Ending, Observer
from fakefiles.serving.outlet import SocketOutlet
from fakefiles.serving.turns import Turns
from fakefiles.transfer.body import read_all
from fakefiles.transfer.span import Span

# The most bytes offered to the socket at once, if they must be generated: those it does not take are work in vain. A
# view of a Tile costs nothing, and so has no limit.
_MOST_MADE = 1 << 18


@implementer(IPushProducer)
class SpanPump:
    """Sends one span of a file through an outlet, after the head, then finishes the answer."""

    def __init__(self, outlet: SocketOutlet, content: Content, span: Span, turns: Turns, observer: Observer) -> None:
        self._outlet = outlet
        self._content = content
        self._offset, self._stop_at = span
        self._turns = turns
        self._observer = observer
        self._ending = Ending(outlet, observer)

    def start(self) -> None:
        """Register with the outlet, which resumes this producer when the head is sent."""
        self._outlet.when_closed(self.stopProducing)
        self._outlet.register(self)

    def pauseProducing(self) -> None:
        """Send nothing until resumeProducing()."""
        self._turns.leave(self)

    def resumeProducing(self) -> None:
        """Join the queue for a turn."""
        if not self._ending.over:
            self._turns.join(self)

    def stopProducing(self) -> None:
        """Stop for good: the client has left, or shall get no more."""
        self.pauseProducing()
        self._ending.client_left()

    def release(self) -> None:
        """Do nothing: a plain body is never held."""

    def take_turn(self) -> int:
        """Send as much as the socket takes, or finish if nothing is left; return the number of bytes sent."""
        left = self._stop_at - self._offset
        if not left:
            self._ending.complete()
            return 0
        try:
            data = self._offer(left)
        except Exception:  # noqa: BLE001  content may be third-party code
            self._ending.break_off(Failure())
            return 0
        sent = self._outlet.send(data)
        if sent:
            start, self._offset = self._offset, self._offset + sent
            self._observer.progress(sent, Span(start, self._offset))
        if sent == len(data):
            # The socket may take more: queue up again, behind the others.
            self.resumeProducing()
        else:
            # Its buffer is full: the reactor says when it has room.
            self._outlet.wait()
        return sent

    def _offer(self, most: int) -> bytes | memoryview:
        if isinstance(self._content, Tile):
            return self._content.view(self._offset, most)
        return read_all(self._content, self._offset, min(_MOST_MADE, most))
