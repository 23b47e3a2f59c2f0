"""coded_files.py: a file compressed as a whole has its own length, ETag and ranges; and who gets it."""

from __future__ import annotations

import gzip
import sys

import brotli
import pytest
import zstandard

import fakefiles
from doubles import Connection, ask, decide
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import ONES, RULER
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.http import coded_files
from fakefiles.http.answers import Answer
from fakefiles.http.coded_files import LARGEST, coded
from fakefiles.urls.settings import Settings

FILE = VirtualFile(1000, RULER, "a")
DECODERS = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstandard.decompress,
}


def answer(query: str, method: str = "GET", **headers: str) -> Answer:
    """Return the answer to a request for 1000 bytes of ruler."""
    reply = decide(ask(f"/1000?content=ruler&{query}", method, **headers), Settings())
    assert isinstance(reply, Answer)
    return reply


@pytest.mark.parametrize("coding", DECODERS)
def test_coded(coding: str) -> None:
    """It is the file, compressed; the same each time, with a tag of its own."""
    file = coded(FILE, coding)
    data = file.content.read(0, file.size)
    assert (DECODERS[coding](data), file.name) == (FILE.content.read(0, 1000), "a")
    assert coded(FILE, coding).etag == file.etag
    tags = {
        coded(each, other).etag
        for each in (FILE, VirtualFile(1001, RULER), VirtualFile(1000, ONES))
        for other in DECODERS
    }
    assert len(tags) == 12


def test_bounds() -> None:
    """A large file is refused, and only some are kept."""
    with pytest.raises(RequestError, match="of up to 1048576 bytes; encoding=gzip any file"):
        coded(VirtualFile(LARGEST + 1, ONES), "gzip")
    assert coded(VirtualFile(LARGEST, ONES), "gzip").size < LARGEST
    for size in range(20):
        coded(VirtualFile(size, ONES), "gzip")
    assert len(coded_files._kept) == 8


@pytest.mark.parametrize(("coding", "module"), [("br", "brotli"), ("zstd", "zstandard")])
def test_not_installed(coding: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library, an error says how to get it."""
    monkeypatch.setitem(sys.modules, module, None)
    coded_files._kept.clear()
    assert answer(f"coding={coding}").status == 400
    with pytest.raises(RequestError, match=rf"^coding={coding} needs a library .*: pip install '\.\[codings\]'"):
        coded(VirtualFile(77, RULER), coding)


def test_answer() -> None:
    """Length, ETag and Content-Encoding are of the compressed file, for HEAD, too."""
    file = coded(FILE, "br")
    reply = answer("coding=br")
    told = {name: reply.headers[name] for name in ("Content-Length", "ETag", "Content-Encoding", "Accept-Ranges")}
    assert told == {
        "Content-Length": str(file.size),
        "ETag": file.etag,
        "Content-Encoding": "br",
        "Accept-Ranges": "bytes",
    }
    assert (reply.faults, reply.lasting, reply.size, "Vary" in reply.headers) == (
        ["coding=br"],
        False,
        file.size,
        False,
    )
    assert answer("coding=br", "HEAD").headers == reply.headers


def test_ranges() -> None:
    """They are of the compressed bytes; If-Range knows the tag, and the tag of the plain file is another."""
    file = coded(FILE, "gzip")
    reply = answer("coding=gzip", Range="bytes=10-19", If_Range=file.etag)
    assert (reply.status, reply.small_body) == (206, file.content.read(10, 10))
    assert (reply.headers["Content-Range"], reply.headers["Content-Encoding"]) == (f"bytes 10-19/{file.size}", "gzip")
    assert answer("coding=gzip", Range="bytes=10-19", If_Range=FILE.etag).status == 200
    assert answer("coding=gzip", Range=f"bytes={file.size}-").status == 416
    assert answer("coding=gzip", If_None_Match=file.etag).status == 304


@pytest.mark.parametrize(
    ("query", "accepted", "encoding"),
    [
        ("coding=gzip&negotiate=on", "gzip, deflate", "gzip"),
        ("coding=gzip&negotiate=on", "br", None),
        ("coding=gzip&negotiate=on", None, None),
        ("coding=gzip", "br", "gzip"),
        ("encoding=gzip&negotiate=on", "gzip", "gzip"),
        ("encoding=gzip&negotiate=on", None, None),
    ],
)
def test_negotiation(query: str, accepted: str | None, encoding: str | None) -> None:
    """A client that does not accept it gets the plain file, with ranges; Vary says what that depends on."""
    fields = {"Accept_Encoding": accepted} if accepted else {}
    reply = answer(query, **fields)
    assert reply.headers.get("Content-Encoding") == encoding
    assert reply.headers.get("Vary") == ("Accept-Encoding" if "negotiate" in query else None)
    if encoding is None:
        assert (reply.headers["ETag"], list(reply.faults)) == (FILE.etag, [])
        assert answer(query, Range="bytes=0-9", **fields).status == 206


def test_digest() -> None:
    """A digest that the client wants covers the compressed bytes (RFC 9530, 3)."""
    plain, wanted = answer("tag=x", Want_Repr_Digest="md5=1"), answer("coding=gzip", Want_Repr_Digest="md5=1")
    assert plain.headers["Repr-Digest"] != wanted.headers["Repr-Digest"]


def test_on_the_wire_and_in_the_cache() -> None:
    """Only where it matters is Accept-Encoding looked at: a plain URL is kept for all clients."""
    connection = Connection()
    cache = connection.site.resource._cache._answers
    target = "/1000?content=ruler&coding=gzip&negotiate=on"
    assert gzip.decompress(connection.get(target, "Accept-Encoding: gzip").body) == FILE.content.read(0, 1000)
    assert connection.get(target).body == FILE.content.read(0, 1000)
    for field in ("Accept-Encoding: gzip", "Accept-Encoding: br"):
        Connection(connection.site).get("/10", field)
    assert len(cache) == 1


def test_in_defaults() -> None:
    """The operator can want it for all URLs: then each answer depends on it."""
    site = fakefiles.site(defaults="coding=gzip&negotiate=on", reactor=Connection().clock)
    assert Connection(site).get("/10", "Accept-Encoding: gzip").headers["content-encoding"] == "gzip"
    assert Connection(site).get("/10").body == b"1" * 10
