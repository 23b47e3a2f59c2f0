"""The server of a test in the reactor of that test, with the same interface as one in another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, gatherResults, maybeDeferred
from twisted.internet.interfaces import IDelayedCall, ITCPTransport
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from fakefiles.http.record import Record
from fakefiles.serving.ports import ReopenablePort
from fakefiles.serving.site import FakeFilesSite, site
from fakefiles.testing.of_file import of_file
from fakefiles.testing.process import HOST, ServerError
from fakefiles.testing.view import PROGRESS_INTERVAL, Reading, View, going_on, not_so, stopped
from fakefiles.transfer.journal import Journal
from fakefiles.transfer.record import JournalError, TransferRecord

# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True

# Seconds that clients in this reactor get to notice that the server is gone.
_PATIENCE = 1


def listen(reactor: Any, **site_keywords: Any) -> Deferred[InReactorServer]:
    """Return a Deferred of a server in this reactor, which listens then; the keywords are those of fakefiles.site()."""
    site_keywords.setdefault("credentials", True)
    return maybeDeferred(lambda: InReactorServer(reactor, site(reactor=reactor, **site_keywords)))


class InReactorServer(View):
    """A server in this reactor, on a free port of 127.0.0.1, and the requests to it since the view began."""

    def __init__(self, reactor: Any, factory: FakeFilesSite) -> None:
        self.site = factory
        self._reactor = reactor
        self._port = ReopenablePort(reactor, factory)
        self._peer_port = factory.listen_for_peers(interface=HOST)
        self._stopped = False
        self._waits: set[_Wait] = set()
        super().__init__(f"http://{HOST}:{self._port.port}/", factory.resource.settings)

    def wait_for(self, predicate: Callable[[list[Record]], object], timeout: float = 10.0) -> Deferred[list[Record]]:
        """Return a Deferred of the list of requests, which fires when the predicate is true for it.

        It fails with AssertionError, and a drawing of the requests, after `timeout` seconds; with ServerError if the
        server is stopped first.
        """
        wait = _Wait(self._reactor, self._journal(), lambda: self.requests, predicate)
        self._waits.add(wait)

        def over(result: Any) -> Any:
            self._waits.discard(wait)
            return result

        def too_late(failure: Any, seconds: float) -> None:
            failure.trap(CancelledError)
            raise not_so(self.requests, seconds)

        return wait.found.addTimeout(timeout, self._reactor, too_late).addBoth(over)

    def refuse(self) -> Deferred[None]:
        """Refuse connections, once the Deferred has fired and until accept() is called; transfers under way go on."""
        self._check()
        return self._port.refuse()

    def accept(self) -> None:
        """Accept connections again, on the same port."""
        self._check()
        self._port.accept()

    def drop_all(self) -> None:
        """Reset the connections on which an answer is being sent."""
        self._check()
        self.site.drop_all()

    def change(self, url: str | None = None) -> None:
        """Change a file whose URL has change=: from now on, the URL denotes version 2. None: all files of this view.

        Answers under way go on with the version with which they began. Raises ValueError if the file cannot change.
        """
        self.site.resource.occasions.change(**self._to_change(url))

    def stop(self) -> Deferred[None]:
        """Stop listening, break off transfers, close all connections; the Deferred fires when all are gone."""
        ports = [] if self._stopped else [self._port.close(), maybeDeferred(self._peer_port.stopListening)]
        self._stopped = True
        for wait in tuple(self._waits):
            wait.found.errback(ServerError("the server was stopped while this was waited for"))
        gone = gatherResults([*ports, self.site.disconnect()])
        return gone.addCallback(lambda _: Deferred.fromCoroutine(self._clients_gone()))

    async def _clients_gone(self) -> None:
        """Wait, up to _PATIENCE seconds, until clients in this reactor have read everything, and the end."""
        deadline = self._reactor.seconds() + _PATIENCE
        while self._reactor.seconds() < deadline and any(map(self._is_client, self._reactor.getReaders())):
            await deferLater(self._reactor, 0)

    def _is_client(self, reader: Any) -> bool:
        return ITCPTransport.providedBy(reader) and getattr(reader.getPeer(), "port", None) == self.port

    def _check(self) -> None:
        if self._stopped:
            raise stopped()

    def _journal(self) -> Journal[TransferRecord]:
        self._check()
        if not self.site.journal.size:
            raise JournalError("this server keeps no journal; start it without journal=0")
        return self.site.journal

    def _read(self) -> Reading:
        journal = self._journal()
        return Reading(journal.version, journal.lost, journal.count, journal.records(tag=self.tag or None))

    def _settled(self, url: str) -> list[TransferRecord]:
        found = of_file(self._since_start(self._read()), url, self._settings)
        if any(request.live for request in found):
            raise going_on(url)
        return found


class _Wait:
    """Waits until a predicate is true for the requests.

    The journal reports a change in the middle of an exchange. So the predicate runs later, in a turn of its own.
    """

    def __init__(
        self,
        reactor: Any,
        journal: Journal[TransferRecord],
        requests: Callable[[], list[Record]],
        predicate: Callable[[list[Record]], object],
    ) -> None:
        self.found: Deferred[list[Record]] = Deferred()
        self._reactor = reactor
        self._requests = requests
        self._predicate = predicate
        self._turn: IDelayedCall | None = None
        self._stop_listening = journal.listen(self._look_later)
        self.found.addBoth(self._over)
        self._look_later()

    def _look_later(self, _: object = None) -> None:
        if self._turn is None:
            self._turn = self._reactor.callLater(0, self._look)
        else:
            self._turn.reset(0)

    def _look(self) -> None:
        self._turn = None
        try:
            requests = self._requests()
            found = self._predicate(requests)
        except Exception:  # noqa: BLE001  the predicate is the test's code, and may raise anything
            self.found.errback(Failure())
            return
        if found:
            self.found.callback(requests)
        elif any(request.live for request in requests):
            self._turn = self._reactor.callLater(PROGRESS_INTERVAL, self._look)

    def _over(self, result: Any) -> Any:
        self._stop_listening()
        if self._turn is not None:
            self._turn.cancel()
        return result
