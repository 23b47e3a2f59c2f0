"""Outlets on requests of twisted.web: the one place that knows how it sends.

The plan decides the framing. twisted.web's own Request.write would choose it, too: then nothing could be sent until the
connection closes, and no chunk would be longer than a write. So heads and pieces go to the channel as they are.
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

# Encrypted, a piece lies in several buffers at once: to stay within the same memory it is smaller.
_TLS_PIECE = 1 << 16


def outlet_of(request: Any) -> HttpOutlet:
    """Return the outlet of a twisted.web request, whose Site may be anybody's."""
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
        """The most bytes in one write."""
        return _TLS_PIECE if self._request.isSecure() else MAX_PIECE

    def register(self, producer: IPushProducer) -> None:
        """Register with the request, whose channel passes on what the transport says."""
        self._request.registerProducer(producer, True)  # noqa: FBT003  Twisted's signature

    def unregister(self) -> None:
        """Forget the producer."""
        self._request.unregisterProducer()

    def when_closed(self, callback: Callable[[], object]) -> None:
        """Call back if the client leaves before finish()."""
        self._request.notifyFinish().addErrback(lambda _: callback())

    def head(self, answer: Answer, data: bytes) -> None:
        """Write the status line, the fields and the first of the body at once."""
        request = self._request
        request.code, request.startedWriting = answer.status, 1
        if answer.close:
            request.channel.persistent = False
        request.sentLength += len(data)
        request.channel.write(_head(answer, request) + data)

    def tear_head(self, answer: Answer) -> None:
        """Write the first half of the head."""
        head = _head(answer, self._request)
        self._request.channel.write(head[: len(head) // 2])

    def write(self, data: bytes) -> None:
        """Write to the request, which counts."""
        self._request.write(data)

    def finish(self) -> None:
        """End the request: it is logged, and the next on its connection begins."""
        self._request.finish()

    def fail(self, failure: Failure) -> None:
        """Have twisted.web answer 500."""
        self._request.processingFailed(failure)

    def close(self) -> None:
        """Flush, and end the connection."""
        self._request.loseConnection()

    def reset(self) -> None:
        """Reset the connection."""
        self._request.transport.abortConnection()

    def reset_when_sent(self, clock: Ticks) -> None:
        """Reset the connection when the client's side has acknowledged everything."""
        stop = reset_when_sent(self._request.transport, clock)
        # The client has left by itself, or was reset.
        self.when_closed(stop)

    def socket(self) -> SocketOutlet | None:
        """Return the way past the transport, if it is plain TCP or UNIX, and not wrapped by anything."""
        transport = self._request.transport
        if not isinstance(transport, Connection) or self._request.isSecure():
            return None
        return PlainSocketOutlet(self._request, self)


class StreamOutlet(RequestOutlet):
    """A stream of twisted.web's own HTTP/2, in somebody else's Site. It has no transport: the channel is the stream."""

    def head(self, answer: Answer, data: bytes) -> None:
        """Write the status and the fields through twisted.web, which encodes them."""
        request = self._request
        request.code, request.startedWriting = answer.status, 1
        for name, value in answer.headers.items():
            request.responseHeaders.setRawHeaders(name, [value])
        request.channel.writeHeaders(b"HTTP/2", b"%d" % answer.status, b"", request.responseHeaders)
        request.write(data)

    def tear_head(self, answer: Answer) -> None:
        """Write nothing: a head of HTTP/2 is one frame or none."""

    def reset(self) -> None:
        """Reset the stream."""
        self._request.channel.abortConnection()

    def reset_when_sent(self, clock: Ticks) -> None:  # noqa: ARG002  there is nothing to look at
        """Reset the stream."""
        self.reset()

    def socket(self) -> None:
        """Return None: a stream has no socket of its own."""


def _head(answer: Answer, request: Any) -> bytes:
    """Return the status line and the fields: those that Twisted has set, and those of the answer."""
    if answer.close:
        request.responseHeaders.removeHeader(b"Connection")  # it says the same
    parts = [request.clientproto, b" ", answer.status_text, b"\r\n"]
    for name, values in request.responseHeaders.getAllRawHeaders():
        for value in values:
            parts += (name, b": ", value, b"\r\n")
    parts += (answer.fields, b"\r\n")
    return b"".join(parts)
