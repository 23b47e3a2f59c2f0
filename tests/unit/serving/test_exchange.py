"""exchange.py: every kind of answer, every way to end, and its record in the journal."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers
from twisted.web.resource import Resource
from twisted.web.server import Site

import fakefiles
from doubles import AbortableTransport, Connection, FailingContent, ThreadedReactor, parse_response, turns
from fakefiles.http.record import Record
from fakefiles.testing.view import requests_in
from fakefiles.transfer.record import End
from fakefiles.transfer.span import Span

GET = b"GET %b HTTP/1.1\r\nHost: test\r\n\r\n"


@pytest.fixture
def client() -> Connection:
    """Return a connection to a site."""
    return Connection()


def only_record(connection: Connection) -> Record:
    """Return the record of the only request there was."""
    (record,) = requests_in(connection.site.journal.records())
    assert isinstance(record, Record)
    return record


def check(record: Record, **fields: Any) -> None:
    """Assert that fields of a record have these values."""
    assert {name: getattr(record, name) for name in fields} == fields


def leave(connection: Connection) -> None:
    """Let the client go."""
    connection.protocol.connectionLost(Failure(ConnectionError()))


WHOLE = {"end": End.COMPLETE, "faults": []}
FILE = {**WHOLE, "status": 200, "size": 10, "length": 10, "body_sent": 10, "given": [(0, 10)], "sent": [(0, 10)]}

COMPLETE: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("/10", {}, {**FILE, "framing": "length"}),
    ("/10?framing=chunked&chunk_size=3", {}, {**FILE, "framing": "chunked"}),
    ("/10?framing=close", {}, {**FILE, "framing": "close"}),
    ("/10?rate=1", {}, FILE),
    ("/10?drip=3", {}, FILE),
    ("/0", {}, {**WHOLE, "status": 200, "size": 0, "length": 0, "body_sent": 0, "given": [(0, 0)], "sent": []}),
    ("/9m", {}, {**WHOLE, "length": 9 << 20, "body_sent": 9 << 20, "sent": [(0, 9 << 20)]}),
    (
        "/9m",
        {"Range": "bytes=5-"},
        {"status": 206, "asked": "bytes=5-", "given": [(5, 9 << 20)], "sent": [(5, 9 << 20)], "size": 9 << 20},
    ),
    ("/9m", {"Range": "bytes=-7"}, {"given": [((9 << 20) - 7, 9 << 20)], "sent": [((9 << 20) - 7, 9 << 20)]}),
    ("/10", {"Range": "bytes=2-5"}, {**WHOLE, "status": 206, "given": [(2, 6)], "sent": [(2, 6)], "body_sent": 4}),
    (
        "/10",
        {"Range": "bytes=0-1,5-6,-1"},
        {**WHOLE, "status": 206, "given": [(0, 2), (5, 7), (9, 10)], "sent": [(0, 2), (5, 7), (9, 10)]},
    ),
    (
        "/9m",
        {"Range": "bytes=0-999999,5000000-6999999"},
        {**WHOLE, "given": [(0, 1_000_000), (5_000_000, 7_000_000)], "sent": [(0, 1_000_000), (5_000_000, 7_000_000)]},
    ),
    ("/10", {"Range": "lines=1-2"}, {**FILE, "asked": "lines=1-2"}),
    ("/10", {"Range": "bytes=10-"}, {**WHOLE, "status": 416, "given": [], "sent": [], "size": None}),
    ("/10", {"If-None-Match": '"ones-10"'}, {**WHOLE, "status": 304, "given": [], "sent": [], "length": 0}),
    ("/10", {"If-Match": '"other"'}, {**WHOLE, "status": 412, "given": [], "sent": []}),
    ("/abc", {}, {**WHOLE, "status": 404, "given": [], "sent": [], "size": None}),
    ("/10?bogus=1", {}, {**WHOLE, "status": 400, "given": [], "sent": []}),
    ("/", {}, {**WHOLE, "status": 200, "given": [], "sent": [], "size": None}),
    ("/10?status=503", {}, {"end": End.COMPLETE, "status": 503, "given": [], "faults": ["status=503"]}),
    ("/10?redirect=1", {}, {**WHOLE, "status": 302, "given": [], "sent": []}),
    ("/10?ranges=off", {"Range": "bytes=5-"}, {"status": 200, "given": [(0, 10)], "faults": ["ranges=off"]}),
    ("/10?etag=none", {}, {**FILE, "faults": ["etag=none"]}),
    ("/10?flip=4", {}, {**FILE, "faults": ["flip@4"]}),
    ("/10?flip=4", {"Range": "bytes=5-"}, {"sent": [(5, 10)], "faults": []}),
    ("/10?length=short:3", {}, {"end": End.COMPLETE, "length": 10, "body_sent": 10, "faults": ["length=short:3"]}),
    ("/10?stall=4:2", {}, {**FILE, "faults": ["stall@4"]}),
    ("/10?delay=2", {}, FILE),
    ("/10?reset=4", {"Range": "bytes=4-"}, {**WHOLE, "sent": [(4, 10)]}),
]


@pytest.mark.parametrize(("target", "headers", "fields"), COMPLETE, ids=str)
def test_complete(client: Connection, target: str, headers: dict[str, str], fields: dict[str, Any]) -> None:
    """The record of a complete answer has the spans that were promised, and those that were sent."""
    lines = [f"{name}: {value}" for name, value in headers.items()]
    request = "\r\n".join([f"GET {target} HTTP/1.1", "Host: test", *lines, "", ""])
    raw = client.send(request.encode())
    for _ in range(100):
        client.clock.advance(0.2)
    raw += client.read()
    record = only_record(client)
    check(record, **fields)
    assert record.end is End.COMPLETE
    assert not record.live
    assert client.site.live == {}
    body = raw.partition(b"\r\n\r\n")[2]
    if record.framing != "chunked":
        assert (len(body), record.length) == (record.body_sent, record.body_sent)
    assert record.first_byte is not None
    assert record.ended is not None
    assert record.started <= record.first_byte <= (record.last_byte or record.first_byte) <= record.ended
    assert (record.last_byte is None) is (body == b"")


@pytest.mark.parametrize("target", ["/10", "/9m", "/10?framing=chunked", "/abc", "/10?bogus"])
def test_head(client: Connection, target: str) -> None:
    """HEAD sends no byte of the body."""
    client.get(target, method="HEAD")
    record = only_record(client)
    check(record, method="HEAD", length=0, body_sent=0, sent=[], last_byte=None, end=End.COMPLETE)
    assert record.first_byte is not None


def test_what_was_asked(client: Connection) -> None:
    """A record has the client, the connection, the URL exactly as requested, and the headers, one for each name."""
    client.clock.advance(7)
    client.get("/10/a%20b?tag=t&x=%ff", "X-Two: 1", "x-two: 2", "Range: bytes=1-2")
    other = Connection(client.site, client.clock)
    other.get("/1")
    first, second = requests_in(client.site.journal.records())
    check(first, client="127.0.0.1:50000", connection=1, url="/10/a%20b?tag=t&x=%ff", path="/10/a%20b", tag="t")
    check(first, started=7.0, asked="bytes=1-2", headers={"host": "localhost", "x-two": "1, 2", "range": "bytes=1-2"})
    check(second, connection=2, tag="", asked=None, number=2)


@pytest.mark.parametrize(
    ("address", "told"),
    [(IPv6Address("TCP", "::1", 50000), "[::1]:50000"), (UNIXAddress(None), "")],
)
def test_client(address: Any, told: str) -> None:
    """An IPv6 address is in brackets, as in a URL; a UNIX socket has no address."""
    client = Connection(transport=AbortableTransport(peerAddress=address))
    client.get("/1")
    assert only_record(client).client == told


def test_a_record_keeps_no_connection(client: Connection) -> None:
    """A record that is kept for long keeps the headers alive, but not the request and its connection."""
    client.get("/1", "X: y")
    transport = weakref.ref(client.transport)
    leave(client)
    client.transport = client.protocol = None
    gc.collect()
    assert transport() is None
    assert only_record(client).headers["x"] == "y"


def test_in_another_site() -> None:
    """In a Site of another class, connections have no number; the rest of a record is complete."""
    clock, root = Clock(), Resource()
    files = fakefiles.FakeFiles(reactor=clock)
    root.putChild(b"files", files)
    client = Connection(Site(root, reactor=clock), clock)
    client.get("/files/300k")
    (record,) = requests_in(files.journal.records())
    check(record, connection=0, url="/files/300k", sent=[(0, 307200)], end=End.COMPLETE)
    assert files.live == {}


class TestBrokenOff:
    """Answers that break off."""

    def test_client_leaves(self, client: Connection) -> None:
        """If the client leaves, the record has what was sent until then; it may not have read all of it."""
        client.send(GET % b"/1t", most_turns=3)
        record = only_record(client)
        assert record.live
        client.clock.rightNow = 5.0
        leave(client)
        check(record, end=End.CLIENT_LEFT, ended=5.0, last_byte=0.0, sent=[(0, 3 << 17)], body_sent=3 << 17, faults=[])
        assert (client.site.live, record.live) == ({}, False)

    @pytest.mark.parametrize("target", [b"/10?delay=9", b"/10?hold=0", b"/10?stall=0", b"/10?rate=1"])
    def test_client_leaves_before_the_first_byte(self, client: Connection, target: bytes) -> None:
        """A client that leaves while nothing is sent has got nothing, and leaves no timer behind."""
        client.send(GET % target)
        record = only_record(client)
        assert client.site.live == {1: client.site.live[1]}
        leave(client)
        check(record, end=End.CLIENT_LEFT, body_sent=0, sent=[])
        assert client.site.live == {}
        assert client.clock.getDelayedCalls() == []

    @pytest.mark.parametrize(
        ("how", "end"),
        [(lambda site: site.break_off(), End.SERVER_STOPPED), (lambda site: site.drop_all(), End.FAULT)],
    )
    @pytest.mark.parametrize("target", [b"/1t", b"/10?delay=9", b"/10?hold=5", b"/1t?rate=1m", b"/1t?framing=close"])
    def test_dropped(self, client: Connection, how: Callable[[Any], None], end: End, target: bytes) -> None:
        """drop_all and break_off reset transfers, once and for all; idle connections stay."""
        idle = Connection(client.site, client.clock)
        idle.get("/1?tag=idle")
        client.send(GET % target, most_turns=3)
        (record,) = client.site.journal.records(tag="")
        how(client.site)
        assert (client.transport.disconnecting, idle.transport.disconnecting) == (True, False)
        assert (record.end, client.site.live) == (end, {})
        sent, version = record.body_sent, record.version
        turns(client.clock, 5)  # the transport of a reactor reports it only in the next turn
        assert (record.body_sent, record.version) == (sent, version)
        leave(client)
        client.clock.pump([1] * 20)
        check(record, end=end, body_sent=sent)
        assert idle.get("/5").body == b"11111"

    def test_faults_in_the_body(self, client: Connection) -> None:
        """The record of a fault has its offset; a download that resumes there gets past it."""
        for target, faults in ((b"/10?reset=4", ["reset@4"]), (b"/10?close=40%25", ["close@4"])):
            site = fakefiles.site(reactor=client.clock)
            broken, resumed = Connection(site, client.clock), Connection(site, client.clock)
            assert broken.send(GET % target).endswith(b"\r\n\r\n1111")
            assert broken.transport.disconnecting
            record = only_record(broken)
            check(record, end=End.FAULT, status=200, faults=faults, given=[(0, 10)], sent=[(0, 4)], body_sent=4)
            leave(broken)
            assert record.end is End.FAULT
            assert resumed.get(target.decode(), "Range: bytes=4-").body == b"111111"
            check(requests_in(site.journal.records())[1], end=End.COMPLETE, faults=[], sent=[(4, 10)])

    def test_stalled_for_ever(self, client: Connection) -> None:
        """A stall ends when the client leaves; the record has the stall at once."""
        client.send(GET % b"/10?stall=4")
        record = only_record(client)
        check(record, end=None, faults=["stall@4"], sent=[(0, 4)])
        assert record.live
        assert record.version == client.site.journal.version
        leave(client)
        check(record, end=End.CLIENT_LEFT)

    @pytest.mark.parametrize(
        ("how", "written"), [("close", b""), ("reset", b""), ("headers", b"HTTP/1.1 200 OK\r\n")], ids=str
    )
    def test_refused(self, client: Connection, how: str, written: bytes) -> None:
        """With refuse=, there is no status and no body, at most a part of the headers."""
        raw = client.send(GET % f"/10?refuse={how}".encode())
        assert raw.startswith(written)
        assert (raw == b"") is (how != "headers")
        assert b"\r\n\r\n" not in raw
        assert client.transport.disconnecting
        record = only_record(client)
        check(record, end=End.FAULT, status=None, faults=[f"refuse={how}"], given=[], sent=[], first_byte=None)
        leave(client)
        assert record.end is End.FAULT

    @pytest.mark.parametrize("request_", [b"GET /10?refuse=hang", b"HEAD /10?head=hang", b"HEAD /10?head=hang&delay=1"])
    def test_hang(self, client: Connection, request_: bytes) -> None:
        """Nothing is sent, and nothing ends, until the client leaves."""
        client.send(request_ + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        client.clock.advance(3600)
        assert client.read() == b""
        assert not client.transport.disconnecting
        record = only_record(client)
        name = "head" if request_.startswith(b"HEAD") else "refuse"
        check(record, end=None, status=None, faults=[f"{name}=hang"], given=[], sent=[], first_byte=None)
        assert record.live
        assert record.version == client.site.journal.version
        leave(client)
        check(record, end=End.CLIENT_LEFT)

    def test_headers_come_as_they_would(self, client: Connection) -> None:
        """The half of the headers is that of the complete answer."""
        whole = client.send(GET % b"/10/x.txt")
        broken = Connection(client.site, client.clock).send(GET % b"/10/x.txt?refuse=headers")
        lines = broken.split(b"\r\n")[:-1]
        assert len(lines) > 2
        assert all(line in whole.split(b"\r\n") for line in lines if not line.startswith(b"Cache-Control"))


class TestDelay:
    """delay=."""

    def test_delay(self, client: Connection) -> None:
        """The first byte comes after the delay; the record has its time."""
        assert client.send(GET % b"/10?delay=2.5") == b""
        client.clock.advance(2.4)
        assert client.read() == b""
        client.clock.advance(0.1)
        assert client.read().endswith(b"\r\n\r\n1111111111")
        check(only_record(client), started=0.0, first_byte=2.5, last_byte=2.5, ended=2.5, end=End.COMPLETE)

    def test_client_leaves_after_it(self, client: Connection) -> None:
        """A delay that is over has no further effect."""
        client.send(GET % b"/1t?delay=2")
        client.clock.rightNow += 2
        turns(client.clock, 3)
        leave(client)
        check(only_record(client), status=200, end=End.CLIENT_LEFT)
        assert client.clock.getDelayedCalls() == []

    def test_what_is_pipelined_behind(self, client: Connection) -> None:
        """The answers keep their order."""
        assert client.send(GET % b"/10?delay=2" + GET % b"/3") == b""
        client.clock.advance(2)
        first, rest = parse_response(client.read())
        assert (first.body, parse_response(rest)[0].body) == (b"1111111111", b"111")

    def test_refused_late(self, client: Connection) -> None:
        """A refusal may come after a delay, too."""
        client.send(GET % b"/10?delay=2&refuse=close")
        assert not client.transport.disconnecting
        client.clock.advance(2)
        assert client.transport.disconnecting


class TestDigest:
    """Answers that wait for a digest."""

    @pytest.fixture
    def reactor(self) -> ThreadedReactor:
        """Return a reactor."""
        return ThreadedReactor()

    def test_wait(self, reactor: ThreadedReactor) -> None:
        """The record exists while the digest is computed, and is right afterwards."""
        client = Connection(fakefiles.site(reactor=reactor), reactor)
        client.send(GET % b"/20m.sha256")
        record = only_record(client)
        check(record, status=None, end=None)
        assert list(client.site.live) == [1]
        reactor.pool.run()
        check(record, status=200, end=End.COMPLETE, size=70, sent=[(0, 70)])
        assert client.site.live == {}

    def test_wait_and_delay(self, reactor: ThreadedReactor) -> None:
        """A delay follows the wait for a digest; a client that leaves in the delay is noticed, too."""
        client = Connection(fakefiles.site(reactor=reactor), reactor)
        client.send(GET % b"/20m?digest=md5&delay=3")
        reactor.pool.run()
        leave(client)
        check(only_record(client), status=None, end=End.CLIENT_LEFT)
        assert reactor.getDelayedCalls() == []

    def test_client_leaves(self, reactor: ThreadedReactor) -> None:
        """If the client leaves meanwhile, the record says so, and the computation ends."""
        client = Connection(fakefiles.site(reactor=reactor), reactor)
        client.send(GET % b"/1t.sha256")
        leave(client)
        check(only_record(client), status=None, end=End.CLIENT_LEFT)
        assert client.site.live == {}
        assert reactor.pool.run() == 1  # the slice under way

    def test_dropped(self, reactor: ThreadedReactor) -> None:
        """A client that waits for a digest can be dropped."""
        client = Connection(fakefiles.site(reactor=reactor), reactor)
        client.send(GET % b"/1t.sha256")
        client.site.drop_all()
        assert client.transport.disconnecting
        check(only_record(client), end=End.FAULT)


class TestContentThatFails:
    """Content is third-party code: if it fails, the client must never take the body for complete."""

    @pytest.mark.parametrize("short", [False, True])
    def test_before_the_headers(self, logged_failures: list[Failure], short: bool) -> None:  # noqa: FBT001
        """With a small body, the answer is 500; nothing was promised or sent; the connection goes on."""
        clock = Clock()
        contents = {"failing": FailingContent(5, short=short)}
        client = Connection(fakefiles.site(contents=contents, reactor=clock), clock)
        response = client.get("/10?content=failing", "Range: bytes=0-1,3-8")
        assert response.status == 500
        check(only_record(client), status=500, end=End.FAULT, given=[], sent=[], body_sent=0, length=0, last_byte=None)
        assert client.get("/5?content=failing").body == b"xxxxx"
        assert logged_failures.pop().check(ValueError if short else LookupError)

    @pytest.mark.parametrize("short", [False, True])
    @pytest.mark.parametrize("query", ["", "&framing=chunked", "&drip=100k"])
    def test_in_the_body(self, logged_failures: list[Failure], short: bool, query: str) -> None:  # noqa: FBT001
        """With a large body, the connection is reset, and the record has what was sent before."""
        clock = Clock()
        contents = {"failing": FailingContent(300_000, short=short)}
        client = Connection(fakefiles.site(contents=contents, reactor=clock), clock)
        client.send(GET % f"/9m?content=failing{query}".encode())
        assert client.transport.disconnecting
        record = only_record(client)
        check(record, status=200, end=End.FAULT, given=[Span(0, 9 << 20)])
        assert record.sent[0].start == 0
        assert 200_000 <= record.body_sent == record.sent[0].stop <= 300_000
        assert logged_failures.pop().check(ValueError if short else LookupError)

    def test_while_a_digest_is_computed(self, logged_failures: list[Failure]) -> None:
        """That answer is a 500, too."""
        reactor = ThreadedReactor()
        site = fakefiles.site(contents={"failing": FailingContent(0)}, reactor=reactor)
        client = Connection(site, reactor)
        client.send(GET % b"/20m.sha256?content=failing")
        reactor.pool.run()
        check(only_record(client), status=500, end=End.FAULT)
        assert logged_failures.pop().check(LookupError)


class Stream:
    """A stream of HTTP/2 in somebody else's Site, as far as a request needs one; it has no transport of its own."""

    transport = None

    def __init__(self, site: Site) -> None:
        self.site = site
        self.headers: dict[bytes, Sequence[bytes]] = {}
        self.written = b""
        self.calls: list[str] = []
        self.producer: Any = None

    def getPeer(self) -> IPv4Address:
        return IPv4Address("TCP", "192.0.2.1", 50000)

    getHost = getPeer

    def isSecure(self) -> bool:
        return True

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Headers) -> None:
        assert (version, reason) == (b"HTTP/2", b"")
        self.headers = {b":status": [code], **dict(headers.getAllRawHeaders())}

    def write(self, data: bytes) -> None:
        self.written += data

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: FBT001  Twisted's signature
        assert streaming
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def requestDone(self, request: object) -> None:
        assert request
        self.calls.append("done")

    def abortConnection(self) -> None:
        self.calls.append("abort")


class TestHTTP2:
    """HTTP/2, which our own Site leaves out, but a Site of another class may have."""

    def ask(self, target: bytes, method: bytes = b"GET") -> tuple[Stream, fakefiles.FakeFiles, Clock]:
        """Make a request on a stream; return it, the files, and the clock that drives them."""
        clock = Clock()
        files = fakefiles.FakeFiles(reactor=clock)
        site = Site(files, reactor=clock)
        stream = Stream(site)
        request: Any = site.requestFactory(stream, queued=False)
        request.site = site
        request.requestHeaders.setRawHeaders("Host", ["test"])
        request.gotLength(0)
        request.requestReceived(method, target, b"HTTP/2")
        turns(clock, 10)
        return stream, files, clock

    @pytest.mark.parametrize(("size", "method"), [(5, b"GET"), (300_000, b"GET"), (5, b"HEAD"), (0, b"GET")])
    def test_answers(self, size: int, method: bytes) -> None:
        """The status and the headers go through the stream, which encodes them; then the body."""
        stream, files, _ = self.ask(b"/%d" % size, method)
        assert stream.headers[b":status"] == [b"200"]
        assert stream.headers[b"Content-Length"] == [b"%d" % size]
        assert b"Connection" not in stream.headers
        assert (stream.written, stream.calls) == (b"1" * size * (method == b"GET"), ["done"])
        (record,) = requests_in(files.journal.records())
        check(record, end=End.COMPLETE, body_sent=len(stream.written), client="192.0.2.1:50000", connection=0)

    def test_spelled_fields(self) -> None:
        """Fields that a URL spells out replace those of Twisted and of the answer, and may be repeated."""
        stream, _, _ = self.ask(b"/5?header=Server:+a&header=ETag:+b&header=Set-Cookie:+c&header=Set-Cookie:+d")
        names = (b"Server", b"ETag", b"Set-Cookie")
        assert [stream.headers[name] for name in names] == [[b"a"], [b"b"], [b"c", b"d"]]

    def test_odd_messages(self) -> None:
        """A field can be there twice, and Date is the one of the answer; nothing comes first, and no chunks."""
        stream, files, _ = self.ask(b"/5?length=twice:1&skew=1h&early=103")
        assert stream.headers[b"Content-Length"] == [b"5", b"4"]
        assert len(stream.headers[b"Date"]) == 1
        assert stream.written == b"11111"
        assert requests_in(files.journal.records())[0].faults == ["skew=3600", "length=twice:1"]

    @pytest.mark.parametrize("target", [b"/9m?reset=100k", b"/9m?refuse=reset"])
    def test_reset(self, target: bytes) -> None:
        """A fault resets the stream alone."""
        stream, files, _ = self.ask(target)
        assert stream.calls == ["abort"]
        check(requests_in(files.journal.records())[0], end=End.FAULT)

    def test_drop(self) -> None:
        """So does a drop by hand."""
        stream, files, clock = self.ask(b"/1t")
        for exchange in list(files.live.values()):
            exchange.drop(End.FAULT)
        written = stream.written
        turns(clock, 5)
        assert (stream.calls, stream.written) == (["abort"], written)


def test_spelled_fields(client: Connection) -> None:
    """On the wire, a field replaces that of Twisted or of the answer, once or several times, with any bytes."""
    fields = "header=server:+a&header=DATE:&header=Set-Cookie:+c&header=Set-Cookie:+%C3%A9&disposition=raw-latin1"
    client.send(GET % f"/5?{fields}&filename=%C3%A9".encode())
    head, _, body = client.send(GET % f"/5/x?{fields}&filename=%C3%A9".encode()).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[-5:] == [
        *(b'Content-Disposition: attachment; filename="\xe9"', b"server: a", b"DATE: ", b"Set-Cookie: c"),
        b"Set-Cookie: \xc3\xa9",
    ]
    assert [line.partition(b":")[0].lower() for line in lines].count(b"server") == 1
    assert head.lower().count(b"\r\ndate:") == 1
    assert body == b"1" * 5


def test_release_before_the_answer(client: Connection) -> None:
    """A transfer can be released before it has begun."""
    client.send(b"GET /5000?delay=1s&hold=10 HTTP/1.1\r\nHost: test\r\n\r\n")
    only_record(client).release()
    client.clock.advance(1)
    turns(client.clock, 100)
    assert only_record(client).end is End.COMPLETE


class TestLimit:
    """limit=: who is served at the same time."""

    # The rest of the query of a request that is under way, when its client does nothing.
    UNDER_WAY = (b"hold=5", b"stall=5", b"delay=9", b"rate=1", b"framing=close&hold=0", b"encoding=gzip&hold=10")

    @pytest.mark.parametrize("query", UNDER_WAY)
    @pytest.mark.parametrize(
        "end", [leave, lambda client: client.site.break_off(), lambda client: client.site.drop_all()], ids=range(3)
    )
    def test_under_way(self, client: Connection, query: bytes, end: Callable[[Connection], None]) -> None:
        """A request counts until it ends, however that is; then nothing of it is left."""
        target = b"/10?limit=1&over=reset&" + query
        client.send(GET % target)
        second = Connection(client.site, client.clock)
        assert second.send(GET % target) == b""
        assert second.transport.disconnecting is (query != b"delay=9")  # which this one has, too
        assert len(client.site.resource.occasions.seats) == 1
        end(client)
        turns(client.clock, 10)
        assert len(client.site.resource.occasions.seats) == 0
        third = Connection(client.site, client.clock)
        third.send(GET % target)
        assert not third.transport.disconnecting
        assert len(client.site.resource.occasions.seats) == 1

    @pytest.mark.parametrize(
        "target",
        [
            *(
                "/10?limit=1",
                "/9m?limit=1",
                "/9m?limit=1&framing=chunked",
                "/10?limit=1&drip=3",
                "/10?limit=1&status=404",
            ),
            *("/10?limit=1&etag=none", "/0?limit=1", "/10?limit=1&flip=1"),
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_one_after_the_other(self, client: Connection, target: str, method: str) -> None:
        """Requests that come one after the other are never too many."""
        answers = {client.get(target, method=method).status for _ in range(3)}
        assert answers == {404 if "404" in target else 200}
        assert len(client.site.resource.occasions.seats) == 0

    @pytest.mark.parametrize("fault", ["reset=5", "close=5", "refuse=close", "refuse=reset", "refuse=headers"])
    def test_broken_off(self, client: Connection, fault: str) -> None:
        """A request that a fault has ended counts no more."""
        client.send(GET % f"/10?limit=1&{fault}".encode())
        assert len(client.site.resource.occasions.seats) == 0
        check(only_record(client), end=End.FAULT)

    @pytest.mark.parametrize("fails_at", [0, 8192])
    def test_content_that_fails(self, logged_failures: list[Failure], fails_at: int) -> None:
        """A request whose content fails counts no more."""
        clock = Clock()
        site = fakefiles.site(reactor=clock, contents={"failing": FailingContent(fails_at)})
        client = Connection(site, clock)
        size = b"10" if fails_at == 0 else b"1m"
        client.send(GET % (b"/" + size + b"?content=failing&limit=1&chunk_size=4k"))
        assert len(client.site.resource.occasions.seats) == 0
        assert logged_failures.pop().check(LookupError)

    def test_hang(self, client: Connection) -> None:
        """A request that is left waiting stays so, though there is room again; it ends when its client leaves."""
        target = b"/10?limit=1&over=hang&rate=5"
        client.send(GET % target)
        second = Connection(client.site, client.clock)
        assert second.send(GET % target) == b""
        client.clock.pump([0.25] * 40)
        assert client.read().endswith(b"1111111111")
        client.clock.pump([60] * 60)
        assert (second.read(), second.transport.disconnecting) == (b"", False)
        _, record = requests_in(client.site.journal.records())
        check(record, status=None, end=None, faults=["over=hang"], first_byte=None)
        assert record.live
        assert record.version == client.site.journal.version - 1  # the first one has ended since
        leave(second)
        check(record, end=End.CLIENT_LEFT)
        assert client.site.live == {}

    def test_refuse_hang(self, client: Connection) -> None:
        """refuse=hang is for every request; a server that stops ends it."""
        assert client.send(GET % b"/10?refuse=hang") == b""
        check(only_record(client), end=None, faults=["refuse=hang"])
        client.site.break_off()
        check(only_record(client), end=End.SERVER_STOPPED)
        assert client.transport.disconnecting
