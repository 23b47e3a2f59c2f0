"""Outlets on requests of twisted.web: the only module that knows how twisted.web sends.

The plan decides the framing. Request.write() would choose one by itself when it writes the head: chunks if there is no
Content-Length, one for each write. Then no body could end with the connection, and no chunk could be longer than a
write. So heads and pieces go to the channel as they are, with `startedWriting` set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure

from fakefiles.http.answers import Answer
from fakefiles.serving.aborting import reset_when_sent
from fakefiles.serving.outlet import HttpOutlet, SocketOutlet
from fakefiles.serving.plain_socket import PlainSocketOutlet
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.body import MAX_PIECE

# With TLS, the bytes of a piece are in several buffers at once, plain and encrypted: a smaller piece keeps the memory
# of a connection within the same bound.
_TLS_PIECE = 1 << 16


def outlet_of(request: Any) -> HttpOutlet:
    """Return the outlet of a twisted.web request. Its Site may be of any class, and so its channel one of HTTP/2."""
    return StreamOutlet(request) if request.clientproto == b"HTTP/2" else RequestOutlet(request)


class RequestOutlet:
    """A request of HTTP/1.1 or 1.0."""

    def __init__(self, request: Any) -> None:
        self._request = request

    @property
    def name(self) -> str:
        """The target of the request."""
        uri: bytes = self._request.uri
        return uri.decode("latin-1")

    @property
    def piece_size(self) -> int:
        """The most bytes in one write; fewer with TLS."""
        return _TLS_PIECE if self._request.isSecure() else MAX_PIECE

    def register(self, producer: IPushProducer) -> None:
        """Register with the request, whose channel passes on the transport's pauses and resumes."""
        self._request.registerProducer(producer, True)  # noqa: FBT003  Twisted's signature

    def unregister(self) -> None:
        """Unregister the producer."""
        self._request.unregisterProducer()

    def when_closed(self, callback: Callable[[], object]) -> None:
        """Call `callback` if the client leaves before finish()."""
        # Only the errback: the Deferred also fires its callback, with None, when the request is finished.
        self._request.notifyFinish().addErrback(lambda _: callback())

    def head(self, answer: Answer, data: bytes) -> None:
        """Write the status line, the fields and the first bytes of the body in one write()."""
        request = self._request
        # Otherwise Request.write() and finish() would write a head of their own.
        request.code, request.startedWriting = answer.status, 1
        if answer.close:
            # HTTPChannel.requestDone() looks at it, and closes the connection.
            request.channel.persistent = False
        request.sentLength += len(data)
        request.channel.write(_head(answer, request) + data)

    def early(self, data: bytes) -> None:
        """Write to the channel: the request has not begun its own answer."""
        self._request.channel.write(data)

    def tear_head(self, answer: Answer) -> None:
        """Write the first half of the head only."""
        head = _head(answer, self._request)
        self._request.channel.write(head[: len(head) // 2])

    def write(self, data: bytes) -> None:
        """Write through the request, which counts the bytes for the access log."""
        self._request.write(data)

    def finish(self) -> None:
        """Finish the request: it is logged, and the next one on its connection begins."""
        self._request.finish()

    def fail(self, failure: Failure) -> None:
        """Log the failure, and let twisted.web answer 500."""
        self._request.processingFailed(failure)

    def close(self) -> None:
        """End the connection with a FIN when everything is sent."""
        self._request.loseConnection()

    def reset(self) -> None:
        """Reset the connection now."""
        self._request.transport.abortConnection()

    def reset_when_sent(self, clock: Ticks) -> None:
        """Reset the connection when the client's kernel has acknowledged everything."""
        stop = reset_when_sent(self._request.transport, clock)
        # The connection may end before, by the client or by this reset: then stop looking.
        self.when_closed(stop)

    def socket(self) -> SocketOutlet | None:
        """Return the shortcut past the transport, or None if it is no plain TCP or UNIX socket, or is wrapped."""
        transport = self._request.transport
        if not isinstance(transport, Connection) or self._request.isSecure():
            return None
        return PlainSocketOutlet(self._request, self)


class StreamOutlet(RequestOutlet):
    """A stream of twisted.web's own HTTP/2, in a Site of another class. Its channel is the stream (an H2Stream)."""

    def head(self, answer: Answer, data: bytes) -> None:
        """Write the status and the fields through twisted.web, which encodes them for HTTP/2."""
        request = self._request
        request.code, request.startedWriting = answer.status, 1
        headers = request.responseHeaders
        for name, value in answer.headers.items():
            headers.setRawHeaders(name.encode("ascii"), [value.encode("latin-1")])
        for name, value in answer.more:
            headers.addRawHeader(name.encode("ascii"), value.encode("latin-1"))
        _override(answer, headers)
        for field in answer.overriding:
            headers.addRawHeader(field.name, field.value)
        request.channel.writeHeaders(b"HTTP/2", b"%d" % answer.status, b"", headers)
        request.write(data)

    def tear_head(self, answer: Answer) -> None:
        """Write nothing: the stream writes a head of HTTP/2 as a whole."""

    def reset(self) -> None:
        """Reset the stream; the connection and its other streams go on."""
        self._request.channel.abortConnection()

    def reset_when_sent(self, clock: Ticks) -> None:  # noqa: ARG002  no socket tells what the client has of a stream
        """Reset the stream now."""
        self.reset()

    def socket(self) -> None:
        """Return None: a stream has no socket of its own."""


def _head(answer: Answer, request: Any) -> bytes:
    """Return the status line and the fields: first those that Twisted has set (Server, Date), then the answer's."""
    headers = request.responseHeaders
    if answer.close:
        headers.removeHeader(b"Connection")  # checkPersistence() may have set the same field
    if answer.dates:
        headers.removeHeader(b"Date")  # the answer has its own
    if answer.overriding:
        _override(answer, headers)
    version = answer.version.encode("ascii") if answer.version else request.clientproto
    parts = [version, b" ", answer.status_text, b"\r\n"]
    for name, values in headers.getAllRawHeaders():
        for value in values:
            parts += (name, b": ", value, b"\r\n")
    parts += (answer.fields, b"\r\n")
    return b"".join(parts)


def _override(answer: Answer, headers: Any) -> None:
    """Remove the fields that Twisted or the answer has, and in whose place the answer has others."""
    for field in answer.overriding:
        headers.removeHeader(field.name)
