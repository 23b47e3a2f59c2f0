"""entrance.py: what a request gets before the file."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from doubles import ask, decide, joined, unheeded
from fakefiles.behaviour.occasions import Occasions
from fakefiles.http.answers import Answer
from fakefiles.urls.settings import Settings

HTML = b"<!DOCTYPE html>\n<html><head><title>%b</title></head><body><h1>%b</h1></body></html>\n"
BASIC = "Basic dTpw"  # u:p


class Server:
    """Answers requests, and remembers them."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.clock = Clock()
        self.settings = settings or Settings()
        self.occasions = Occasions(self.clock.seconds)

    def get(self, target: str, host: str = "localhost:8000", method: str = "GET", **headers: str) -> Answer:
        """Return the answer to a request."""
        fields = {"Host": host, **headers}
        reply = decide(ask(target, method, **fields), self.settings, occasions=self.occasions)
        assert isinstance(reply, Answer)
        return reply

    def link(self, target: str, host: str = "localhost:8000") -> str:
        """Return the Location of a redirect to a link."""
        reply = self.get(target, host)
        assert reply.status == 302
        assert reply.headers["Cache-Control"] == "no-store"
        return reply.headers["Location"]


def text_of(reply: Answer) -> bytes:
    """Return the body."""
    return joined(reply.pieces(unheeded))


def test_login() -> None:
    """A login comes first, says what it needs, and has a delay."""
    for query, words, challenge in (
        ("auth=basic&user=u&password=p", b"user= and password=", 'Basic realm="fakefiles", charset="UTF-8"'),
        ("auth=bearer&token=abc", b"token=", 'Bearer realm="fakefiles"'),
    ):
        reply = Server().get(f"/10?{query}&redirect=1&signed=1&delay=3")
        assert (reply.status, reply.delay) == (401, 3)
        assert reply.headers["WWW-Authenticate"] == challenge
        assert text_of(reply) == b"log in, with the " + words + b" of the URL\n"
    assert Server().get("/10?auth=bearer&token=abc", Authorization="Bearer abc").status == 200


# The URL, the Host, and the status, Location and faults.
REDIRECTS = [
    ("/10?redirect=2", "h", 302, "/10?redirect=1", []),
    ("/10?redirect=loop&redirect_code=308", "h", 308, "/10?redirect=loop&redirect_code=308", ["redirect=loop"]),
    ("/10?redirect=1&location=absolute", "h:80", 302, "http://h:80/10?redirect=0&location=absolute", []),
    ("/10?redirect_to=/20/x%3Fseed%3D3", "h", 302, "/20/x?seed=3", []),
    ("/10/x?redirect=1&location=relative", "h", 302, "x?redirect=0&location=relative", []),
    (
        "/10?redirect=1&redirect_host=127.0.0.1",
        "localhost:1",
        302,
        "http://127.0.0.1:1/10?redirect=0&redirect_host=127.0.0.1",
        [],
    ),
    ("/10/a%20b?redirect=1&location=space", "h", 302, "/10/a b?redirect=0&location=space", ["location=space"]),
    ("/10/%C3%A9?redirect=1&location=raw", "h", 302, "/10/\xc3\xa9?redirect=0&location=raw", ["location=raw"]),
    (
        "/10/a%20b?redirect=loop&location=space",
        "h",
        302,
        "/10/a b?redirect=loop&location=space",
        ["redirect=loop", "location=space"],
    ),
]


@pytest.mark.parametrize(("target", "host", "status", "location", "faults"), REDIRECTS)
def test_redirects(target: str, host: str, status: int, location: str, faults: list[str]) -> None:
    """A redirect has the form that the URL wants, and what is wrong about it is a fault."""
    reply = Server().get(target, host)
    assert (reply.status, reply.headers["Location"], reply.faults) == (status, location, faults)
    assert text_of(reply) == b"the file is behind this redirect\n"
    assert f"Location: {location}\r\n".encode("latin-1") in reply.fields


def test_the_end_of_a_chain() -> None:
    """A chain ends at the file, or at another one."""
    server, location = Server(), "/10?redirect=2&redirect_to=/20"
    hops = []
    while (reply := server.get(location)).status == 302:
        hops.append(location := reply.headers["Location"])
    assert hops == ["/10?redirect=1&redirect_to=%2F20", "/20"]
    assert reply.size == 20
    assert server.get("/10?redirect=0&redirect_to=/20").size == 10


def test_turns() -> None:
    """Several hosts take turns, for each URL and tag, GET and HEAD together, and on through a chain."""
    server, hosts = Server(), "redirect_host=localhost,127.0.0.1,[::1]"
    chain = [
        server.get(target, method=method).headers["Location"].split("/")[2]
        for target, method in [(f"/10?redirect={left}&{hosts}", "GET") for left in (4, 3, 2)]
        + [(f"/10?redirect=1&{hosts}", "HEAD"), (f"/10?redirect=loop&{hosts}", "GET")]
    ]
    assert chain == ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "localhost:8000", "127.0.0.1:8000"]
    other = server.get(f"/10?redirect=1&tag=t&{hosts}").headers["Location"]
    assert other.startswith("http://localhost:8000/10?")
    server.occasions.reset()
    assert server.get(f"/10?redirect=1&{hosts}").headers["Location"].startswith("http://localhost:8000/10?")


@pytest.mark.parametrize(
    ("target", "host", "text"),
    [
        ("/10?redirect=1&redirect_host=evil.example", "localhost", b"redirect_host= is the host of the request"),
        ("/10?redirect=1&redirect_host=localhost,evil.example", "localhost", b"redirect_host= is the host"),
        ("/10?signed=1&redirect_host=localhost", "example.org", b"redirect_host= is the host of the request"),
        ("/10?redirect=1&location=absolute", "", b"redirect_host= and location=absolute need the Host field"),
        ("/10?redirect=1&location=raw", "h", b"location=space needs a path with %20, location=raw"),
    ],
)
def test_redirects_that_cannot_be(target: str, host: str, text: bytes) -> None:
    """They are refused in one line."""
    reply = Server().get(target, host)
    assert reply.status == 400
    assert text_of(reply).startswith(text)
    assert "Location" not in reply.headers


def test_names_of_the_operator() -> None:
    """A redirect may lead to a name of --control-host."""
    server = Server(Settings(hosts=("mirror.example",)))
    location = server.get("/10?redirect=1&redirect_host=mirror.example", "example.org").headers["Location"]
    assert location.startswith("http://mirror.example/10?")


def test_https() -> None:
    """A client that uses TLS is sent to https."""
    request = ask("/10?redirect=1&location=absolute")._replace(secure=True)
    reply = decide(request, Settings())
    assert isinstance(reply, Answer)
    assert reply.headers["Location"] == "https://test/10?redirect=0&location=absolute"


def test_link() -> None:
    """A link is good for so many requests, whatever they are; then it has expired, but the first URL makes new ones."""
    server = Server()
    link = server.link("/10/a%20b?signed=3&tag=t")
    assert link.startswith("/10/a%20b?signed=3&tag=t&signature=")
    assert server.get(link, method="HEAD").status == 200
    assert server.get(link, Range="bytes=5-").status == 206
    assert server.get(link.replace("a%20b", "%61%20b"), Range="bytes=99-").status == 416
    reply = server.get(link)
    assert (reply.status, reply.faults, reply.headers["Cache-Control"]) == (403, ["expired=403"], "no-store")
    assert text_of(reply) == b"this link has expired; ask for the URL that led here\n"
    another = server.link("/10/a%20b?signed=3&tag=t")
    assert another != link
    reply = server.get(another)
    assert (reply.status, list(reply.faults), text_of(reply)) == (200, [], b"1" * 10)
    assert reply.headers["Cache-Control"] == "no-store"


def test_link_with_faults() -> None:
    """A link serves its file with the other parameters of the URL."""
    server = Server()
    link = server.link("/10?signed=9&ranges=off&fail=1")
    assert [server.get(link, Range="bytes=1-").status for _ in range(2)] == [200, 206]


def test_link_for_a_time() -> None:
    """After that time a link answers as the URL wants it."""
    server = Server()
    link = server.link("/10?signed=10s&expired=html&delay=1")
    server.clock.advance(9.5)
    assert server.get(link).status == 200
    server.clock.advance(0.5)
    reply = server.get(link, Range="bytes=5-")
    assert (reply.status, reply.faults, reply.delay) == (200, ["expired=html"], 1)
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert text_of(reply) == HTML % ((b"This link has expired",) * 2)
    assert server.get(link, method="HEAD").body is None


def test_made_up_links() -> None:
    """A signature is good for the URL that it was made for, and no other."""
    server = Server()
    link = server.link("/10?signed=9")
    for wrong in ("/10?signed=9&signature=x", link.replace("/10", "/11"), f"{link}&seed=1&content=random"):
        assert server.get(wrong).status == 403
    assert server.get(link).status == 200
    server.occasions.reset(tag="")
    assert server.get(link).status == 403


def test_link_on_another_host() -> None:
    """A link may be on another host; it comes after the redirects, in their form and with their status."""
    server = Server()
    reply = server.get("/10?redirect=1&signed=1&redirect_host=127.0.0.1&redirect_code=307")
    assert reply.headers["Location"].endswith("/10?redirect=0&signed=1&redirect_host=127.0.0.1&redirect_code=307")
    reply = server.get(reply.headers["Location"].removeprefix("http://127.0.0.1:8000"))
    assert reply.status == 307
    link = reply.headers["Location"].removeprefix("http://127.0.0.1:8000")
    assert [server.get(link, "127.0.0.1:8000").status for _ in range(2)] == [200, 403]


def test_leak() -> None:
    """Credentials that come along to another host are refused, and do not count; the link wants no login itself."""
    server, url = Server(), "/10?signed=1&auth=basic&user=u&password=p&leak=400&redirect_host=127.0.0.1"
    assert server.get(url).status == 401
    link = server.get(url, Authorization=BASIC).headers["Location"].removeprefix("http://127.0.0.1:8000")
    reply = server.get(link, "127.0.0.1:8000", Authorization=BASIC)
    assert (reply.status, reply.faults) == (400, ["leak=400"])
    assert text_of(reply).startswith(b"this link is on another host, and must not get the Authorization")
    assert server.get(link, "127.0.0.1:8000").status == 200
    assert server.get(link, "127.0.0.1:8000", Authorization=BASIC).status == 403


@pytest.mark.parametrize("query", ["leak=400", "leak=400&redirect_host=LOCALHOST", "redirect_host=127.0.0.1"])
def test_no_leak(query: str) -> None:
    """On the same host, credentials may come along; and so they may if the URL does not mind."""
    server = Server()
    location = server.get(f"/10?signed=1&{query}").headers["Location"]
    link = location[location.index("/10?") :]
    assert server.get(link, Authorization=BASIC).status == 200


def test_defaults() -> None:
    """A server can make links of all its URLs."""
    server = Server(Settings(defaults="signed=1"))
    link = server.link("/10")
    assert [server.get(link).status for _ in range(2)] == [200, 403]
