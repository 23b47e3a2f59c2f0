"""One connection and its requests: twisted.web's classes, with the parts of HTTP/1.1 that twisted.web lacks.

They also bound what a hostile client can cost: memory, time of the reactor, idle connections. Each class overrides as
little as possible: methods that Twisted documents, and one private one, which is marked.

No cycles: while an answer is under way, channel, request, outlet, pump and exchange refer to one another in circles. If
they still did so after the connection is lost, only Python's garbage collector could free them, and what they hold: it
runs seldom here (daemon/garbage.py). So whoever learns of the end drops its reference to the producer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IDelayedCall, IPushProducer, ITCPTransport
from twisted.internet.tcp import Connection
from twisted.protocols.basic import LineReceiver
from twisted.web import http
from twisted.web.server import Request

from fakefiles.http.record import Record
from fakefiles.serving.aborting import connection_of, reset_when_sent
from fakefiles.serving.keepalive import keep_alive

if TYPE_CHECKING:
    from twisted.python.failure import Failure

# Seconds for which the server reads on, and discards, after its last answer: see _hang_up.
_LINGER = 5
# How often to look, in seconds, whether a TLS client has everything that was sent before its goodbye. Three looks in a
# row end its connection: so it has this long for its own goodbye.
_GOODBYE = 1.5
# How many empty lines may come before a request line. RFC 9112, 2.2 wants at least one to be ignored.
_MOST_EMPTY_LINES = 16
# The longest body of a request, in bytes, that is read. None of our answers depends on a body: a short one is read so
# that the connection can go on behind it.
_LONGEST_BODY = 1 << 16
# The bytes that may stay unsent below TLS before the channel is paused; Twisted allows 64 KiB by default. An answer
# that ends within them is finished, and the next pipelined one adds a piece of its own: for a client that never reads,
# both stay in memory, in several copies.
_TLS_BUFFER = 1 << 14
# The most bytes kept of the requests behind the one that is being answered. Twisted's own limit is the same number.
_MOST_KEPT = 1 << 14
# How many pipelined requests of one connection are answered in one turn of the reactor.
_ANSWERS_IN_TURN = 4
# Enough for 2^63-1. Twisted passes any number of digits to int(), which takes quadratic time or, in newer Pythons,
# raises ValueError beyond 4300 digits (CVE-2020-10735).
_MAX_LENGTH_DIGITS = 19
_ABSOLUTE_FORM = re.compile(rb"https?://[^/?#]+(/.*)?", re.IGNORECASE)


class FakeFilesRequest(Request):
    """A request whose target may be an absolute URL. It is logged even if its client leaves before the end.

    `record` is its record in the journal, None until it is answered. `head_size` is the number of bytes in its head.
    """

    record: Record | None = None
    head_size = 0
    channel: FakeFilesChannel
    site: Any  # a FakeFilesSite

    def process(self) -> None:
        """Convert the target to origin form and process the request; refuse a target that is neither.

        A server must accept the absolute form, too (RFC 9112, 3.2.2); twisted.web would look for a path in it.
        """
        self.channel.answering = True
        self.channel.asked += 1
        if not self.path.startswith(b"/"):
            if absolute := _ABSOLUTE_FORM.fullmatch(self.path):
                self.path = absolute[1] or b"/"
            elif self.method == b"CONNECT" or (self.method, self.path) == (b"OPTIONS", b"*"):
                # CONNECT has an authority as its target, OPTIONS may have "*" (RFC 9112, 3.2.3, 3.2.4). Neither names
                # a path, and the answers, 405 and the allowed methods, are the same for every path.
                self.path = b"/"
        if self.path.startswith(b"/"):
            super().process()
        else:
            self.channel.refuse(400, b"the request target begins with /, like GET /4k HTTP/1.1")

    def parseCookies(self) -> None:
        """Do nothing: no answer depends on a cookie."""

    def connectionLost(self, reason: Failure) -> None:
        """Log a request whose client left early; Twisted logs in finish() only."""
        site = self.site
        # It fires the errbacks of notifyFinish(), by which the record learns how the transfer ended: log after it.
        super().connectionLost(reason)
        self.producer = None  # no cycles: see above
        if (self.record is not None or self.startedWriting) and not self.finished:
            site.log(self)


class FakeFilesChannel(http.HTTPChannel):
    """One connection, HTTP/1.1 only. It answers no faster than its client reads, and takes turns with others."""

    # Twisted's is CRLF: it would wait for the end of a line that ends with a bare LF until the timeout. With LF, such a
    # line arrives at once, and lineReceived() refuses it.
    delimiter = b"\n"
    # None means: when the idle timeout comes, flush first, and wait without a bound. By default Twisted resets the
    # connection 15 s later, in the middle of an answer that a slow client is still reading.
    abortTimeout: int | None = None  # type: ignore[assignment]  # Twisted documents None, but annotates int

    #: Whether a request is being answered. Bytes that arrive meanwhile are kept, and parsed later.
    answering = False
    #: How many requests the connection has had.
    asked = 0

    #: The number of the connection in its site, from 1.
    number = 0
    #: The text of the 503 that refuses this connection; empty if it is served.
    unwelcome = b""
    #: The client's address, as client_of() returns it.
    client = ""
    #: Whether the connection uses TLS; kept here because isSecure() looks up an interface each time.
    secure = False
    #: Whether the client is on this machine, as is_local() says.
    local = False

    transport: Any
    site: Any  # a FakeFilesSite
    _deaf = False
    _blocked = False
    _answers_in_turn = 0
    _kept = 0
    _below: Connection | None = None
    _empty_lines = 0
    _stop_looking: Callable[[], None] | None = None
    _done: Request | None = None
    _turn: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Register with the site, and refuse the connection if it is unwelcome."""
        super().connectionMade()
        self.site.connections.add(self)
        self.number = self.site.number()
        self.client = client_of(self.getPeer())
        self.secure = self.isSecure()
        self.local = is_local(self.getPeer())
        self._below = below = connection_of(self.transport)
        if below is not None and self.client:
            keep_alive(below.getHandle())
        if below is not None and self.secure:
            below.bufferSize = _TLS_BUFFER
        if self.unwelcome:
            self.site.turned_away(self)
            self.refuse(503, self.unwelcome)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # Twisted's has no annotations
        """Drop the next turn, and leave the site."""
        self._done = None
        if self._turn is not None:
            self._turn.cancel()
        if self._stop_looking is not None:
            self._stop_looking()
        super().connectionLost(reason)
        self.unregisterProducer()  # no cycles: see above
        if self.secure:
            self.transport.unregisterProducer()  # this channel; a TCP transport forgets it by itself
        self.site.lost(self)

    def dataReceived(self, data: bytes) -> None:
        """Parse data without restarting the idle timeout, so that a request must arrive as a whole within it.

        HTTPChannel.dataReceived() restarts it for each byte: a client that sends one byte now and then would keep its
        connection for ever (the slowloris attack). So that method is skipped.
        """
        if not self._deaf:
            LineReceiver.dataReceived(self, data)

    def rawDataReceived(self, data: bytes) -> None:
        """Take bytes of a request's body, or bytes behind the request that is being answered, but few of the latter.

        HTTPChannel has such a limit, but does not apply it while its transport is blocked (`_waitingForTransport`): a
        client that sends and never reads could fill the memory with requests.
        """
        if self._deaf:
            return
        super().rawDataReceived(data)
        if not self.answering:
            return
        # `data` may begin with the end of this request's body, which is not kept: then the limit comes a bit early.
        self._kept += len(data)
        if self._kept > _MOST_KEPT:
            self.transport.pauseProducing()
            if not self.requests[0].startedWriting:
                # The answer waits for a digest. While nothing is read or written, the reactor does not notice when the
                # client leaves, and HTTPChannel has switched the timeout off: it is needed here.
                self.setTimeout(self.site.timeOut)

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:  # noqa: FBT001
        """Start an answer that may take any time: without a timeout."""
        self.setTimeout(None)
        super().registerProducer(producer, streaming)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of a request's head, without its LF; refuse one that ends with a bare LF.

        RFC 9112, 2.2 leaves it to the server whether a bare LF ends a line. Where a proxy and a server decide
        differently, an attacker can hide one request inside another (request smuggling).
        """
        if self._deaf:
            return
        if line == b"\r" and not self.requests:
            self._empty_lines += 1
            if self._empty_lines > _MOST_EMPTY_LINES:
                self.refuse(400, b"there are too many empty lines before the request")
        elif line.endswith(b"\r"):
            self._empty_lines = 0
            super().lineReceived(line[:-1])
        else:
            self.refuse(400, b"lines end with CRLF")

    def headerReceived(self, line: bytes) -> bool:
        """Take a header line; return whether it is acceptable.

        Twisted ignores "Transfer-Encoding: identity", which RFC 9112 no longer has, and takes a Content-Length of any
        length. A proxy may read either in another way, and see another end of the request: smuggling (6.1, 6.3).
        """
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        if name == b"transfer-encoding" and value.lower() != b"chunked":
            self.refuse(400, b"the only Transfer-Encoding of a request is chunked")
            return False
        if name == b"content-length" and len(value) > _MAX_LENGTH_DIGITS:
            self.refuse(400, b"not a Content-Length")
            return False
        accepted: bool = super().headerReceived(line)
        return accepted

    def allHeadersReceived(self) -> None:
        """Begin with a request when its head is complete: wait for its body only if that is short.

        A long body, or one of unknown length, would cost reading and decoding for nothing. So the answer comes at once,
        and the connection ends behind it (RFC 9112, 9.6). It also comes instead of a 100 (Continue), for which a client
        may wait before it sends a body (RFC 9110, 10.1.1).
        """
        # A private attribute of HTTPChannel, which has counted it anyway: to sum it up again would take a microsecond.
        self.requests[-1].head_size = self._receivedHeaderSize
        if self.length == 0 or self._reads_body():
            super().allHeadersReceived()
            return
        request = self.requests[-1]
        self.length = 0
        self.persistent = False
        request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        request.gotLength(0)

    def _reads_body(self) -> bool:
        length, waits = self.length, self.requests[-1].requestHeaders.hasHeader(b"Expect")
        return length is not None and length <= _LONGEST_BODY and not waits

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002  Twisted's signature
        """Answer 414 or 431 and hang up; Twisted hangs up without an answer."""
        self.refuse(431 if self.requests else 414, b"a line of a request has at most %d bytes" % self.MAX_LENGTH)

    def _respondToBadRequestAndDisconnect(self) -> None:
        # A private method of HTTPChannel, but the only place to override. Twisted's answer is a status line without a
        # body, and a reset may destroy it: it closes while data is unread (see _hang_up).
        limits = b"%d headers or %d bytes of them" % (self.maxHeaders, self.totalHeadersSize)
        self.refuse(400, b"not a well-formed HTTP/1.1 request (RFC 9112), or more than " + limits)

    def refuse(self, status: int, text: bytes) -> None:
        """Answer a request that could not be parsed with a line of text, log that, and hang up.

        The answer is written past Request, as there may be none: the request line itself may be wrong.
        """
        reason = HTTPStatus(status).phrase.encode("ascii")
        fields = (status, reason, http.datetimeToString(), len(text) + 1, text)
        self.transport.write(
            b"HTTP/1.1 %d %b\r\nDate: %b\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n"
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b\n" % fields
        )
        self.site.log_refusal(self.getPeer(), status, len(text) + 1)
        self._hang_up()

    def timeoutConnection(self) -> None:
        """Close an idle connection, after what its client has not read yet."""
        super().timeoutConnection()
        self._await_goodbye()

    def _hang_up(self) -> None:
        """Close the connection when everything is sent; ignore what the client still sends."""
        self._deaf = True
        transport = self.transport
        if ITCPTransport.providedBy(transport) and not self.isSecure():
            # close() with unread data makes the kernel send an RST, which can destroy the answer before the client has
            # read it. So send a FIN only, and read on until the client closes or the time is over (RFC 9112, 9.6).
            # loseWriteConnection() sends the FIN when the transport's buffer is empty.
            transport.loseWriteConnection()
            self.transport.resumeProducing()
            self.setTimeout(_LINGER)
        else:
            # TLS provides the interfaces of the TCP transport below it, but a FIN there would cut off the TLS session
            # without its close_notify. loseConnection() sends that.
            self.loseConnection()
            self._await_goodbye()

    def _await_goodbye(self) -> None:
        """Reset a TLS connection some seconds after its client has everything: its close_notify may never come."""
        if self.secure and self._below is not None and self._stop_looking is None:
            self._stop_looking = reset_when_sent(self.transport, self.site.reactor, _GOODBYE)

    def checkPersistence(self, request: Request, version: bytes) -> bool:
        """Return whether the connection stays open after this request.

        Connection is a list, and may be repeated (RFC 9110, 7.6.1). Twisted splits the first field at spaces, and so
        misses the "close" in "keep-alive,close".
        """
        fields = request.requestHeaders.getRawHeaders(b"Connection")
        if fields and b"close" in (option.strip(b" \t").lower() for option in b",".join(fields).split(b",")):
            request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
            return False
        return version == b"HTTP/1.1"

    # HTTPChannel.requestDone() parses the next pipelined request at once, even if the client has read nothing, and all
    # in one turn of the reactor: 64 KiB of "GET /4k" become 10 MB in memory, and block others for half a second. Here
    # the next request waits until the transport can take more, and after _ANSWERS_IN_TURN for the reactor's next turn.

    def requestDone(self, request: Request) -> None:
        """End a request; the next one begins now or later, see above."""
        self._answers_in_turn += 1
        if self._blocked or self._answers_in_turn >= _ANSWERS_IN_TURN:
            self._done = request
            self._go_on_later()
        else:
            self._go_on(request)

    def pauseProducing(self) -> None:
        """Stop: the transport's buffer is full."""
        self._blocked = True
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """Go on: the transport's buffer is empty."""
        if self.secure and self._below is not None and self._below.disconnecting:
            # A TLS client has said goodbye, in the middle of an answer. Twisted then closes the TCP transport when its
            # buffer is empty, but not if there is a producer to resume: that would go on for ever, and be heard by
            # nobody.
            self.transport.unregisterProducer()
            return
        self._blocked = False
        super().resumeProducing()
        self._go_on_later()

    def _go_on_later(self) -> None:
        if self._done is not None and self._turn is None and not self._blocked:
            self._turn = self.callLater(0, self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        if not self._blocked:
            done, self._done = self._done, None
            self._answers_in_turn = 0
            self._go_on(done)

    def _go_on(self, done: Request | None) -> None:
        self.answering = False
        self._kept = 0
        if self.persistent:
            super().requestDone(done)
        else:
            self._hang_up()


def client_of(address: Any) -> str:
    """Return the client's host and port, like 127.0.0.1:50000 or [::1]:50000; "" on a UNIX socket."""
    if isinstance(address, IPv6Address):
        return f"[{address.host}]:{address.port}"
    return f"{address.host}:{address.port}" if isinstance(address, IPv4Address) else ""


def is_local(address: Any) -> bool:
    """Return whether a client is on this machine: at a loopback address (RFC 6890, 2.2), or at a UNIX socket."""
    if isinstance(address, IPv4Address | IPv6Address):
        # A socket for both versions gives an IPv4 address as ::ffff:127.0.0.1 (RFC 4291, 2.5.5.2).
        return address.host == "::1" or address.host.removeprefix("::ffff:").startswith("127.")
    return isinstance(address, UNIXAddress)
