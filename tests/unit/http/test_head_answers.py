"""head_answers.py: whole requests to answers where head= wants HEAD to be apart from GET."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doubles import ask, decide
from fakefiles.behaviour.substitute import Refusal
from fakefiles.http.answers import Answer
from fakefiles.urls.settings import Settings

ETAG = '"ruler-100"'
SETTINGS = Settings(content="ruler")


def answer(query: str, method: str = "HEAD", version: str = "HTTP/1.1", path: str = "/100", **headers: str) -> Answer:
    """Return the answer to the first request of a URL."""
    reply = decide(ask(f"{path}?{query}", method, version, **headers), SETTINGS)
    assert isinstance(reply, Answer)
    return reply


VALUES = ["403", "404", "405", "501", "hang", "zero", "nolength", "noranges", "long:5", "short:5"]


@pytest.mark.parametrize("value", VALUES)
def test_get_is_untouched(value: str) -> None:
    """GET gets the file as ever, except that no cache may keep it; so does OPTIONS its answer."""
    plain, reply = answer("", "GET"), answer(f"head={value}", "GET")
    assert replace(reply, headers={}, body=None) == replace(plain, headers={}, body=None)
    assert reply.headers == {**plain.headers, "Cache-Control": "no-store"}
    assert answer(f"head={value}", "OPTIONS") == answer("", "OPTIONS")


@pytest.mark.parametrize(("value", "allow"), [("403", None), ("404", None), ("405", "GET, OPTIONS"), ("501", None)])
@pytest.mark.parametrize("headers", [{}, {"If_None_Match": ETAG}, {"If_Match": '"x"'}])
def test_status(value: str, allow: str | None, headers: dict[str, str]) -> None:
    """HEAD is an error, whatever its conditions; it has the length of a text, but no body."""
    reply = answer(f"head={value}", **headers)
    assert (reply.status, reply.body, reply.close, reply.faults) == (int(value), None, False, [f"head={value}"])
    assert reply.headers.get("Allow") == allow
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Length"] == str(len(f"{value}, as the URL wants it for HEAD\n"))
    assert "ETag" not in reply.headers


def test_hang() -> None:
    """HEAD is never answered, whatever its conditions."""
    for headers in ({}, {"If_None_Match": ETAG}):
        reply = answer("head=hang&delay=1", **headers)
        assert (reply.refusal, reply.faults, reply.delay) == (Refusal.HANG, ["head=hang"], 1)


@pytest.mark.parametrize(
    ("value", "length"), [("zero", "0"), ("nolength", None), ("long:5", "105"), ("short:5", "95"), ("short:1k", "0")]
)
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_length(value: str, length: str | None, framing: str, version: str) -> None:
    """Only the length is another one, however the body of GET is framed; the connection stays open."""
    reply, plain = answer(f"head={value}&framing={framing}", version=version), answer("flip=1")
    assert (reply.status, reply.body, reply.close, reply.faults) == (
        200,
        None,
        False,
        [f"head={value.replace('1k', '1024')}"],
    )
    told = {"Content-Length": length} if length is not None else {}
    del plain.headers["Content-Length"]
    assert reply.headers == {**plain.headers, **told}


def test_noranges() -> None:
    """Only Accept-Ranges is missing, in a 304 as well."""
    for headers, status in (({}, 200), ({"If_None_Match": ETAG}, 304)):
        reply, plain = answer("head=noranges", **headers), answer("flip=1", **headers)
        assert (reply.status, reply.faults, reply.close) == (status, ["head=noranges"], False)
        del plain.headers["Accept-Ranges"]
        assert reply.headers == plain.headers
    assert answer("head=noranges&ranges=off").faults == ["ranges=off"]


@pytest.mark.parametrize("value", ["zero", "nolength", "long:5"])
def test_conditions(value: str) -> None:
    """Where there would be no file, its length is no matter."""
    for headers, status in (({"If_None_Match": ETAG}, 304), ({"If_Match": '"x"'}, 412)):
        reply = answer(f"head={value}", **headers)
        assert (reply.status, list(reply.faults)) == (status, [])
        assert reply.headers.get("Content-Length") == answer("flip=1", **headers).headers.get("Content-Length")


def test_with_a_lie_about_the_length() -> None:
    """A false length of HEAD replaces that of GET."""
    reply = answer("length=short:1&head=long:5")
    assert (reply.headers["Content-Length"], reply.faults, reply.close) == ("105", ["head=long:5"], False)
    assert answer("length=short:1&head=long:5", "GET").headers["Content-Length"] == "99"
    reply = answer("length=short:1&head=noranges")
    assert (reply.headers["Content-Length"], reply.close) == ("99", True)
    assert reply.faults == ["head=noranges", "length=short:1"]


def test_before_and_beside_the_file() -> None:
    """A login and redirects come first, as with GET; a checksum file is right; bad URLs are refused."""
    assert answer("head=405&redirect=1").status == 302
    assert answer("head=405&auth=basic&user=u&password=p").status == 401
    assert answer("head=405", path="/100/x.sha256").status == 200
    assert answer("head=405&reset=1k").status == 400
