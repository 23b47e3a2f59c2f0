"""torrents.py: what torrents and metalinks say, as parameters."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.torrents import Mirror, Torrents
from fakefiles.files.errors import RequestError

PARAMETERS = {each.name: each for each in parameters_of(Torrents)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("v", "1", "1"),
        ("v", "2", "2"),
        ("v", "hybrid", "hybrid"),
        ("piece", "16k", 16384),
        ("sources", "none", ()),
        ("sources", "web", ("web",)),
        ("sources", "udp,tracker,web", ("udp", "tracker", "web")),
        ("links", "on", True),
        ("dial", "off", False),
        ("mirrors", "127.0.0.1", (Mirror("127.0.0.1", None, ""),)),
        (
            "mirrors",
            "localhost:8001,[::1]:1;status=503,a-b.example.;flip=1@2;tag=x:y",
            (
                Mirror("localhost", 8001, ""),
                Mirror("[::1]", 1, "status=503"),
                Mirror("a-b.example.", None, "flip=1@2&tag=x:y"),
            ),
        ),
        ("mirrors", ",".join(["a"] * 32), (Mirror("a", None, ""),) * 32),
    ],
)
def test_parsed(name: str, text: str, value: Any) -> None:
    """A text means this."""
    assert PARAMETERS[name].read(text) == value


MIRRORS = "mirrors is up to 32 hosts, each with a port and parameters if it wants, like 127.0.0.1,localhost:8001"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("v", "3", "v is one of 1, 2, hybrid"),
        ("piece", "x", "piece is not a size"),
        ("sources", "", "sources is none, or some of web,tracker,udp, each once"),
        ("sources", "web,web", "sources is none, or some of"),
        ("sources", "web,none", "sources is none, or some of"),
        ("sources", "dht", "sources is none, or some of"),
        *(
            ("mirrors", text, MIRRORS)
            for text in [
                *("", ",", "a,", "a:", "a:x", "a:123456", "a/b", "a;b", "a;b=", "a;=b", "http://a", "a b", "é", "::1"),
                *("a;b=c;", "a;b=c&d=e", "a\r\nX: y", "[::1", "u@a", "a" * 64, ",".join(["a"] * 33)),
            ]
        ),
    ],
)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{message}"):
        PARAMETERS[name].read(text)


def test_for_urls_only() -> None:
    """A torrent is that of one file: neither defaults nor profiles may shape it."""
    assert all(each.url_only for each in PARAMETERS.values())
    assert Torrents() == Torrents("1", None, ("web", "tracker"), (), links=False, dial=False)
