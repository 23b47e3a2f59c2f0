"""plan.py with faults, lies, logins and occasions: whole requests to whole answers; no Twisted."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import doubles
from doubles import decide, parse_chunks, unheeded, until_cut
from fakefiles.behaviour.occasions import Occasions
from fakefiles.behaviour.substitute import Refusal
from fakefiles.files.digests import hashed_at_once
from fakefiles.files.kinds import RULER
from fakefiles.http.answers import Answer
from fakefiles.http.plan import Wait
from fakefiles.http.request import Ask
from fakefiles.transfer.body import Cut, Hold, Note, Pause, Take
from fakefiles.transfer.framing import Framing
from fakefiles.transfer.span import Span
from fakefiles.urls.settings import Settings

ETAG = '"ruler-100"'
FILE = RULER.read(0, 100)
UNCACHEABLE = "no-store"


def ask(query: str = "", method: str = "GET", version: str = "HTTP/1.1", path: str = "/100", **headers: str) -> Ask:
    """Return a request for a ruler."""
    return doubles.ask(f"{path}?{query}" if query else path, method, version, **headers)


class Server:
    """Plans answers as a server does, which remembers earlier requests."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings(content="ruler")
        self.occasions = Occasions()

    def answer(self, request: Ask) -> Answer:
        """Return an answer that waits for no digest."""
        reply = decide(request, self.settings, hashed_at_once, self.occasions)
        assert isinstance(reply, Answer)
        return reply

    def get(self, query: str = "", version: str = "HTTP/1.1", path: str = "/100", **headers: str) -> Answer:
        """Answer a GET request."""
        return self.answer(ask(query, "GET", version, path, **headers))


def get(query: str = "", version: str = "HTTP/1.1", path: str = "/100", **headers: str) -> Answer:
    """Answer the first GET request to a server."""
    return Server().get(query, version, path, **headers)


def body_of(reply: Answer) -> bytes:
    """Return the body's bytes, up to where it is cut."""
    return until_cut(reply.pieces(unheeded))[0] if reply.body else b""


def happenings(reply: Answer) -> list[tuple[int, object]]:
    """Return the events of a body, each with the number of bytes before it."""
    assert reply.body
    return [(at, event) for at, event in until_cut(reply.pieces(unheeded))[1]]


def test_nothing_special() -> None:
    """A URL without parameters gets an answer without events, with these headers and no others."""
    reply = get(path="/100/x.txt")
    assert reply.headers == {
        "Accept-Ranges": "bytes",
        "ETag": ETAG,
        "Last-Modified": "Sun, 09 Sep 2001 01:46:40 GMT",
        "Cache-Control": "max-age=31536000, immutable",
        "Content-Type": "text/plain",
        "Content-Length": "100",
    }
    assert reply.body
    assert reply.body.plain
    assert (reply.delay, reply.refusal, reply.faults, reply.close) == (0, None, (), False)


class TestPace:
    """How fast."""

    def test_rate(self) -> None:
        """Every byte is taken from one bucket before it goes."""
        reply = get("rate=200")
        takes = [(at, event) for at, event in happenings(reply) if isinstance(event, Take)]
        assert [(at, take.amount) for at, take in takes] == [(0, 20), (20, 20), (40, 20), (60, 20), (80, 20)]
        assert len({id(take.bucket) for _, take in takes}) == 1
        assert takes[0][1].bucket.rate == 200
        assert reply.headers["Cache-Control"].endswith("immutable")

    @pytest.mark.parametrize(("headers", "rate"), [({}, 20), ({"Range": "bytes=0-9"}, 2)])
    def test_duration(self, headers: dict[str, str], rate: float) -> None:
        """The body of an answer takes this long, even if it is a range."""
        takes = [event for _, event in happenings(get("duration=5", **headers)) if isinstance(event, Take)]
        assert {take.bucket.rate for take in takes} == {rate}

    @pytest.mark.parametrize("query", ["rate=100", "rate=100&framing=chunked&chunk_size=3", "rate=100&framing=close"])
    @pytest.mark.parametrize("range_", ["bytes=0-49", "bytes=0-9,20-59"])
    def test_ranges(self, query: str, range_: str) -> None:
        """One range and several are paced alike, with the framing of multipart bodies, but without that of chunks."""
        reply = get(query, Range=range_)
        assert reply.body
        takes = [event.amount for _, event in happenings(reply) if isinstance(event, Take)]
        assert sum(takes) == reply.body.length
        assert max(takes) == 10

    def test_delay(self) -> None:
        """Every answer to a request for the file is delayed."""
        assert get("delay=2").delay == 2
        assert get("delay=2", If_None_Match=ETAG).delay == 2
        assert get("delay=2", Range="bytes=200-").delay == 2
        assert get("delay=2", If_Match='"x"').delay == 2
        assert get("delay=2&status=503").delay == 2
        assert get("delay=2&redirect=1").delay == 2
        assert get("delay=2&auth=basic&user=u&password=p").delay == 2
        assert get("delay=2&refuse=close").delay == 2
        assert Server().answer(ask("delay=2", "HEAD")).delay == 2
        assert Server().answer(ask("delay=2", "OPTIONS")).delay == 0

    def test_jitter(self) -> None:
        """The delay is random: new for each request, but the same in every run."""
        server, again = Server(), Server()
        replies = [server.get("delay=1&jitter=2&drip=10&seed=3") for _ in range(5)]
        assert all(1 <= reply.delay <= 3 for reply in replies)
        assert len({reply.delay for reply in replies}) == 5
        pauses = [happenings(reply) for reply in replies]
        assert [len(each) for each in pauses] == [10] * 5
        assert pauses[0] != pauses[1]
        repeated = [again.get("delay=1&jitter=2&drip=10&seed=3") for _ in range(5)]
        assert [(reply.delay, happenings(reply)) for reply in repeated] == list(
            zip([reply.delay for reply in replies], pauses, strict=True)
        )

    def test_a_rate_of_its_own(self) -> None:
        """Without a bucket, two transfers share nothing, whatever their rates."""
        server = Server()
        replies = [server.get(query) for query in ("rate=10", "rate=10", "rate=20")]
        takes = [next(event for _, event in happenings(reply) if isinstance(event, Take)) for reply in replies]
        assert [take.bucket.rate for take in takes] == [10, 10, 20]
        assert len({id(take.bucket) for take in takes}) == 3

    def test_bucket(self) -> None:
        """URLs with the same bucket and tag share a rate; a URL with another rate is refused."""
        server = Server()
        replies = [server.get("rate=10&bucket=b"), server.get("rate=10&bucket=b&delay=1"), server.get("rate=10")]
        replies.append(server.get("rate=10&bucket=b&tag=t"))
        buckets = [next(event.bucket for _, event in happenings(reply) if isinstance(event, Take)) for reply in replies]
        assert buckets[0] is buckets[1]
        assert len({id(bucket) for bucket in buckets}) == 3
        assert server.get("rate=11&bucket=b").status == 400

    @given(
        st.sampled_from(["", "rate=1", "rate=1g", "duration=3", "rate=50&bucket=b"]),
        st.sampled_from(["", "drip=1", "drip=1k"]),
        st.sampled_from(["", "jitter=1", "jitter=1&seed=2"]),
        st.sampled_from(["framing=length", "framing=chunked", "framing=close"]),
        st.sampled_from(["", "bytes=10-60", "bytes=0-3,50-"]),
    )
    def test_no_combination_changes_the_bytes(
        self, rate: str, drip: str, jitter: str, framing: str, range_: str
    ) -> None:
        """The pace does not change the bytes."""
        headers = {"Range": range_} if range_ else {}
        query = "&".join(filter(None, [rate, drip, jitter, framing]))
        slow, plain = body_of(get(query, **headers)), body_of(get(framing, **headers))
        assert slow == plain


# A query, and its events, each with the number of bytes before it.
AT_OFFSETS: dict[str, list[tuple[int, object]]] = {
    "reset=50%": [(50, Note("reset@50")), (50, Cut(reset=True))],
    "close=0": [(0, Note("close@0")), (0, Cut())],
    "close=100%": [(100, Note("close@100")), (100, Cut())],
    "stall=10:2s": [(10, Note("stall@10")), (10, Pause(2))],
    "stall=10": [(10, Note("stall@10")), (10, Pause(None))],
    "hold=99": [(99, Note("hold@99")), (99, Hold())],
    "flip=10,1": [(1, Note("flip@1")), (10, Note("flip@10"))],
    "stall=1:1s&close=1": [(1, Note("stall@1")), (1, Pause(1)), (1, Note("close@1")), (1, Cut())],
    "reset=60&close=20": [(20, Note("close@20")), (20, Cut())],
}


class TestOffsets:
    """What happens at an offset of the file."""

    @pytest.mark.parametrize(("query", "expected"), AT_OFFSETS.items())
    def test_whole_file(self, query: str, expected: list[tuple[int, object]]) -> None:
        """A fault happens at its offset, and the headers are those of the intact file."""
        reply = get(query)
        assert happenings(reply) == expected
        assert reply.headers == {**get().headers, "Cache-Control": UNCACHEABLE}

    @pytest.mark.parametrize(
        ("range_", "at"), [("bytes=40-", 10), ("bytes=49-50", 1), ("bytes=50-", None), ("bytes=0-49", None)]
    )
    def test_range(self, range_: str, at: int | None) -> None:
        """A fault happens in a range with bytes on both sides of it; a download that resumes there gets past it."""
        notes = [(at, event) for at, event in happenings(get("reset=50", Range=range_)) if isinstance(event, Note)]
        assert notes == ([] if at is None else [(at, Note("reset@50"))])

    def test_multipart(self) -> None:
        """In a multipart body, a fault happens in the part that has its offset."""
        reply = get("close=50", Range="bytes=0-9,40-59,80-")
        assert body_of(reply).endswith(b"bytes 40-59/100\r\n\r\n" + FILE[40:50])

    def test_chunked(self) -> None:
        """A chunk that is cut is shorter than it says."""
        assert body_of(get("close=5&framing=chunked&chunk_size=10")) == b"a\r\n" + FILE[:5]

    @given(
        st.sampled_from(["length", "chunked", "close"]),
        st.lists(st.integers(0, 99), min_size=1, max_size=4),
        st.integers(0, 99),
        st.integers(1, 100),
    )
    def test_flip(self, framing: str, offsets: list[int], start: int, length: int) -> None:
        """Exactly these bits are flipped, in every range."""
        query = f"framing={framing}&chunk_size=7&flip={','.join(map(str, offsets))}"
        reply = get(query, Range=f"bytes={start}-{start + length - 1}")
        raw = body_of(reply)
        body = b"".join(parse_chunks(raw)[0]) if framing == "chunked" else raw
        expected = bytearray(FILE)
        for offset in set(offsets):
            expected[offset] ^= 1
        assert body == bytes(expected[start : start + length])
        notes = [event.text for _, event in happenings(get(query, Range=f"bytes={start}-{start + length - 1}"))]  # type: ignore[attr-defined]
        assert notes == [f"flip@{offset}" for offset in sorted(set(offsets)) if start <= offset < start + length]

    @given(
        st.sampled_from(["reset", "close", "stall", "hold"]),
        st.integers(0, 100),
        st.integers(0, 99),
        st.integers(1, 100),
    )
    def test_never_outside_its_range(self, name: str, offset: int, start: int, length: int) -> None:
        """A fault happens after exactly the bytes before its offset, or not at all."""
        stop = min(start + length, 100)
        reply = get(f"{name}={offset}", Range=f"bytes={start}-{stop - 1}")
        happened = happenings(reply)
        inside = start < offset < stop or offset == start == 0 or offset == stop == 100
        assert [at + start for at, _ in happened] == [offset] * 2 * inside

    @pytest.mark.parametrize("query", ["reset=101", "stall=1k:1s", "hold=101", "flip=100", "flip=100%", "close=1m"])
    def test_beyond_the_end(self, query: str) -> None:
        """An impossible fault in the URL is refused; one in a default is ignored."""
        assert get(query).status == 400
        default = Server(Settings(content="ruler", defaults=query)).get()
        assert (default.status, body_of(default)) == (200, FILE)

    def test_empty_file(self) -> None:
        """A file without bytes has an offset, 0."""
        assert happenings(get("reset=50%", path="/0")) == [(0, Note("reset@0")), (0, Cut(reset=True))]

    def test_checksum_file(self) -> None:
        """A checksum file is complete, and true for the intact file, whatever faults the query has."""
        right = body_of(get(path="/100/x.sha256"))
        for query in ("flip=0&fail=1", "reset=90", "status=503", "length=short:3", "ranges=shift:5"):
            assert body_of(get(query, path="/100/x.sha256")) == right


class TestInstead:
    """What comes instead of the file."""

    def test_reset_content(self) -> None:
        """A 205 has an empty body, and says so (RFC 9110, 15.3.6)."""
        reply = get("status=205")
        assert (reply.status, reply.headers["Content-Length"], body_of(reply)) == (205, "0", b"")

    def test_status(self) -> None:
        """The answer has the status, a line of text, and Retry-After."""
        reply = get("status=503&retry_after=2m")
        assert reply.status == 503
        assert reply.headers == {
            "Content-Type": "text/plain; charset=utf-8",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": UNCACHEABLE,
            "Retry-After": "120",
            "Content-Length": "25",
        }
        assert body_of(reply) == b"503, as the URL wants it\n"
        assert reply.faults == ["status=503"]

    @pytest.mark.parametrize("status", [204, 304])
    def test_status_without_body(self, status: int) -> None:
        """Some statuses have no body (RFC 9110, 6.4.1)."""
        reply = get(f"status={status}")
        assert (reply.status, reply.body, reply.headers) == (status, None, {"Cache-Control": UNCACHEABLE})

    def test_captive_portal(self) -> None:
        """A page in place of the file looks like a success."""
        reply = get("profile=captive-portal", Range="bytes=0-1")
        assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html")

    @pytest.mark.parametrize("refusal", Refusal)
    def test_refuse(self, refusal: Refusal) -> None:
        """With refuse=headers, the answer has headers to cut, and no body."""
        reply = get(f"refuse={refusal.value}", Range="bytes=0-9", If_Match='"x"')
        assert (reply.status, reply.refusal, reply.body, reply.close) == (200, refusal, None, True)
        assert reply.faults == [f"refuse={refusal.value}"]
        assert (reply.headers["Content-Type"], reply.headers["Content-Length"]) == ("application/octet-stream", "100")


class TestRedirects:
    """Hops to the same file."""

    def test_all_the_way(self) -> None:
        """After N hops comes the file."""
        server, url, statuses = Server(), "/100?redirect=3&redirect_code=307&content=ones", []
        for _ in range(4):
            path, _, query = url.partition("?")
            reply = server.get(query, path=path)
            statuses.append(reply.status)
            url = reply.headers.get("Location", "")
        assert statuses == [307, 307, 307, 200]
        assert body_of(reply) == b"1" * 100

    def test_default_code(self) -> None:
        """The status is 302, and no cache may keep the answer, since the next one differs."""
        reply = get("redirect=1")
        assert (reply.status, reply.headers["Cache-Control"]) == (302, UNCACHEABLE)
        assert reply.headers["Location"] == "/100?redirect=0"

    def test_default_redirect(self) -> None:
        """redirect= in the defaults ends, too: the last hop says redirect=0."""
        server = Server(Settings(content="ruler", defaults="redirect=1&redirect_code=301"))
        location = server.get().headers["Location"]
        assert location == "/100?redirect=0"
        assert server.get("redirect=0").status == 200


class TestLogin:
    """Who may have the file."""

    def test_login(self) -> None:
        """Without the password there is a challenge, before any fault happens and before the request is counted."""
        server, query = Server(), "auth=basic&user=u&password=p&status=503&fail=1"
        challenge = server.get(query)
        assert (challenge.status, challenge.headers["WWW-Authenticate"][:5]) == (401, "Basic")
        authorization = "Basic " + b64encode(b"u:p").decode()
        assert server.get(query, Authorization=authorization).status == 503
        reply = server.get(query, Authorization=authorization)
        assert (reply.status, reply.headers["Cache-Control"]) == (200, UNCACHEABLE)

    def test_digest_is_of_the_url(self) -> None:
        """The response is checked for the whole target, exactly as it was requested."""
        login = 'Digest username="u", realm="fakefiles", nonce="ab8cd1b5f4c34d7d8b3a8f0d6e9c2f71", uri="{}", qop=auth, '
        login += 'nc=00000001, cnonce="x", response="{}"'
        query = "auth=digest&user=u&password=p"
        # The output of `echo -n u:fakefiles:p | md5sum` and so on.
        response = "af537ce760c95370a29d6820136ee023"
        assert get(query, Authorization=login.format(f"/100?{query}", response)).status == 200
        assert get(query, Authorization=login.format("/100", response)).status == 401


# Lies, a Range, and the answer: status, Content-Range, body, faults for the journal.
RANGE_LIES: list[tuple[str, str, int, str | None, bytes, list[str]]] = [
    ("off", "", 200, None, FILE, ["ranges=off"]),
    ("off", "bytes=0-9", 200, None, FILE, ["ranges=off"]),
    ("off", "bytes=900-", 200, None, FILE, ["ranges=off"]),
    ("lie", "", 200, None, FILE, []),
    ("lie", "bytes=0-9", 200, None, FILE, ["ranges=lie"]),
    ("shift:5", "", 200, None, FILE, []),
    ("shift:5", "bytes=0-9", 206, "bytes 5-14/100", FILE[5:15], ["ranges=shift:5"]),
    ("shift:-5", "bytes=50-59", 206, "bytes 45-54/100", FILE[45:55], ["ranges=shift:-5"]),
    ("shift:5", "bytes=50-", 206, "bytes 55-99/100", FILE[55:], ["ranges=shift:5"]),
    ("shift:-5", "bytes=50-", 206, "bytes 45-99/100", FILE[45:], ["ranges=shift:-5"]),
    ("shift:5", "bytes=95-", 206, "bytes 99-99/100", FILE[99:], ["ranges=shift:5"]),
    ("shift:5", "bytes=95-99", 206, "bytes 95-99/100", FILE[95:], ["ranges=shift:5"]),
    ("shift:5", "bytes=-5", 206, "bytes 95-99/100", FILE[95:], ["ranges=shift:5"]),
    ("hidden", "", 200, None, FILE, ["ranges=hidden"]),
    ("hidden", "bytes=0-9", 206, "bytes 0-9/100", FILE[:10], ["ranges=hidden"]),
    ("mislabel:5", "", 200, None, FILE, []),
    ("mislabel:5", "bytes=0-9", 206, "bytes 0-9/100", FILE[5:15], ["ranges=mislabel:5"]),
    ("mislabel:5", "bytes=95-", 206, "bytes 95-99/100", FILE[:5], ["ranges=mislabel:5"]),
]


class TestLies:
    """What is untrue of an answer."""

    @pytest.mark.parametrize(("lie", "range_", "status", "label", "body", "faults"), RANGE_LIES)
    def test_ranges(  # noqa: PLR0913, PLR0917  a row of the table
        self, lie: str, range_: str, status: int, label: str | None, body: bytes, faults: list[str]
    ) -> None:
        """Ranges may be ignored, or be other ones."""
        reply = get(f"ranges={lie}", **({"Range": range_} if range_ else {}))
        assert (reply.status, reply.headers.get("Content-Range"), body_of(reply)) == (status, label, body)
        assert ("Accept-Ranges" in reply.headers) is (lie not in {"off", "hidden"})
        assert list(reply.faults) == faults

    def test_shifted_parts(self) -> None:
        """Of several ranges, each is shifted, and its Content-Range is true."""
        reply = get("ranges=shift:5", Range="bytes=0-4,50-54")
        assert list(reply.given) == [Span(5, 10), Span(55, 60)]
        assert reply.headers["Content-Type"].startswith("multipart/byteranges; boundary=")
        assert re.findall(rb"bytes (\d+)", body_of(reply)) == [b"5", b"55"]

    @pytest.mark.parametrize(
        ("lie", "told"), [("short:10", "90"), ("long:10", "110"), ("garbage", "many"), ("short:1000", "0")]
    )
    def test_length(self, lie: str, told: str) -> None:
        """The body is complete, whatever Content-Length says, and the connection ends after it."""
        for method in ("GET", "HEAD"):
            reply = Server().answer(ask(f"length={lie}", method))
            assert (reply.headers["Content-Length"], reply.headers["Connection"]) == (told, "close")
            assert reply.close
            assert reply.faults == [f"length={lie}"]
        assert body_of(get(f"length={lie}")) == FILE

    def test_length_of_a_range(self) -> None:
        """The false length is that of the body sent, not of the file."""
        assert get("length=short:3", Range="bytes=0-9").headers["Content-Length"] == "7"

    def test_no_length(self) -> None:
        """The body ends with the connection."""
        reply = get("length=none")
        assert not {"Content-Length", "Transfer-Encoding"} & reply.headers.keys()
        assert reply.close
        assert reply.faults == ["length=none"]

    def test_length_where_there_is_none(self) -> None:
        """An answer without a body has nothing to lie about."""
        reply = get("length=short:3", If_None_Match=ETAG)
        assert (reply.status, list(reply.faults), reply.close) == (304, [], False)

    def test_last_chunk(self) -> None:
        """The chunks are right, but the last chunk is missing."""
        reply = get("framing=chunked&lastchunk=off&chunk_size=100")
        assert body_of(reply) == b"64\r\n" + FILE + b"\r\n"
        assert reply.close
        assert reply.faults == ["lastchunk=off"]

    def test_last_chunk_of_http_1_0(self) -> None:
        """For HTTP/1.0 there are no chunks: the body ends with the connection."""
        reply = get("framing=chunked&lastchunk=off", version="HTTP/1.0")
        assert body_of(reply) == FILE
        assert reply.body
        assert reply.framing is Framing.CLOSE

    @pytest.mark.parametrize(
        ("query", "etag"), [("etag=none", None), ("etag=weak", f"W/{ETAG}"), ("etag=rotate", '"ruler-100-get1"')]
    )
    def test_etag(self, query: str, etag: str | None) -> None:
        """The tag differs from that of the file, or is missing."""
        reply = get(query)
        assert (reply.headers.get("ETag"), list(reply.faults)) == (etag, [query])
        assert body_of(reply) == FILE

    def test_rotating_etag(self) -> None:
        """The file seems to change at each request, so that nothing can be resumed."""
        server = Server()
        tags = [server.answer(ask("etag=rotate", method)).headers["ETag"] for method in ("HEAD", "GET", "GET")]
        assert len(set(tags)) == 3
        assert server.get("etag=rotate", Range="bytes=5-", If_Range=tags[-1]).status == 200
        assert server.get("etag=rotate", If_Match=tags[-1]).status == 412
        assert server.get("etag=rotate", If_None_Match=tags[-1]).status == 200

    def test_weak_etag(self) -> None:
        """A weak tag is valid for If-None-Match, but not for If-Range."""
        assert get("etag=weak", If_None_Match=f"W/{ETAG}").status == 304
        assert get("etag=weak", Range="bytes=5-", If_Range=f"W/{ETAG}").status == 200
        assert get("etag=none", If_None_Match=ETAG).status == 200

    def test_modified(self) -> None:
        """Last-Modified is another date, which conditions respect, or missing."""
        reply = get("modified=2030-01-01")
        assert reply.headers["Last-Modified"] == "Tue, 01 Jan 2030 00:00:00 GMT"
        assert get("modified=2030-01-01", If_Modified_Since="Tue, 01 Jan 2030 00:00:00 GMT").status == 304
        assert get("modified=2030-01-01", If_Modified_Since="Sun, 09 Sep 2001 01:46:40 GMT").status == 200
        assert "Last-Modified" not in get("modified=none").headers
        assert get("modified=none", If_Modified_Since="Sun, 09 Sep 2001 01:46:40 GMT").status == 200
        assert get("modified=garbage").headers["Last-Modified"] == "long ago"

    def test_type(self) -> None:
        """Content-Type is another one, for the file and for its parts."""
        assert get("type=text/html").headers["Content-Type"] == "text/html"
        assert get("type=text/html", Range="bytes=0-1").headers["Content-Type"] == "text/html"
        assert b"Content-Type: text/html\r\n" in body_of(get("type=text/html", Range="bytes=0-1,5-6"))

    def test_encoding_lie(self) -> None:
        """Content-Encoding says gzip, but the body is not compressed."""
        reply = get("encoding=lie")
        assert (reply.headers["Content-Encoding"], reply.headers["ETag"], body_of(reply)) == ("gzip", ETAG, FILE)

    @pytest.mark.parametrize("query", ["", "&flip=50", "&rate=10", "&drip=3", "&stall=50:1s", "&framing=close"])
    def test_gzip(self, query: str) -> None:
        """A real gzip stream, without ranges or a length, with its own tag; bits are flipped before compression."""
        reply = get(f"encoding=gzip{query}", Range="bytes=0-9", Want_Repr_Digest="md5=1")
        assert reply.status == 200
        assert reply.headers["ETag"] == 'W/"ruler-100-gzip"'
        assert not {"Content-Length", "Accept-Ranges", "Repr-Digest"} & reply.headers.keys()
        raw = body_of(reply)
        packed = raw if "framing" in query else b"".join(parse_chunks(raw)[0])
        expected = bytearray(FILE)
        expected[50] ^= "flip" in query
        assert gzip.decompress(packed) == bytes(expected)

    def test_gzip_of_http_1_0(self) -> None:
        """Without chunks it ends with the connection."""
        reply = get("encoding=gzip", version="HTTP/1.0")
        assert reply.close
        assert gzip.decompress(body_of(reply)) == FILE

    def test_the_digest_is_the_truth(self) -> None:
        """Whatever is sent, a digest is that of the intact file."""
        right = get("digest=md5").headers["Digest"]
        for query in ("flip=5", "ranges=lie", "length=short:5", "encoding=lie", "close=5"):
            assert get(f"digest=md5&{query}").headers["Digest"] == right

    @pytest.mark.parametrize(
        "query", ["etag=rotate", "ranges=lie", "flip=1", "status=503", "redirect=0", "fail=1&flip=1"]
    )
    def test_not_to_be_kept(self, query: str) -> None:
        """No cache may keep an answer that may differ the next time, even if it is the right one."""
        server = Server()
        for _ in range(2):
            assert server.get(query).headers["Cache-Control"] == UNCACHEABLE


class TestWhen:
    """Which requests go wrong."""

    def test_fail(self) -> None:
        """After the first N requests, the file is perfect."""
        server = Server()
        assert [server.get("status=503&fail=2").status for _ in range(4)] == [503, 503, 200, 200]
        perfect = server.get("status=503&fail=2")
        assert (body_of(perfect), list(perfect.faults)) == (FILE, [])
        assert perfect.body
        assert perfect.body.plain

    @given(
        st.integers(1, 3),
        st.sampled_from(
            ["reset=5", "flip=0,99", "ranges=mislabel:3", "length=long:1", "encoding=gzip", "refuse=reset"]
        ),
        st.sampled_from(["", "bytes=3-60", "bytes=0-4,50-"]),
    )
    def test_after_fail_the_file_is_perfect(self, fail: int, fault: str, range_: str) -> None:
        """Whatever the fault, the answer is then that of a URL without parameters, except for Cache-Control."""
        server, headers = Server(), ({"Range": range_} if range_ else {})
        for _ in range(fail):
            assert server.get(f"{fault}&fail={fail}", **headers).headers["Cache-Control"] == UNCACHEABLE
        reply, good = server.get(f"{fault}&fail={fail}", **headers), get(**headers)
        assert body_of(reply) == body_of(good)
        assert {**reply.headers, "Cache-Control": ""} == {**good.headers, "Cache-Control": ""}
        assert replace(reply, headers={}, body=None) == replace(good, headers={}, body=None)

    def test_pace_stays(self) -> None:
        """The pace applies to all requests."""
        server = Server()
        for _ in range(3):
            assert any(isinstance(event, Take) for _, event in happenings(server.get("rate=10&fail=1&etag=weak")))

    def test_every(self) -> None:
        """Every N-th request goes wrong."""
        server = Server()
        assert [server.get("status=503&every=3").status for _ in range(6)] == [200, 200, 503, 200, 200, 503]

    def test_chance(self) -> None:
        """Requests go wrong at random, but the same ones in every run."""
        first, second = Server(), Server()
        statuses = [first.get("status=503&chance=0.5&seed=5").status for _ in range(40)]
        assert {200, 503} == set(statuses)
        assert statuses == [second.get("status=503&chance=0.5&seed=5").status for _ in range(40)]

    def test_what_is_counted(self) -> None:
        """GET and HEAD are counted apart, whatever their headers; refused requests are not counted."""
        server, query = Server(), "status=503&fail=1"
        assert server.answer(ask(query, "OPTIONS")).status == 204
        assert server.get(f"{query}&x=1").status == 400
        assert server.answer(ask(query, "HEAD")).status == 503
        assert server.answer(ask(query, "HEAD")).status == 200
        assert server.get("fail=1&status=503").status == 503
        assert server.get(query).status == 200
        assert server.get(f"{query}&tag=t").status == 503
        server.occasions.reset(tag="t")
        assert [server.get(f"{query}&tag=t").status, server.get(query).status] == [503, 200]

    def test_304_and_416_count(self) -> None:
        """Conditional requests count as requests for the URL."""
        server = Server()
        assert server.get("flip=5&every=2", If_None_Match=ETAG).status == 304
        assert body_of(server.get("flip=5&every=2")) != FILE
        assert server.get("flip=5&every=2", Range="bytes=900-").status == 416
        assert body_of(server.get("flip=5&every=2")) != FILE

    def test_waiting_for_a_digest_does_not_count(self) -> None:
        """A request that waits for a digest is counted once."""
        server, request = Server(), ask("status=503&fail=1&digest=md5", path="/1g")
        assert isinstance(decide(request, server.settings, hashed_at_once, server.occasions), Wait)
        for status in (503, 200):
            reply = decide(request, server.settings, lambda *_: b"x", server.occasions)
            assert isinstance(reply, Answer)
            assert reply.status == status


@pytest.mark.parametrize(
    "query",
    [
        "rate=10",
        "reset=50%",
        "flip=5",
        "length=long:5",
        "etag=rotate",
        "type=a/b",
        "redirect=2",
        "status=503",
        "delay=1",
    ],
)
@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_head_is_get_without_body(query: str, version: str) -> None:
    """HEAD gets the status and headers of GET, except for a rotating tag."""
    get_, head = get(query, version), Server().answer(ask(query, "HEAD", version))
    tag = {"ETag": ""} if query == "etag=rotate" else {}
    assert replace(head, headers={**head.headers, **tag}) == replace(get_, body=None, headers={**get_.headers, **tag})


def test_http_2() -> None:
    """In HTTP/2, no lie adds a Connection header (RFC 9113, 8.2.2)."""
    assert "Connection" not in get("length=long:5", version="HTTP/2").headers
