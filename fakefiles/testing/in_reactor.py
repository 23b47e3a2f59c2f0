"""The server of a test in the reactor of that test, with the same questions to ask as one in another process."""

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
from fakefiles.testing.assertions import of_file
from fakefiles.testing.process import HOST, ServerError
from fakefiles.testing.view import PROGRESS_INTERVAL, Reading, View, going_on, not_so, stopped
from fakefiles.transfer.journal import Journal
from fakefiles.transfer.record import JournalError

# What these raise is about a line of a test: that pytest shows, and none of ours (unless --full-trace asks for them).
__tracebackhide__ = True

# Seconds that clients in this reactor have to notice that the server is gone.
_PATIENCE = 1


def listen(reactor: Any, **site_keywords: Any) -> Deferred[InReactorServer]:
    """Return, when it listens, a server in this reactor; the keywords are those of fakefiles.site()."""
    return maybeDeferred(lambda: InReactorServer(reactor, site(reactor=reactor, **site_keywords)))


class InReactorServer(View):
    """A server in a reactor, which listens on a free port of 127.0.0.1, and the requests since the view began."""

    def __init__(self, reactor: Any, factory: FakeFilesSite) -> None:
        self.site = factory
        self._reactor = reactor
        self._port = ReopenablePort(reactor, factory)
        self._stopped = False
        self._waits: set[_Wait] = set()
        super().__init__(f"http://{HOST}:{self._port.port}/", factory.resource.settings)

    def wait_for(self, predicate: Callable[[list[Record]], object], timeout: float = 10.0) -> Deferred[list[Record]]:
        """Return the requests as soon as they are such that the predicate is true of them.

        Fails with AssertionError and a drawing when they are not so within `timeout` seconds, with ServerError when the
        server is stopped before.
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
        """Refuse connections from when this fires on, until accept(); transfers under way go on."""
        self._check()
        return self._port.refuse()

    def accept(self) -> None:
        """Let clients in again, on the same port."""
        self._check()
        self._port.accept()

    def drop_all(self) -> None:
        """Reset the connections on which something is being sent."""
        self._check()
        self.site.drop_all()

    def stop(self) -> Deferred[None]:
        """Stop listening, break off what is being sent, close all connections; fires when nothing is left."""
        ports = [] if self._stopped else [self._port.close()]
        self._stopped = True
        for wait in tuple(self._waits):
            wait.found.errback(ServerError("the server was stopped while this was waited for"))
        gone = gatherResults([*ports, self.site.disconnect()])
        return gone.addCallback(lambda _: Deferred.fromCoroutine(self._clients_gone()))

    async def _clients_gone(self) -> None:
        """Wait, not for long, until clients in this reactor have read what is left for them, and the end."""
        deadline = self._reactor.seconds() + _PATIENCE
        while self._reactor.seconds() < deadline and any(map(self._is_client, self._reactor.getReaders())):
            await deferLater(self._reactor, 0)

    def _is_client(self, reader: Any) -> bool:
        return ITCPTransport.providedBy(reader) and getattr(reader.getPeer(), "port", None) == self.port

    def _check(self) -> None:
        if self._stopped:
            raise stopped()

    def _journal(self) -> Journal[Record]:
        self._check()
        if not self.site.journal.size:
            raise JournalError("this server keeps no journal; start it without journal=0")
        return self.site.journal

    def _read(self) -> Reading:
        journal = self._journal()
        return Reading(journal.version, journal.lost, journal.count, journal.records(tag=self.tag or None))

    def _settled(self, url: str) -> list[Record]:
        found = of_file(self.requests, url)
        if any(request.live for request in found):
            raise going_on(url)
        return found


class _Wait:
    """Waits until a predicate is true of requests. It looks in a turn of its own, not amid the change it hears of."""

    def __init__(
        self,
        reactor: Any,
        journal: Journal[Record],
        requests: Callable[[], list[Record]],
        predicate: Callable[[list[Record]], object],
    ) -> None:
        self.found: Deferred[list[Record]] = Deferred()
        self._reactor = reactor
        self._journal = journal
        self._requests = requests
        self._predicate = predicate
        self._turn: IDelayedCall | None = None
        journal.listeners.append(self._look_later)
        self.found.addBoth(self._over)
        self._look_later()

    def _look_later(self) -> None:
        if self._turn is None:
            self._turn = self._reactor.callLater(0, self._look)
        else:
            self._turn.reset(0)

    def _look(self) -> None:
        self._turn = None
        try:
            requests = self._requests()
            found = self._predicate(requests)
        except Exception:  # noqa: BLE001  the predicate is anybody's code
            self.found.errback(Failure())
            return
        if found:
            self.found.callback(requests)
        elif any(request.live for request in requests):
            self._turn = self._reactor.callLater(PROGRESS_INTERVAL, self._look)

    def _over(self, result: Any) -> Any:
        self._journal.listeners.remove(self._look_later)
        if self._turn is not None:
            self._turn.cancel()
        return result
