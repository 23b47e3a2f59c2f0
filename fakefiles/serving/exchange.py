"""One request and its answer: sends the answer, and keeps the record in the journal up to date."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import time
from typing import TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from fakefiles.behaviour.limits import Seat
from fakefiles.behaviour.substitute import Refusal
from fakefiles.http.answers import Answer
from fakefiles.http.record import Record
from fakefiles.serving.aborting import cancel
from fakefiles.serving.live import Live
from fakefiles.serving.outlet import HttpOutlet
from fakefiles.serving.pump import Pump
from fakefiles.serving.sending import Sending
from fakefiles.serving.span_pump import SpanPump
from fakefiles.transfer.body import Body
from fakefiles.transfer.journal import Journal
from fakefiles.transfer.record import End, TransferRecord
from fakefiles.transfer.span import Span

# The bytes of memory that a span takes in a record: one that is promised, and the same one when it is sent.
_SPANS = 256

_T = TypeVar("_T")


class Exchange:
    """Sends the answer to one request, and updates its record.

    It is in `live`, by the number of its record, while it waits, or sends a body that does not fit in one write.
    """

    def __init__(
        self,
        outlet: HttpOutlet,
        record: Record,
        journal: Journal[TransferRecord],
        live: dict[int, Live],
        sending: Sending,
    ) -> None:
        self.record = record
        self._outlet = outlet
        self._journal = journal
        self._live = live
        self._sending = sending
        self._clock = sending.clock
        self._pump: Pump | SpanPump | None = None
        self._released = False
        self._seat: Seat | None = None
        record.releaser = self.release

    def send_when(self, waited_for: Deferred[_T], send: Callable[[_T], None]) -> None:
        """Call `send` with the result of a Deferred; cancel the Deferred if the client leaves first.

        If the Deferred fails, or `send` raises, the answer is 500.
        """
        self._wait(waited_for.cancel)
        waited_for.addCallback(send)
        waited_for.addErrback(self._failed)

    def _failed(self, failure: Failure) -> None:
        # CancelledError comes from our own cancel(): the client has left.
        if not failure.check(CancelledError):
            record = self.record
            record.status, record.framing, record.length, record.last_byte = 500, None, 0, None
            # The record was filled in before the content raised: nothing of that was sent.
            record.given, record.sent, record.body_sent, record.faults = [], [], 0, []
            self.ended(End.FAULT)
            self._outlet.fail(failure)

    def _wait(self, abandon: Callable[[], object]) -> None:
        """Mark the exchange as live: the answer comes later. Call `abandon` if the client leaves first."""
        self._live[self.record.number] = self

        def client_left() -> None:
            self.ended(End.CLIENT_LEFT)
            abandon()

        self._outlet.when_closed(client_left)

    def send(self, reply: Answer) -> None:
        """Send an answer, after its delay."""
        self._seat = reply.seat
        if reply.before:
            self._outlet.early(reply.before)
        if reply.delay:
            call = self._clock.callLater(reply.delay, partial(self._send, reply))
            self._wait(partial(cancel, call))
        else:
            self._send(reply)

    def _send(self, reply: Answer) -> None:
        """Send an answer and finish the request: at once if the body is small, else when a pump has sent the body."""
        if reply.dates:
            # By the clock of the system, as Twisted's Date: the reactor's may ignore that it was set.
            reply = reply.at(time())
        record, body = self.record, reply.body
        record.size, record.given, record.faults = reply.size, list(reply.given), list(reply.faults)
        record.edition = reply.edition
        if len(record.given) > 1:
            record.weight += _SPANS * len(record.given)
        if reply.refusal:
            self._refuse(reply)
            return
        if body is not None:
            record.length, record.framing = body.length, reply.framing.value
        try:
            # Read the body before the head is sent: if the content raises, the answer can still be 500.
            small = reply.small_body
        except Exception:  # noqa: BLE001  content may be third-party code
            self._failed(Failure())
            return
        record.status, record.first_byte = reply.status, self._clock.seconds()
        self._outlet.head(reply, small or b"")
        if small is None and body is not None:
            self._transfer(reply, body)
        else:
            # The journal is updated before finish(), which may begin the next request of the connection.
            record.body_sent = record.length
            record.last_byte = record.first_byte if small else None
            record.sent = list(reply.given) if small else []
            self.ended(End.COMPLETE)
            self._outlet.finish()

    def _transfer(self, reply: Answer, body: Body) -> None:
        self._pump = self._sending.pump(reply, body, self._outlet, self)
        self._live[self.record.number] = self
        if self._released:
            self._pump.release()
        self._journal.changed(self.record)
        self._pump.start()

    def _refuse(self, reply: Answer) -> None:
        """End the connection instead of an answer, before the head or after half of it; or leave the client waiting."""
        if reply.refusal is Refusal.HANG:
            self._journal.changed(self.record)
            self._wait(_nothing)
            return
        self.ended(End.FAULT)
        if reply.refusal is Refusal.HEADERS:
            self._outlet.tear_head(reply)
        if reply.refusal is Refusal.RESET:
            self._outlet.reset()
        else:
            self._outlet.close()

    def progress(self, amount: int, span: Span | None) -> None:
        """Record bytes of the body that go out, and when."""
        self.record.progress(amount, span)
        self.record.last_byte = self._clock.seconds()

    def fired(self, fault: str) -> None:
        """Record a fault in the body."""
        self.record.faults.append(fault)
        self._journal.changed(self.record)

    def ended(self, end: End) -> None:
        """Record how the exchange ended. Only the first call counts: a reset, say, also makes the client leave."""
        record = self.record
        self._live.pop(record.number, None)
        # Pump and record refer to the exchange: see "No cycles" in channel.py.
        self._pump = record.releaser = None
        if self._seat is not None:
            self._seat.leave()
        if record.end is None:
            record.end, record.ended = end, self._clock.seconds()
            self._journal.changed(record)

    def release(self) -> None:
        """Let the transfer go on if hold= has stopped it; otherwise, let it pass its next hold."""
        self._released = True
        if self._pump is not None:
            self._pump.release()

    def drop(self, end: End) -> None:
        """Reset the connection now, and record `end` as the reason."""
        pump = self._pump
        self.ended(end)
        if pump is not None:
            pump.stopProducing()
        self._outlet.reset()


def _nothing() -> None:
    """Abandon nothing: nobody works on the answer."""
