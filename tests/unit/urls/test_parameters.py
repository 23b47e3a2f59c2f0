"""parameters.py: each parameter parses good values, refuses bad ones, and has a line of help."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fakefiles.behaviour.breaks import Stall
from fakefiles.behaviour.dates import RetryAfter
from fakefiles.behaviour.fields import Field
from fakefiles.behaviour.lies import Lie
from fakefiles.behaviour.substitute import Refusal
from fakefiles.behaviour.swarm import Swarm
from fakefiles.behaviour.torrents import Torrents
from fakefiles.files.errors import RequestError
from fakefiles.files.units import Offset
from fakefiles.transfer.framing import Framing
from fakefiles.urls.parameters import PARAMETERS

GOOD: list[tuple[str, str, Any]] = [
    ("framing", "chunked", Framing.CHUNKED),
    ("rate", "1m", 2**20),
    ("duration", "1.5s", 1.5),
    ("delay", "0", 0),
    ("jitter", "200ms", 0.2),
    ("bucket", "a-b", "a-b"),
    ("drip", "1", 1),
    ("reset", "50%", (Offset(Fraction(50), percent=True),)),
    ("close", "1m", (Offset(Fraction(2**20)),)),
    ("hold", "0", (Offset(Fraction(0)),)),
    ("stall", "1k", (Stall(Offset(Fraction(1024))),)),
    ("stall", "50%:2s", (Stall(Offset(Fraction(50), percent=True), 2),)),
    ("flip", "5", (Offset(Fraction(5)),)),
    ("flip", "5,10%", (Offset(Fraction(5)), Offset(Fraction(10), percent=True))),
    ("refuse", "headers", Refusal.HEADERS),
    ("status", "503", 503),
    ("retry_after", "2m", RetryAfter("120")),
    ("ranges", "off", Lie("off")),
    ("ranges", "shift:1k", Lie("shift", 1024)),
    ("ranges", "mislabel:-1", Lie("mislabel", -1)),
    ("length", "short:1", Lie("short", 1)),
    ("length", "garbage", Lie("garbage")),
    ("etag", "rotate", "rotate"),
    ("modified", "none", "none"),
    ("modified", "garbage", "garbage"),
    ("modified", "1970-01-01", 0),
    ("modified", "2030-01-01T00:00:01Z", 1893456001),
    ("modified", "9999-12-31T23:59:59Z", 253402300799),
    ("type", "text/html", "text/html"),
    ("type", "text/html; charset=utf-8", "text/html; charset=utf-8"),
    ("type", "application/vnd.x+json", "application/vnd.x+json"),
    ("encoding", "gzip", "gzip"),
    ("lastchunk", "off", "off"),
    ("disposition", "both", "both"),
    ("filename", "a b", "a b"),
    ("header", "A: b", (Field(b"A", b"b"),)),
    ("auth", "digest", "digest"),
    ("user", "", ""),
    ("user", "Zoë", "Zoë"),
    ("password", "a:b", "a:b"),
    ("redirect", "0", 0),
    ("redirect_code", "308", 308),
    ("fail", "1", 1),
    ("every", "1000000", 1_000_000),
    ("chance", "0.25", 0.25),
    ("chance", ".5", 0.5),
    ("chance", "1", 1),
    ("chance", "1.0", 1),
    ("chance", "0", 0),
    ("defaults", "off", "off"),
]
BAD = [
    ("rate", "0", "rate is at least 1 byte"),
    ("rate", "1.5", "rate is not a whole number of bytes"),
    ("rate", "fast", "rate is not a size"),
    ("duration", "0", "duration is more than 0 seconds"),
    ("duration", "25h", "duration is too long"),
    ("delay", "-1", "delay is not a duration"),
    ("jitter", "", "jitter is not a duration"),
    ("bucket", "", "bucket is 1 to 64 letters"),
    ("bucket", "a/b", "bucket is 1 to 64 letters"),
    ("drip", "0", "drip is at least 1 byte"),
    ("reset", "x", "reset is not an offset"),
    ("close", "101%", "close is not an offset"),
    ("hold", "", "hold is not an offset"),
    ("stall", "1:", "stall is not a duration"),
    ("stall", ":1s", "stall is not an offset"),
    ("stall", "1:2:3", "stall is not a duration"),
    ("flip", "", "flip is not an offset"),
    ("flip", "1,", "flip is not an offset"),
    ("flip", "1," * 64 + "1", "flip is at most 64 offsets"),
    ("refuse", "nicely", "refuse is one of close, reset, headers"),
    ("status", "199", "status is a whole number from 200 to 599"),
    ("status", "600", "status is a whole number from 200 to 599"),
    ("status", "0200", "status is a whole number from 200 to 599"),
    ("status", "٥٠٣", "status is a whole number from 200 to 599"),
    ("status", "", "status is a whole number from 200 to 599"),
    ("retry_after", "1.5", "retry_after is a whole number of seconds"),
    ("ranges", "on", "ranges is one of off, lie, hidden, shift:BYTES, mislabel:BYTES"),
    ("ranges", "shift", "ranges is one of off, lie"),
    ("ranges", "off:1", "ranges is one of off, lie"),
    ("ranges", "shift:0", "ranges is at least 1 byte"),
    ("ranges", "shift:--1", "ranges is not a size"),
    ("length", "short:-1", "length is not a size"),
    (
        "length",
        "long",
        "length is one of none, garbage, negative",
    ),
    ("etag", "strong", "etag is one of none, weak, rotate"),
    ("modified", "now", "modified is none, garbage, or a date"),
    ("modified", "2023-02-29", "modified is none, garbage, or a date"),
    ("modified", "0999-01-01", "modified is none, garbage, or a date"),
    ("modified", "2030-01-01T25:00:00Z", "modified is none, garbage, or a date"),
    ("modified", "2030-01-01\r\nX: y", "modified is none, garbage, or a date"),
    ("type", "html", "type is a media type"),
    ("type", "text/html\r\nX: y", "type is a media type"),
    ("type", "text/html\n", "type is a media type"),
    ("type", "text/hé", "type is a media type"),
    ("type", "text/html; charset=a b", "type is a media type"),
    ("type", "t/" + "x" * 101, "type is a media type"),
    ("encoding", "br", "encoding is one of gzip, lie"),
    ("lastchunk", "on", "lastchunk is one of off"),
    ("auth", "Bearer", "auth is one of basic, digest, digest-sha-256, bearer"),
    ("token", "a b", "token is 1 to 100 letters, digits and any of -._~+/ (in a URL, + is %2B)"),
    ("disposition", "form-data", "disposition is one of attachment, inline"),
    ("filename", "\r\n", "filename is up to 100 characters"),
    ("header", "A: b\r\nC: d", "header is a field like X-Name: value"),
    ("header", "Content-Length: 5", "header is any field but Connection, Content-Length"),
    ("auth", "ntlm", "auth is one of basic, digest, digest-sha-256, bearer"),
    ("user", "a:b", 'user is a name without : " and'),
    ("user", "a\nb", "user is up to 100 characters"),
    ("password", "\0", "password is up to 100 characters"),
    ("password", "x" * 101, "password is up to 100 characters"),
    ("redirect", "101", "redirect is a whole number from 0 to 100"),
    ("redirect", "-1", "redirect is a whole number from 0 to 100"),
    ("redirect_code", "300", "redirect_code is one of 301, 302, 303, 307, 308"),
    ("fail", "0", "fail is a whole number from 1 to 1000000"),
    ("every", "x", "every is a whole number from 1 to 1000000"),
    ("chance", "1.1", "chance is a number from 0 to 1, like 0.25"),
    ("chance", "-0", "chance is a number from 0 to 1"),
    ("chance", "nan", "chance is a number from 0 to 1"),
    ("chance", "", "chance is a number from 0 to 1"),
    ("defaults", "on", "defaults is one of off"),
]


@pytest.mark.parametrize(("name", "value", "meaning"), GOOD)
def test_good(name: str, value: str, meaning: object) -> None:
    """A value means this."""
    assert PARAMETERS[name].read(value) == meaning


@pytest.mark.parametrize(("name", "value", "message"), BAD, ids=lambda value: ascii(value)[:30])
def test_bad(name: str, value: str, message: str) -> None:
    """A bad value is refused in one line, which names the parameter."""
    with pytest.raises(RequestError) as caught:
        PARAMETERS[name].read(value)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_order() -> None:
    """Help lists them in this order: first those that name a file, last profile= and defaults=."""
    names = list(PARAMETERS)
    assert names[:2] == ["content", "seed"]
    assert names.index("rate") < names.index("reset") < names.index("status") < names.index("etag")
    assert names.index("auth") < names.index("fail") < names.index("profile")


def test_help() -> None:
    """Each has a line of help, and says what it takes."""
    for name, parameter in PARAMETERS.items():
        assert parameter.name == name
        assert parameter.kind.takes
        assert 10 < len(parameter.help) < 80


def test_what_misbehaves() -> None:
    """Parameters that an operator may not want are marked as misbehaving; those that name a file are not."""
    good = {name for name, parameter in PARAMETERS.items() if not parameter.misbehaves}
    of_torrents = {name for name, parameter in PARAMETERS.items() if parameter.part is Torrents}
    assert good == {"content", "seed", "chunk_size", "framing", "sidecar", "digest", "tag", *of_torrents}


DOCS = (Path(__file__).parents[3] / "docs" / "faults.md").read_text(encoding="utf-8")
TORRENTS = (Path(__file__).parents[3] / "docs" / "bittorrent.md").read_text(encoding="utf-8")


def test_docs() -> None:
    """Each misbehaving parameter has a row in a table of the docs; test_keywords.py checks that it is up to date.

    Those of torrents, and of what is wrong with them, have a page of their own.
    """
    for name, parameter in PARAMETERS.items():
        of_torrents = parameter.part in {Torrents, Swarm}
        assert (f"| `{name}` |" in DOCS) is (parameter.misbehaves and not of_torrents)
        assert (f"| `{name}` |" in TORRENTS) is of_torrents


def test_for_a_url_only() -> None:
    """Defaults cannot have parameters that name the file."""
    assert {name for name, each in PARAMETERS.items() if each.url_only and each.part is not Torrents} == {
        "content",
        "seed",
        "sidecar",
        "tag",
        "redirect_to",
        "signature",
        "defaults",
    }
