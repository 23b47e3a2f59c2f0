"""Stand-ins for the outside: a clock driven turn by turn, a client without a network, a consumer that pauses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

import fakefiles
from fakefiles.behaviour.occasions import Occasions
from fakefiles.files.digests import hashed_at_once
from fakefiles.http.answers import Answer
from fakefiles.http.plan import Wait, plan
from fakefiles.http.request import Ask
from fakefiles.http.subjects import Known
from fakefiles.transfer.body import Cut, Event, Piece
from fakefiles.transfer.span import Span
from fakefiles.urls.settings import Settings


def turns(clock: Clock, most: int) -> int:
    """Run at most that many reactor turns that have something to do; return how many there were.

    Not Clock.advance(0): that runs a whole chain of zero-delay calls, which for an endless body never ends.
    """
    for count in range(most):
        due: list[Any] = [call for call in clock.getDelayedCalls() if call.getTime() <= clock.seconds()]
        if not due:
            return count
        for call in due:
            if call.active():
                clock.calls.remove(call)
                call.called = 1
                call.func(*call.args, **call.kw)
    return most


class Response(NamedTuple):
    """A parsed response; header names are in lower case."""

    version: str
    status: int
    headers: dict[str, str]
    body: bytes


#: The address of a client on this machine.
PEER = IPv4Address("TCP", "127.0.0.1", 50000)


class AbortableTransport(StringTransport):
    """A transport that can be reset; `disconnecting` tells."""

    def abortConnection(self) -> None:
        self.loseConnection()


class BlockingTransport(StringTransport):
    """A transport whose client reads nothing: it pauses its producer above 64 KiB, as TCP's does."""

    buffer_size = 65536

    def write(self, data: bytes) -> None:
        super().write(data)
        if self.producer is not None and len(self.value()) > self.buffer_size:
            self.producer.pauseProducing()

    def writeSequence(self, data: list[bytes]) -> None:
        self.write(b"".join(data))


class Connection:
    """A client on an in-memory connection to a site. What the server writes stays in `transport` until it is read."""

    def __init__(self, site: Any = None, clock: Clock | None = None, transport: Any = None) -> None:
        self.clock = clock or Clock()
        self.site: Any = site or fakefiles.site(reactor=self.clock)
        self.transport: Any = transport or AbortableTransport(peerAddress=PEER)
        self.protocol = self.site.buildProtocol(self.transport.getPeer())
        self.protocol.makeConnection(self.transport)

    def send(self, data: bytes, most_turns: int = 1000) -> bytes:
        """Send bytes, run up to N turns of the reactor, and return what the server has written since."""
        self.protocol.dataReceived(data)
        turns(self.clock, most_turns)
        return self.read()

    def read(self) -> bytes:
        """Return what the server has written since the last time."""
        data: bytes = self.transport.value()
        self.transport.clear()
        return data

    def get(self, target: str, *headers: str, method: str = "GET", version: str = "HTTP/1.1") -> Response:
        """Make one request, with "Name: value" headers, and return its response."""
        lines = [f"{method} {target} {version}", "Host: localhost", *headers]
        raw = self.send("".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n", most_turns=10_000)
        response, rest = parse_response(raw, method)
        assert rest == b""
        return response


def unheeded(amount: int, span: Span | None) -> None:
    """Ignore progress."""


def joined(pieces: Iterable[Piece]) -> bytes:
    """Return the bytes of pieces among which there are no events."""
    data = list(pieces)
    assert all(isinstance(piece, bytes) for piece in data)
    return b"".join(piece for piece in data if isinstance(piece, bytes))


def until_cut(pieces: Iterable[Piece]) -> tuple[bytes, list[tuple[int, Event]]]:
    """Return the bytes of pieces, up to a Cut, and the events, each with the number of bytes before it."""
    data, events = b"", list[tuple[int, Event]]()
    for piece in pieces:
        if isinstance(piece, bytes):
            data += piece
        else:
            events.append((len(data), piece))
            if isinstance(piece, Cut):
                break
    return data, events


def parse_response(raw: bytes, method: str = "GET") -> tuple[Response, bytes]:
    """Return the first response in `raw`, a chunked body put together, and what follows it."""
    head, separator, rest = raw.partition(b"\r\n\r\n")
    assert separator, raw
    status_line, *lines = head.decode("latin-1").split("\r\n")
    version, status, _ = status_line.split(" ", 2)
    pairs = [line.split(": ", 1) for line in lines]
    headers = {name.lower(): value for name, value in pairs}
    assert len(headers) == len(pairs), f"a header is repeated: {head!r}"
    if method == "HEAD" or status in {"204", "304"}:
        return Response(version, int(status), headers, b""), rest
    if headers.get("transfer-encoding") == "chunked":
        body, rest = parse_chunks(rest)
        return Response(version, int(status), headers, b"".join(body)), rest
    length = int(headers["content-length"]) if "content-length" in headers else len(rest)
    assert len(rest) >= length
    return Response(version, int(status), headers, rest[:length]), rest[length:]


def parse_chunks(raw: bytes) -> tuple[list[bytes], bytes]:
    """Return the chunks of a chunked body, which must be complete, and what follows it (RFC 9112, 7.1)."""
    chunks: list[bytes] = []
    while True:
        size_line, separator, raw = raw.partition(b"\r\n")
        assert separator, "no chunk size"
        size = int(size_line, 16)
        assert raw[size : size + 2] == b"\r\n", "a chunk is not as long as it says"
        if size == 0:
            return chunks, raw[2:]
        chunks.append(raw[:size])
        raw = raw[size + 2 :]


def parse_multipart(response: Response) -> list[tuple[dict[str, str], bytes]]:
    """Return the headers and content of each part, read by a reader that knows only RFC 2046."""
    boundary = re.fullmatch(r"multipart/byteranges; boundary=(\S+)", response.headers["content-type"])
    assert boundary
    pieces = (b"\r\n" + response.body).split(b"\r\n--" + boundary[1].encode())
    assert pieces[0] == b""
    assert pieces[-1] == b"--\r\n"
    parts = []
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n"))
        parts.append((headers, content))
    return parts


def ask(target: str = "/100", method: str = "GET", version: str = "HTTP/1.1", **headers: str) -> Ask:
    """Return a request as the plan gets it; a header is given as If_Range="..."."""
    path = target.partition("?")[0]
    fields = {"Host": "test", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Ask(
        method.encode(),
        target.encode(),
        version.encode(),
        raw_path=path.encode(),
        segments=tuple(segment.encode("utf-8", "surrogateescape") for segment in path.removeprefix("/").split("/")),
        fields=tuple((name.encode(), value.encode("latin-1")) for name, value in fields.items()),
    )


def decide(
    ask: Ask, settings: Settings, known: Known = hashed_at_once, occasions: Occasions | None = None
) -> Answer | Wait:
    """Return the answer to a request, or the digest that it waits for."""
    occasions = Occasions() if occasions is None else occasions
    planned = plan(ask, settings, occasions)
    if isinstance(planned, Answer):
        return planned
    return planned.awaited(known) or planned.answer(known, occasions)


class FakeTransport:
    """A transport without a socket, that can be reset."""

    def __init__(self, calls: list[str]) -> None:
        self.calls = calls

    def abortConnection(self) -> None:
        self.calls.append("abort")


class FakeOutlet:
    """What a pump knows of an outlet: it records all calls, in order, and may pause or resume the producer.

    It pauses its producer inside `write` whenever more than `buffer_size` bytes are unread.
    """

    name = "/test"
    piece_size = 1 << 17

    def __init__(self, buffer_size: int | None = None) -> None:
        self.buffer_size = buffer_size
        self.buffered = 0
        self.calls: list[str] = []
        self.written: list[bytes] = []
        self.producer: IPushProducer | None = None
        self.closed: Callable[[], object] = lambda: None

    def when_closed(self, callback: Callable[[], object]) -> None:
        self.closed = callback

    def register(self, producer: IPushProducer) -> None:
        self.producer = producer
        self.calls.append("register")

    def unregister(self) -> None:
        self.producer = None
        self.calls.append("unregister")

    def write(self, data: bytes) -> None:
        self.calls.append("write")
        self.written.append(data)
        self.buffered += len(data)
        if self.buffer_size is not None and self.buffered > self.buffer_size and self.producer is not None:
            self.producer.pauseProducing()

    def drain(self) -> None:
        """Take all that is buffered, as a transport whose client has read."""
        self.buffered = 0
        if self.producer is not None:
            self.producer.resumeProducing()

    def finish(self) -> None:
        self.calls.append("finish")

    def close(self) -> None:
        self.calls.append("close")

    def reset(self) -> None:
        self.calls.append("reset")

    def reset_when_sent(self, clock: object) -> None:
        assert clock
        self.calls.append("reset when sent")


class FailingContent:
    """Content that fails from an offset on: it raises, or with `short` returns one byte too few."""

    identity = "failing"

    def __init__(self, fails_at: int, *, short: bool = False) -> None:
        self.fails_at = fails_at
        self.short = short

    def read(self, offset: int, length: int) -> bytes:
        if offset + length <= self.fails_at:
            return b"x" * length
        if self.short:
            return b"x" * (length - 1)
        raise LookupError(offset, length)


class FakePool:
    """A thread pool without threads: its jobs run when the test says so."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def callInThreadWithCallback(self, done: Any, function: Any, *args: Any, **kwargs: Any) -> None:
        def job() -> None:
            try:
                result = function(*args, **kwargs)
            except LookupError as error:
                done(False, Failure(error))  # noqa: FBT003
            else:
                done(True, result)  # noqa: FBT003

        self.jobs.append(job)

    def run(self, most: int = 1000) -> int:
        """Run all jobs, including new ones; return their number."""
        count = 0
        while self.jobs and count < most:
            self.jobs.pop(0)()
            count += 1
        return count


class ThreadedReactor(MemoryReactorClock):
    """A reactor with a pool like that."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = FakePool()

    def getThreadPool(self) -> FakePool:
        return self.pool

    def callFromThread(self, function: Any, *args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)
