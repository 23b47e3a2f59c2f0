"""Which pump sends a body: past the transport where that pays."""

from __future__ import annotations

from fakefiles.http.answers import Answer
from fakefiles.serving.ending import Observer
from fakefiles.serving.outlet import HttpOutlet
from fakefiles.serving.pump import Pump
from fakefiles.serving.span_pump import SpanPump
from fakefiles.serving.ticks import Ticks
from fakefiles.serving.turns import Turns
from fakefiles.transfer.body import MAX_PIECE, Body

# A body of fewer bytes is sent as quickly by the transport.
_WORTHWHILE = 1 << 20


class Sending:
    """Makes the pumps of a server; they share its clock and its turns."""

    def __init__(self, clock: Ticks) -> None:
        self.clock = clock
        self._turns = Turns(clock)

    def pump(self, answer: Answer, body: Body, outlet: HttpOutlet, observer: Observer) -> Pump | SpanPump:
        """Return what sends the body of an answer whose head is sent; start() begins.

        A plain span goes to the socket as large as it takes it. Shaped pieces go past the transport, too: a transport
        waits for its socket before each of them, which is a third of their cost. Large pieces gain nothing.
        """
        socket = outlet.socket()
        span = answer.span
        if socket and span and body.length >= _WORTHWHILE and body.piece_size >= MAX_PIECE:
            return SpanPump(socket, body.content, span, self._turns, observer)
        pieces = answer.pieces(observer.progress, outlet.piece_size)
        return Pump(outlet if socket is None or body.plain else socket, pieces, self.clock, observer)
