"""A server for tests. It ends with the test run, whatever happens, and knows how clients have used it.

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
from fakefiles.testing.journal_client import JournalClient
from fakefiles.testing.of_file import of_file
from fakefiles.testing.process import HOST, ServerError, ServerProcess, port_of
from fakefiles.testing.view import PROGRESS_INTERVAL, Reading, View, going_on, not_so, requests_in, stopped
from fakefiles.transfer.record import JournalError, TransferRecord
from fakefiles.urls.settings import Settings

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from fakefiles.testing.in_reactor import InReactorServer

__all__ = ["JournalError", "Server", "ServerError", "listen", "running"]

# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True

# Seconds that an assertion waits for transfers to end: the server notices the end of a client a moment later.
_SETTLE_PATIENCE = 10.0
# The most seconds of one long poll.
_LONGEST_POLL = 20.0


class Server(View):
    """A server in another process, and the requests to it since this view began.

    `process` is that process, or None if another process started it. `shared`: the server is for the whole test run,
    and stop() raises. `door`: the number of a port for this view only, so that it can refuse connections. `client`
    talks to the server; by default it is one for `url`.
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
        """Wait until the server has started, if it is starting. Raises ServerError, with the reason, if it is gone."""
        self._check()
        with self._explained():
            self._client.check()

    @contextmanager
    def apart(self, tag: str = "") -> Iterator[Server]:
        """Yield a view that begins now and has a port of its own, which is closed after the block.

        With a tag, the URLs of the view have that tag, and it sees only requests with it. Raises ServerError if the
        server does not answer.
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
            with suppress(ServerError):  # the block may have stopped the server, and so closed the port
                self._client.close_port(port)

    def begin(self) -> None:
        """Begin the view now. Without a journal, only check that the server is there: only its methods need one."""
        try:
            self.clear()
        except JournalError:
            self.check()

    def wait_for(self, predicate: Callable[[list[Record]], object], timeout: float = 10.0) -> list[Record]:
        """Wait until the predicate is true for the list of requests; return that list.

        It is called again whenever a request, or a peer, has changed.

        Raises AssertionError, with a drawing of what was sent, after `timeout` seconds.
        """
        records: list[TransferRecord] = []
        for records in self._watch(timeout):
            requests = requests_in(records)
            if predicate(requests):
                return requests
        raise not_so(records, timeout)

    def refuse(self) -> None:
        """Refuse connections until accept() is called; transfers under way go on.

        Raises ServerError if the view has no port of its own: other tests would be refused, too.
        """
        door = self._own_port()
        with self._explained():
            self._client.refuse(door)

    def accept(self) -> None:
        """Accept connections again, on the same port."""
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
        """Reset the connections on which the server is sending an answer to a request of this view."""
        self._check()
        with self._explained():
            self._client.drop(self.tag)

    def change(self, url: str | None = None) -> None:
        """Change a file whose URL has change=: from now on, the URL denotes version 2. None: all files of this view.

        Answers under way go on with the version with which they began. Raises ValueError if the file cannot change.
        """
        wanted = self._to_change(url)
        with self._explained():
            self._client.change(wanted)

    def stop(self) -> None:
        """Stop the server, and wait until its process is gone. Raises ServerError if the whole test run shares it."""
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
        """Replace the text of a ServerError in the block by the reason why the process is dead, if it is."""
        try:
            yield
        except ServerError as error:
            raise ServerError((self._process and self._process.obituary()) or str(error)) from None

    def _read(self, since: int = 0, wait: float = 0) -> Reading:
        self._check()
        with self._explained():
            return self._client.read(self.tag, since, wait)

    def _watch(self, timeout: float) -> Iterator[list[TransferRecord]]:
        """Yield the requests now, and again whenever they have changed, for `timeout` seconds."""
        deadline = time.monotonic() + timeout
        reading = self._read()
        requests = {request.number: request for request in self._since_start(reading)}
        while True:
            yield list(requests.values())
            left = deadline - time.monotonic()
            if left <= 0:
                return
            # A long poll ends when a record changes, but progress of the bytes alone is no change. So while transfers
            # go on, poll often, and read their records again, from the version before the oldest one.
            live = [request.version for request in requests.values() if request.live]
            reading = self._read(reading.version, min(left, PROGRESS_INTERVAL if live else _LONGEST_POLL))
            if live:
                reading = self._read(min(live) - 1)
            requests |= {request.number: request for request in self._since_start(reading)}

    def _settled(self, url: str) -> list[TransferRecord]:
        for requests in self._watch(_SETTLE_PATIENCE):
            found = of_file(requests, url, self._settings)
            if not any(request.live for request in found):
                return found
        raise going_on(url)


@contextmanager
def running(*arguments: str) -> Iterator[Server]:
    """Run a server in a process of its own, and stop it after the block. `arguments` are options of `fakefiles`.

    The server also ends when this process does, even if it is killed. Raises ServerError, with the stderr of the
    server, if it does not start.
    """
    if port_of(arguments):
        raise ServerError("--port is not for running(), whose server has a free port; leave it out")
    settings = settings_of(arguments)
    with _started(arguments) as process, Server(process.url, settings, process=process).apart() as server:
        yield server


@contextmanager
def shared(arguments: Sequence[str], url: str | None = None) -> Iterator[Server]:
    """Yield the server of a whole test run: the one at `url`, or without it a new one, which ends after the block.

    Raises ServerError, with the stderr of the server, if it does not start.
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
        # The process has its own copy of the socket. With this one open, clients would wait, and not be refused, after
        # the process has died.
        process.socket.close()
        yield process
    finally:
        process.stop()


def settings_of(arguments: Sequence[str]) -> Settings:
    """Return the settings of a server with these options. Raises ServerError if they are wrong."""
    if not arguments:
        return Settings()  # to import Twisted would take long
    from fakefiles.daemon.tap import FixtureOptions

    options = FixtureOptions()
    try:
        options.parseOptions(arguments)
    except SystemExit as error:
        raise ServerError(str(error)) from None
    return options.settings


def listen(reactor: Any, **site_keywords: Any) -> Deferred[InReactorServer]:
    """Return a Deferred of a server in this reactor, which listens then; the keywords are those of fakefiles.site()."""
    from fakefiles.testing import in_reactor

    return in_reactor.listen(reactor, **site_keywords)
