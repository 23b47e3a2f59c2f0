"""target.py: URLs, as tables."""

from __future__ import annotations

import pytest

from fakefiles.content import ONES, RULER, ZEROS, Content, Random, Tile
from fakefiles.delivery import Framing
from fakefiles.digest import BY_FIELD
from fakefiles.errors import NotFoundError, RequestError
from fakefiles.files import FakeFile
from fakefiles.target import Options, Settings, Target, parse_query, parse_target

SHA256, MD5 = BY_FIELD["sha-256"], BY_FIELD["md5"]

# Path and query, and what they name.
TARGETS = {
    ("10", ""): Target(FakeFile(10, ONES), Options()),
    ("0", ""): Target(FakeFile(0, ONES), Options()),
    ("4k", ""): Target(FakeFile(4096, ONES), Options()),
    ("700m/ubuntu.iso", ""): Target(FakeFile(700 * 2**20, ONES, "ubuntu.iso"), Options()),
    ("1/1", ""): Target(FakeFile(1, ONES, "1"), Options()),
    ("1/..", ""): Target(FakeFile(1, ONES, ".."), Options()),
    ("10.sha256", ""): Target(FakeFile(10, ONES, "10"), Options(), SHA256),
    ("1.5k.md5", ""): Target(FakeFile(1536, ONES, "1.5k"), Options(), MD5),
    ("10/x.bin.sha256", ""): Target(FakeFile(10, ONES, "x.bin"), Options(), SHA256),
    ("10/x.sha256.md5", ""): Target(FakeFile(10, ONES, "x.sha256"), Options(), MD5),
    ("10/.sha256", ""): Target(FakeFile(10, ONES, ".sha256"), Options()),
    ("10/sha256", ""): Target(FakeFile(10, ONES, "sha256"), Options()),
    ("10/x.SHA256", ""): Target(FakeFile(10, ONES, "x.SHA256"), Options()),
    ("10/x.sha256", "sidecar=off"): Target(FakeFile(10, ONES, "x.sha256"), Options(sidecar=False)),
    ("10/x.md5", "content=zeros"): Target(FakeFile(10, ZEROS, "x"), Options(ZEROS), MD5),
}
BAD_PATHS = {
    ("abc",): 404,
    ("-1",): 404,
    ("+1",): 404,
    (".5k",): 404,
    ("",): 404,
    ("", ""): 404,
    ("\0",): 404,
    ("１",): 404,
    ("favicon.ico",): 404,
    ("-", "nothing"): 404,
    ("1", ""): 404,
    ("1", "a", "b"): 404,
    ("1", "a", ""): 404,
    ("1x",): 400,
    ("1e400",): 400,
    ("1\0",): 400,
    ("1２",): 400,
    ("9" * 10_000,): 400,
    ("700m.iso",): 400,
    ("1x", "a", "b"): 400,
    (".sha256",): 404,
    ("1.sha256", "x"): 400,
    ("1.", "x.sha256"): 400,
    ("1", "a", "b.sha256"): 404,
}
QUERIES = {
    "": Options(),
    "content=ones": Options(),
    "content=zeros": Options(content=ZEROS),
    "framing=length": Options(),
    "framing=chunked": Options(framing=Framing.CHUNKED),
    "framing=close": Options(framing=Framing.CLOSE),
    "chunk_size=1": Options(chunk_size=1),
    "chunk_size=10240": Options(chunk_size=10240),
    "chunk_size=64k": Options(chunk_size=65536),
    "chunk_size=1t": Options(chunk_size=2**40),
    "framing=chunked&chunk_size=7&content=zeros": Options(ZEROS, 7, Framing.CHUNKED),
    "%63ontent=%7Aeros": Options(content=ZEROS),
    "content=ruler": Options(content=RULER),
    "content=random": Options(content=Random(0)),
    "content=random&seed=7": Options(content=Random(7), seed=7),
    f"seed={2**64 - 1}&content=random": Options(content=Random(2**64 - 1), seed=2**64 - 1),
    "sidecar=on": Options(),
    "digest=sha-256": Options(digest=SHA256),
}
BAD_QUERIES = {
    "contents=ones": "unknown query parameter",
    "sead=1&rates=2": "2 unknown query parameter",
    "seed=1": "a seed goes with content=random, chance= or jitter= only",
    "content=ruler&seed=1": "a seed goes with content=random, chance= or jitter= only",
    "content=random&seed=-1": "seed is a whole number from 0 to 18446744073709551615",
    "content=random&seed=x": "seed is a whole number",
    "content=random&seed=": "seed is a whole number",
    "content=random&seed=1.5": "seed is a whole number",
    "content=random&seed=\u0663": "seed is a whole number",
    f"content=random&seed={2**64}": "seed is a whole number",
    "content=random&seed=" + "9" * 10_000: "seed is a whole number",
    "sidecar=no": "sidecar is on or off",
    "digest=sha256": "digest is one of sha-256, sha-512, sha, md5",
    "Content=ones": "unknown query parameter",
    "=": "unknown query parameter",
    "content=ones&content=ones": "repeated",
    "content=twos": "content is one of ones, zeros, ruler, random",
    "content=": "content is one of ones, zeros, ruler, random",
    "content=ONES": "content is one of ones, zeros, ruler, random",
    "content=%FF": "content is one of ones, zeros, ruler, random",
    "framing=none": "framing is one of length, chunked, close",
    "chunk_size=": "chunk_size is not a size",
    "chunk_size=0": "chunk_size is at least 1 byte",
    "chunk_size=-1": "chunk_size is not a size",
    "chunk_size=1.5": "chunk_size is not a whole number",
    "chunk_size=" + "9" * 10_000: "chunk_size is too large",
    "content": "malformed query",
    "&": "malformed query",
    "content=ones&": "malformed query",
    "content=ones;framing=close": "content is one of",
}


@pytest.mark.parametrize(("url", "target"), TARGETS.items(), ids=str)
def test_target(url: tuple[str, str], target: Target) -> None:
    """A URL names this."""
    path, query = url
    assert parse_target(path.split("/"), query, Settings()) == target


def test_digest_of_a_checksum_file() -> None:
    """To ask for both makes no sense."""
    with pytest.raises(RequestError, match="leave out digest="):
        parse_target(["10.md5"], "digest=md5", Settings())


@pytest.mark.parametrize(("path", "status"), BAD_PATHS.items(), ids=lambda value: ascii(value)[:20])
def test_bad_path(path: tuple[str, ...], status: int) -> None:
    """A path that begins with a digit is a bad size, any other is not found."""
    with pytest.raises(RequestError) as caught:
        parse_target(path, "", Settings())
    assert caught.value.status == status
    assert isinstance(caught.value, NotFoundError) is (status == 404)


def test_max_size() -> None:
    """The operator's limit is the limit."""
    assert parse_target(["1k"], "", Settings(max_size=1024)).file.size == 1024
    with pytest.raises(RequestError, match="the largest size here is 1024 bytes"):
        parse_target(["1025"], "", Settings(max_size=1024))


@pytest.mark.parametrize(("query", "options"), QUERIES.items(), ids=str)
def test_query(query: str, options: Options) -> None:
    """A query means these options."""
    assert parse_target(["10"], query, Settings()).options == options


DEFAULTS: list[tuple[Settings, str, Content]] = [
    (Settings(kind="ruler"), "", RULER),
    (Settings(kind="ruler"), "content=ones", ONES),
    (Settings(kind="ruler"), "content=random", Random(0)),
    (Settings(kind="random", seed=5), "", Random(5)),
    (Settings(kind="random", seed=5), "chunk_size=1", Random(5)),
    (Settings(kind="random", seed=5), "content=random", Random(5)),
    (Settings(kind="random", seed=5), "seed=6", Random(6)),
    (Settings(kind="random", seed=5), "content=zeros", ZEROS),
    (Settings(contents={"mine": Tile("mine", b"x")}), "content=mine", Tile("mine", b"x")),
    (Settings(kind="mine", contents={"mine": Tile("mine", b"x")}), "", Tile("mine", b"x")),
]


@pytest.mark.parametrize(("settings", "query", "content"), DEFAULTS, ids=str)
def test_defaults(settings: Settings, query: str, content: Content) -> None:
    """The server's default holds until the URL says otherwise."""
    assert parse_target(["10"], query, settings).file.content == content


@pytest.mark.parametrize(("query", "message"), BAD_QUERIES.items(), ids=lambda value: ascii(value)[:30])
def test_bad_query(query: str, message: str) -> None:
    """A query that is unknown, repeated or malformed is refused with what would be right."""
    with pytest.raises(RequestError, match=message) as caught:
        parse_query(query, Settings())
    assert caught.value.status == 400
