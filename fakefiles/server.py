"""The HTTP server around the Resource: twisted.web's, with what HTTP/1.1 asks and twisted.web leaves out.

Each class changes as little as it can, through methods that Twisted documents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IAddress, IDelayedCall, ITCPTransport
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.web import http
from twisted.web.server import Request, Site

from fakefiles.content import Content
from fakefiles.resource import FakeFiles
from fakefiles.sizes import MAX_SIZE

if TYPE_CHECKING:
    from twisted.python.failure import Failure

_log = Logger()

# How long, in seconds, a client that was refused may go on sending.
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


def site(  # noqa: PLR0913  each is a keyword
    *,
    max_size: int = MAX_SIZE,
    content: str = "ones",
    seed: int | None = None,
    contents: Mapping[str, Content] | None = None,
    access_log: bool = False,
    reactor: Any = None,
) -> FakeFilesSite:
    """Return a factory for `reactor.listenTCP(0, fakefiles.site(), interface="127.0.0.1")`.

    With `access_log` it logs a line for each request. The other arguments are those of FakeFiles.
    """
    resource = FakeFiles(max_size=max_size, content=content, seed=seed, contents=contents, reactor=reactor)
    return FakeFilesSite(resource, access_log=access_log, reactor=reactor)


class FakeFilesRequest(Request):
    """A request whose target may be an absolute URL, and which is logged also when its client left early."""

    channel: FakeFilesChannel
    site: FakeFilesSite

    def process(self) -> None:
        """Bring the target into origin form, as a server must (RFC 9112, 3.2.2); refuse what is none."""
        self.channel.answering = True
        absolute = _ABSOLUTE_FORM.fullmatch(self.path)
        if absolute:
            self.path = absolute[1] or b"/"
        elif (self.method, self.path) == (b"OPTIONS", b"*") or self.method == b"CONNECT":
            # Of the whole server, or not to be had: the methods allowed are the same everywhere.
            self.path = b"/"
        if self.path.startswith(b"/"):
            super().process()
        else:
            self.channel.refuse(400, b"the request target begins with /, like GET /4k HTTP/1.1")

    def connectionLost(self, reason: Failure) -> None:
        """Log a request that was being answered: Twisted logs only the finished ones."""
        if self.startedWriting and not self.finished:
            self.site.log(self)
        super().connectionLost(reason)


class FakeFilesChannel(http.HTTPChannel):
    """One connection, HTTP/1.1 only. It answers no faster than its client reads, and takes turns with the others."""

    # Not CRLF, by which a line that ends in a bare LF would be waited for until the timeout.
    delimiter = b"\n"
    # A client that pauses may have unsent bytes of its answer when the idle timeout comes: they are flushed first.
    abortTimeout: int | None = None  # type: ignore[assignment]  # documented so

    #: Whether a request is being answered; what comes meanwhile is kept for later.
    answering = False

    transport: Any
    site: FakeFilesSite
    _refused = False
    _blocked = False
    _answers_in_turn = 0
    _kept = 0
    _done: Request | None = None
    _turn: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Join the connections of the site."""
        super().connectionMade()
        self.site.connections.add(self)
        if self.isSecure():
            self.abortTimeout = _TLS_ABORT

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # Twisted's has no annotations
        """Leave nothing behind."""
        self.site.connections.discard(self)
        self._done = None
        if self._turn is not None:
            self._turn.cancel()
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:
        """Parse data without putting off the timeout, so that a request has to arrive whole within it (slowloris)."""
        self._answers_in_turn = 0
        if not self._refused:
            LineReceiver.dataReceived(self, data)

    def rawDataReceived(self, data: bytes) -> None:
        """Take the body of a request, or what is to be parsed when it is answered; of that, no more than a little.

        Twisted has such a limit, but forgets it while the transport is blocked: a client that does not read could fill
        the memory with requests.
        """
        super().rawDataReceived(data)
        if self.answering:
            self._kept += len(data)
            if self._kept > _MOST_KEPT:
                self.transport.pauseProducing()

    def lineReceived(self, line: bytes) -> None:
        """Take a line of a request's head; a bare LF, which parsers disagree about, is refused (RFC 9112, 2.2)."""
        if self._refused:
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
        self._refused = True
        reason = HTTPStatus(status).phrase.encode("ascii")
        fields = (status, reason, http.datetimeToString(), len(text) + 1, text)
        self.transport.write(
            b"HTTP/1.1 %d %b\r\nDate: %b\r\nConnection: close\r\n"
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b\n" % fields
        )
        self.site.log_refusal(self.getPeer(), status, len(text) + 1)
        if ITCPTransport.providedBy(self.transport) and not self.isSecure():
            # To close with unread data is to reset, and the answer may be lost: let the client finish (RFC 9112, 9.6).
            self.transport.loseWriteConnection()
            self.setTimeout(_LINGER)
        else:
            self.loseConnection()

    def checkPersistence(self, request: Request, version: bytes) -> bool:
        """Return whether the connection stays open, reading Connection as the list it is (RFC 9110, 7.6.1)."""
        fields = b",".join(request.requestHeaders.getRawHeaders(b"Connection", []))
        if b"close" in (option.strip(b" \t").lower() for option in fields.split(b",")):
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
        super().requestDone(done)


class FakeFilesSite(Site):
    """The protocol factory: no HTTP/2, no files for request bodies. `connections` are those that are open.

    HTTP/2 is left out because Twisted's spins when a body meets a full flow-control window.
    """

    protocol = FakeFilesChannel  # type: ignore[assignment]  # Twisted's own wraps the channel to switch to HTTP/2
    noisy = False

    def __init__(self, resource: FakeFiles, *, access_log: bool, reactor: Any) -> None:
        super().__init__(resource, FakeFilesRequest, reactor=reactor)
        self.connections: set[FakeFilesChannel] = set()
        self._access_log = access_log

    def acceptableProtocols(self) -> list[bytes]:
        """Return what to offer in ALPN."""
        return [b"http/1.1"]

    def getContentFile(self, length: int | None) -> _Discard:  # noqa: ARG002  whatever the length
        """Return where the body of a request goes; Twisted would put a large one on disk."""
        return _Discard()

    def log(self, request: http.Request) -> None:
        """Log an answered request, if the operator wants it."""
        if self._access_log:
            # Not Twisted's log file: that is closed before the transfers are, when the process is told to stop.
            _log.info("{line}", line=http.combinedLogFormatter(self._time(), request))

    def log_refusal(self, peer: IAddress, status: int, length: int) -> None:
        """Log a request that could not be parsed, in the same form."""
        if self._access_log:
            line = f'"{getattr(peer, "host", "-")}" - - {self._time()} "-" {status} {length} "-" "-"'
            _log.info("{line}", line=line)

    def _time(self) -> str:
        time: str = http.datetimeToLogString(self.reactor.seconds())
        return time

    def break_off(self) -> None:
        """Reset the connections on which something is being sent: no client may take a part for the whole."""
        for connection in list(self.connections):
            if connection.answering:
                connection.transport.abortConnection()


class _Discard(BytesIO):
    """A file that forgets what is written to it."""

    def write(self, data: Any) -> int:
        return len(data)
