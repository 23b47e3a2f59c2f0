"""A server for tests, which cannot be left behind, and can tell how it was used.

    with fakefiles.testing.running() as server:         # in a process of its own
        download(server.url_for("100m", name="a.iso"))

    server = yield fakefiles.testing.listen(reactor)    # in the reactor of a test; server.stop() returns a Deferred

pytest has fixtures of both: fakefiles_server, fakefiles, and fakefiles_in_reactor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from fakefiles.http.record import Record
from fakefiles.testing.assertions import of_file
from fakefiles.testing.journal_client import JournalClient
from fakefiles.testing.process import HOST, ServerError, ServerProcess, port_of
from fakefiles.testing.view import PROGRESS_INTERVAL, Reading, View, going_on, not_so, stopped
from fakefiles.transfer.record import JournalError
from fakefiles.urls.settings import Settings

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from fakefiles.testing.in_reactor import InReactorServer

__all__ = ["JournalError", "Server", "ServerError", "listen", "running"]

# What these raise is about a line of a test: that pytest shows, and none of ours (unless --full-trace asks for them).
__tracebackhide__ = True

# Seconds that an assertion waits for transfers to end: a server hears of a client's end a moment after it.
_SETTLE_PATIENCE = 10.0
# Seconds in one long poll.
_LONGEST_POLL = 20.0


class Server(View):
    """A server in another process, and the requests it has had since this view of it began.

    `process` is that process, if it is ours to know. A server that is `shared` cannot be stopped here. One with a
    `door`, a port for it alone, can refuse connections. `client` asks the server, by default at its URL.
    """

    def __init__(  # noqa: PLR0913  each is a keyword
        self,
        url: str,
        settings: Settings,
        *,
        process: ServerProcess | None = None,
        shared: bool = False,
        tag: str = "",
        door: int | None = None,
        client: JournalClient | None = None,
    ) -> None:
        super().__init__(url, settings, tag)
        self._client = client or JournalClient(self.host, self.port)
        self._own_port_number = door
        self._process = process
        self._shared = shared

    def check(self) -> None:
        """Raise ServerError unless the server is there, with the reason; one that is being started is waited for."""
        self._check()
        with self._explained():
            self._client.check()

    @contextmanager
    def apart(self, tag: str = "") -> Iterator[Server]:
        """Give, for the length of a block, a view that begins now, and has a port of its own.

        With a tag it sees only requests with that, which its URLs have.
        """
        self._check()
        with self._explained():
            port = self._client.open_port()
        view = Server(
            f"http://{HOST}:{port}/",
            self._settings,
            process=self._process,
            shared=self._shared,
            tag=tag,
            door=port,
            client=self._client,
        )
        view.begin()
        try:
            yield view
        finally:
            with suppress(ServerError):  # it was stopped, and the port with it
                self._client.close_port(port)

    def begin(self) -> None:
        """Begin anew if there is a journal; without one it is only the journal's methods that raise."""
        try:
            self.clear()
        except JournalError:
            self.check()

    def wait_for(self, predicate: Callable[[list[Record]], object], timeout: float = 10.0) -> list[Record]:
        """Wait until the requests are such that the predicate is true of them; return them.

        Raises AssertionError with a drawing when they are not so within `timeout` seconds.
        """
        requests: list[Record] = []
        for requests in self._watch(timeout):
            if predicate(requests):
                return requests
        raise not_so(requests, timeout)

    def refuse(self) -> None:
        """Refuse connections from now on, until accept(); transfers under way go on.

        Raises ServerError when others would be refused, too.
        """
        door = self._own_port()
        with self._explained():
            self._client.refuse(door)

    def accept(self) -> None:
        """Let clients in again, on the same port."""
        door = self._own_port()
        with self._explained():
            self._client.accept(door)

    def _own_port(self) -> int:
        self._check()
        if self._own_port_number is None:
            raise ServerError(
                "this server is for the whole test run, and would refuse others, too;"
                " the fixture `fakefiles` has a port of its own"
            )
        return self._own_port_number

    def drop_all(self) -> None:
        """Reset the connections on which something of this view is being sent."""
        self._check()
        with self._explained():
            self._client.drop(self.tag)

    def stop(self) -> None:
        """End the server, and wait until it is gone. Raises ServerError when it is not this test's to stop."""
        if self._shared or self._process is None:
            raise ServerError(
                "this server is for the whole test run, which stops it;"
                " for one to stop, use `with fakefiles.testing.running() as server:`"
            )
        self._process.stop()

    def _check(self) -> None:
        if self._process is not None and self._process.stopped:
            raise stopped()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say why the process is dead, if it is, rather than that it does not answer."""
        try:
            yield
        except ServerError as error:
            raise ServerError((self._process and self._process.obituary()) or str(error)) from None

    def _read(self, since: int = 0, wait: float = 0) -> Reading:
        self._check()
        with self._explained():
            return self._client.read(self.tag, since, wait)

    def _watch(self, timeout: float) -> Iterator[list[Record]]:
        """Yield the requests, now and whenever they have changed, for so many seconds."""
        deadline = time.monotonic() + timeout
        reading = self._read()
        requests = {request.number: request for request in self._since_start(reading)}
        while True:
            yield list(requests.values())
            left = deadline - time.monotonic()
            if left <= 0:
                return
            live = [request.version for request in requests.values() if request.live]
            reading = self._read(reading.version, min(left, PROGRESS_INTERVAL if live else _LONGEST_POLL))
            if live:
                reading = self._read(min(live) - 1)
            requests |= {request.number: request for request in self._since_start(reading)}

    def _settled(self, url: str) -> list[Record]:
        for requests in self._watch(_SETTLE_PATIENCE):
            found = of_file(requests, url)
            if not any(request.live for request in found):
                return found
        raise going_on(url)


@contextmanager
def running(*arguments: str) -> Iterator[Server]:
    """Run a server in a process of its own for the length of a block; `arguments` are options of the command.

    The process ends with this one, whatever ends it. Raises ServerError, with what it said, when it does not start.
    """
    if port_of(arguments):
        raise ServerError("--port is not for running(), whose server has a free port; leave it out")
    settings = settings_of(arguments)
    with _started(arguments) as process, Server(process.url, settings, process=process).apart() as server:
        yield server


@contextmanager
def shared(arguments: Sequence[str], url: str | None = None) -> Iterator[Server]:
    """Give the server of a whole test run, which cannot be stopped: that at a URL, or one that is started here.

    Raises ServerError, with what it said, when it does not start.
    """
    settings = settings_of(arguments)
    with ExitStack() as stack:
        process = None if url else stack.enter_context(_started(arguments))
        server = Server(process.url if process else url or "", settings, process=process, shared=True)
        server.begin()
        yield server


@contextmanager
def _started(arguments: Sequence[str]) -> Iterator[ServerProcess]:
    process = ServerProcess(arguments)
    try:
        process.start()
        # When the process is dead, its clients shall be refused rather than wait.
        process.socket.close()
        yield process
    finally:
        process.stop()


def settings_of(arguments: Sequence[str]) -> Settings:
    """Return what a server with these options makes of URLs. Raises ServerError when they are wrong."""
    if not arguments:
        return Settings()  # without importing Twisted
    from fakefiles.daemon.tap import FixtureOptions

    options = FixtureOptions()
    try:
        options.parseOptions(arguments)
    except SystemExit as error:
        raise ServerError(str(error)) from None
    return options.settings


def listen(reactor: Any, **site_keywords: Any) -> Deferred[InReactorServer]:
    """Return, when it listens, a server in this reactor; the keywords are those of fakefiles.site()."""
    from fakefiles.testing import in_reactor

    return in_reactor.listen(reactor, **site_keywords)
