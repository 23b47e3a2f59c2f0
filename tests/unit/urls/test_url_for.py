"""URLs from keywords: what they become, and what is refused with the server's own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.errors import RequestError
from fakefiles.urls.settings import Settings
from fakefiles.urls.target import parse_target
from fakefiles.urls.url_for import Url, path_for, path_for_set


@pytest.mark.parametrize(
    ("size", "name", "options", "expected"),
    [
        ("100m", "", {}, "/100m"),
        (1024, "a.iso", {}, "/1024/a.iso"),
        ("1k", "a b/ü?.iso", {}, "/1k/a%20b%2F%C3%BC%3F.iso"),
        ("1k", "", {"content": "random", "seed": 3}, "/1k?content=random&seed=3"),
        ("1k", "a.md5", {"sidecar": False, "tag": "a:b~c"}, "/1k/a.md5?sidecar=off&tag=a:b~c"),
        ("1k", "", {"delay": 100.0, "jitter": 0.25, "flip": "1,50%"}, "/1k?delay=100&jitter=0.25&flip=1,50%25"),
        ("1k", "", {"chance": 0.00001, "status": 503}, "/1k?chance=0.00001&status=503"),
        ("1k", "", {"user": "a b", "password": "/", "auth": "basic"}, "/1k?user=a%20b&password=%2F&auth=basic"),
        (
            "1k",
            "",
            {"close": ["9@1", "50%@2-,range"], "status": "503@3"},
            "/1k?close=9@1&close=50%25@2-,range&status=503@3",
        ),
        ("1k", "", {"header": "A: b"}, "/1k?header=A:%20b"),
        ("1k", "", {"header": ["A: b", "C:d"], "tag": "x"}, "/1k?header=A:%20b&header=C:d&tag=x"),
        ("1k", "", {"header": ("A: b",), "flip": ()}, "/1k?header=A:%20b"),
        ("1k", "", {"sidecar": True, "digest": None, "chunk_size": 2.0}, "/1k?sidecar=on&chunk_size=2"),
    ],
)
def test_urls(size: int | str, name: str, options: dict[str, Any], expected: str) -> None:
    """Keywords become a query; what is None is left out."""
    assert path_for(size, name, options, Settings()) == expected


@given(st.text(min_size=1, max_size=20).filter(lambda name: name.isprintable()))
def test_any_name(name: str) -> None:
    """Any name is in the path, and is the file's."""
    path = path_for("1k", name, {"sidecar": "off"}, Settings())
    segments = [unquote(segment) for segment in path.partition("?")[0].split("/")[1:]]
    assert parse_target(segments, "sidecar=off", Settings()).file.name == name


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        ("1x", {}, "not a size; write a size like 1024"),
        ("", {}, "no such file; ask for /{size}"),
        (-1, {}, "no such file; ask for /{size}"),
        ("10g", {}, "too large; the largest size here is 1048576 bytes"),
        ("1k", {"content": "nothing"}, "content is one of"),
        ("1k", {"colour": "red"}, r"1 unknown query parameter\(s\)"),
        ("1k", {"seed": "x", "content": "random"}, "seed is a whole number from 0"),
        ("1k", {"chunk_size": 0.00001}, "chunk_size is"),
        ("1k", {"rate": [1, 2]}, "a query parameter is repeated"),
        ("1k", {"tag": "a b"}, "tag is 1 to 64 letters"),
    ],
)
def test_refused(size: int | str, options: dict[str, Any], message: str) -> None:
    """A URL that the server would refuse raises at once, with the text of its answer."""
    with pytest.raises(RequestError, match=f"^{message}") as caught:
        path_for(size, "", options, Settings(max_size=2**20))
    # A traceback shows the line of the test, and nothing of the parser.
    assert [Path(entry.path).name for entry in caught.traceback.filter(caught)] == [Path(__file__).name]
    assert [entry.path for entry in caught.traceback if "parse" in entry.name] == []
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("suffix", ["torrent", "magnet", "meta4", "metalink"])
def test_sidecars(suffix: str) -> None:
    """A URL has those of its sidecars, each with the whole query, and each is a URL again."""
    url = Url("http://a/1k/x.iso?v=2&tag=t")
    found = getattr(url, suffix)
    assert found == f"http://a/1k/x.iso.{suffix}?v=2&tag=t"
    assert isinstance(found, Url)
    assert Url("/1k/x").beside(".sha256").beside(".torrent") == "/1k/x.sha256.torrent"


def test_sets() -> None:
    """Files by their paths become a set, which is one that a server has."""
    files: dict[str, int | str] = {"a b.bin": "10m", "docs/é.txt": 5}
    path = path_for_set(files, "my set", {"content": "ruler", "tag": None}, Settings())
    assert path == "/set/a%20b.bin=10m,docs:%C3%A9.txt=5/my%20set?content=ruler"


@pytest.mark.parametrize(
    ("files", "name", "options", "message"),
    [
        ({}, "x", {}, "each file of a set has a size"),
        ({"a": "1x"}, "x", {}, "not a size"),
        ({"a": 1}, "", {}, "a set of files is no file"),
        ({"a/../b": 1}, "x", {}, "a name in a set"),
        ({"a": 1, "a/b": 1}, "x", {}, "each file of a set has a path of its own"),
        ({"a": 1}, "x", {"color": "red"}, "1 unknown query parameter"),
        ({"a": 1}, "x", {"change": "call"}, "a set of files does not change"),
    ],
)
def test_refused_sets(files: dict[str, int | str], name: str, options: dict[str, Any], message: str) -> None:
    """What the server would refuse raises at once."""
    with pytest.raises(RequestError, match=f"^{message}"):
        path_for_set(files, name, options, Settings())


def test_sidecars_of_a_file_that_looks_like_one() -> None:
    """Its own URL has sidecar=off; with that, it would have no sidecars."""
    assert Url("/10/x.sha256?sidecar=off").torrent == "/10/x.sha256.torrent"
    assert Url("/10/x.sha256?seed=1&sidecar=off&tag=t").magnet == "/10/x.sha256.magnet?seed=1&tag=t"
