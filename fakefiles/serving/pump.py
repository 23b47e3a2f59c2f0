"""The push producer of bodies: hands pieces to an outlet, one in each turn of the reactor, while it is not paused.

Each rule here has caused a bug somewhere; tests/unit/serving/test_pump.py has a test for each.

- Registering a push producer does not start it: start() does.
- One piece a turn, never "while not paused": some transports never pause (StringTransport, iosim), and a body may be
  endless.
- A pause arrives inside our own write(). Pause and resume are idempotent, since HTTPChannel sends them unbalanced: the
  transport pauses again for each write while its buffer is over its limit, and a producer that is registered on a
  blocked transport gets a resume without a pause.
- No finish() while paused: HTTPChannel would start the next pipelined request on the blocked transport (over TLS its
  producer is then never paused), and the idle timeout would run while much is unsent (Twisted #12498). Up to 64 KiB,
  the transport's buffer, may still be unsent: FakeFilesChannel therefore flushes, and does not abort, on its timeout.
- unregisterProducer(), then finish(), each once. Neither after a disconnect: they raise then (Twisted #11853).
- HTTP/1.1 reports a disconnect through stopProducing(), HTTP/2 only through notifyFinish(). Here both end in
  stopProducing().
- A resume does not cut short a wait that the body demands, and neither does a pause: sending goes on when the outlet
  and the body both allow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import inf

from twisted.internet.interfaces import IDelayedCall, IPushProducer
from twisted.python.failure import Failure
from zope.interface import implementer

from fakefiles.serving.ending import Ending, Observer
from fakefiles.serving.outlet import Outlet
from fakefiles.serving.ticks import Call, Ticks
from fakefiles.transfer.body import Cut, Deadline, Hold, Note, Pause, Piece, Take


@implementer(IPushProducer)
class Pump:
    """Sends the pieces of a body through an outlet, after the head, then finishes the answer.

    It asks for a piece only when it can write it, and keeps none. It drops the iterator when the client leaves. It
    obeys the events among the pieces: they make it wait, or break the connection.
    """

    def __init__(self, outlet: Outlet, pieces: Iterator[Piece], clock: Ticks, observer: Observer) -> None:
        self._outlet = outlet
        self._pieces = pieces
        self._clock = clock
        self._observer = observer
        self._ending = Ending(outlet, observer)
        self._paused = False
        self._held = False
        self._released = False
        self._taken = False
        self._not_before: float | None = None
        self._turn: IDelayedCall | Call | None = None
        self._deadline: IDelayedCall | Call | None = None

    def start(self) -> None:
        """Register with the outlet, and begin in the next turn of the reactor, or when the outlet takes bytes."""
        self._outlet.when_closed(self.stopProducing)
        # This may call pauseProducing() at once, as PlainSocketOutlet does.
        self._outlet.register(self)
        if not self._paused:
            self.resumeProducing()

    def pauseProducing(self) -> None:
        """Write nothing until resumeProducing()."""
        self._paused = True
        self._cancel_turn()

    def resumeProducing(self) -> None:
        """Go on in the next turn of the reactor, or when a wait that the body demands is over."""
        self._paused = False
        if self._turn is None and not self._ending.over and not self._held:
            delay = 0 if self._not_before is None else max(0.0, self._not_before - self._clock.seconds())
            if delay != inf:
                self._turn = self._clock.callLater(delay, self._produce)

    def stopProducing(self) -> None:
        """Stop for good: the client has left, or shall get no more."""
        self._forget()
        self._ending.client_left()

    def release(self) -> None:
        """Go on after a Hold. If the body has not reached one yet, pass the next one without stopping."""
        self._released = not self._held
        if self._held:
            self._held = False
            if not self._paused:
                self.resumeProducing()

    def _produce(self) -> None:
        self._turn = None
        self._not_before = None
        wrote = False
        while not wrote and not self._ending.over and not self._held and self._not_before is None:
            try:
                piece = next(self._pieces, None)
            except Exception:  # noqa: BLE001  content may be third-party code
                self._forget()
                self._ending.break_off(Failure())
                return
            self._obey(piece)
            # A paced body alternates Take and bytes. Go on from the bytes to the next Take, which sets the time to
            # wait: with a turn of its own, each piece would cost two turns of the reactor.
            wrote = isinstance(piece, bytes) and (self._paused or not self._taken)
            self._taken = isinstance(piece, Take)
        if not self._paused:
            self.resumeProducing()

    def _obey(self, piece: Piece | None) -> None:
        if isinstance(piece, bytes):
            self._outlet.write(piece)
        elif piece is None:
            self._forget()
            self._ending.complete()
        elif isinstance(piece, Take):
            self._wait(piece.bucket.take(piece.amount, self._clock.seconds()))
        elif isinstance(piece, Pause):
            self._wait(inf if piece.seconds is None else piece.seconds)
        elif isinstance(piece, Hold):
            self._held, self._released = not self._released, False
        elif isinstance(piece, Note):
            self._observer.fired(piece.text)
        elif isinstance(piece, Deadline):
            self._deadline = self._clock.callLater(piece.seconds, partial(self._obey_all, piece.events))
        else:
            self._forget()
            self._ending.cut(piece, self._clock)

    def _obey_all(self, events: Sequence[Note | Cut]) -> None:
        """Obey the events of a deadline."""
        self._deadline = None
        for event in events:
            self._obey(event)

    def _wait(self, seconds: float) -> None:
        self._not_before = self._clock.seconds() + seconds

    def _forget(self) -> None:
        """Drop the body, the next turn and the deadline."""
        self._pieces = iter(())
        self._cancel_turn()
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cancel_turn(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
