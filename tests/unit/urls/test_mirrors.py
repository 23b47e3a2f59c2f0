"""mirrors.py: the URLs of a file, as torrents, metalinks and Link fields name them."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.behaviour.swarm import Swarm
from fakefiles.behaviour.torrents import Torrents
from fakefiles.files.errors import RequestError
from fakefiles.urls.mirrors import base_of, file_pairs, mirror_urls, pairs_of, url_beside, web_seed, written
from fakefiles.urls.sidecars import About
from peers import about

BASE = "http://localhost:8000/"


def mirrors(target: str, below: str = "", **changes: Any) -> list[str]:
    """Return the URLs of the mirrors of a file."""
    return list(mirror_urls(about(target)._replace(**changes), below))


def test_pairs() -> None:
    """The parameters of some parts are left out; all others stay as they were written."""
    query = "content=ruler&v=2&peer=choke&flip=1,50%25@2&tag=a&mirrors=a:1;flip=1"
    assert pairs_of(query, Torrents, Swarm) == [("content", "ruler"), ("flip", "1,50%@2"), ("tag", "a")]
    assert len(pairs_of(query)) == 6
    assert written([("flip", "1,50%@2"), ("header", "A: b&c")]) == "flip=1,50%25@2&header=A:%20b%26c"


def test_file_pairs() -> None:
    """A file whose own name is like that of a sidecar says so in its URL; a set has no such name."""
    assert file_pairs(about("/1k/a.md5?tag=t")) == [("tag", "t"), ("sidecar", "off")]
    off = about("/1k/a.iso")._replace(path="1k/a.md5", query="sidecar=off")
    assert file_pairs(off) == [("sidecar", "off")]
    assert file_pairs(about("/set/a=1/x.md5")) == []


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/1k/a.iso", "1k/a.iso"),
        ("/1k/a.iso?v=2&peer=choke&piece=16k", "1k/a.iso"),
        ("/1k/a%20b?content=ruler&flip=50%25@2-", "with/content=ruler&flip=50%2525@2-/1k/a%20b"),
        ("/1k/a.md5", "with/sidecar=off/1k/a.md5"),
        ("/set/a=1,b:c=2/demo", "set/a=1,b:c=2/"),
        ("/set/a=1,b:c=2/demo?tag=t", "with/tag=t/set/a=1,b:c=2/"),
    ],
)
def test_web_seed(target: str, url: str) -> None:
    """It has its query in its path, and of a set it is the folder in which that of the set is."""
    assert web_seed(about(target)) == f"{BASE}{url}"


def test_beside() -> None:
    """A sidecar has the whole query of the file."""
    found = about("/1k/a?v=2&content=ruler")
    assert url_beside(found, ".torrent") == f"{BASE}1k/a.torrent?v=2&content=ruler"
    assert url_beside(about("/1k/a"), ".meta4") == f"{BASE}1k/a.meta4"


def test_without_a_host() -> None:
    """A client that does not name its host cannot be told URLs."""
    found = about("/1k/a")._replace(base="")
    for call in (base_of, web_seed, lambda each: list(mirror_urls(each))):
        with pytest.raises(RequestError, match=r"^the URLs in it need the Host field of the request"):
            call(found)


class TestMirrors:
    """The hosts that a URL names."""

    def test_none(self) -> None:
        """Without mirrors, the file has its own URL."""
        assert mirrors("/1k/a?v=2") == [f"{BASE}1k/a"]
        assert mirrors("/1k/a?content=ruler&peer=choke") == [f"{BASE}1k/a?content=ruler"]
        assert mirrors("/set/a=1/demo?tag=t", "a%20b") == [f"{BASE}set/a=1/demo/a%20b?tag=t"]

    def test_some(self) -> None:
        """Each may have a port, and parameters that replace those of the file."""
        target = "/1k/a?status=503&tag=t&mirrors=127.0.0.1,localhost:8001;flip=1,[::1];tag=u;rate=1k"
        assert mirrors(target) == [
            "http://127.0.0.1:8000/1k/a?status=503&tag=t",
            "http://localhost:8001/1k/a?status=503&tag=t&flip=1",
            "http://[::1]:8000/1k/a?status=503&tag=u&rate=1k",
        ]

    def test_below(self) -> None:
        """Files of a set, and those of a resource tree, are there, too; and so is TLS."""
        target = "/set/a=1/demo?mirrors=127.0.0.1"
        assert mirrors(target, "a", base="https://localhost/files/") == ["https://127.0.0.1/files/set/a=1/demo/a"]

    def test_names_of_the_operator(self) -> None:
        """A host that the operator trusts may be a mirror."""
        found = mirrors("/1k/a?mirrors=files.example", hosts=("files.example",))
        assert found == ["http://files.example:8000/1k/a"]

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("evil.example", "mirrors= is the host of the request"),
            ("localhost:0", "mirrors= has a port from 1 to 65535"),
            ("localhost:65536", "mirrors= has a port from 1 to 65535"),
            ("localhost;color=red", r"mirrors= has 1 unknown parameter\(s\) behind a host"),
        ],
    )
    def test_refused(self, value: str, message: str) -> None:
        """Nobody is sent to a host that is not this server."""
        found: About = about(f"/1k/a?mirrors={value}")
        with pytest.raises(RequestError, match=f"^{message}"):
            list(mirror_urls(found))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("nothing=1", r"mirrors= has 1 unknown parameter\(s\) behind a host"),
        ("rate=1k;rate=2k", "mirrors= has a parameter twice behind a host"),
        ("status=abc", "status is a whole number"),
        ("close=1m@x", "close is wrong after the @"),
    ],
)
def test_parameters_behind_a_host(more: str, message: str) -> None:
    """They are read as those of a URL are."""
    with pytest.raises(RequestError, match=f"^{message}"):
        list(mirror_urls(about(f"/1k/a?mirrors=localhost;{more}")))
