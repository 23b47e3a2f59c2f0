"""spelled_fields.py: in which answers the fields of a URL are, and what they replace."""

from __future__ import annotations

import pytest

import doubles
from doubles import decide
from fakefiles.behaviour.occasions import Occasions
from fakefiles.http.answers import Answer
from fakefiles.urls.settings import Settings

ETAG = '"ones-100"'
BOTH = "header=X-A:+1&header=X-A:+2&disposition=token"


def get(target: str, **headers: str) -> Answer:
    """Answer a GET request to a new server."""
    return answer(target, Settings(), Occasions(), **headers)


def answer(target: str, settings: Settings, occasions: Occasions, **headers: str) -> Answer:
    """Answer a GET request, which waits for no digest."""
    reply = decide(doubles.ask(target, **headers), settings, occasions=occasions)
    assert isinstance(reply, Answer)
    return reply


def lines(reply: Answer) -> list[bytes]:
    """Return the lines of the fields."""
    return reply.fields.split(b"\r\n")[:-1]


@pytest.mark.parametrize(
    ("query", "headers", "status", "disposition"),
    [
        ("", {}, 200, True),
        ("", {"Range": "bytes=0-1"}, 206, True),
        ("", {"Range": "bytes=0-1,5-6"}, 206, True),
        ("", {"If_None_Match": ETAG}, 304, False),
        ("", {"Range": "bytes=100-"}, 416, False),
        ("", {"If_Match": '"x"'}, 412, False),
        ("&status=503", {}, 503, True),
        ("&status=204", {}, 204, True),
    ],
)
def test_where(query: str, headers: dict[str, str], status: int, disposition: bool) -> None:  # noqa: FBT001
    """header= is in all that comes of a request for the file; disposition= where there is something to be saved."""
    reply = get(f"/100/a.b?{BOTH}{query}", **headers)
    assert reply.status == status
    named = [b"Content-Disposition: attachment; filename=a.b"] * disposition
    assert lines(reply)[len(reply.headers) :] == [*named, b"X-A: 1", b"X-A: 2"]
    told = ["disposition=token"] * disposition + ["header=X-A", "header=X-A"]
    assert list(reply.faults)[-len(told) :] == told
    assert f"status={status}" in reply.faults or reply.faults == told


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"/100/a.b?{BOTH}&redirect=1", 302),
        (f"/100/a.b?{BOTH}&auth=basic&user=u&password=p", 401),
        (f"/100/a.b?{BOTH}&reset=101", 400),
        ("/100/a.b", 200),
    ],
)
def test_where_not(target: str, status: int) -> None:
    """They are not in what comes before the file, and in no plain answer."""
    reply = get(target)
    assert (reply.status, reply.overriding) == (status, ())


def test_sidecars() -> None:
    """A checksum file is true."""
    reply = get(f"/100/a.b.sha256?{BOTH}")
    assert (reply.status, reply.overriding, reply.faults) == (200, (), ())


@pytest.mark.parametrize(
    ("header", "replaced"),
    [("content-type:+a/b", b"Content-Type"), ("ETAG:", b"ETag"), ("Cache-Control:+private", b"Cache-Control")],
)
def test_replaced(header: str, replaced: bytes) -> None:
    """A field replaces the one that the answer has, whatever case it is written in; nothing else changes."""
    plain = [b"Cache-Control: no-store" if line.startswith(b"Cache-C") else line for line in lines(get("/100/a.b"))]
    reply = get(f"/100/a.b?header={header}")
    own = header.replace("+", " ").encode() + b" " * header.endswith(":")
    assert lines(reply) == [*(line for line in plain if not line.startswith(replaced)), own]
    assert not reply.lasting


def test_header_wins() -> None:
    """A Content-Disposition that is spelled out replaces the one of a form, but both are told."""
    reply = get("/100/a.b?disposition=twice&header=content-disposition:+x")
    assert lines(reply)[-1] == b"content-disposition: x"
    assert reply.fields.lower().count(b"disposition") == 1
    assert reply.faults == ["disposition=twice", "header=content-disposition"]


def test_conditions() -> None:
    """What is sent as the ETag is not what a precondition is compared with."""
    assert get("/100?header=ETag:+%22x%22", If_None_Match='"x"').status == 200
    assert get("/100?header=ETag:+%22x%22", If_None_Match=ETAG).status == 304


def test_some_requests() -> None:
    """They are misbehaviour: there is no cache for them, and they happen on the occasions of a URL only."""
    occasions = Occasions()
    replies = [answer(f"/100/a.b?{BOTH}&fail=1", Settings(), occasions) for _ in range(2)]
    assert [len(reply.overriding) for reply in replies] == [3, 0]
    assert [reply.headers["Cache-Control"] for reply in replies] == ["no-store", "no-store"]
    assert answer(f"/100/a.b?{BOTH}", Settings(faults=False), occasions).status == 403


def test_a_redirect_keeps_them() -> None:
    """All fields are in the URL that a redirect leads to."""
    assert (
        get("/100?header=A:1&redirect=1&header=B:2").headers["Location"] == "/100?header=A%3A1&redirect=0&header=B%3A2"
    )
