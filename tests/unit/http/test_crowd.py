"""crowd.py: what requests beyond the limit get."""

from __future__ import annotations

import pytest

from doubles import ask, decide, joined, unheeded
from fakefiles.behaviour.occasions import Occasions
from fakefiles.behaviour.substitute import Refusal
from fakefiles.http.answers import Answer
from fakefiles.urls.settings import Settings


class Server:
    """Answers requests; what it answers is under way until its seat is left."""

    def __init__(self) -> None:
        self.occasions = Occasions()

    def get(self, query: str, target: str = "/10", method: str = "GET", **headers: str) -> Answer:
        """Return the answer to a request."""
        reply = decide(ask(f"{target}?{query}", method, **headers), Settings(), occasions=self.occasions)
        assert isinstance(reply, Answer)
        return reply

    def fits(self, query: str, target: str = "/10", method: str = "GET", **headers: str) -> bool:
        """Return whether a request is within the limit."""
        return self.get(query, target, method, **headers).seat is not None


LINE = b"%b: too many requests at the same time, as the URL wants it\n"
# The query, and the status, Retry-After and body of a request beyond the limit.
OVER = [
    ("", 503, None, LINE % b"503"),
    ("&over=503&retry_after=2m", 503, "120", LINE % b"503"),
    ("&over=429&retry_after=0", 429, "0", LINE % b"429"),
    ("&over=429", 429, None, LINE % b"429"),
]


@pytest.mark.parametrize(("query", "status", "retry_after", "body"), OVER)
def test_errors(query: str, status: int, retry_after: str | None, body: bytes) -> None:
    """A request beyond the limit gets a status and a line of text, after the delay; one within it gets the file."""
    server = Server()
    first = server.get(f"limit=1&delay=2{query}")
    assert (first.status, list(first.faults), first.headers["Cache-Control"]) == (200, [], "no-store")
    reply = server.get(f"limit=1&delay=2{query}")
    assert (reply.status, reply.headers.get("Retry-After"), reply.seat, reply.delay) == (status, retry_after, None, 2)
    assert (reply.faults, reply.headers["Cache-Control"]) == ([f"over={status}"], "no-store")
    assert joined(reply.pieces(unheeded)) == body
    assert server.get(f"limit=1&delay=2{query}", method="HEAD").body is None


@pytest.mark.parametrize(("over", "refusal"), [("reset", Refusal.RESET), ("hang", Refusal.HANG)])
def test_no_answer(over: str, refusal: Refusal) -> None:
    """It may get no answer at all."""
    server = Server()
    assert server.get(f"limit=1&over={over}").refusal is None
    reply = server.get(f"limit=1&over={over}")
    assert (reply.refusal, reply.faults, reply.seat) == (refusal, [f"over={over}"], None)


def test_html() -> None:
    """It may get a page for people, which says that all is well; a range is ignored."""
    server = Server()
    server.get("limit=1&over=html")
    reply = server.get("limit=1&over=html", Range="bytes=5-")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<h1>Too many downloads at the same time</h1>" in joined(reply.pieces(unheeded))
    assert reply.faults == ["over=html"]


def test_room_again() -> None:
    """When one of them has ended, another request fits, whatever it is."""
    server = Server()
    seat = server.get("limit=2").seat
    assert seat
    assert server.fits("limit=2", method="HEAD")
    assert not server.fits("limit=2", method="HEAD")
    seat.leave()
    assert server.fits("limit=2", Range="bytes=99-")  # 416
    assert not server.fits("limit=2")


def test_for_each_url() -> None:
    """Each URL, with its tag, is counted by itself."""
    server = Server()
    queries = ("limit=1", "limit=1&tag=a", "limit=1&tag=b", "limit=1&seed=1&content=random")
    assert all(server.fits(query) for query in queries)
    assert server.fits("limit=1", "/11")
    assert not any(server.fits(query) for query in queries)
    assert server.get("").seat is None


def test_for_each_tag() -> None:
    """All URLs with a tag may be counted together."""
    server = Server()
    assert server.fits("limit=2&limit_by=tag&tag=a", "/10")
    assert server.fits("limit=2&limit_by=tag&tag=a", "/11")
    assert not server.fits("limit=2&limit_by=tag&tag=a", "/12")
    assert server.fits("limit=2&limit_by=tag&tag=b", "/12")
    assert server.fits("limit=2&limit_by=url&tag=a", "/12")


def test_a_limit_for_some_requests() -> None:
    """With fail=, only the first requests have a limit."""
    server = Server()
    assert [server.get("limit=1&fail=2").status for _ in range(4)] == [200, 503, 200, 200]


def test_checksum_files() -> None:
    """A checksum file has no limit."""
    server = Server()
    assert [server.get("limit=1", "/10/a.sha256").status for _ in range(3)] == [200] * 3
