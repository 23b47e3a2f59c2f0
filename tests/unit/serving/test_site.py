"""resource.py, channel.py and site.py: bytes in, bytes out, over an in-memory connection to the real twisted.web."""

from __future__ import annotations

import pytest
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import IResource, Resource
from twisted.web.server import Site
from zope.interface import implementer
from zope.interface.verify import verifyObject

import fakefiles
from doubles import BlockingTransport, Connection, parse_chunks, parse_multipart, parse_response, turns
from fakefiles.files.kinds import find_content
from fakefiles.serving.site import FakeFilesSite
from fakefiles.testing.view import requests_in
from fakefiles.transfer.record import End

GET = b"GET %b HTTP/1.1\r\nHost: test\r\n\r\n"


@pytest.fixture
def client() -> Connection:
    """Return a connection to a site."""
    return Connection()


def test_resource_interface() -> None:
    """FakeFiles is a resource."""
    assert verifyObject(IResource, fakefiles.FakeFiles(reactor=Clock()))


def test_get(client: Connection) -> None:
    """A file comes with the headers that a download client looks at."""
    response = client.get("/10/x.txt")
    assert response.status == 200
    assert response.body == b"1111111111"
    assert response.headers["content-length"] == "10"
    assert response.headers["content-type"] == "text/plain"
    assert response.headers["etag"] == '"ones-10"'
    assert "date" in response.headers


@pytest.mark.parametrize("size", [0, 1, 4096, 4097, 131072, 131073, 1_000_000])
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
@pytest.mark.parametrize("content", ["ones", "zeros", "ruler", "random"])
def test_bodies(client: Connection, size: int, framing: str, content: str) -> None:
    """Whatever the size and the framing, the bytes arrive."""
    response = client.get(f"/{size}?framing={framing}&content={content}")
    assert response.body == find_content(content, None, {}).read(0, size)
    assert client.transport.disconnecting is (framing == "close")


def test_chunks_have_their_size(client: Connection) -> None:
    """Each chunk is chunk_size long, also when that is more than one write."""
    for size, chunk_size in [(1000, 300), (300_000, 200_000)]:
        raw = client.send(GET % (b"/%d?framing=chunked&chunk_size=%d" % (size, chunk_size)))
        chunks, rest = parse_chunks(raw.partition(b"\r\n\r\n")[2])
        assert [len(chunk) for chunk in chunks[:-1]] == [chunk_size] * (size // chunk_size)
        assert sum(map(len, chunks)) == size
        assert rest == b""


def test_range(client: Connection) -> None:
    """A range is a slice."""
    response = client.get("/100k", "Range: bytes=1000-9999")
    assert (response.status, len(response.body)) == (206, 9000)
    assert response.headers["content-range"] == "bytes 1000-9999/102400"


def test_multipart(client: Connection) -> None:
    """Several ranges are parts that a reader of multipart finds."""
    response = client.get("/100k", "Range: bytes=0-9999,-1")
    (first, first_body), (second, second_body) = parse_multipart(response)
    assert (first["content-range"], first_body) == ("bytes 0-9999/102400", b"1" * 10_000)
    assert (second["content-range"], second_body) == ("bytes 102399-102399/102400", b"1")


def test_head(client: Connection) -> None:
    """HEAD of the largest file is answered at once, with its length."""
    response = client.get("/9223372036854775807", method="HEAD")
    assert response.headers["content-length"] == "9223372036854775807"


def test_not_modified(client: Connection) -> None:
    """304 carries no length of its own."""
    response = client.get("/10", 'If-None-Match: "ones-10"')
    assert response.status == 304
    assert "content-length" not in response.headers


@pytest.mark.parametrize("target", ["/10", "/10m", "/10?framing=chunked", "/abc", "/10m?framing=chunked"])
def test_keep_alive(client: Connection, target: str) -> None:
    """After any answer that has an end of its own, the connection takes the next request."""
    first = client.get(target)
    assert client.get("/5").body == b"11111"
    assert client.get(target)[1:2] == first[1:2]
    assert not client.transport.disconnecting


def test_pipelining(client: Connection) -> None:
    """Requests sent together are answered in order, large ones before small ones too."""
    raw = client.send(GET % b"/300k" + GET % b"/abc" + GET % b"/3?content=zeros" + GET % b"/0")
    responses = []
    while raw:
        response, raw = parse_response(raw)
        responses.append(response)
    assert [response.status for response in responses] == [200, 404, 200, 200]
    assert [len(response.body) for response in responses if response.status == 200] == [307200, 3, 0]


def test_framing_close_ends_the_connection(client: Connection) -> None:
    """What was pipelined behind a body that ends with the connection is not answered."""
    raw = client.send(GET % b"/5?framing=close" + GET % b"/6")
    assert raw.endswith(b"\r\n\r\n11111")
    assert b"Connection: close" in raw
    assert client.transport.disconnecting


def test_http_1_0(client: Connection) -> None:
    """HTTP/1.0 gets its answer, and the end of the connection."""
    raw = client.send(b"GET /5 HTTP/1.0\r\n\r\n")
    assert raw.startswith(b"HTTP/1.0 200 OK\r\n")
    assert raw.endswith(b"\r\n\r\n11111")
    assert client.transport.disconnecting


@pytest.mark.parametrize("value", ["close", "Close", "foo, close", "close,TE", "keep-alive , close"])
def test_connection_close(client: Connection, value: str) -> None:
    """Connection is a list, in any case (RFC 9110, 7.6.1)."""
    response = client.get("/5", f"Connection: {value}")
    assert response.headers["connection"] == "close"
    assert client.transport.disconnecting


def test_connection_keep_alive(client: Connection) -> None:
    """An option that is not close keeps the connection."""
    client.get("/5", "Connection: keep-alive, closely")
    assert not client.transport.disconnecting


@pytest.mark.parametrize("target", ["http://test/5", "HTTP://other:80/5", "https://test/5?content=ones"])
def test_absolute_form(client: Connection, target: str) -> None:
    """A target in absolute form names the same file (RFC 9112, 3.2.2)."""
    assert client.get(target).body == b"11111"


def test_absolute_form_without_path(client: Connection) -> None:
    """An absolute URL without a path is the root."""
    assert client.get("http://test").headers["content-type"] == "text/html; charset=utf-8"


def test_options_star(client: Connection) -> None:
    """OPTIONS of the server itself, and CONNECT, are answered as of any file."""
    assert client.get("*", method="OPTIONS").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.get("test:443", method="CONNECT").status == 405


@pytest.mark.parametrize("target", ["5", "test:80", "ftp://test/5", "http:5"])
def test_no_origin_form(client: Connection, target: str) -> None:
    """A target of no form is refused."""
    response = client.get(target)
    assert (response.status, client.transport.disconnecting) == (400, True)
    assert b"begins with /" in response.body


MALFORMED = {
    b"GET /5\r\n\r\n": 400,
    b"GET  /5 HTTP/1.1\r\n\r\n": 400,
    b"GET /5 HTTP/2.0\r\n\r\n": 400,
    b"GET /5 HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n": 400,
    b"GET /5 HTTP/1.1\r\nHost : a\r\n\r\n": 400,
    b"GET /5\0 HTTP/1.1\r\nHost: a\r\n\r\n": 400,
    b"GET /5 HTTP/1.1\r\nHost: a\0b\r\n\r\n": 400,
    b"GET /5 HTTP/1.1\nHost: a\n\n": 400,
    b"GET /5 HTTP/1.1\r\nHost: a\n\r\n": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n": 400,
    b"POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"0" * 5000 + b"\r\n\r\n": 400,
    b"GET * HTTP/1.1\r\nHost: a\r\n\r\n": 400,
    b"\r\n" * 17 + b"GET /5 HTTP/1.1\r\nHost: a\r\n\r\n": 400,
    b"\n" + b"GET /5 HTTP/1.1\r\nHost: a\r\n\r\n": 400,
    b"\x16\x03\x01\x00\xc4\x01\r\n": 400,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 400,
    b"GET /" + b"5" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n": 414,
    b"GET /" + b"5" * 20_000: 414,
    b"GET /5 HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20_000 + b"\r\n\r\n": 431,
    b"GET /5 HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 600 + b"\r\n": 400,
}


@pytest.mark.parametrize(("raw", "status"), MALFORMED.items(), ids=lambda value: ascii(value)[:60])
def test_malformed(client: Connection, raw: bytes, status: int) -> None:
    """What is no request is answered once, in words, and nothing after it is read (request smuggling)."""
    response, rest = parse_response(client.send(raw + GET % b"/5"))
    assert (response.status, rest) == (status, b"")
    assert response.body.count(b"\n") == 1
    assert response.headers["connection"] == "close"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "date" in response.headers
    assert client.transport.disconnecting
    assert client.send(GET % b"/5") == b""


@implementer(ITCPTransport)
class TCPTransport(StringTransport):  # type: ignore[misc]  # as much of the interface as is used
    """A transport whose sending side can be closed alone."""

    half_closed = False

    def loseWriteConnection(self) -> None:
        self.half_closed = True

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001
        """Take note of nothing."""


def test_a_refused_client_may_finish() -> None:
    """Over TCP the answer is not lost in a reset: what the client still sends is read and dropped, for a while."""
    client = Connection(transport=TCPTransport())
    raw = client.send(b"nonsense\r\n" + GET % b"/5")
    assert parse_response(raw)[1] == b""
    assert client.transport.half_closed
    assert not client.transport.disconnecting
    assert client.send(GET % b"/5") == b""
    client.clock.advance(5)
    assert client.transport.disconnecting


@pytest.mark.parametrize("last", [b"GET /5?framing=close HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /5 HTTP/1.0\r\n\r\n"])
def test_the_last_answer_is_not_lost(last: bytes) -> None:
    """When the connection ends after an answer, what the client still sends does not reset it."""
    client = Connection(transport=TCPTransport())
    assert client.send(last + GET % b"/6" * 1000).endswith(b"\r\n\r\n11111")
    assert client.transport.half_closed
    assert not client.transport.disconnecting
    assert client.transport.producerState == "producing"
    assert client.send(GET % b"/7") == b""
    client.clock.advance(5)
    assert client.transport.disconnecting


@pytest.mark.parametrize("between", [b"\r\n", b"\r\n" * 16])
def test_empty_lines_before_a_request(client: Connection, between: bytes) -> None:
    """Some are ignored, before each request of a connection (RFC 9112, 2.2)."""
    raw = client.send((between + GET % b"/5") * 3)
    for _ in range(3):
        response, raw = parse_response(raw)
        assert response.body == b"11111"


@pytest.mark.parametrize("length", [1, 65536])
@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_a_short_request_body(client: Connection, method: bytes, length: int) -> None:
    """A body that nobody asked for is read and dropped, not kept on disk or in memory; the connection goes on."""
    raw = b"%b /5 HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (method, length)
    assert client.send(raw) == b""
    first, rest = parse_response(client.send(b"x" * length + GET % b"/5"))
    second, _ = parse_response(rest)
    assert (first.status, second.body) == (405 if method == b"POST" else 200, b"11111")
    assert "connection" not in first.headers
    assert not client.transport.disconnecting


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 65537\r\n\r\n",
        b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n",
    ],
)
@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_a_long_request_body(client: Connection, method: bytes, body: bytes) -> None:
    """It is not read: the answer comes at once, without a 100 (Continue), and the connection ends behind it."""
    raw = client.send(b"%b /5 HTTP/1.1\r\nHost: a\r\n" % method + body)
    response, rest = parse_response(raw)
    assert (response.status, rest) == (405 if method == b"POST" else 200, b"")
    assert response.headers["connection"] == "close"
    assert client.transport.disconnecting
    assert client.send(b"1\r\nx\r\n0\r\n\r\n" + GET % b"/5") == b""


def test_an_expectation_without_a_body(client: Connection) -> None:
    """There is nothing to wait for: the connection goes on."""
    raw = client.send(b"GET /5 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert not client.transport.disconnecting


def test_endless_chunks_are_not_read_on() -> None:
    """Who goes on sending the body of a slow answer's request is no longer read from, and nothing of it is decoded."""
    client = Connection(transport=TCPTransport())
    assert client.send(b"GET /5?delay=9 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") == b""
    client.send(b"1\r\nx\r\n" * 10_000)
    assert client.transport.producerState == "paused"
    client.clock.pump([1] * 9)
    response, rest = parse_response(client.read())
    assert (response.body, rest) == (b"11111", b"")
    assert client.transport.half_closed


def test_the_body_of_a_request_is_not_kept(client: Connection) -> None:
    """Neither in memory nor on disk."""
    content = client.site.getContentFile(10**9)
    content.write(b"x" * 1000)
    assert content.read() == b""


class TestPlace:
    """FakeFiles at any place in somebody's own tree."""

    @pytest.fixture
    def client(self) -> Connection:
        """Return a connection to a plain twisted.web Site that has FakeFiles somewhere."""
        clock = Clock()
        root, folder = Resource(), Resource()
        root.putChild(b"a", folder)
        folder.putChild(b"files", fakefiles.FakeFiles(reactor=clock))
        return Connection(Site(root, reactor=clock), clock)

    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_file(self, client: Connection, framing: str) -> None:
        """A file is served below that place, in every framing, by Twisted's own Site too."""
        assert client.get(f"/a/files/300k/x.bin?framing={framing}").body == b"1" * 307200
        assert client.transport.disconnecting is (framing == "close")

    def test_page(self, client: Connection) -> None:
        """The links of the page lead to the files, with and without the last slash."""
        assert b'href="700m/ubuntu.iso"' in client.get("/a/files/").body
        assert b'href="./files/700m/ubuntu.iso"' in client.get("/a/files").body


def test_max_size() -> None:
    """A larger file is refused, and the limit named."""
    clock = Clock()
    client = Connection(fakefiles.site(max_size=1024, reactor=clock), clock)
    assert client.get("/1k").status == 200
    response = client.get("/1025")
    assert (response.status, response.body) == (400, b"too large; the largest size here is 1024 bytes\n")


class Flaky:
    """Content that cannot be read."""

    identity = "flaky"

    def read(self, offset: int, length: int) -> bytes:
        """Fail."""
        raise LookupError(offset, length)


@pytest.mark.parametrize("size", ["1", "1m"])
def test_content_that_fails(size: str, logged_failures: list[Failure]) -> None:
    """A client never takes a body for complete whose content failed: 500 while there is time, else a reset."""
    clock = Clock()
    client = Connection(fakefiles.site(contents={"flaky": Flaky()}, reactor=clock), clock)
    raw = client.send(GET % f"/{size}?content=flaky".encode())
    assert raw.startswith(b"HTTP/1.1 500 " if size == "1" else b"HTTP/1.1 200 ")
    assert client.transport.disconnecting is (size != "1")
    assert logged_failures.pop().check(LookupError)


@pytest.fixture
def deaf() -> Connection:
    """Return a connection whose client does not read until told to."""
    return Connection(transport=BlockingTransport())


def resume(connection: Connection) -> None:
    """Let the transport say that its client has read."""
    connection.transport.producer.resumeProducing()


def test_bounded_memory(deaf: Connection) -> None:
    """A client that never reads gets what fits into the buffer, and one piece, of the largest file."""
    raw = deaf.send(GET % b"/9223372036854775807", most_turns=1000)
    assert 65536 < len(raw) < 65536 + 131072 + 1000


def test_bounded_memory_for_pipelined_requests(deaf: Connection) -> None:
    """A client that asks and asks but never reads is not answered on and on; when it reads, it gets all its answers."""
    raw = deaf.send(GET % b"/4k" * 1000)
    assert 65536 < len(raw) < 65536 + 10_000
    for _ in range(200):
        resume(deaf)
        turns(deaf.clock, 100)
        raw += deaf.read()
    answers = 0
    while raw:
        response, raw = parse_response(raw)
        assert response.body == b"1" * 4096
        answers += 1
    assert answers == 1000


def test_bounded_memory_for_what_is_sent_meanwhile(deaf: Connection) -> None:
    """A client that goes on sending while it is not answered is no longer read from, until it is."""
    deaf.send(GET % b"/300k")
    for _ in range(20):
        assert deaf.transport.producerState == "producing"
        deaf.send(GET % b"/1k" * 50)
        if deaf.transport.producerState == "paused":
            break
    assert deaf.transport.producerState == "paused"
    raw = b""
    for _ in range(100):
        resume(deaf)
        turns(deaf.clock, 100)
        raw += deaf.read()
    assert deaf.transport.producerState == "producing"
    assert raw.count(b"HTTP/1.1 200 OK") >= 300


@pytest.mark.parametrize("body", [b"", b"x"])
def test_pipelined_requests_take_turns(client: Connection, body: bytes) -> None:
    """However many requests come at once, with a body or without, a turn of the reactor is for a few of them."""
    request = b"GET /1 HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    client.protocol.dataReceived(request * 1000)
    assert client.transport.producerState == "paused"
    assert client.read().count(b"HTTP/1.1 200 OK") == 4
    for _ in range(3):
        turns(client.clock, 1)
        assert client.read().count(b"HTTP/1.1 200 OK") == 4
    assert client.send(b"", most_turns=1000).count(b"HTTP/1.1 200 OK") == 1000 - 16


def test_pipelined_requests_wait_for_a_blocked_transport(client: Connection) -> None:
    """When the transport is blocked before their turn comes, they wait for it."""
    client.protocol.dataReceived(GET % b"/1" * 100)
    client.protocol.pauseProducing()
    turns(client.clock, 100)
    assert client.read().count(b"HTTP/1.1 200 OK") == 4
    client.protocol.resumeProducing()
    turns(client.clock, 100)
    assert client.read().count(b"HTTP/1.1 200 OK") == 96


def test_an_unsent_tail_is_flushed(client: Connection) -> None:
    """When the client idles, what it has not read yet is not dropped: the connection is closed, never reset."""
    client.get("/60k")
    aborted: list[bool] = []
    client.transport.abortConnection = lambda: aborted.append(True)
    client.clock.pump([10] * 100)
    assert client.transport.disconnecting
    assert aborted == []


def test_client_leaves_between_turns(client: Connection) -> None:
    """Who leaves while its pipelined requests wait for their turn leaves nothing behind."""
    client.protocol.dataReceived(GET % b"/1" * 100)
    client.protocol.connectionLost(Failure(ConnectionError()))
    assert client.clock.getDelayedCalls() == []


def test_break_off() -> None:
    """Transfers can be reset, so that no part is taken for the whole; idle connections are left alone."""
    clock = Clock()
    site = fakefiles.site(reactor=clock)
    idle, busy, gone = (Connection(site, clock) for _ in range(3))
    idle.get("/5")
    busy.send(GET % b"/1t?framing=close", most_turns=3)
    gone.protocol.connectionLost(Failure(ConnectionError()))
    assert len(site.connections) == 2
    site.break_off()
    assert (idle.transport.disconnecting, busy.transport.disconnecting) == (False, True)


def test_disconnect(client: Connection) -> None:
    """All connections are closed, the busy ones reset; one that does not close is reset after a second."""
    busy, stubborn = Connection(client.site, client.clock), Connection(client.site, client.clock)
    busy.send(GET % b"/1t", most_turns=3)
    aborted: list[bool] = []
    stubborn.transport.abortConnection = lambda: aborted.append(True)
    gone: list[None] = []
    client.site.disconnect().addCallback(gone.append)
    for each in (client, busy):
        assert each.transport.disconnecting
        each.protocol.connectionLost(Failure(ConnectionError()))
    client.clock.advance(0.9)
    assert (aborted, gone) == ([], [])
    client.clock.advance(0.1)
    assert (aborted, gone) == ([True], [])
    stubborn.protocol.connectionLost(Failure(ConnectionError()))
    assert gone == [None]
    assert client.clock.getDelayedCalls() == []


def test_disconnect_nobody(client: Connection) -> None:
    """Without connections it is done at once."""
    client.protocol.connectionLost(Failure(ConnectionError()))
    gone: list[None] = []
    client.site.disconnect().addCallback(gone.append)
    assert (gone, client.clock.getDelayedCalls()) == ([None], [])


def test_a_held_request_ends_with_the_connection(deaf: Connection) -> None:
    """A client that leaves without reading its answers leaves nothing behind."""
    deaf.send(GET % b"/4k" * 1000)
    deaf.protocol.connectionLost(Failure(ConnectionError()))
    resume(deaf)
    assert deaf.clock.getDelayedCalls() == []


def test_client_leaves(client: Connection) -> None:
    """A transfer ends with its connection."""
    client.send(GET % b"/1t", most_turns=5)
    client.protocol.connectionLost(Failure(ConnectionError()))
    assert turns(client.clock, 5) == 0


def test_request_has_a_deadline(client: Connection) -> None:
    """A request that trickles in is cut off, however steadily it trickles (slowloris)."""
    for byte in b"GET /5 HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100:
        if client.transport.disconnecting:
            break
        client.protocol.dataReceived(bytes([byte]))
        client.clock.advance(1)
    assert client.transport.disconnecting
    assert client.clock.seconds() <= 61


def test_a_download_has_no_deadline(deaf: Connection) -> None:
    """A client may take hours over its download, and the connection is then still good for a request."""
    deaf.send(GET % b"/300k", most_turns=5)
    deaf.clock.pump([60] * 60)
    assert not deaf.transport.disconnecting


@pytest.fixture
def logged_client() -> Connection:
    """Return a connection to a site with an access log."""
    clock = Clock()
    return Connection(fakefiles.site(access_log=True, reactor=clock), clock)


def test_access_log(logged_client: Connection, logged_lines: list[str]) -> None:
    """There is a line for each request, with its status and the bytes of its body."""
    logged_client.get("/300k", "User-Agent: me")
    logged_client.get("/abc?<b>\x7f")
    assert logged_lines == [
        '"127.0.0.1" - - [01/Jan/1970:00:00:00 +0000] "GET /300k HTTP/1.1" 200 307200 "-" "me" 0.000s',
        '"127.0.0.1" - - [01/Jan/1970:00:00:00 +0000] "GET /abc?<b>\\x7f HTTP/1.1" 404 80 "-" "-" 0.000s',
    ]


def test_access_log_of_a_refused_request(logged_client: Connection, logged_lines: list[str]) -> None:
    """What could not be parsed has a line, too."""
    logged_client.send(b"nonsense\r\n\r\n")
    assert logged_lines == ['"127.0.0.1" - - [01/Jan/1970:00:00:00 +0000] "-" 400 95 "-" "-"']


def test_access_log_of_a_client_that_left(logged_client: Connection, logged_lines: list[str]) -> None:
    """A request that was broken off has a line too, with what was sent; one that never came whole has none."""
    logged_client.send(GET % b"/1t", most_turns=3)
    logged_client.site.stopFactory()  # as when the process is told to stop
    logged_client.protocol.connectionLost(Failure(ConnectionError()))
    assert ['"GET /1t HTTP/1.1" 200 393216' in line for line in logged_lines] == [True]
    other = Connection(logged_client.site, logged_client.clock)
    other.send(b"GET /1t HTTP/1.1\r\n")
    other.protocol.connectionLost(Failure(ConnectionError()))
    assert len(logged_lines) == 1


def test_no_access_log(client: Connection, logged_lines: list[str]) -> None:
    """Without access_log nothing is logged."""
    client.get("/5")
    assert logged_lines == []


def test_no_http_2() -> None:
    """HTTP/2 is never offered, whatever is installed."""
    site = fakefiles.site(reactor=Clock())
    assert isinstance(site, FakeFilesSite)
    assert site.acceptableProtocols() == [b"http/1.1"]


def test_max_connections(logged_lines: list[str]) -> None:
    """A client beyond the most connections is told so, one far beyond closed; when others leave, there is room.

    The journal has those that were told, and the access log all.
    """
    clock = Clock()
    site = fakefiles.site(max_connections=2, access_log=True, reactor=clock)
    clients = [Connection(site, clock) for _ in range(2)]
    told = [Connection(site, clock) for _ in range(32)]
    assert all(client.read().startswith(b"HTTP/1.1 503 ") for client in told)
    assert all(client.transport.disconnecting for client in told)
    assert [(record.status, record.end, record.connection) for record in requests_in(site.journal.records())] == [
        (503, End.COMPLETE, number) for number in range(3, 35)
    ]
    assert site.buildProtocol(told[0].transport.getPeer()) is None
    assert len(logged_lines) == 33
    assert all('] "-" 503 ' in line for line in logged_lines[:32])
    assert logged_lines[32].endswith('] "-" 0 - "-" "-" closed at once: all connections are taken')
    assert clients[0].get("/1").status == 200
    for client in [*told, clients[0]]:
        client.protocol.connectionLost(Failure(ConnectionDone()))
    assert Connection(site, clock).get("/1").status == 200


def test_a_status_that_nobody_knows() -> None:
    """A URL may want any."""
    response = Connection().get("/10?status=599")
    assert (response.status, response.body) == (599, b"599, as the URL wants it\n")


@pytest.mark.parametrize("target", ["/10?framing=close", "/10?length=long:5", "/10?framing=chunked&lastchunk=off"])
def test_both_want_to_close(target: str) -> None:
    """Where client and answer both end the connection, the answer says so once."""
    head = Connection().send(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert head.count(b"Connection: close") == 1
