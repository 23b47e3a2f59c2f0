"""The HTTP server around the Resource: twisted.web's, with what HTTP/1.1 asks and twisted.web leaves out.

Each class changes as little as it can, through methods that Twisted documents.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import ITCPTransport
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.web import http
from twisted.web.server import Request, Site

from fakefiles.resource import FakeFiles
from fakefiles.sizes import MAX_SIZE

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime
    from twisted.python.failure import Failure

_log = Logger()

# How long, in seconds, a client that was refused may go on sending.
_LINGER = 5
_ABSOLUTE_FORM = re.compile(rb"https?://[^/?#]+(/.*)?", re.IGNORECASE)


def site(*, max_size: int = MAX_SIZE, access_log: bool = False, reactor: IReactorTime | None = None) -> FakeFilesSite:
    """Return a factory for `reactor.listenTCP(0, fakefiles.site(), interface="127.0.0.1")`.

    `max_size`, in bytes, is the largest file it serves. With `access_log` it logs a line for each request.
    `reactor` drives the transfers and timeouts: the global one by default.
    """
    resource = FakeFiles(max_size=max_size, reactor=reactor)
    return FakeFilesSite(resource, access_log=access_log, reactor=reactor)


class FakeFilesRequest(Request):
    """A request whose target may be an absolute URL, and which is logged also when its client left early."""

    channel: FakeFilesChannel
    site: FakeFilesSite

    def process(self) -> None:
        """Bring the target into origin form, as a server must (RFC 9112, 3.2.2); refuse what is none."""
        absolute = _ABSOLUTE_FORM.fullmatch(self.path)
        if absolute:
            self.path = absolute[1] or b"/"
        if self.path.startswith(b"/") or self.path == b"*":
            super().process()
        else:
            self.channel.refuse(b"400 Bad Request", b"the request target begins with /, like GET /4k HTTP/1.1")

    def connectionLost(self, reason: Failure) -> None:
        """Log a request that was being answered: Twisted logs only the finished ones."""
        if self.startedWriting and not self.finished:
            self.site.log(self)
        super().connectionLost(reason)


class FakeFilesChannel(http.HTTPChannel):
    """One connection, HTTP/1.1 only."""

    # Not CRLF, by which a line that ends in a bare LF would be waited for until the timeout.
    delimiter = b"\n"

    transport: Any
    _refused = False
    _blocked = False
    _held: Request | None = None

    def dataReceived(self, data: bytes) -> None:
        """Parse data without putting off the timeout, so that a request has to arrive whole within it (slowloris)."""
        if not self._refused:
            LineReceiver.dataReceived(self, data)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of a request's head; a bare LF, which parsers disagree about, is refused (RFC 9112, 2.2)."""
        if self._refused:
            return
        if line.endswith(b"\r"):
            super().lineReceived(line[:-1])
        else:
            self.refuse(b"400 Bad Request", b"lines end with CRLF")

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002  Twisted's signature
        """Say what is wrong before hanging up; Twisted only hangs up."""
        status = b"431 Request Header Fields Too Large" if self.requests else b"414 URI Too Long"
        self.refuse(status, b"a line of a request has at most %d bytes" % self.MAX_LENGTH)

    def _respondToBadRequestAndDisconnect(self) -> None:
        # Private, but the only way to say something: Twisted's own answer has no words and may be lost in a reset.
        self.refuse(b"400 Bad Request", b"not a well-formed HTTP/1.1 request (RFC 9112)")

    def refuse(self, status: bytes, text: bytes) -> None:
        """Answer a request that could not be parsed, and hang up."""
        self._refused = True
        self.transport.write(
            b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b\n"
            % (status, len(text) + 1, text)
        )
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

    # Twisted starts the next pipelined request as soon as one is finished, though the client may have read nothing:
    # 64 KiB of "GET /4k" then become 10 MB of answers in memory. Here a request is done when the transport takes more.

    def pauseProducing(self) -> None:
        """Note that the transport's buffer is full."""
        self._blocked = True
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """Note that the transport's buffer is empty, and let the next request begin."""
        self._blocked = False
        super().resumeProducing()
        if self._held is not None:
            held, self._held = self._held, None
            super().requestDone(held)

    def requestDone(self, request: Request) -> None:
        """Take note of a finished request, once the transport is not blocked."""
        if self._blocked:
            self._held = request
        else:
            super().requestDone(request)


class FakeFilesSite(Site):
    """The protocol factory: no HTTP/2, no files for request bodies, no log line for its own start.

    HTTP/2 is left out because Twisted's spins when a body meets a full flow-control window.
    """

    protocol = FakeFilesChannel  # type: ignore[assignment]  # Twisted's own wraps the channel to switch to HTTP/2
    noisy = False

    def __init__(self, resource: FakeFiles, *, access_log: bool, reactor: IReactorTime | None) -> None:
        super().__init__(resource, FakeFilesRequest, reactor=reactor)
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
            time = http.datetimeToLogString(self.reactor.seconds())
            _log.info("{line}", line=http.combinedLogFormatter(time, request))


class _Discard(BytesIO):
    """A file that forgets what is written to it."""

    def write(self, data: Any) -> int:
        return len(data)
