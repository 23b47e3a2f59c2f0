"""The server in the reactor of a test: its fixture, its assertions, and that it leaves nothing behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
import treq
from twisted.internet import error
from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.error import ConnectionRefusedError as RefusedError
from twisted.internet.protocol import Protocol

from fakefiles.files.errors import RequestError
from fakefiles.testing.in_reactor import InReactorServer
from fakefiles.testing.process import ServerError
from fakefiles.testing.server import listen
from fakefiles.transfer.record import End, JournalError
from processes import PATIENCE

# Its type is that of a module.
reactor: Any = installed_reactor


class Client(Protocol):
    """A connection that asks for what it is told; what comes back is in `received`, `lost` fires when it is over."""

    def __init__(self) -> None:
        self.received = b""
        self.lost: Deferred[None] = Deferred()
        self.some: Deferred[None] = Deferred()

    def ask(self, url: str) -> None:
        target = url.split("/", 3)[3]
        assert self.transport
        self.transport.write(f"GET /{target} HTTP/1.1\r\nHost: test\r\n\r\n".encode())

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        if not self.some.called:
            self.some.callback(None)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: ARG002  whatever the reason
        self.lost.callback(None)


async def connected(server: InReactorServer) -> Client:
    """Return a connection to a server."""
    endpoint = TCP4ClientEndpoint(reactor, server.host, server.port)
    client: Client = await connectProtocol(endpoint, Client())
    return client


@pytest_twisted.ensureDeferred
async def test_download(fakefiles_in_reactor: InReactorServer) -> None:
    """A download through treq, and the assertions about it."""
    url = fakefiles_in_reactor.url_for("3m", name="a.iso", content="ruler")
    response = await treq.get(url, persistent=False)
    assert len(await response.content()) == 3 * 2**20
    fakefiles_in_reactor.assert_complete(url)
    fakefiles_in_reactor.assert_no_refetch(url)
    fakefiles_in_reactor.assert_ranges(url, [(0, 3 * 2**20)])
    assert (fakefiles_in_reactor.max_parallel(), fakefiles_in_reactor.connections()) == (1, 1)
    with pytest.raises(AssertionError, match="no request went on at byte 7"):
        fakefiles_in_reactor.assert_resumed_at(url, 7)
    fakefiles_in_reactor.clear()
    assert fakefiles_in_reactor.requests == []


@pytest_twisted.ensureDeferred
async def test_credentials(fakefiles_in_reactor: InReactorServer) -> None:
    """A test sees what its client logs in with, in Python and in the journal's page, unless it wants it otherwise."""
    url = fakefiles_in_reactor.url_for(5)
    await treq.content(await treq.get(url, auth=("me", "x"), persistent=False))
    assert fakefiles_in_reactor.requests[0].headers["Authorization"] == "Basic bWU6eA=="
    page = await treq.get(f"{fakefiles_in_reactor.url}-/journal", persistent=False)
    assert (await page.json())["records"][0]["headers"]["authorization"] == "Basic bWU6eA=="
    hiding = await listen(reactor, credentials=False)
    assert not hiding.site.resource.settings.credentials
    await hiding.stop()


@pytest_twisted.ensureDeferred
async def test_transfer_in_mid_air(fakefiles_in_reactor: InReactorServer) -> None:
    """Assertions refuse to judge a live transfer; stop() resets it, and closes all connections."""
    server = fakefiles_in_reactor
    url = server.url_for("1t")
    transfer, idle, deaf = [await connected(server) for _ in range(3)]
    transfer.ask(url)
    idle.ask(server.url_for(5))
    deaf.ask(server.url_for("1g"))
    assert deaf.transport
    deaf.transport.pauseProducing()  # type: ignore[attr-defined]  # it is a transport that can
    await transfer.some
    await idle.some
    with pytest.raises(JournalError, match="still goes on"):
        server.assert_no_refetch(url)
    big, *_ = await server.wait_for(lambda requests: requests[0].body_sent > 2**20)
    assert big.url == "/1t"
    await server.stop()
    assert not server.site.connections
    assert transfer.lost.called
    assert idle.lost.called
    assert idle.received.endswith(b"\r\n\r\n11111")
    assert big.end is End.SERVER_STOPPED
    deaf.transport.abortConnection()  # type: ignore[attr-defined]  # paused, it has not heard of the end
    await deaf.lost
    await server.stop()
    with pytest.raises(RefusedError):
        await connected(server)
    for use in (
        lambda: server.requests,
        lambda: server.url_for(1),
        server.clear,
        lambda: server.wait_for(bool),
        server.drop_all,
        server.change,
    ):
        with pytest.raises(ServerError, match="has been stopped"):
            use()


@pytest_twisted.ensureDeferred
async def test_waiting(fakefiles_in_reactor: InReactorServer) -> None:
    """wait_for() ends when the predicate is true, when it raises, after its timeout, or when the server stops."""
    server = fakefiles_in_reactor
    with pytest.raises(AssertionError, match=r"not so within 0.01 s:\nno requests"):
        await server.wait_for(bool, timeout=0.01)
    with pytest.raises(ZeroDivisionError):
        await server.wait_for(lambda requests: 1 / len(requests))
    waiting = server.wait_for(lambda requests: len(requests) == 2)
    for size in (1, 2):
        await treq.get(server.url_for(size), persistent=False)
    assert [request.path for request in await waiting] == ["/1", "/2"]
    waiting = server.wait_for(lambda requests: len(requests) == 3)
    await server.stop()
    with pytest.raises(ServerError, match="stopped while this was waited for"):
        await waiting
    assert server.site.journal.listening == 0


@pytest_twisted.ensureDeferred
async def test_hold_and_drop(fakefiles_in_reactor: InReactorServer) -> None:
    """A held transfer goes on when it is released; live transfers can be reset."""
    server = fakefiles_in_reactor
    response = await treq.get(server.url_for("2m", hold="1m"), persistent=False)
    held = response.content()
    (request,) = await server.wait_for(lambda requests: requests and requests[0].body_sent == 2**20)
    assert not held.called
    request.release()
    assert len(await held) == 2 * 2**20
    with pytest.raises(JournalError, match="no transfer of this request is under way"):
        request.release()
    client = await connected(server)
    client.ask(server.url_for("1t"))
    await client.some
    server.drop_all()
    await client.lost
    assert server.requests[-1].end is End.FAULT


@pytest_twisted.ensureDeferred
async def test_change(fakefiles_in_reactor: InReactorServer) -> None:
    """Files change when the test says so: one, or all."""
    server = fakefiles_in_reactor
    urls = [server.url_for(1, name, change="call") for name in ("a", "b")]

    async def editions() -> list[bytes]:
        return [await (await treq.get(url, persistent=False)).content() for url in urls]

    assert await editions() == [b"1", b"1"]
    server.change(urls[0])
    assert await editions() == [b"2", b"1"]
    server.change()
    assert await editions() == [b"2", b"2"]
    assert [request.edition for request in server.requests] == [1, 1, 2, 1, 2, 2]
    with pytest.raises(ValueError, match="the file of this URL does not change"):
        server.change(server.url_for(1))


@pytest_twisted.ensureDeferred
async def test_keywords() -> None:
    """The keywords are those of site(), also for the check of URLs; wrong ones fail."""
    server = await listen(reactor, max_size=10, journal=0)
    with pytest.raises(RequestError, match="largest size here is 10 bytes"):
        server.url_for(11)
    with pytest.raises(JournalError, match="start it without journal=0"):
        server.requests  # noqa: B018  the access is the test
    await server.stop()
    with pytest.raises(RequestError, match="content is one of"):
        await listen(reactor, content="nothing")


@pytest_twisted.ensureDeferred
async def test_client_that_does_not_read_the_end() -> None:
    """A connection whose last answer is not read is closed all the same."""
    server = await listen(reactor)
    client = await connected(server)
    assert client.transport
    client.transport.pauseProducing()  # type: ignore[attr-defined]  # it is a transport that can
    for _ in range(3):
        client.ask(server.url_for("4m", framing="chunked"))
    await server.wait_for(lambda requests: requests and requests[0].body_sent)
    for connection in server.site.connections:
        connection.answering = False  # as if all were in the transport's buffer
    await server.stop()
    client.transport.abortConnection()  # type: ignore[attr-defined]  # paused, it has not heard of the end
    await client.lost


TRIAL = """
import treq
from twisted.internet import reactor
from twisted.internet.defer import inlineCallbacks
from twisted.trial.unittest import TestCase

import fakefiles.testing.server


class DownloadTest(TestCase):
    @inlineCallbacks
    def setUp(self):
        self.server = yield fakefiles.testing.listen(reactor)
        self.addCleanup(self.server.stop)

    @inlineCallbacks
    def test_whole(self):
        url = self.server.url_for("2m")
        response = yield treq.get(url, persistent=False)
        self.assertEqual(len((yield response.content())), 2 * 2**20)
        self.server.assert_complete(url)

    @inlineCallbacks
    def test_in_mid_air(self):
        response = yield treq.get(self.server.url_for("1t"), persistent=False, unbuffered=True)
        response.collect(lambda data: None).addErrback(lambda _: None)
        yield self.server.wait_for(lambda requests: requests[0].body_sent > 2**20)

    @inlineCallbacks
    def test_that_does_not_read(self):
        yield treq.get(self.server.url_for("1t"), persistent=False, unbuffered=True)

    def test_that_waits(self):
        self.server.wait_for(bool).addErrback(lambda _: None)
"""


def test_trial(tmp_path: Path) -> None:
    """Trial finds its reactor clean after each test, also after those that leave in the middle of a transfer."""
    (tmp_path / "test_trial.py").write_text(TRIAL)
    result = subprocess.run(
        [sys.executable, "-m", "twisted.trial", "test_trial"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        timeout=PATIENCE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"Ran 4 tests .*\n\nPASSED \(successes=4\)", result.stdout, re.DOTALL), result.stdout


@pytest_twisted.ensureDeferred
async def test_refuse_and_accept(fakefiles_in_reactor: InReactorServer) -> None:
    """Connections are refused, and let in again on the same port; a transfer under way goes on."""
    server = fakefiles_in_reactor
    client = await connected(server)
    client.ask(server.url_for("1t"))
    await client.some
    for _ in range(2):
        await server.refuse()
        with pytest.raises(error.ConnectionRefusedError):
            await connected(server)
    for _ in range(2):
        server.accept()
        again = await connected(server)
        assert again.transport
        again.transport.loseConnection()
        await again.lost
    assert not client.lost.called
    await server.refuse()
    await server.stop()
    await client.lost
    with pytest.raises(ServerError, match="has been stopped"):
        server.accept()
