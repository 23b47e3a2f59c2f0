"""Good clients: downloads, resumed ones, segments, ranges, conditions, digests, pages."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from typing import Any

from benchmarks.traffic.line import Head, Line, WrongAnswerError, WrongBytesError
from benchmarks.traffic.visit import NEVER, Kind, Visit, file_of

_SIZES = ("1", "100", "4k", "100k", "1m", "4m", "16m")
_SEGMENTS = 4
_MIB = 1 << 20


async def whole(visit: Visit) -> None:
    """Download a file, of any content and framing."""
    framing = visit.random.choice(["length", "length", "chunked", "close"])
    async with visit.line() as line:
        await visit.whole(line, visit.url(visit.random.choice(_SIZES), framing=framing, **visit.content()))


async def kept(visit: Visit) -> None:
    """Download several files on one connection, and ask for the head of each before."""
    async with visit.line() as line:
        for size in visit.random.sample(_SIZES[:5], 3):
            url = visit.url(size, **visit.content())
            line.ask(url, method="HEAD")
            (await line.head()).expect(200)
            await visit.whole(line, url)


async def pipelined(visit: Visit) -> None:
    """Send many requests at once, and read the answers in their order."""
    urls = [visit.url(size) for size in visit.random.choices(range(1, 5000), k=30)]
    async with visit.line() as line:
        for url in urls:
            line.ask(url)
        for url in urls:
            content, size = file_of(url)
            await line.check(await line.head(), content, 0, size)


async def slow(visit: Visit) -> None:
    """Read a file slowly, through a small window."""
    url = visit.url("256k", **visit.content())
    content, size = file_of(url)
    async with visit.line(small=True) as line:
        line.ask(url)
        await line.head()
        at = 0
        while piece := await line.read(min(size // 8, size - at)) if at < size else b"":
            line.compare(piece, content, at)
            at += len(piece)
            await asyncio.sleep(visit.dawdle / 8)


async def _range(line: Line, url: str, start: int, stop: int, *fields: str) -> None:
    line.ask(url, f"Range: bytes={start}-{stop - 1}", *fields)
    head = await line.head()
    head.expect(206)
    await line.check(head, file_of(url)[0], start, stop)


async def resumed(visit: Visit) -> None:
    """Leave in the middle, and get the rest on a new connection."""
    url = visit.own_url("2m", **visit.content())
    content, size = file_of(url)
    async with visit.line() as line:
        line.ask(url)
        head = await line.head()
        at = 0
        while at < size // 4 and (piece := await line.read()):
            line.compare(piece, content, at)
            at += len(piece)
        line.vanish()
    async with visit.line() as line:
        await _range(line, url, at, size, f"If-Range: {head.fields['etag']}")


async def segmented(visit: Visit) -> None:
    """Download a file in segments, each on its own connection, all at the same time."""
    url = visit.own_url("4m", **visit.content())
    _, size = file_of(url)

    async def segment(number: int) -> None:
        async with visit.line() as line:
            await _range(line, url, number * size // _SEGMENTS, (number + 1) * size // _SEGMENTS)

    await asyncio.gather(*(segment(number) for number in range(_SEGMENTS)))


async def ranges(visit: Visit) -> None:
    """Ask for a storm of small ranges of a very large file."""
    url = visit.url("1t", **visit.content())
    async with visit.line() as line:
        for _ in range(40):
            start = visit.random.randrange(1 << 40)
            await _range(line, url, start, min(start + visit.random.randrange(1, 3000), 1 << 40))


async def multiparts(visit: Visit) -> None:
    """Ask for several ranges at once, up to as many as are allowed; check each part."""
    url = visit.url("1t", **visit.content())
    content, _ = file_of(url)
    async with visit.line() as line:
        for count in (2, 30, 256):
            starts = [visit.random.randrange(1 << 39) for _ in range(count)]
            line.ask(url, "Range: bytes=" + ",".join(f"{start}-{start + 9}" for start in starts))
            head = await line.head()
            head.expect(206)
            body = await line.body(head)
            parts = re.findall(rb"Content-Range: bytes (\d+)-\d+/\d+\r\n\r\n(.{10})\r\n--", body, re.DOTALL)
            if len(parts) != count or any(content.read(int(start), 10) != part for start, part in parts):
                raise WrongBytesError(f"in {count} ranges: {len(parts)} parts")
            visit.checked += 10 * count


async def bad_ranges(visit: Visit) -> None:
    """Ask for ranges that are none, that lie outside, and for too many."""
    many = ",".join(f"{20 * number}-{20 * number + 9}" for number in range(300))
    async with visit.line() as line:
        for asked in ("bytes=5-2", "bytes=a-b", f"bytes={1 << 20}-", "bytes=-0", f"bytes={many}", "bytes=,"):
            line.ask(visit.url("1m"), f"Range: {asked}")
            head = await line.head()
            head.expect(416)
            await line.body(head)
        await visit.whole(line, visit.url("100"), "Range: lines=1-2")


async def conditions(visit: Visit) -> None:
    """Ask on conditions that hold, and on others that do not."""
    url = visit.url("4k", **visit.content())
    async with visit.line() as line:
        line.ask(url, method="HEAD")
        etag = (await line.head()).fields["etag"]
        for field, status in (
            (f"If-None-Match: {etag}", 304),
            ("If-Modified-Since: Sun, 09 Sep 2029 01:46:40 GMT", 304),
            ('If-Match: "another"', 412),
            (f"If-Match: {etag}", 200),
        ):
            line.ask(url, field)
            head = await line.head()
            head.expect(status)
            if status != 304:
                await line.body(head)
        await visit.whole(line, url, "Range: bytes=1-2", 'If-Range: "another"')


async def digests(visit: Visit) -> None:
    """Ask for a checksum file, and for digests in fields."""
    options: dict[str, Any] = {"content": "random", "seed": visit.number}
    content, size = file_of(visit.url("1m", **options))
    expected = hashlib.sha256(content.read(0, size)).digest()
    async with visit.line() as line:
        line.ask(visit.url("1m", "a.bin.sha256", **options))
        head = await line.head()
        if await line.body(head) != expected.hex().encode() + b"  a.bin\n":
            raise WrongBytesError("in a checksum file")
        line.ask(visit.url("1m", "a.bin", digest="sha-256", **options), method="HEAD")
        fields = (await line.head()).fields
        if fields["repr-digest"] != f"sha-256=:{base64.b64encode(expected).decode()}:":
            raise WrongAnswerError("a wrong digest")
        await visit.whole(line, visit.url("64k", **options), "Want-Repr-Digest: sha-512=9")


async def _json(line: Line, target: str, method: str = "GET") -> dict[str, object]:
    line.ask(target, "Content-Length: 0", method=method)
    head = await line.head()
    head.expect(200)
    answer: dict[str, object] = json.loads(await line.body(head))
    return answer


async def pages(visit: Visit) -> None:
    """Read the pages: the first one, health, the journal; and one that is not there."""
    async with visit.line() as line:
        for target, status in (("/", 200), ("/-/health", 200), ("/-/nothing", 404), ("/-/journal?since=x", 400)):
            line.ask(target)
            head = await line.head()
            head.expect(status)
            await line.body(head)
        await _json(line, f"/-/journal?tag={visit.tag}")


async def polls(visit: Visit) -> None:
    """Wait for news in the journal, which another connection makes; then for news that do not come."""
    tag = f"{visit.tag}-{visit.number}"
    async with visit.line() as line, visit.line() as other:
        version = (await _json(line, f"/-/journal?since={NEVER}"))["version"]
        waiting = asyncio.ensure_future(_json(line, f"/-/journal?since={version}&tag={tag}&wait=30"))
        await asyncio.sleep(visit.dawdle / 20)
        await visit.whole(other, visit.url("10", tag=tag))
        if not (await waiting)["records"]:
            raise WrongAnswerError("the journal has no record of what was asked for")
        await _json(line, f"/-/journal?since={NEVER}&wait={visit.dawdle / 2:.3f}")


async def uploads(visit: Visit) -> None:
    """Send a short body, which is refused when it is there; the connection stays. One in chunks ends it."""
    async with visit.line() as line:
        line.ask(visit.url("1k"), "Content-Length: 60000", method="POST")
        line.send(bytes(60_000))
        await _refused(line, await line.head())
        await visit.whole(line, visit.url("1k"))
        line.ask(visit.url("1k"), "Transfer-Encoding: chunked", method="PUT")
        line.send(b"3e8\r\n" + bytes(1000) + b"\r\n0\r\n\r\n")
        await _refused(line, await line.head())


async def _refused(line: Line, head: Head) -> None:
    head.expect(405)
    await line.body(head)


KINDS = (
    Kind(whole, 6),
    Kind(kept, 4),
    Kind(pipelined, 3),
    Kind(slow, 2),
    Kind(resumed, 3),
    Kind(segmented, 2),
    Kind(ranges, 3),
    Kind(multiparts, 2),
    Kind(bad_ranges, 2),
    Kind(conditions, 3),
    Kind(digests, 2),
    Kind(pages, 0.5),
    Kind(polls),
    Kind(uploads),
)
