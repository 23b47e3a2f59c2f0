"""The HTTP server around the Resource: what listens, and what it logs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.logger import Logger
from twisted.web import http
from twisted.web.server import Request, Site

from fakefiles.http.record import Record
from fakefiles.serving.aborting import cancel
from fakefiles.serving.access_log import line_of, line_of_refusal
from fakefiles.serving.channel import FakeFilesChannel, FakeFilesRequest
from fakefiles.serving.peers import Peers
from fakefiles.serving.ports import Ports
from fakefiles.serving.resource import FakeFiles
from fakefiles.transfer.record import End

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakefiles.urls.keywords import SettingsKeywords

_log = Logger()

# How many clients beyond the most connections get a 503 at a time. Connections beyond those are closed at once.
_MOST_TOLD = 32

# How many peers the kernel connects before we accept them.
_PEER_BACKLOG = 256

# Seconds that disconnect() gives idle connections to close, before it resets them.
_CLOSE_PATIENCE = 1


def site(
    *,
    max_connections: int | None = None,
    access_log: bool = False,
    reactor: Any = None,
    **settings: Unpack[SettingsKeywords],
) -> FakeFilesSite:
    """Return a factory for `reactor.listenTCP(0, fakefiles.site(), interface="127.0.0.1")`.

    Connections beyond `max_connections` at a time get a 503. With `access_log`, each request is logged in a line. The
    other arguments are those of FakeFiles.
    """
    resource = FakeFiles(reactor=reactor, **settings)
    return FakeFilesSite(resource, max_connections=max_connections, access_log=access_log, reactor=reactor)


class FakeFilesSite(Site):
    """The protocol factory. It offers no HTTP/2, and keeps no request bodies.

    `connections` are the open ones; `when_empty` is called when the last one is lost. `journal` has the last requests.
    `live` are the exchanges under way, by the numbers of their records.

    It offers no HTTP/2 because Twisted's uses the whole processor while a body waits for its flow-control window.
    """

    protocol = FakeFilesChannel  # type: ignore[assignment]  # Twisted's own wraps the channel to switch to HTTP/2
    noisy = False

    def __init__(self, resource: FakeFiles, *, max_connections: int | None, access_log: bool, reactor: Any) -> None:
        super().__init__(resource, FakeFilesRequest, reactor=reactor)
        self.connections: set[FakeFilesChannel] = set()
        self.journal = resource.journal
        self.live = resource.live
        #: The factory for peers of BitTorrent; see listen_for_peers().
        self.peers = Peers(resource.backstage, reactor or self.reactor, self._tell_if_gone, log=access_log)
        self.when_empty: Callable[[], object] = _do_nothing
        self._waiting: list[Deferred[None]] = []
        self._numbers = count(1)
        self._max_connections = sys.maxsize if max_connections is None else max_connections
        self._access_log = access_log

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Return the protocol of a new connection: one that answers 503 if there are too many, None if far too many."""
        beyond = len(self.connections) - self._max_connections
        if beyond >= _MOST_TOLD:
            self.log_refusal(addr, 0, 0, "closed at once: all connections are taken")
            return None
        channel: FakeFilesChannel = super().buildProtocol(addr)
        if beyond >= 0:
            channel.unwelcome = b"all %d connections are taken; try again later" % self._max_connections
        return channel

    def getResourceFor(self, request: Request) -> FakeFiles:
        """Return the resource, which has all paths; Site would look for its children, and copy some lists."""
        request.site = self
        resource: FakeFiles = self.resource
        return resource

    def allow_ports(self) -> None:
        """Let clients open ports of their own with POST /-/doors, and make these refuse connections for a while."""
        self.resource.backstage.ports = Ports(self.reactor, self)

    def listen_for_peers(self, port: int = 0, interface: str = "127.0.0.1") -> Any:
        """Seed the torrents of all files on a TCP port; return that. 0 picks a free one; trackers and magnets tell it.

        Raises CannotListenError if the port is taken.
        """
        reactor: Any = self.reactor
        listening: Any = reactor.listenTCP(port, self.peers, _PEER_BACKLOG, interface)
        self.resource.backstage.dial = self.peers.dial
        self.resource.seeds_at(listening.getHost().port, interface)
        return listening

    def listen_for_announces(self, port: int = 0, interface: str = "127.0.0.1") -> Any:
        """Listen with a UDP tracker (BEP 15); return its port. 0 picks a free one; torrents with sources=udp tell it.

        Raises CannotListenError if the port is taken.
        """
        reactor: Any = self.reactor
        listening: Any = reactor.listenUDP(port, self.peers.udp_tracker(), interface)
        self.resource.tracks_at(listening.getHost().port)
        return listening

    def number(self) -> int:
        """Return the number of a new connection: 1, 2, 3 and so on."""
        return next(self._numbers)

    def acceptableProtocols(self) -> list[bytes]:
        """Return the protocols to offer in ALPN."""
        return [b"http/1.1"]

    def getContentFile(self, length: int | None) -> _Discard:  # noqa: ARG002  whatever the length
        """Return a file that discards the body of a request; Twisted would write a large one to disk."""
        return _Discard()

    def log(self, request: http.Request) -> None:
        """Log a request that has ended, if there is an access log."""
        if self._access_log:
            # Not to the log file of twisted.web: at shutdown, it is closed before the transfers are.
            _log.info("{line}", line=line_of(self._time(), request, getattr(request, "record", None)))

    def log_refusal(self, peer: IAddress | None, status: int, length: int, reason: str = "") -> None:
        """Log a request that could not be parsed or, with status 0, a connection that was closed without an answer."""
        if self._access_log:
            _log.info("{line}", line=line_of_refusal(self._time(), peer, status, length, reason))

    def turned_away(self, connection: FakeFilesChannel) -> None:
        """Record a connection in the journal that gets a 503 before it has sent a request."""
        now = self.reactor.seconds()
        record = Record(started=now, client=connection.client, connection=connection.number, status=503, first_byte=now)
        record.end, record.ended = End.COMPLETE, now
        self.journal.add(record)

    def _time(self) -> str:
        # That of the system, not of the reactor, whose clock may ignore that it was set (daemon/steady_clock.py).
        time: str = http.datetimeToLogString()
        return time

    def drop_all(self) -> None:
        """Reset the connections on which an answer is under way, as a fault."""
        for exchange in list(self.live.values()):
            exchange.drop(End.FAULT)

    def break_off(self) -> None:
        """Reset the connections on which something is being sent, so that no client takes a part for the whole file."""
        for exchange in list(self.live.values()):
            exchange.drop(End.SERVER_STOPPED)
        for connection in list(self.connections):
            if connection.answering:
                connection.transport.abortConnection()

    def disconnect(self) -> Deferred[None]:
        """Reset the connections on which something is being sent, and those of peers, close the others.

        The Deferred fires when there are none.
        A connection whose client has not read the end of its last answer is reset after a second.
        """
        self.break_off()
        self.peers.disconnect()
        for connection in list(self.connections):
            if not connection.answering:
                connection.transport.loseConnection()
        patience = self.reactor.callLater(_CLOSE_PATIENCE, self._abort)
        gone: Deferred[None] = Deferred()
        gone.addCallback(lambda _: cancel(patience))
        self._waiting.append(gone)
        self._tell_if_gone()
        return gone

    def _abort(self) -> None:
        for connection in list(self.connections):
            connection.transport.abortConnection()

    def lost(self, connection: FakeFilesChannel) -> None:
        """Take note that a connection is no more."""
        self.connections.discard(connection)
        if not self.connections:
            self.when_empty()
        self._tell_if_gone()

    def _tell_if_gone(self) -> None:
        if not self.connections and not self.peers.connected:
            waiting, self._waiting = self._waiting, []
            for gone in waiting:
                gone.callback(None)


def _do_nothing() -> None:
    """Do nothing."""


class _Discard(BytesIO):
    """A file that forgets what is written to it."""

    def write(self, data: Any) -> int:
        return len(data)
