"""span_pump.py, plain_socket.py, aborting.py: on real sockets, nobody can tell the direct way from the ordinary one."""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.task import Clock
from twisted.protocols.policies import ThrottlingFactory, WrappingFactory
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import Site
from zope.interface import implementer

import fakefiles
import fakefiles.serving.aborting
import fakefiles.serving.sending
from doubles import FailingContent, FakeOutlet, FakeTransport, turns
from fakefiles.files.content import Content, Tile
from fakefiles.files.kinds import find_content
from fakefiles.http.record import Record
from fakefiles.serving.pump import Pump
from fakefiles.serving.span_pump import SpanPump
from fakefiles.serving.ticks import Ticks
from fakefiles.serving.turns import Turns
from fakefiles.testing.view import requests_in
from fakefiles.transfer.record import End
from fakefiles.transfer.span import Span
from loops import REACTORS, Client, Loop

MIB = 1 << 20
# A URL that is sent past the transport where possible, and one for the same body in the ordinary way.
SIZE = 3 * MIB + 1
ORDINARY = "chunk_size=131071"
ODD = Tile("odd", bytes(range(251)) * 31)


class CountedContent:
    """Content that knows how often it was read."""

    identity = "counted"

    def __init__(self) -> None:
        self.reads = 0

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes that depend on their offset."""
        self.reads += 1
        return ODD.read(offset, length)


@implementer(IOpenSSLServerConnectionCreator)
class Creator:
    """Makes the TLS connections of a server called localhost."""

    def __init__(self, authority: trustme.CA) -> None:
        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)
        with authority.issue_cert("localhost").private_key_and_cert_chain_pem.tempfile() as path:
            self._context.use_certificate_chain_file(path)
            self._context.use_privatekey_file(path)

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:  # noqa: ARG002  Twisted's signature
        return SSL.Connection(self._context, None)


class Place:
    """A site on a loop, and the way in which it sends."""

    def __init__(self, loop: Loop, way: str, authority: trustme.CA | None = None) -> None:
        self.loop = loop
        self.way = way
        self.counted = CountedContent()
        self.contents: dict[str, Content] = {"odd": ODD, "counted": self.counted, "failing": FailingContent(2 * MIB)}
        self.contents["short"] = FailingContent(2 * MIB, short=True)
        self.site = fakefiles.site(contents=self.contents, access_log=True, reactor=loop.reactor)
        self.context: ssl.SSLContext | None = None
        factory: Any = self.site
        if way == "tls":
            assert authority
            self.context = ssl.create_default_context()
            authority.configure_trust(self.context)
            factory = TLSMemoryBIOFactory(Creator(authority), False, self.site, loop.reactor)  # noqa: FBT003
        self.port = loop.listen(factory)

    def connect(self, buffer: int | None = None) -> Client:
        """Return a client."""
        client = self.loop.connect(self.port, buffer=buffer, context=self.context)
        return client.shake_hands() if self.context else client

    def target(self, size: int | str = SIZE, query: str = "") -> str:
        """Return a URL whose answer goes this way."""
        return f"/{size}?{ORDINARY if self.way == 'ordinary' else 'chunk_size=131072'}{query}"

    def records(self) -> list[Record]:
        """Return the journal."""
        return requests_in(self.site.journal.records())

    def sending(self, client: Client, query: str = "") -> Record:
        """Begin a transfer that has no end, and return its record when the client has the first bytes of it."""
        client.send(f"GET {self.target('1t', query)} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        client.unread = client.receive(1000)
        assert client.unread.startswith(b"HTTP/1.1 200 OK")
        record = self.records()[-1]
        self.loop.until(lambda: record.body_sent > 0)
        return record


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return a certificate authority for this run."""
    return trustme.CA()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Return a loop on the reactor that Twisted takes by itself on Linux."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(params=REACTORS)
def any_loop(request: pytest.FixtureRequest) -> Iterator[Loop]:
    """Return a loop on each kind of reactor."""
    loop = Loop(request.param)
    yield loop
    loop.close()


@pytest.fixture(params=["direct", "ordinary", "tls"])
def place(request: pytest.FixtureRequest, loop: Loop, authority: trustme.CA) -> Place:
    """Return a site that sends in each of the ways."""
    return Place(loop, request.param, authority)


@pytest.fixture(params=["direct", "ordinary"])
def plain_place(request: pytest.FixtureRequest, loop: Loop) -> Place:
    """Return a site that sends in each of the ways without TLS."""
    return Place(loop, request.param)


@pytest.fixture
def producers(monkeypatch: pytest.MonkeyPatch) -> list[Pump | SpanPump]:
    """Return the list to which all new producers, of both kinds, are added."""
    made: list[Pump | SpanPump] = []

    def watched(kind: type[Pump | SpanPump]) -> Any:
        def make(*args: Any) -> Pump | SpanPump:
            made.append(kind(*args))
            return made[-1]

        return make

    monkeypatch.setattr(fakefiles.serving.sending, "SpanPump", watched(SpanPump))
    monkeypatch.setattr(fakefiles.serving.sending, "Pump", watched(Pump))
    return made


def lengths_in(lines: list[str]) -> list[str]:
    """Return the lengths in the lines of the access log."""
    return [line.split('"')[4].split()[1] for line in lines]


def descriptors() -> int:
    """Return how many file descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("content", ["ones", "zeros", "ruler", "random", "odd", "counted"])
def test_the_same_bytes(place: Place, content: str, producers: list[Pump | SpanPump], logged_lines: list[str]) -> None:
    """Whole files and ranges, byte for byte, one after the other on one connection; the counts are exact."""
    client, target = place.connect(), place.target(query=f"&content={content}")
    expected = find_content(content, None, place.contents).read(0, SIZE)
    ranges = {
        "": (0, SIZE),
        "bytes=1000001-2999998": (1_000_001, 2_999_999),
        "bytes=-2000003": (SIZE - 2_000_003, SIZE),
    }
    for asked, (start, stop) in ranges.items():
        response = client.get(target, *([f"Range: {asked}"] if asked else []))
        assert response.body == expected[start:stop]
        record = place.records()[-1]
        place.loop.until(lambda record=record: record.end is End.COMPLETE)  # type: ignore[misc]
        assert (record.sent, record.body_sent) == ([(start, stop)], stop - start)
        assert client.get(target, method="HEAD").headers["content-length"] == str(SIZE)
        assert client.get("/5").body == b"11111"
    lengths = [str(stop - start) for start, stop in ranges.values()]
    assert lengths_in(logged_lines) == [lengths[0], "-", "5", lengths[1], "-", "5", lengths[2], "-", "5"]
    assert [isinstance(producer, SpanPump) for producer in producers] == [place.way == "direct"] * 3


def test_endless_offsets(plain_place: Place) -> None:
    """The last bytes of the largest file come as well."""
    size = 2**63 - 1
    response = plain_place.connect().get(plain_place.target(size, "&content=ruler"), f"Range: bytes=-{2 * MIB}")
    assert response.body == find_content("ruler", None, {}).read(size - 2 * MIB, 2 * MIB)


def test_pipelined(place: Place) -> None:
    """What was asked behind a large answer comes after it, in order, large and small."""
    client = place.connect()
    targets = [place.target(), "/7", place.target(query="&content=zeros"), "/abc", place.target(), "/8"]
    client.send("".join(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n" for target in targets).encode())
    responses = [client.response() for _ in targets]
    assert [response.status for response in responses] == [200, 200, 200, 404, 200, 200]
    assert [len(response.body) for response in responses if response.status == 200] == [SIZE, 7, SIZE, SIZE, 8]
    assert responses[2].body == bytes(SIZE)


def test_close(place: Place, logged_lines: list[str]) -> None:
    """A body that ends with the connection arrives complete; so does the last one of a connection."""
    for query, header in (("&framing=close", ""), ("", "Connection: close\r\n")):
        client = place.connect()
        client.send(f"GET {place.target(query=query)} HTTP/1.1\r\nHost: a\r\n{header}\r\n".encode())
        assert client.read_until_closed().partition(b"\r\n\r\n")[2] == b"1" * SIZE
    assert lengths_in(logged_lines) == [str(SIZE)] * 2


@pytest.mark.parametrize("reset", [False, True])
def test_client_leaves(place: Place, logged_lines: list[str], reset: bool) -> None:  # noqa: FBT001
    """A client that leaves ends its transfer, and nothing is left open; the record has exactly what was sent."""
    place.connect().leave(reset=True)  # what is opened only once is open now
    place.loop.until(lambda: not place.site.connections)
    before = descriptors()
    client = place.connect()
    record = place.sending(client)
    client.leave(reset=reset)
    place.loop.until(lambda: not place.site.connections)
    assert (record.end, place.site.live, place.loop.left()) == (End.CLIENT_LEFT, {}, [])
    assert lengths_in(logged_lines) == [str(record.body_sent)]
    assert record.sent == [(0, record.body_sent)]
    place.loop.turn(5)
    assert descriptors() == before


def test_client_that_does_not_read(place: Place) -> None:
    """No content is generated for a client that does not read; when it reads, it gets everything."""
    client = place.connect(buffer=1 << 15)
    record = place.sending(client, "&content=counted")
    place.loop.until_settled(lambda: record.body_sent)
    sent, reads = record.body_sent, place.counted.reads
    place.loop.turn(50)
    assert (record.body_sent, place.counted.reads) == (sent, reads)
    client.read(10 * MIB)
    assert record.body_sent >= 10 * MIB


def test_the_count_is_what_the_kernel_has(loop: Loop) -> None:
    """Past the transport, bytes recorded as sent have left the process: they arrive even if nothing more is sent."""
    place = Place(loop, "direct")
    client = place.connect(buffer=1 << 15)
    record = place.sending(client)
    loop.until_settled(lambda: record.body_sent)
    (connection,) = place.site.connections
    connection.transport.stopWriting()
    body = client.read_what_is_there().partition(b"\r\n\r\n")[2]
    assert len(body) == record.body_sent


def test_small_bites(place: Place) -> None:
    """A client that reads in small portions misses nothing."""
    client = place.connect(buffer=1 << 13)
    client.send(f"GET {place.target(SIZE, '&content=odd')} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    body = b""
    while len(body) < SIZE:
        client.unread += client.receive(60_000)
        body = client.unread.partition(b"\r\n\r\n")[2]
    assert body == ODD.read(0, SIZE)


@pytest.mark.parametrize("way", ["ordinary", "tls"])
def test_pause_and_resume(loop: Loop, way: str, authority: trustme.CA, producers: list[Pump | SpanPump]) -> None:
    """The producer can be paused and resumed any number of times."""
    place = Place(loop, way, authority)
    client = place.connect()
    client.send(f"GET {place.target()} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    place.loop.until(lambda: bool(producers))
    (producer,) = producers
    raw = b""
    for _ in range(3):
        producer.pauseProducing()
        producer.pauseProducing()
        record = place.records()[-1]
        sent = record.body_sent
        place.loop.turn(20)
        assert record.body_sent == sent
        producer.resumeProducing()
        producer.resumeProducing()
        raw += client.receive(100_000)
    client.unread = raw
    assert client.response().body == b"1" * SIZE
    producer.resumeProducing()
    assert client.get("/5").body == b"11111"


def test_paused_when_it_leaves(place: Place, producers: list[Pump | SpanPump]) -> None:
    """A transfer that is paused ends with its client, too, and cannot be resumed then."""
    client = place.connect()
    record = place.sending(client)
    producers[0].pauseProducing()
    client.leave(reset=True)
    place.loop.until(lambda: not place.site.connections)
    producers[0].resumeProducing()
    assert (record.end, place.loop.left()) == (End.CLIENT_LEFT, [])


@pytest.mark.parametrize("end", [End.SERVER_STOPPED, End.FAULT])
@pytest.mark.parametrize("framing", ["length", "close"])
def test_reset_by_the_server(place: Place, end: End, framing: str) -> None:
    """When the server stops, or drops it, the client is reset: it never takes a part for the whole."""
    client = place.connect()
    record = place.sending(client, f"&framing={framing}")
    if end is End.FAULT:
        place.site.drop_all()
    else:
        place.site.break_off()
    sent = record.body_sent
    client.read_until_reset()
    assert (record.end, record.body_sent, place.site.live, place.loop.left()) == (end, sent, {}, [])


@pytest.mark.parametrize("content", ["failing", "short"])
def test_content_that_fails(place: Place, content: str, logged_failures: list[Failure]) -> None:
    """The client gets the bytes before the fault, or fewer if the reset destroys some; never anything else."""
    client = place.connect()
    client.send(f"GET {place.target(query=f'&content={content}')} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    body = client.read_until_reset().partition(b"\r\n\r\n")[2]
    record = place.records()[-1]
    assert body == b"x" * len(body)
    assert len(body) <= record.body_sent <= 2 * MIB
    assert (record.end, place.loop.left()) == (End.FAULT, [])
    assert logged_failures.pop().check(ValueError if content == "short" else LookupError)


class FlakySocket:
    """A socket whose send() fails in some ways before it works."""

    def __init__(self, real: Any, errors: list[int]) -> None:
        self.real = real
        self.errors = errors

    def send(self, data: bytes) -> int:
        if self.errors:
            number = self.errors.pop(0)
            raise OSError(number, os.strerror(number))
        sent: int = self.real.send(data)
        return sent


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOBUFS])
def test_sockets_that_take_nothing(loop: Loop, number: int) -> None:
    """A socket that takes nothing after all is tried again."""
    place = Place(loop, "direct")
    client = place.connect()
    record = place.sending(client)
    (connection,) = place.site.connections
    errors = [number] * 3
    flaky = FlakySocket(connection.transport.getHandle(), errors)
    connection.transport.getHandle = lambda: flaky
    sent = record.body_sent
    client.read(30 * MIB)
    assert (errors, record.end) == ([], None)
    assert record.body_sent > sent


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ECONNRESET, errno.ETIMEDOUT])
def test_sockets_that_fail(loop: Loop, number: int) -> None:
    """A client counts as gone even if only a failed send() shows it."""
    place = Place(loop, "direct")
    client = place.connect()
    record = place.sending(client)
    (connection,) = place.site.connections
    flaky = FlakySocket(connection.transport.getHandle(), [number])
    connection.transport.getHandle = lambda: flaky
    client.read_until_reset()
    assert (record.end, loop.left()) == (End.CLIENT_LEFT, [])


class TestElsewhere:
    """Where the connection is not one of ours."""

    def foreign_site(self, loop: Loop) -> tuple[fakefiles.FakeFiles, int]:
        """Return files in somebody else's Site, at /files, and its port."""
        root, files = Resource(), fakefiles.FakeFiles(contents={"odd": ODD}, reactor=loop.reactor)
        root.putChild(b"files", files)
        return files, loop.listen(Site(root, reactor=loop.reactor))

    @pytest.mark.parametrize("query", ["content=odd", f"content=odd&{ORDINARY}"])
    def test_in_a_foreign_site(self, loop: Loop, producers: list[Pump | SpanPump], query: str) -> None:
        """Also pipelined on a connection that is blocked, which Twisted's own channel answers at once."""
        files, port = self.foreign_site(loop)
        client = loop.connect(port, buffer=1 << 15)
        targets = [f"/files/{SIZE}?{query}", "/files/9"] * 5
        client.send("".join(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n" for target in targets).encode())
        loop.turn(20)
        for _ in range(5):
            assert client.response().body == ODD.read(0, SIZE)
            assert client.response().body == b"1" * 9
        loop.until(lambda: not files.live)
        assert [record.body_sent for record in files.journal.records()] == [SIZE, 9] * 5
        assert {isinstance(producer, SpanPump) for producer in producers} == {ORDINARY not in query}

    def test_client_leaves_a_foreign_site(self, loop: Loop) -> None:
        """There, too, nothing is left open."""
        files, port = self.foreign_site(loop)
        client = loop.connect(port)
        client.send(b"GET /files/1t HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
        client.receive(1000)
        client.leave(reset=True)
        loop.until(lambda: not files.live)
        assert [record.end for record in files.journal.records()] == [End.CLIENT_LEFT]
        assert loop.left() == []

    def test_wrapped(self, loop: Loop, producers: list[Pump | SpanPump]) -> None:
        """A protocol between the channel and the socket sees all that is sent."""

        class Throttling(ThrottlingFactory):
            def callLater(self, *args: Any, **kwargs: Any) -> Any:
                return loop.reactor.callLater(*args, **kwargs)

        for wrap in (WrappingFactory, Throttling):
            site = fakefiles.site(reactor=loop.reactor)
            client = loop.connect(loop.listen(wrap(site)))
            assert client.get(f"/{SIZE}").body == b"1" * SIZE
            assert not isinstance(producers[-1], SpanPump)
            client.leave()
            loop.until(lambda site=site: not site.connections)  # type: ignore[misc]

    def test_unix_socket(self, loop: Loop, tmp_path: Path, producers: list[Pump | SpanPump]) -> None:
        """A UNIX socket works in the same way, also with a client that does not read, or leaves."""
        site = fakefiles.site(contents={"odd": ODD}, reactor=loop.reactor)
        path = str(tmp_path / "socket")
        loop.listen_unix(path, site)
        client = loop.connect(path)
        assert client.get(f"/{SIZE}?content=odd").body == ODD.read(0, SIZE)
        assert client.get("/5").body == b"11111"
        assert isinstance(producers[0], SpanPump)
        client.send(b"GET /1t HTTP/1.1\r\nHost: a\r\n\r\n")
        loop.until(lambda: len(site.journal.records()) == 3)
        record = site.journal.records()[-1]
        loop.until_settled(lambda: record.body_sent)
        client.leave()
        loop.until(lambda: not site.connections)
        assert (record.end, record.client, loop.left()) == (End.CLIENT_LEFT, "", [])


class TestReactors:
    """Each kind of reactor."""

    def test_bodies(self, any_loop: Loop, producers: list[Pump | SpanPump]) -> None:
        """Large and small answers come, pipelined too."""
        place = Place(any_loop, "direct")
        client = place.connect()
        client.send(f"GET {place.target(query='&content=odd')} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 3)
        assert [client.response().body for _ in range(3)] == [ODD.read(0, SIZE)] * 3
        assert client.get("/5").body == b"11111"
        assert all(isinstance(producer, SpanPump) for producer in producers)

    @pytest.mark.parametrize("reset", [False, True])
    @pytest.mark.parametrize("reads", [False, True])
    def test_client_leaves(self, any_loop: Loop, reset: bool, reads: bool) -> None:  # noqa: FBT001
        """It is noticed, whether the client has read or not, and nothing is left."""
        place = Place(any_loop, "direct")
        client = place.connect()
        record = place.sending(client, "&content=counted")
        if not reads:
            any_loop.until_settled(lambda: record.body_sent)
            reads_so_far = place.counted.reads
            any_loop.turn(20)
            assert place.counted.reads == reads_so_far
        client.leave(reset=reset)
        any_loop.until(lambda: not place.site.connections)
        assert (record.end, any_loop.left()) == (End.CLIENT_LEFT, [])

    def test_client_that_is_not_read_leaves(self, any_loop: Loop) -> None:
        """If a client has pipelined more than the server reads, only a failed send() shows that it left."""
        place = Place(any_loop, "direct")
        client = place.connect()
        record = place.sending(client)
        client.send(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n" * 1000)
        any_loop.until_settled(lambda: record.body_sent)
        client.leave()
        any_loop.until(lambda: not place.site.connections)
        assert (record.end, any_loop.left()) == (End.CLIENT_LEFT, [])

    def test_reset_by_the_server(self, any_loop: Loop) -> None:
        """It is a reset with all of them."""
        place = Place(any_loop, "direct")
        client = place.connect()
        place.sending(client)
        place.site.break_off()
        client.read_until_reset()
        assert any_loop.left() == []


class TestEnding:
    """aborting.py: a connection that is broken on purpose, and a client that takes its time."""

    @pytest.mark.parametrize("fault", ["reset", "close"])
    def test_all_that_comes_before(self, place: Place, fault: str) -> None:
        """A client that reads slowly gets exactly what comes before the fault, and then the fault."""
        client = place.connect(buffer=1 << 13)
        client.send(f"GET /3m?content=odd&{fault}=2m HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        place.loop.until_settled(lambda: [record.body_sent for record in place.records()])
        place.loop.turn(10, seconds=0.02)  # longer than it looks whether all is sent
        client.unread = client.receive(1000)
        received = client.read_until_reset() if fault == "reset" else client.read_until_closed()
        assert received.partition(b"\r\n\r\n")[2] == ODD.read(0, 2 * MIB)
        (record,) = place.records()
        assert (record.end, record.sent, record.faults) == (End.FAULT, [(0, 2 * MIB)], [f"{fault}@{2 * MIB}"])
        client.leave()
        place.loop.until(lambda: not place.site.connections)
        assert place.loop.left() == []

    @pytest.mark.parametrize("reset", [False, True])
    def test_client_leaves_before_the_reset(self, place: Place, reset: bool) -> None:  # noqa: FBT001
        """A client that leaves without reading everything is not waited for."""
        client = place.connect(buffer=1 << 13)
        client.send(b"GET /3m?reset=100k HTTP/1.1\r\nHost: a\r\n\r\n")
        place.loop.until(lambda: bool(place.records()) and place.records()[0].end is End.FAULT)
        place.loop.turn(10, seconds=0.02)
        assert place.site.connections
        client.leave(reset=reset)
        place.loop.until(lambda: not place.site.connections)
        assert place.loop.left() == []

    def test_without_a_socket(self) -> None:
        """A transport without a socket is reset at once; there is nothing to give up."""
        calls: list[str] = []
        fakefiles.serving.aborting.reset_when_sent(FakeTransport(calls), Ticks(Clock()))()
        assert calls == ["abort"]

    def test_where_nothing_tells_what_is_unsent(self, loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the system cannot tell what is unsent, the reset comes after a delay."""

        def not_supported(*_: object) -> None:
            raise OSError(errno.ENOTTY, "no such request")

        monkeypatch.setattr(fakefiles.serving.aborting, "ioctl", not_supported)
        client = Place(loop, "direct").connect()
        client.send(b"GET /3m?reset=100k HTTP/1.1\r\nHost: a\r\n\r\n")
        client.read_until_reset()
        assert loop.left() == []

    def test_on_a_unix_socket(self, loop: Loop, tmp_path: Path) -> None:
        """There is no reset there: to its client it is an end, when it has read all."""
        path = str(tmp_path / "socket")
        loop.listen_unix(path, fakefiles.site(reactor=loop.reactor))
        client = loop.connect(path)
        client.send(b"GET /3m?reset=1m HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.read_until_closed().partition(b"\r\n\r\n")[2] == b"1" * MIB


class TestAlone:
    """A SpanPump between doubles."""

    def test_paused_in_the_queue(self) -> None:
        """A pump that is paused while it waits for its turn leaves the queue, and joins it again when it is resumed."""
        clock, told = Clock(), list[object]()
        outlet: Any = FakeOutlet()
        outlet.send = len  # takes all
        observer: Any = SimpleNamespace(progress=lambda amount, _: told.append(amount), ended=told.append)
        pump = SpanPump(outlet, ODD, Span(0, 10), Turns(Ticks(clock)), observer)
        pump.start()
        pump.resumeProducing()
        pump.pauseProducing()
        assert clock.getDelayedCalls() == []
        pump.resumeProducing()
        turns(clock, 5)
        assert told == [10, End.COMPLETE]
