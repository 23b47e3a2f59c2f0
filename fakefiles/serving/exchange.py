"""One request and what becomes of it: its answer is sent, its record in the journal kept true."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from fakefiles.behaviour.faults import Refusal
from fakefiles.http.answers import Answer
from fakefiles.serving.aborting import cancel, reset
from fakefiles.serving.producer import BodyProducer
from fakefiles.serving.socket_producer import DirectProducer, SocketProducer, direct_span, has_socket
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.body import MAX_PIECE, Body
from fakefiles.transfer.journal import End, Journal, Record
from fakefiles.transfer.span import Span

# Encrypted, a piece lies in several buffers at once: to stay within the same memory it is smaller.
_TLS_PIECE = 1 << 16

_T = TypeVar("_T")


class Exchange:
    """A request, its record, and from some time on its answer. `live` are the exchanges that go on for longer."""

    def __init__(self, request: Any, record: Record, journal: Journal, live: dict[int, Exchange], clock: Ticks) -> None:
        self.record = record
        self._request = request
        self._journal = journal
        self._live = live
        self._clock = clock
        self._producer: BodyProducer | None = None
        self._released = False
        record.releaser = self.release

    def answer_when(self, waited_for: Deferred[_T], answer: Callable[[_T], None]) -> None:
        """Have `answer` called with the result of a Deferred, which is cancelled if the client leaves before."""
        self._wait(waited_for.cancel)
        waited_for.addCallback(answer)
        waited_for.addErrback(self._failed)

    def _failed(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            record = self.record
            record.status, record.framing, record.length, record.last_byte = 500, None, 0, None
            # What was promised, and what was read of it already, is not sent.
            record.given, record.sent, record.body_sent, record.faults = [], [], 0, []
            self.ended(End.FAULT)
            self._request.processingFailed(failure)

    def _wait(self, abandon: Callable[[], object]) -> None:
        """Take note that the answer comes later: `abandon` is called if the client leaves before."""
        self._live[self.record.number] = self

        def client_left(_: Failure) -> None:
            self.ended(End.CLIENT_LEFT)
            abandon()

        self._request.notifyFinish().addErrback(client_left)

    def answer(self, reply: Answer) -> None:
        """Send an answer, after its delay."""
        if reply.delay:
            call = self._clock.callLater(reply.delay, partial(self._send, reply))
            self._wait(partial(cancel, call))
        else:
            self._send(reply)

    def _send(self, reply: Answer) -> None:
        """Send an answer and finish the request, at once or when the client has taken it all."""
        record, body = self.record, reply.body
        record.size, record.given, record.faults = reply.size, list(reply.given), list(reply.faults)
        if reply.refusal:
            self._refuse(reply)
            return
        if body is not None:
            record.length, record.framing = body.length, body.framing.value
        try:
            # Read before the headers are out: if the content raises, it can still be a 500.
            small = reply.small_body
        except Exception:  # noqa: BLE001  content may be anybody's code
            self._failed(Failure())
            return
        self._send_head(reply, small or b"")
        if small is None and body is not None:
            self._transfer(body)
        else:
            record.body_sent = record.length
            record.last_byte = record.first_byte if small else None
            record.sent = list(reply.given) if small else []
            self.ended(End.COMPLETE)
            self._request.finish()

    def _transfer(self, body: Body) -> None:
        request = self._request
        if span := direct_span(request, body):
            self._producer = DirectProducer(request, body.content, span, self._clock, self)
        else:
            most = _TLS_PIECE if request.isSecure() else MAX_PIECE
            # A plain body has large pieces, which gain nothing.
            producer = SocketProducer if has_socket(request) and not body.plain else BodyProducer
            self._producer = producer(request, body.pieces(self.progress, most), self._clock, self)
        self._live[self.record.number] = self
        if self._released:
            self._producer.release()
        self._journal.changed(self.record)
        self._producer.start()

    def progress(self, amount: int, span: Span | None) -> None:
        """Take note of bytes that go out."""
        self.record.progress(amount, span)
        self.record.last_byte = self._clock.seconds()

    def _send_head(self, reply: Answer, data: bytes) -> None:
        """Write the status line and the headers, with the framing that the plan decided, and the first of the body.

        Request.write would choose the framing itself: then nothing could be sent until the connection closes, and no
        chunk would be longer than a write.
        """
        request = self._request
        request.code, request.startedWriting = reply.status, 1
        self.record.status, self.record.first_byte = reply.status, self._clock.seconds()
        if reply.close:
            request.channel.persistent = False
        if request.clientproto == b"HTTP/2":  # of somebody else's Site
            for name, value in reply.headers.items():
                request.responseHeaders.setRawHeaders(name, [value])
            request.channel.writeHeaders(b"HTTP/2", b"%d" % reply.status, b"", request.responseHeaders)
            request.write(data)
        else:
            request.sentLength += len(data)
            request.channel.write(_head(reply, request) + data)

    def _refuse(self, reply: Answer) -> None:
        """End the connection before the headers are out, or when half of them are."""
        self.ended(End.FAULT)
        if reply.refusal is Refusal.HEADERS:
            head = _head(reply, self._request)
            self._request.channel.write(head[: len(head) // 2])
        if reply.refusal is Refusal.RESET:
            reset(self._request)
        else:
            self._request.loseConnection()

    def fired(self, fault: str) -> None:
        """Take note of a fault in the body."""
        self.record.faults.append(fault)
        self._journal.changed(self.record)

    def ended(self, end: End) -> None:
        """Take note of the end; what comes after the first is part of it."""
        record = self.record
        self._live.pop(record.number, None)
        record.releaser = None
        if record.end is None:
            record.end, record.ended = end, self._clock.seconds()
            self._journal.changed(record)

    def release(self) -> None:
        """Let go on what is held at an offset, or will be."""
        self._released = True
        if self._producer is not None:
            self._producer.release()

    def drop(self, end: End) -> None:
        """Reset the connection, and send nothing more."""
        self.ended(end)
        if self._producer is not None:
            self._producer.stopProducing()
        reset(self._request)


def _head(reply: Answer, request: Any) -> bytes:
    """Return the status line and the headers: those that Twisted has set, and those of the answer."""
    if reply.close:
        request.responseHeaders.removeHeader(b"Connection")  # it says the same
    parts = [request.clientproto, b" ", reply.status_text, b"\r\n"]
    for name, values in request.responseHeaders.getAllRawHeaders():
        for value in values:
            parts += (name, b": ", value, b"\r\n")
    parts += (reply.fields, b"\r\n")
    return b"".join(parts)
