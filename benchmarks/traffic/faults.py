"""Clients that ask for faults, and see to it that each of them happens as its URL says."""

from __future__ import annotations

import asyncio
import base64
import json
import zlib
from typing import Any

from benchmarks.traffic.line import Line, TornError, WrongAnswerError, WrongBytesError
from benchmarks.traffic.visit import Kind, Visit, file_of

_KIB = 1 << 10


async def torn(visit: Visit) -> None:
    """Get half of a file, and then a FIN or an RST."""
    fault = visit.random.choice([{"close": "50%"}, {"reset": "50%"}, {"profile": "short-mirror"}])
    framing = visit.random.choice(["length", "chunked"])
    url = visit.url("256k", framing=framing, **fault, **visit.content())
    content, size = file_of(url)
    async with visit.line() as line:
        line.ask(url)
        await line.check_torn(await line.head(), content, 0, size // 2)


async def stalls(visit: Visit) -> None:
    """Get half of a file, later the rest; and half of another one, and no more."""
    async with visit.line() as line:
        await visit.whole(line, visit.url("64k", stall=f"50%:{visit.dawdle / 4:.3f}", **visit.content()))
        line.ask(visit.url("64k", stall="50%"))
        await line.head()
        await line.read_all(32 * _KIB)
        await asyncio.sleep(visit.dawdle / 4)
        line.vanish()


async def flipped(visit: Visit) -> None:
    """Get one byte wrong, and no other."""
    url = visit.url("64k", flip="50%", **visit.content())
    content, size = file_of(url)
    async with visit.line() as line:
        line.ask(url)
        expected = bytearray(content.read(0, size))
        expected[size // 2] ^= 1
        if await line.body(await line.head()) != expected:
            raise WrongBytesError("besides the flipped one")
    visit.checked += size


async def substitutes(visit: Visit) -> None:
    """Get a status, half a head, or no answer at all instead of a file."""
    async with visit.line() as line:
        line.ask(visit.url("1m", status=503, retry_after=1))
        head = await line.head()
        head.expect(503)
        await line.body(head)
        if head.fields.get("retry-after") != "1":
            raise WrongAnswerError("there is no Retry-After")
    for way in ("close", "reset", "headers"):
        async with visit.line() as line:
            line.ask(visit.url("1m", refuse=way))
            try:
                await line.head()
            except TornError:
                continue
            raise WrongAnswerError(f"an answer in spite of refuse={way}")


async def occasions(visit: Visit) -> None:
    """Get an error first, then the file; and errors by chance."""
    url = visit.own_url("4k", status=500, fail=1, **visit.content())
    by_chance = visit.url("1k", status=500, chance=0.5)
    async with visit.line() as line:
        line.ask(url)
        head = await line.head()
        head.expect(500)
        await line.body(head)
        await visit.whole(line, url)
        for _ in range(4):
            line.ask(by_chance)
            head = await line.head()
            head.expect(200, 500)
            await line.body(head)


async def paced(visit: Visit) -> None:
    """Download at a rate, in drips, with delays, through a bucket that others share."""
    paces: list[dict[str, Any]] = [
        {"rate": int(64 * _KIB / visit.dawdle)},
        {"duration": f"{visit.dawdle:.3f}"},
        {"drip": 500, "jitter": f"{visit.dawdle / 100:.3f}"},
        {"delay": f"{visit.dawdle:.3f}", "drip": 1000},
        {"bucket": "soak", "rate": int(640 * _KIB / visit.dawdle)},
    ]
    async with visit.line() as line:
        await visit.whole(line, visit.url("64k", **visit.random.choice(paces), **visit.content()))


async def gzipped(visit: Visit) -> None:
    """Get a file compressed, and another that only claims to be."""
    async with visit.line() as line:
        url = visit.url("256k", encoding="gzip", **visit.content())
        content, size = file_of(url)
        line.ask(url)
        if zlib.decompress(await line.body(await line.head()), 31) != content.read(0, size):
            raise WrongBytesError("in what is compressed")
    async with visit.line() as line:
        await visit.whole(line, visit.url("4k", encoding="lie"))
    visit.checked += size


async def lies(visit: Visit) -> None:
    """Get a wrong length, ranges that are others, a body without its last chunk, new tags each time."""
    content, size = file_of(visit.url("64k", content="ruler"))
    wrong: list[dict[str, Any]] = [{"length": "long:10"}, {"framing": "chunked", "lastchunk": "off"}]
    for options in wrong:
        async with visit.line() as line:
            line.ask(visit.url("64k", content="ruler", **options))
            await line.check_torn(await line.head(), content, 0, size)
    async with visit.line() as line:
        line.ask(visit.url("64k", content="ruler", length="short:10"))
        await line.check(await line.head(), content, 0, size - 10)
        await line.end()
    async with visit.line() as line:
        line.ask(visit.url("64k", content="ruler", ranges="shift:100"), "Range: bytes=0-99")
        await line.check(await line.head(), content, 100, 200)
        await visit.whole(line, visit.url("64k", ranges="off"), "Range: bytes=0-99")
        await visit.whole(line, visit.url("64k", etag="rotate"))


async def before(visit: Visit) -> None:
    """Log in, and follow redirects."""
    url = visit.url("4k", auth="basic", user="me", password="secret")  # noqa: S106  a secret of nobody
    async with visit.line() as line:
        line.ask(url)
        head = await line.head()
        head.expect(401)
        await line.body(head)
        await visit.whole(line, url, f"Authorization: Basic {base64.b64encode(b'me:secret').decode()}")
        line.ask(visit.url("4k", redirect=1))
        head = await line.head()
        head.expect(302)
        await line.body(head)
        line.ask(head.fields["location"])
        head = await line.head()
        head.expect(200)
        await line.body(head)


async def held(visit: Visit) -> None:
    """Let a download be held, and release it by hand; have another one dropped, and leave a third."""
    tag = f"{visit.tag}-{visit.number}"
    url = visit.url("64k", hold="50%", tag=tag)
    content, size = file_of(url)
    async with visit.line() as line, visit.line() as other:
        line.ask(url)
        head = await line.head()
        number = json.loads(await _post(other, f"/-/journal?tag={tag}", "GET"))["records"][-1]["number"]
        await _post(other, f"/-/journal/{number}/release")
        await line.check(head, content, 0, size)
        line.ask(url)
        await line.head()
        await line.read_all(size // 2)
        await _post(other, f"/-/drop?tag={tag}")
        await line.end()
    async with visit.line() as line:
        line.ask(url)
        await line.head()
        await asyncio.sleep(visit.dawdle / 4)
        line.vanish()


async def _post(line: Line, target: str, method: str = "POST") -> bytes:
    line.ask(target, "Content-Length: 0", method=method)
    head = await line.head()
    head.expect(200, 204)
    return await line.body(head) if head.status == 200 else b""


KINDS = (
    Kind(torn, 3),
    Kind(stalls),
    Kind(flipped),
    Kind(substitutes, 2),
    Kind(occasions, 2),
    Kind(paced, 3),
    Kind(gzipped),
    Kind(lies),
    Kind(before),
    Kind(held),
)
