"""journal.py and drop.py: the journal as a page, and what a test does by hand, over an in-memory connection."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.python.failure import Failure

import fakefiles
from doubles import PEER, BlockingTransport, Connection, Response, parse_response, turns
from fakefiles.serving.pages.journal import MAX_WAIT
from fakefiles.testing.view import requests_in
from fakefiles.transfer.record import End

GET = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Place:
    """A site, its clock, and as many clients as are wanted."""

    def __init__(self, **keywords: Any) -> None:
        self.clock = Clock()
        self.site = fakefiles.site(reactor=self.clock, **keywords)
        self.client = self.connect()

    def connect(self) -> Connection:
        """Return one more client."""
        return Connection(self.site, self.clock)

    def get(self, target: str, *headers: str, method: str = "GET") -> Response:
        """Ask for something on the first connection."""
        return self.client.get(target, *headers, method=method)

    def page(self, query: str = "") -> dict[str, Any]:
        """Return the journal's page."""
        return page_of(self.get(f"/-/journal{query}"))

    def numbers(self, query: str = "") -> list[int]:
        """Return the numbers of the records on the journal's page."""
        return [record["number"] for record in self.page(query)["records"]]


def page_of(response: Response) -> dict[str, Any]:
    """Return what an answer with the journal says."""
    assert response.status == 200
    page: dict[str, Any] = json.loads(response.body)
    return page


@pytest.fixture
def place() -> Place:
    """Return a site with a client."""
    return Place()


def later(clock: Clock, seconds: float, most_turns: int) -> None:
    """Let time pass and run at most so many turns: Clock.advance never returns from an endless body."""
    clock.rightNow += seconds
    turns(clock, most_turns)


class TestReading:
    """GET /-/journal."""

    def test_records(self, place: Place) -> None:
        """It tells the records in the order of the requests, but for what was asked of the journal itself."""
        place.get("/5?tag=a", "Range: bytes=1-2", "X-Odd: \xe9", "X-Odd: 2")
        place.page()
        place.get("/-/health")
        page = place.page()
        first, second = page["records"]
        assert (first["number"], first["url"], first["tag"], first["asked"]) == (1, "/5?tag=a", "a", "bytes=1-2")
        assert first["headers"] == {"host": "localhost", "range": "bytes=1-2", "x-odd": "\xe9, 2"}
        assert (first["given"], first["sent"], first["end"]) == ([[1, 3]], [[1, 3]], "complete")
        assert second["url"] == "/-/health"
        assert (page["version"], page["lost"]) == (place.site.journal.version, 0)

    def test_headers(self, place: Place) -> None:
        """It is JSON, and not to be kept."""
        response = place.get("/-/journal")
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["transfer-encoding"] == "chunked"
        old = place.connect().get("/-/journal", version="HTTP/1.0")
        assert json.loads(old.body) == json.loads(response.body)
        assert old.headers["connection"] == "close"

    def test_long(self) -> None:
        """A page is made while it is sent: a client that never reads has some of it in memory, however long it is."""
        place = Place(journal=200)
        long = "X: " + "\xff" * 15_000  # 90 kB of JSON
        for number in range(100):
            place.get(f"/{number}", long)
        deaf = Connection(place.site, place.clock, BlockingTransport(peerAddress=PEER))
        raw = deaf.send(GET % b"/-/journal")
        assert 1 << 16 < len(raw) < 1 << 18
        while deaf.transport.producerState == "producing" and len(raw) < 1 << 24:
            deaf.transport.producer.resumeProducing()
            turns(place.clock, 9)
            if not (more := deaf.read()):
                break
            raw += more
        page = page_of(parse_response(raw)[0])
        assert [record["url"] for record in page["records"]] == [f"/{number}" for number in range(100)]
        assert (page["lost"], page["count"], page["version"]) == (0, 100, place.site.journal.version)

    def test_what_happens_meanwhile(self) -> None:
        """Records that are lost before their turn are counted as lost; the version is that of the beginning."""
        place = Place(journal=100)
        for number in range(100):
            place.get(f"/{number}", "X: " + "x" * 7000)
        version = place.site.journal.version
        deaf = Connection(place.site, place.clock, BlockingTransport(peerAddress=PEER))
        raw = deaf.send(GET % b"/-/journal")
        for _ in range(50):
            place.get("/new")
        for _ in range(50):
            deaf.transport.producer.resumeProducing()
            turns(place.clock, 9)
            raw += deaf.read()
        page = page_of(parse_response(raw)[0])
        numbers = [record["number"] for record in page["records"]]
        assert (numbers[0], numbers[-1]) == (1, 100)
        assert (page["lost"], page["count"], page["version"]) == (50, 100, version)
        assert set(range(51, 101)) < set(numbers)

    def test_long_heads(self) -> None:
        """Records of requests with long heads leave room for fewer."""
        place = Place(journal=10)
        for _ in range(10):
            place.get("/1", "X: " + "x" * 15_500)
        assert len(place.numbers()) == 5

    def test_many_ranges(self) -> None:
        """Records with hundreds of spans leave room for fewer."""
        place = Place(journal=10)
        ranges = ",".join(f"{number * 3}-{number * 3}" for number in range(250))
        for _ in range(10):
            assert place.get("/10k", f"Range: bytes={ranges}").status == 206
        assert len(place.numbers()) == 1

    def test_a_version_to_come(self, place: Place) -> None:
        """It counts as the present one: it may be of a server before this one."""
        place.get("/1")
        assert place.numbers("?since=999999") == []
        place.client.send(GET % b"/-/journal?wait=60&since=999999")
        place.connect().get("/2")
        turns(place.clock, 9)
        (record,) = page_of(parse_response(place.client.read())[0])["records"]
        assert record["url"] == "/2"

    @pytest.mark.parametrize("credentials", [False, True])
    def test_credentials(self, credentials: bool) -> None:  # noqa: FBT001
        """What a client logs in with is not shown to others, unless the operator wants it; Python always sees it."""
        secret = {"authorization": "Basic bWU6eA==", "cookie": "a=b, c=d", "proxy-authorization": "Bearer x"}
        place = Place(credentials=credentials)
        place.get(
            "/5", "AUTHORIZATION: Basic bWU6eA==", "Cookie: a=b", "cookie: c=d", "Proxy-Authorization: Bearer x", "X: y"
        )
        (record,) = place.page()["records"]
        (kept,) = requests_in(place.site.journal.records())
        assert dict(kept.headers) == {"host": "localhost", **secret, "x": "y"}
        assert record["headers"] == {
            "host": "localhost",
            **(secret if credentials else dict.fromkeys(secret, "[redacted]")),
            "x": "y",
        }

    def test_filters(self, place: Place) -> None:
        """By path, tag and version, together."""
        for target in ("/1/a%20b?tag=x", "/2?tag=x", "/1/a%20b"):
            place.get(target)
        assert place.numbers("?path=/1/a%2520b") == [1, 3]
        assert place.numbers("?tag=x") == [1, 2]
        assert place.numbers("?tag=") == [3]
        assert place.numbers("?tag=x&path=/2&since=0") == [2]
        version = place.page()["version"]
        assert place.numbers(f"?since={version}") == []
        place.get("/3")
        assert place.numbers(f"?since={version}") == [4]

    def test_lost(self) -> None:
        """What the ring let go of is told."""
        place = Place(journal=2)
        for _ in range(5):
            place.get("/1")
        page = place.page()
        assert page["lost"] == 3
        assert place.numbers() == [4, 5]

    @pytest.mark.parametrize(
        "query",
        [
            *("?since=x", "?since=-1", "?since=", "?since=1.5", "?since=%C2%B2", "?since=" + "1" * 19),
            *("?wait=x", "?wait=-1", "?wait=", "?wait=nan", "?wait=-inf"),
            *("?tag=a&tag=b", "?bogus=1", "?Tag=a", "?tag=a&bogus="),
        ],
    )
    def test_bad_query(self, place: Place, query: str) -> None:
        """A parameter that is unknown, given twice or malformed is an error of one line."""
        response = place.get(f"/-/journal{query}")
        assert response.status == 400
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.body.count(b"\n") == 1
        assert place.clock.getDelayedCalls() == place.connect().clock.getDelayedCalls()

    def test_off(self) -> None:
        """A journal of no size has no page, and nothing is kept; connections can be dropped all the same."""
        place = Place(journal=0)
        assert place.get("/5").body == b"11111"
        for target, method in (("/-/journal", "GET"), ("/-/journal", "DELETE"), ("/-/journal/1/release", "POST")):
            assert place.get(target, method=method).status in {404, 405}
        assert place.get("/-/journal").status == 404
        assert place.site.journal.records() == []
        assert place.get("/-/drop", method="POST").status == 204


class TestMethods:
    """What else may be asked of these pages."""

    @pytest.mark.parametrize("query", ["", "?since=1", "?bogus=1"])
    def test_head(self, place: Place, query: str) -> None:
        """HEAD has no body, also when it is refused; the connection stays good."""
        response = place.get(f"/-/journal{query}", method="HEAD")
        assert response.status == (400 if "bogus" in query else 200)
        assert response.headers == place.get(f"/-/journal{query}").headers
        assert place.get("/5").body == b"11111"

    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("/-/journal", "GET, HEAD, DELETE, OPTIONS"),
            ("/-/journal/1/release", "POST, OPTIONS"),
            ("/-/drop", "POST, OPTIONS"),
        ],
    )
    def test_allowed(self, place: Place, path: str, allowed: str) -> None:
        """OPTIONS tells the methods, and so does 405."""
        options = place.get(path, method="OPTIONS")
        assert (options.status, options.headers["allow"]) == (204, allowed)
        for method in ("PUT", "PATCH", "HEAD" if "HEAD" not in allowed else "POST"):
            refused = place.get(path, method=method)
            assert (refused.status, refused.headers["allow"]) == (405, allowed)
            assert place.get("/5").body == b"11111"

    @pytest.mark.parametrize("path", ["/-/journal/", "/-/journal/1", "/-/journal/1/release/x", "/-/nothing"])
    def test_other_pages(self, place: Place, path: str) -> None:
        """There is nothing else."""
        assert place.get(path).status == 404


class TestWaiting:
    """GET /-/journal?wait=."""

    def test_nothing_to_wait_for(self, place: Place) -> None:
        """If there is a record already, the answer comes at once."""
        place.get("/5")
        assert place.numbers("?wait=60") == [1]

    def test_a_record_comes(self, place: Place) -> None:
        """The answer comes with the first record that is wanted; others end no wait."""
        place.client.send(GET % b"/-/journal?tag=x&wait=60")
        other = place.connect()
        other.get("/5?tag=y")
        assert place.client.read() == b""
        other.get("/5?tag=x")
        page = page_of(parse_response(place.client.read())[0])
        assert [record["tag"] for record in page["records"]] == ["x"]
        assert place.get("/6").body == b"111111"
        assert place.site.journal.listening == 0

    def test_an_end_comes(self, place: Place) -> None:
        """Who knows of a transfer can wait for what becomes of it."""
        other = place.connect()
        other.send(GET % b"/1t", most_turns=3)
        version = place.page()["version"]
        place.client.send(GET % b"/-/journal?wait=60&since=%d" % version, most_turns=3)
        assert place.client.read() == b""
        other.protocol.connectionLost(Failure(ConnectionError()))
        turns(place.clock, 9)
        (record,) = page_of(parse_response(place.client.read())[0])["records"]
        assert record["end"] == "client left"

    def test_the_beginning_of_an_answer_comes(self, place: Place) -> None:
        """A transfer that takes its time is told of twice before it ends: when it is asked for, and when it begins."""
        place.client.send(GET % b"/-/journal?wait=60")
        other = place.connect()
        other.send(GET % b"/1t?delay=5", most_turns=3)
        page = page_of(parse_response(place.client.read())[0])
        assert page["records"][0]["status"] is None
        place.client.send(GET % b"/-/journal?wait=60&since=%d" % page["version"], most_turns=3)
        assert place.client.read() == b""
        later(place.clock, 5, most_turns=3)
        (record,) = page_of(parse_response(place.client.read())[0])["records"]
        assert (record["status"], record["given"], record["end"]) == (200, [[0, 2**40]], None)

    @pytest.mark.parametrize(("wait", "seconds"), [("5", 5), ("0.5", 0.5), ("1e3", MAX_WAIT), ("inf", MAX_WAIT)])
    def test_the_time_is_over(self, place: Place, wait: str, seconds: float) -> None:
        """Without a record the answer comes at the end, empty; nobody waits longer than a minute."""
        place.client.send(GET % f"/-/journal?wait={wait}".encode())
        place.clock.advance(seconds - 0.01)
        assert place.client.read() == b""
        place.clock.advance(0.01)
        assert page_of(parse_response(place.client.read())[0])["records"] == []
        assert place.site.journal.listening == 0

    def test_the_client_leaves(self, place: Place) -> None:
        """Who leaves while waiting leaves nothing behind."""
        place.client.send(GET % b"/-/journal?wait=60")
        assert place.site.journal.listening == 1
        place.client.protocol.connectionLost(Failure(ConnectionError()))
        assert place.site.journal.listening == 0
        assert place.clock.getDelayedCalls() == []
        place.connect().get("/5")

    def test_the_server_stops(self, place: Place) -> None:
        """Who waits is cut off with the transfers."""
        place.client.send(GET % b"/-/journal?wait=60")
        place.site.break_off()
        assert place.client.transport.disconnecting

    def test_what_is_asked_behind_a_wait(self, place: Place) -> None:
        """A request that comes behind a wait, and is answered when that ends, disturbs nobody else who waits."""
        others = [place.connect(), place.connect()]
        place.client.send(GET % b"/-/journal?wait=60" + GET % b"/6")
        for other in others:
            other.send(GET % b"/-/journal?wait=60")
        assert place.connect().get("/5").body == b"11111"
        page, rest = parse_response(place.client.read())
        assert [record["url"] for record in page_of(page)["records"]] == ["/5"]
        assert parse_response(rest)[0].body == b"111111"
        assert all(page_of(parse_response(other.read())[0])["records"] for other in others)
        assert place.site.journal.listening == 0


class TestClearing:
    """DELETE /-/journal."""

    def test_all(self, place: Place) -> None:
        """What has ended is forgotten, and is not lost; what goes on stays."""
        place.get("/5")
        place.connect().send(GET % b"/1t", most_turns=3)
        assert place.client.send(b"DELETE /-/journal HTTP/1.1\r\nHost: localhost\r\n\r\n", most_turns=2).startswith(
            b"HTTP/1.1 204 "
        )
        (kept,) = requests_in(place.site.journal.records())
        assert (kept.url, place.site.journal.lost) == ("/1t", 0)

    def test_of_a_tag(self, place: Place) -> None:
        """Only the tag's records are forgotten."""
        for target in ("/1?tag=x", "/1?tag=y", "/1"):
            place.get(target)
        assert place.get("/-/journal?tag=x", method="DELETE").status == 204
        assert place.numbers() == [2, 3]
        assert place.get("/-/journal?tag=", method="DELETE").status == 204
        assert place.numbers() == [2]

    @pytest.mark.parametrize("query", ["?path=/1", "?tag=a&tag=a"])
    def test_bad_query(self, place: Place, query: str) -> None:
        """Nothing is forgotten by mistake."""
        place.get("/5")
        assert place.get(f"/-/journal{query}", method="DELETE").status == 400
        assert place.numbers() == [1]


class TestRelease:
    """POST /-/journal/NUMBER/release."""

    def test_release(self, place: Place) -> None:
        """What is held goes on."""
        other = place.connect()
        held = other.send(GET % b"/10?hold=4")
        assert held.endswith(b"\r\n\r\n1111")
        (record,) = place.page()["records"]
        assert (record["faults"], record["end"]) == (["hold@4"], None)
        assert place.get(f"/-/journal/{record['number']}/release", method="POST").status == 204
        turns(place.clock, 10)
        assert other.read() == b"111111"
        assert place.page()["records"][0]["end"] == "complete"

    def test_what_waits_for_something_else(self, place: Place) -> None:
        """An answer that is not held is not hurried."""
        other = place.connect()
        other.send(GET % b"/10?delay=5")
        assert place.get("/-/journal/1/release", method="POST").status == 204
        assert other.read() == b""
        place.clock.advance(5)
        assert other.read().endswith(b"1111111111")

    @pytest.mark.parametrize(("number", "status"), [("1", 404), ("2", 404), ("x", 400), ("-1", 400), ("%C2%B2", 400)])
    def test_nothing_to_release(self, place: Place, number: str, status: int) -> None:
        """A number of nothing that goes on, or that is none, is an error of one line."""
        place.get("/5")
        response = place.get(f"/-/journal/{number}/release", method="POST")
        assert (response.status, response.body.count(b"\n")) == (status, 1)


class TestDrop:
    """POST /-/drop."""

    @pytest.mark.parametrize(("query", "dropped"), [("", [0, 1, 2]), ("?tag=x", [0]), ("?tag=", [2]), ("?tag=z", [])])
    def test_drop(self, place: Place, query: str, dropped: list[int]) -> None:
        """The transfers that go on, of all or of a tag, are reset, as a fault; idle connections are left alone."""
        others = [place.connect() for _ in range(3)]
        for other, target in zip(others, [b"/10?hold=4&tag=x", b"/10?delay=5&tag=y", b"/10?stall=0"], strict=True):
            other.send(GET % target)
        assert place.get(f"/-/drop{query}", method="POST").status == 204
        assert [number for number, other in enumerate(others) if other.transport.disconnecting] == dropped
        ends = [record.end for record in place.site.journal.records()]
        assert ends == [End.FAULT if number in dropped else None for number in range(3)]

    def test_bad_query(self, place: Place) -> None:
        """Nothing is dropped by mistake."""
        other = place.connect()
        other.send(GET % b"/10?hold=4")
        assert place.get("/-/drop?path=/10", method="POST").status == 400
        assert not other.transport.disconnecting


@pytest.mark.parametrize("target", ["/-/drop", "/-/journal/1/release"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_no_faults(target: str, method: str) -> None:
    """A server that never misbehaves drops and releases nothing, and says so; its journal is there."""
    place = Place(faults=False, defaults="hold=4")
    other = place.connect()
    assert other.send(GET % b"/10").endswith(b"\r\n\r\n1111")
    refused = place.get(target, method=method)
    assert (refused.status, refused.body.count(b"\n"), b"--no-faults" in refused.body) == (403, 1, True)
    turns(place.clock, 10)
    assert other.read() == b""
    assert not other.transport.disconnecting
    assert place.numbers() == [1]
