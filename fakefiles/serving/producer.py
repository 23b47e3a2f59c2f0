"""The one IPushProducer: hands pieces of a body to a request, one in each turn of the reactor, while it is not paused.

Each rule here has cost somebody a bug; tests/unit/serving/test_producer.py holds a test for each.

- Registering a push producer does not start it: start() does.
- One piece a turn, never "while not paused": some transports never pause (StringTransport, iosim), and a body may be
  endless.
- A pause arrives inside our own write. Pause and resume are idempotent, since HTTPChannel sends them unbalanced: a
  pause for every write over the transport's buffer, a resume without a pause to one registered on a blocked transport.
- No finish while paused: HTTPChannel would start the next pipelined request on the blocked transport (over TLS its
  producer is then never paused), and the idle timeout would run while much is unsent (Twisted #12498). Up to 64 KiB
  may still be: FakeFilesChannel therefore flushes, rather than aborts, when it times out.
- unregisterProducer(), then finish(), once. After a disconnect neither: they raise (Twisted #11853).
- A disconnect is told through stopProducing by HTTP/1.1, but only through notifyFinish by HTTP/2: both end in _stop().
- A resume does not cut short a wait that the body demands, nor does a pause: it goes on when both allow it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import Request
from zope.interface import implementer

from fakefiles.serving.aborting import reset, reset_when_sent
from fakefiles.serving.ticks import Call, Ticks
from fakefiles.transfer.body import Cut, Hold, Note, Pause, Piece, Take
from fakefiles.transfer.journal import End
from fakefiles.transfer.span import Span

_log = Logger()


class Observer(Protocol):
    """Is told what becomes of a transfer."""

    def progress(self, amount: int, span: Span | None) -> None:
        """Take note of bytes of the body that go out, as delivery.Progress."""

    def fired(self, fault: str) -> None:
        """Take note of a fault, like "reset@1048576"."""

    def ended(self, end: End) -> None:
        """Take note of the end: of one of them, or of the first of several."""


@implementer(IPushProducer)
class BodyProducer:
    """Sends the pieces of a body as the response to a request whose headers are sent, then finishes the request.

    It asks for a piece only when it can write it, holds none, and drops the iterator when the client leaves. The events
    among the pieces are obeyed: they make it wait, or break the connection.
    """

    def __init__(
        self, request: Request, pieces: Iterator[Piece], clock: IReactorTime | Ticks, observer: Observer
    ) -> None:
        self._request = request
        self._pieces = pieces
        self._clock = clock
        self._observer = observer
        self._paused = False
        self._held = False
        self._released = False
        self._taken = False
        self._not_before: float | None = None
        self._turn: IDelayedCall | Call | None = None
        self._stopped = False

    def start(self) -> None:
        """Register with the request, and begin in the next turn."""
        self._request.notifyFinish().addErrback(self._client_left)
        self._request.registerProducer(self, True)  # noqa: FBT003  Twisted's signature
        self.resumeProducing()

    def pauseProducing(self) -> None:
        """Write nothing until resumeProducing."""
        self._paused = True
        self._cancel_turn()

    def resumeProducing(self) -> None:
        """Go on in the next turn, or when the body allows it."""
        self._paused = False
        if self._turn is None and not self._stopped and not self._held:
            delay = 0 if self._not_before is None else max(0.0, self._not_before - self._clock.seconds())
            if delay != inf:
                self._turn = self._clock.callLater(delay, self._produce)

    def stopProducing(self) -> None:
        """Stop for good: the client has left."""
        self._client_left()

    def release(self) -> None:
        """Go on after a Hold; if it has not come to one yet, it will pass the next."""
        self._released = not self._held
        if self._held:
            self._held = False
            if not self._paused:
                self.resumeProducing()

    def _produce(self) -> None:
        self._turn = None
        self._not_before = None
        wrote = False
        while not wrote and not self._stopped and not self._held and self._not_before is None:
            try:
                piece = next(self._pieces, None)
            except Exception:  # noqa: BLE001  content may be anybody's code
                self._break_off(Failure())
                return
            self._obey(piece)
            # After a piece from a bucket comes the wait for the next: it needs no turn of its own.
            wrote = isinstance(piece, bytes) and (self._blocked or not self._taken)
            self._taken = isinstance(piece, Take)
        if not self._paused:
            self.resumeProducing()

    def _obey(self, piece: Piece | None) -> None:
        if isinstance(piece, bytes):
            self._write(piece)
        elif piece is None:
            self._finish()
        elif isinstance(piece, Take):
            self._wait(piece.bucket.take(piece.amount, self._clock.seconds()))
        elif isinstance(piece, Pause):
            self._wait(inf if piece.seconds is None else piece.seconds)
        elif isinstance(piece, Hold):
            self._held, self._released = not self._released, False
        elif isinstance(piece, Note):
            self._observer.fired(piece.text)
        else:
            self._cut(piece)

    @property
    def _blocked(self) -> bool:
        return self._paused

    def _write(self, piece: bytes) -> None:
        self._request.write(piece)

    def _wait(self, seconds: float) -> None:
        self._not_before = self._clock.seconds() + seconds

    def _finish(self) -> None:
        self._stop()
        self._observer.ended(End.COMPLETE)
        self._request.unregisterProducer()
        self._request.finish()

    def _cut(self, cut: Cut) -> None:
        """End the connection here, as a fault."""
        self._stop()
        self._observer.ended(End.FAULT)
        if cut.reset:
            reset_when_sent(self._request, self._clock)
        else:
            self._request.unregisterProducer()
            self._request.loseConnection()

    def _break_off(self, failure: Failure) -> None:
        """Reset the connection: the rest of the body cannot be had, and the client must not take it for complete."""
        _log.failure("the content of {uri} failed", failure, uri=self._request.uri)
        self._stop()
        self._observer.ended(End.FAULT)
        reset(self._request)

    def _client_left(self, reason: Failure | None = None) -> None:  # noqa: ARG002  whatever the reason
        if not self._stopped:
            self._stop()
            self._observer.ended(End.CLIENT_LEFT)

    def _stop(self) -> None:
        self._stopped = True
        self._pieces = iter(())
        self._cancel_turn()

    def _cancel_turn(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
