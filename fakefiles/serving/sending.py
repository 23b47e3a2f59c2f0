"""Chooses the pump that sends a body: past the transport where that is faster."""

from __future__ import annotations

from fakefiles.http.answers import Answer
from fakefiles.serving.ending import Observer
from fakefiles.serving.outlet import HttpOutlet
from fakefiles.serving.pump import Pump
from fakefiles.serving.span_pump import SpanPump
from fakefiles.serving.ticks import Ticks
from fakefiles.serving.turns import Turns
from fakefiles.transfer.body import MAX_PIECE, Body

# For a body of fewer bytes, the transport is as fast.
_WORTHWHILE = 1 << 20


class Sending:
    """Makes the pumps of a server, which share its clock and its queue of turns."""

    def __init__(self, clock: Ticks) -> None:
        self.clock = clock
        self._turns = Turns(clock)

    def pump(self, answer: Answer, body: Body, outlet: HttpOutlet, observer: Observer) -> Pump | SpanPump:
        """Return the pump for the body of an answer whose head is sent. Call its start() to begin.

        A plain span goes directly to the socket, in sends as large as it takes. Shaped pieces go past the transport,
        too: a transport waits for its socket before each one, which is a third of its cost. Other plain bodies go
        through the transport: their large pieces would gain nothing.
        """
        span = answer.span
        direct = span is not None and body.length >= _WORTHWHILE and body.piece_size >= MAX_PIECE
        socket = outlet.socket() if direct or not body.plain else None
        if socket and span and direct:
            return SpanPump(socket, body.content, span, self._turns, observer)
        pieces = answer.pieces(observer.progress, outlet.piece_size)
        return Pump(socket or outlet, pieces, self.clock, observer)
