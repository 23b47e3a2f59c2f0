"""Bad clients: they leave in the middle, never read, send garbage, or stay and do nothing."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

from benchmarks.traffic.line import Line, WrongAnswerError, client_context
from benchmarks.traffic.visit import NEVER, Kind, Visit

# The idle timeout of the server, and what it may take longer.
_IDLE_TIMEOUT = 60
_GRACE = 12


async def _leave(visit: Visit, line: Line) -> None:
    """Leave in one way or another."""
    way = visit.random.choice(["reset", "vanish", "half close", "close"])
    if way == "reset":
        line.reset()
    elif way == "vanish":
        line.vanish()
    elif way == "half close":
        line.half_close()
        await line.end()
    else:
        await line.close()


async def leaves_in_body(visit: Visit) -> None:
    """Leave in the middle of a body, having read some of it."""
    options = visit.random.choice(
        [{}, {"framing": "chunked"}, {"rate": "1m"}, {"encoding": "gzip"}, {"content": "random"}]
    )
    async with visit.line() as line:
        line.ask(visit.url("1g", **options))
        await line.head()
        await line.read()
        await _leave(visit, line)


async def leaves_in_head(visit: Visit) -> None:
    """Leave in the middle of a request, or before it, or right behind it."""
    request = b"GET /1m HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 1000 + b"\r\n\r\n"
    async with visit.line() as line:
        line.send(request[: visit.random.choice([0, 1, 10, 100, 1000, len(request)])])
        await asyncio.sleep(visit.dawdle / 20)
        await _leave(visit, line)


async def never_reads(visit: Visit) -> None:
    """Ask for a large file, read nothing, and vanish."""
    async with visit.line(small=True) as line:
        line.freeze()
        line.ask(visit.url("1g", **visit.content()))
        await asyncio.sleep(visit.dawdle)
        visit.random.choice([line.reset, line.vanish])()


async def never_reads_answers(visit: Visit) -> None:
    """Send requests as long as the server takes them, read nothing, and vanish."""
    async with visit.line(small=True) as line:
        line.freeze()
        for _ in range(2000):
            line.ask(visit.url("4k"))
        await asyncio.sleep(visit.dawdle)
        visit.random.choice([line.reset, line.vanish])()


async def stalled_upload(visit: Visit) -> None:
    """Announce a body that is short enough to be waited for, send a bit of it, and leave."""
    async with visit.line() as line:
        line.ask(visit.url("1k"), "Content-Length: 60000", method="POST")
        line.send(bytes(1000))
        await asyncio.sleep(visit.dawdle / 4)
        await _leave(visit, line)


async def endless_upload(visit: Visit) -> None:
    """Send chunks of one byte, on and on, whatever comes back."""
    async with visit.line() as line:
        line.ask(visit.url("1k"), "Transfer-Encoding: chunked", method="POST")
        for _ in range(20):
            if line.ended:
                break
            line.send(b"1\r\nx\r\n" * 1000)
            await asyncio.sleep(visit.dawdle / 20)
        await _leave(visit, line)


async def leaves_a_wait(visit: Visit) -> None:
    """Leave while the answer is not there yet: a digest, news in the journal, a delay."""
    for target in (
        visit.own_url("100g", digest="sha-512", content="random", seed=visit.number),
        visit.url("100g", f"{visit.number}.bin.md5"),
        f"/-/journal?tag=nobody&since={NEVER}&wait=60",
        visit.url("1k", delay="1h"),
    ):
        async with visit.line() as line:
            line.ask(target)
            await asyncio.sleep(visit.dawdle / 20)
            if line.news or line.ended:
                raise WrongAnswerError(f"there is an answer to {target}")
            await _leave(visit, line)


async def wave(visit: Visit) -> None:
    """Begin very slow downloads on many connections, and leave all of them."""

    async def one() -> None:
        async with visit.line() as line:
            line.ask(visit.url("1g", rate="1k"))
            (await line.head()).expect(200)
            await asyncio.sleep(visit.dawdle)
            await _leave(visit, line)

    await asyncio.gather(*(one() for _ in range(visit.waves)))


async def garbage(visit: Visit) -> None:
    """Send what is no request, and get an error and the end."""
    long = b"x" * 20_000
    for data in (
        visit.random.randbytes(200) + b"\r\n\r\n",
        b"GET /1k HTTP/9.9\r\n\r\n",
        b"GET /1k\nHost: localhost\n\n",
        b"GET /" + long,
        b"GET /1k HTTP/1.1\r\nHost: localhost\r\nX: " + long,
        b"GET /1k HTTP/1.1\r\n" + b"A: b\r\n" * 600 + b"\r\n",
        b"POST /1k HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /1k HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n",
        b"GET nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ):
        async with visit.line() as line:
            line.send(data)
            head = await line.head()
            if not 400 <= head.status <= 505:
                raise WrongAnswerError(f"the status is {head.status} for garbage")
            await line.end()


async def wrong_protocol(visit: Visit) -> None:
    """Speak HTTP to the port of TLS, or TLS to that of HTTP; leave, should the server wait for more."""
    line = await Line.open(visit.where.tls if visit.tls else visit.where.plain, tls=False)
    try:
        line.send(b"GET /1k HTTP/1.1\r\n\r\n" if visit.tls else _hello())
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(line.end(), visit.dawdle)
    finally:
        await line.close()


async def leaves_handshake(visit: Visit) -> None:
    """Leave in the middle of a handshake of TLS, or right behind it."""
    hello = _hello()
    for data in (b"", hello[:5], hello[:100], hello):
        line = await Line.open(visit.where.tls, tls=False)
        try:
            line.send(data)
            await asyncio.sleep(visit.dawdle / 20)
            await _leave(visit, line)
        finally:
            await line.close()
    line = await Line.open(visit.where.tls, tls=True)
    line.vanish()
    await line.close()


def _hello() -> bytes:
    """Return the first message of a handshake."""
    to_server = ssl.MemoryBIO()
    session = client_context().wrap_bio(ssl.MemoryBIO(), to_server, server_hostname="localhost")
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        return to_server.read()
    raise AssertionError("a handshake with nobody")


async def stays(visit: Visit) -> None:
    """Send nothing, or a part of something, and wait until the server ends the connection."""
    way = visit.random.choice(["nothing", "head", "upload", "answer", "hello"])
    if way == "hello" and visit.tls:
        line = await Line.open(visit.where.tls, tls=False)
        line.send(_hello()[:100])
    else:
        line = await Line.open(visit.where.tls if visit.tls else visit.where.plain, tls=visit.tls)
    try:
        if way == "head":
            line.send(b"GET /1k HTTP/1.1\r\nHost: loc")
        elif way == "upload":
            line.ask(visit.url("1k"), "Content-Length: 1000", method="POST")
        elif way == "answer":
            await visit.whole(line, visit.url("1k"))
        try:
            await asyncio.wait_for(line.end(), visit.idle)
        except asyncio.TimeoutError:
            _see(visit, f"a client that sends {way}")
    finally:
        await line.close()


async def stays_frozen(visit: Visit) -> None:
    """Read an answer, then nothing more, as a process that is stopped; see whether the server ends the connection."""
    async with visit.line() as line:
        await visit.whole(line, visit.url("1k"))
        line.freeze()
        await asyncio.sleep(visit.idle)
        if line.alive:
            _see(visit, "a client that is frozen after an answer")
        line.vanish()


def _see(visit: Visit, whose: str) -> None:
    if visit.idle > _IDLE_TIMEOUT + _GRACE:
        protocol = "TLS" if visit.tls else "HTTP"
        raise WrongAnswerError(f"the connection of {whose}, over {protocol}, is there after {visit.idle:.0f} s")


KINDS = (
    Kind(leaves_in_body, 6),
    Kind(leaves_in_head, 4),
    Kind(never_reads, 3),
    Kind(never_reads_answers),
    Kind(stalled_upload, 2),
    Kind(endless_upload, 2),
    Kind(leaves_a_wait, 2),
    Kind(wave, 0.2, alone=True),
    Kind(garbage),
    Kind(wrong_protocol, 0.5),
    Kind(leaves_handshake, 2),
)
#: Those that stay until the server ends the connection.
PATIENT = (Kind(stays, 3), Kind(stays_frozen, 1))
