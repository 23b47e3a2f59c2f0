"""One connection and its requests: twisted.web's, with what HTTP/1.1 asks and twisted.web leaves out.

Each class changes as little as it can, through methods that Twisted documents.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IDelayedCall, IPushProducer, ITCPTransport
from twisted.protocols.basic import LineReceiver
from twisted.web import http
from twisted.web.server import Request

from fakefiles.http.record import Record

if TYPE_CHECKING:
    from twisted.python.failure import Failure

# How long, in seconds, a client may go on sending when there will be no more answers.
_LINGER = 5
# How long, in seconds, an idle TLS client may take to say goodbye.
_TLS_ABORT = 3600
# How many bytes behind a request that is being answered are read.
_MOST_KEPT = 1 << 14
# How many pipelined requests are answered before others have their turn.
_ANSWERS_IN_TURN = 4
# 2^63-1 has 19; int() fails for thousands of them (CVE-2020-10735).
_MAX_LENGTH_DIGITS = 19
_ABSOLUTE_FORM = re.compile(rb"https?://[^/?#]+(/.*)?", re.IGNORECASE)


class FakeFilesRequest(Request):
    """A request whose target may be an absolute URL, and which is logged also when its client left early.

    `record` is what the journal has of it, once it is answered.
    """

    record: Record | None = None
    channel: FakeFilesChannel
    site: Any  # a FakeFilesSite

    def process(self) -> None:
        """Bring the target into origin form, as a server must (RFC 9112, 3.2.2); refuse what is none."""
        self.channel.answering = True
        if not self.path.startswith(b"/"):
            if absolute := _ABSOLUTE_FORM.fullmatch(self.path):
                self.path = absolute[1] or b"/"
            elif self.method == b"CONNECT" or (self.method, self.path) == (b"OPTIONS", b"*"):
                # Not to be had, or of the whole server: the methods allowed are the same everywhere.
                self.path = b"/"
        if self.path.startswith(b"/"):
            super().process()
        else:
            self.channel.refuse(400, b"the request target begins with /, like GET /4k HTTP/1.1")

    def connectionLost(self, reason: Failure) -> None:
        """Log a request that was being answered, when it is known how that ended: Twisted logs only finished ones."""
        site = self.site
        super().connectionLost(reason)
        if self.record is not None and not self.finished:
            site.log(self)


class FakeFilesChannel(http.HTTPChannel):
    """One connection, HTTP/1.1 only. It answers no faster than its client reads, and takes turns with the others."""

    # Not CRLF, by which a line that ends in a bare LF would be waited for until the timeout.
    delimiter = b"\n"
    # A client that pauses may have unsent bytes of its answer when the idle timeout comes: they are flushed first.
    abortTimeout: int | None = None  # type: ignore[assignment]  # documented so

    #: Whether a request is being answered; what comes meanwhile is kept for later.
    answering = False

    #: Which connection of its site this is, counted from 1.
    number = 0
    #: Why nothing is answered on this connection, if so.
    unwelcome = b""
    #: Who is at the other end.
    client = ""
    #: Whether the connection is one of TLS.
    secure = False

    transport: Any
    site: Any  # a FakeFilesSite
    _deaf = False
    _blocked = False
    _answers_in_turn = 0
    _kept = 0
    _done: Request | None = None
    _turn: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Join the connections of the site."""
        super().connectionMade()
        self.site.connections.add(self)
        self.number = self.site.number()
        self.client = client_of(self.getPeer())
        self.secure = self.isSecure()
        if self.secure:
            self.abortTimeout = _TLS_ABORT
        if self.unwelcome:
            self.site.turned_away(self)
            self.refuse(503, self.unwelcome)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # Twisted's has no annotations
        """Leave nothing behind."""
        self._done = None
        if self._turn is not None:
            self._turn.cancel()
        super().connectionLost(reason)
        self.site.lost(self)

    def dataReceived(self, data: bytes) -> None:
        """Parse data without putting off the timeout, so that a request has to arrive whole within it (slowloris)."""
        if not self._deaf:
            LineReceiver.dataReceived(self, data)

    def rawDataReceived(self, data: bytes) -> None:
        """Take the body of a request, or what is to be parsed when it is answered; of that, no more than a little.

        Twisted has such a limit, but forgets it while the transport is blocked: a client that does not read could fill
        the memory with requests.
        """
        if self._deaf:
            return
        super().rawDataReceived(data)
        if not self.answering:
            return
        # Of data that began with the body of this very request, less is kept.
        self._kept += len(data)
        if self._kept > _MOST_KEPT:
            self.transport.pauseProducing()
            if not self.requests[0].startedWriting:
                # A digest is waited for: nothing is read or written, so that nobody would notice if the client left.
                self.setTimeout(self.site.timeOut)

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:  # noqa: FBT001
        """Begin an answer that may take any time."""
        self.setTimeout(None)
        super().registerProducer(producer, streaming)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of a request's head; a bare LF, which parsers disagree about, is refused (RFC 9112, 2.2)."""
        if self._deaf:
            return
        if line.endswith(b"\r"):
            super().lineReceived(line[:-1])
        else:
            self.refuse(400, b"lines end with CRLF")

    def headerReceived(self, line: bytes) -> bool:
        """Take a header; refuse what Twisted lets pass, and a request could be smuggled in (RFC 9112, 6.1, 6.3)."""
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

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002  Twisted's signature
        """Say what is wrong before hanging up; Twisted only hangs up."""
        self.refuse(431 if self.requests else 414, b"a line of a request has at most %d bytes" % self.MAX_LENGTH)

    def _respondToBadRequestAndDisconnect(self) -> None:
        # Private, but the only way to say something: Twisted's own answer has no words and may be lost in a reset.
        limits = b"%d headers or %d bytes of them" % (self.maxHeaders, self.totalHeadersSize)
        self.refuse(400, b"not a well-formed HTTP/1.1 request (RFC 9112), or more than " + limits)

    def refuse(self, status: int, text: bytes) -> None:
        """Answer a request that could not be parsed, and hang up."""
        reason = HTTPStatus(status).phrase.encode("ascii")
        fields = (status, reason, http.datetimeToString(), len(text) + 1, text)
        self.transport.write(
            b"HTTP/1.1 %d %b\r\nDate: %b\r\nConnection: close\r\n"
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b\n" % fields
        )
        self.site.log_refusal(self.getPeer(), status, len(text) + 1)
        self._hang_up()

    def _hang_up(self) -> None:
        """Close the connection when all is sent, whatever the client still sends."""
        self._deaf = True
        transport = self.transport
        if ITCPTransport.providedBy(transport) and not self.isSecure():
            # To close with unread data is to reset, and the answer may be lost: let the client finish (RFC 9112, 9.6).
            transport.loseWriteConnection()
            self.transport.resumeProducing()
            self.setTimeout(_LINGER)
        else:
            self.loseConnection()

    def checkPersistence(self, request: Request, version: bytes) -> bool:
        """Return whether the connection stays open, reading Connection as the list it is (RFC 9110, 7.6.1)."""
        fields = request.requestHeaders.getRawHeaders(b"Connection")
        if fields and b"close" in (option.strip(b" \t").lower() for option in b",".join(fields).split(b",")):
            request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
            return False
        return version == b"HTTP/1.1"

    # Twisted answers pipelined requests all at once, though the client may have read nothing, and others wait: 64 KiB
    # of "GET /4k" become 10 MB in memory and half a second. Here the next one begins when the transport can take more,
    # and after some, when others have had their turn.

    def requestDone(self, request: Request) -> None:
        """Take note of a finished request; the next begins now, or when it may."""
        self._answers_in_turn += 1
        if self._blocked or self._answers_in_turn >= _ANSWERS_IN_TURN:
            self._done = request
            self._go_on_later()
        else:
            self._go_on(request)

    def pauseProducing(self) -> None:
        """Note that the transport's buffer is full."""
        self._blocked = True
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """Note that the transport's buffer is empty."""
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
    """Return the client's host and port, like 127.0.0.1:50000 or [::1]:50000; nothing on a UNIX socket."""
    if isinstance(address, IPv6Address):
        return f"[{address.host}]:{address.port}"
    return f"{address.host}:{address.port}" if isinstance(address, IPv4Address) else ""
