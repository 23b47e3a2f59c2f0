"""target.py: URLs, as tables."""

from __future__ import annotations

import pytest

from fakefiles.content import ONES, ZEROS
from fakefiles.delivery import Framing
from fakefiles.errors import NotFoundError, RequestError
from fakefiles.files import FakeFile
from fakefiles.target import Options, Settings, parse_query, parse_target

PATHS = {
    ("10",): FakeFile(10, ONES),
    ("0",): FakeFile(0, ONES),
    ("4k",): FakeFile(4096, ONES),
    ("700m", "ubuntu.iso"): FakeFile(700 * 2**20, ONES, "ubuntu.iso"),
    ("1", "1"): FakeFile(1, ONES, "1"),
    ("1", "../x"): FakeFile(1, ONES, "../x"),
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
}
BAD_QUERIES = {
    "contents=ones": "unknown query parameter",
    "seed=1&rate=2": "2 unknown query parameter",
    "Content=ones": "unknown query parameter",
    "=": "unknown query parameter",
    "content=ones&content=ones": "repeated",
    "content=twos": "content is one of ones, zeros",
    "content=": "content is one of ones, zeros",
    "content=ONES": "content is one of ones, zeros",
    "content=%FF": "content is one of ones, zeros",
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


@pytest.mark.parametrize(("path", "file"), PATHS.items())
def test_path(path: tuple[str, ...], file: FakeFile) -> None:
    """A path names this file."""
    assert parse_target(path, "", Settings()) == (file, Options())


@pytest.mark.parametrize(("path", "status"), BAD_PATHS.items(), ids=lambda value: ascii(value)[:20])
def test_bad_path(path: tuple[str, ...], status: int) -> None:
    """A path that begins with a digit is a bad size, any other is not found."""
    with pytest.raises(RequestError) as caught:
        parse_target(path, "", Settings())
    assert caught.value.status == status
    assert isinstance(caught.value, NotFoundError) is (status == 404)


def test_max_size() -> None:
    """The operator's limit is the limit."""
    assert parse_target(["1k"], "", Settings(max_size=1024))[0].size == 1024
    with pytest.raises(RequestError, match="the largest size here is 1024 bytes"):
        parse_target(["1025"], "", Settings(max_size=1024))


@pytest.mark.parametrize(("query", "options"), QUERIES.items())
def test_query(query: str, options: Options) -> None:
    """A query means these options."""
    assert parse_query(query) == options if query else options == Options()


@pytest.mark.parametrize(("query", "message"), BAD_QUERIES.items(), ids=lambda value: ascii(value)[:30])
def test_bad_query(query: str, message: str) -> None:
    """A query that is unknown, repeated or malformed is refused with what would be right."""
    with pytest.raises(RequestError, match=message) as caught:
        parse_query(query)
    assert caught.value.status == 400


def test_options_reach_the_file() -> None:
    """The content that the query names is the file's."""
    file, options = parse_target(["10"], "content=zeros", Settings())
    assert (file.content, options.content) == (ZEROS, ZEROS)
