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
from fakefiles.urls.url_for import path_for


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
    assert len(caught.traceback) == 2
    assert caught.value.__suppress_context__
