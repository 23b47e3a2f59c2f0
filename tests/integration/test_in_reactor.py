"""In the reactor of a test suite: listenTCP, treq as the client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_twisted
import treq
from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.server import Site

import fakefiles

# Its type is that of a module.
reactor: Any = installed_reactor


class Server:
    """A site in the reactor, and a client to it."""

    def __init__(self, site: Site) -> None:
        self.site: Any = site
        self.port = reactor.listenTCP(0, site, interface="127.0.0.1")
        self.url = f"http://127.0.0.1:{self.port.getHost().port}"
        self.pool = HTTPConnectionPool(reactor)
        self.agent = Agent(reactor, pool=self.pool)

    def get(self, target: str, **options: Any) -> Deferred[Any]:
        """Request a file."""
        request: Deferred[Any] = treq.request(
            options.pop("method", "GET"), self.url + target, agent=self.agent, unbuffered=True, **options
        )
        return request

    async def stop(self) -> None:
        """Stop both."""
        await self.pool.closeCachedConnections()
        await self.port.stopListening()


@pytest_twisted.async_yield_fixture
async def server() -> AsyncIterator[Server]:
    """Return a server in this reactor."""
    server = Server(fakefiles.site())
    yield server
    await server.stop()


@pytest_twisted.ensureDeferred
async def test_get(server: Server) -> None:
    """A file comes through treq."""
    response = await server.get("/300k/x.txt")
    assert response.code == 200
    assert response.headers.getRawHeaders("Content-Type") == ["text/plain"]
    assert await response.content() == b"1" * 307200


@pytest_twisted.ensureDeferred
async def test_many_at_once(server: Server) -> None:
    """Fifty transfers go on side by side in the one reactor."""
    responses = await gatherResults([server.get(f"/{size}k") for size in range(1000, 1050)])
    bodies = await gatherResults([response.content() for response in responses])
    assert [len(body) for body in bodies] == [size * 1024 for size in range(1000, 1050)]


@pytest_twisted.ensureDeferred
async def test_head_and_range(server: Server) -> None:
    """HEAD has the length, and a range of the file arrives."""
    head = await server.get("/1p", method="HEAD")
    assert head.headers.getRawHeaders("Content-Length") == [str(2**50)]
    part = await server.get("/1p", headers={"Range": f"bytes={2**50 - 5}-"})
    assert (part.code, await part.content()) == (206, b"11111")


@pytest_twisted.ensureDeferred
async def test_client_that_leaves(server: Server) -> None:
    """A client that leaves stops the transfer: nothing of it is left in the reactor."""
    response = await server.get("/1t")
    lost: Deferred[None] = Deferred()

    def leave(data: bytes) -> None:
        assert data
        response.original._transport.abortConnection()  # no public way to leave in the middle of a body

    response.collect(leave).addErrback(lambda _: lost.callback(None))
    await lost
    # The server notices it a bit later; then nothing is sent any more.
    for _ in range(1000):
        if not server.site.connections:
            break
        await deferLater(reactor, 0.01)
    assert not server.site.connections
    assert all("_produce" not in repr(call) for call in reactor.getDelayedCalls())


@pytest_twisted.ensureDeferred
async def test_slow_reader_among_fast_ones(server: Server) -> None:
    """A client that pauses delays nobody else, and gets all of its file when it goes on."""
    response = await server.get("/20m")
    response.original._transport.pauseProducing()  # no public way to stop reading
    assert len(await (await server.get("/5m")).content()) == 5 * 2**20
    collected: Deferred[bytes] = response.content()
    response.original._transport.resumeProducing()
    assert len(await collected) == 20 * 2**20
