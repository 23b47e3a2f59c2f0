"""plan.py: whole requests to whole answers, as tables; no Twisted."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import Response, ask, decide, joined, parse_multipart, unheeded
from fakefiles.behaviour.occasions import Occasions
from fakefiles.files.digests import Hashing
from fakefiles.files.kinds import find_content
from fakefiles.files.units import MAX_SIZE
from fakefiles.http.answers import Answer
from fakefiles.http.plan import Wait
from fakefiles.http.request import Ask
from fakefiles.transfer.body import Note, cut
from fakefiles.urls.settings import Settings
from fakefiles.urls.sidecars import Sidecar, no_hashing

ETAG = '"ones-100"'
MODIFIED = "Sun, 09 Sep 2001 01:46:40 GMT"
EARLIER = "Sat, 08 Sep 2001 01:46:40 GMT"


def answer(request: Ask, settings: Settings, server: Occasions | None = None) -> Answer:
    """Return the answer to a request that waits for no digest."""
    reply = decide(request, settings, occasions=server)
    assert isinstance(reply, Answer)
    return reply


def body_of(reply: Answer) -> bytes:
    """Return the body's bytes."""
    return joined(reply.pieces(unheeded)) if reply.body else b""


def test_whole_file() -> None:
    """The plain answer, header by header."""
    reply = answer(ask("/100/x.txt"), Settings())
    assert reply.status == 200
    assert reply.headers == {
        "Accept-Ranges": "bytes",
        "ETag": ETAG,
        "Last-Modified": MODIFIED,
        "Cache-Control": "max-age=31536000, immutable",
        "Content-Type": "text/plain",
        "Content-Length": "100",
    }
    assert body_of(reply) == b"1" * 100
    assert not reply.close


def test_part_of_a_file() -> None:
    """One range: its own length, and where it lies."""
    reply = answer(ask(Range="bytes=10-19"), Settings())
    assert reply.status == 206
    assert reply.headers["Content-Range"] == "bytes 10-19/100"
    assert reply.headers["Content-Length"] == "10"
    assert reply.headers["ETag"] == ETAG
    assert body_of(reply) == b"1" * 10


def test_several_parts() -> None:
    """Several ranges: a multipart body as long as it says; Content-Range only in the parts (RFC 9110, 15.3.7.2)."""
    reply = answer(ask(Range="bytes=0-0,-1"), Settings())
    assert reply.status == 206
    assert reply.headers["Content-Type"].startswith("multipart/byteranges; boundary=")
    assert "Content-Range" not in reply.headers
    assert len(body_of(reply)) == int(reply.headers["Content-Length"])


def test_ranges_that_merge_into_one() -> None:
    """Overlapping ranges that merge into one are answered as one."""
    reply = answer(ask(Range="bytes=0-50,40-60"), Settings())
    assert reply.headers["Content-Range"] == "bytes 0-60/100"


def test_not_satisfiable() -> None:
    """416 names the file's length."""
    reply = answer(ask(Range="bytes=100-"), Settings())
    assert reply.status == 416
    assert reply.headers["Content-Range"] == "bytes */100"


# Headers of a GET of 100 bytes, and the status.
CONDITIONAL = [
    ({"If_None_Match": ETAG}, 304),
    ({"If_None_Match": ETAG, "Range": "bytes=0-0"}, 304),
    ({"If_None_Match": '"x"', "Range": "bytes=0-0"}, 206),
    ({"If_Modified_Since": MODIFIED}, 304),
    ({"If_Match": '"x"'}, 412),
    ({"If_Match": '"x"', "Range": "bytes=900-"}, 412),
    ({"If_Match": ETAG, "Range": "bytes=900-"}, 416),
    ({"If_Unmodified_Since": EARLIER}, 412),
    ({"Range": "bytes=0-0", "If_Range": ETAG}, 206),
    ({"Range": "bytes=0-0", "If_Range": f"W/{ETAG}"}, 200),
    ({"Range": "bytes=0-0", "If_Range": '"x"'}, 200),
    ({"Range": "bytes=0-0", "If_Range": MODIFIED}, 206),
    ({"Range": "bytes=0-0", "If_Range": EARLIER}, 200),
    ({"Range": "bytes=900-", "If_Range": '"x"'}, 200),
    ({"If_Range": '"x"'}, 200),
    ({"Range": "lines=0-0"}, 200),
    ({"Range": "bytes=oops"}, 416),
]


@pytest.mark.parametrize(("headers", "status"), CONDITIONAL, ids=str)
def test_conditional(headers: dict[str, str], status: int) -> None:
    """The conditions are evaluated before the range, and If-Range decides about it."""
    reply = answer(ask(**headers), Settings())
    assert reply.status == status
    if status == 200:
        assert reply.headers["Content-Length"] == "100"
        assert "Content-Range" not in reply.headers


def test_not_modified() -> None:
    """304 has the validators and Cache-Control, and no headers about content (RFC 9110, 15.4.5)."""
    reply = answer(ask(If_None_Match=ETAG), Settings())
    assert reply.body is None
    assert reply.headers.keys() == {"Accept-Ranges", "ETag", "Last-Modified", "Cache-Control"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW", "get", "Get"])
@pytest.mark.parametrize("target", ["/100", "/abc", "/"])
def test_other_methods(method: str, target: str) -> None:
    """Whatever the target, other methods get 405, and the answer lists those allowed."""
    reply = answer(ask(target, method), Settings())
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert body_of(reply) == b"the methods here are GET, HEAD, OPTIONS\n"


@pytest.mark.parametrize("target", ["/100", "/1/x"])
def test_options(target: str) -> None:
    """OPTIONS lists the methods, and ignores preconditions (RFC 9110, 13.2.1)."""
    reply = answer(ask(target, "OPTIONS", If_Match='"x"'), Settings())
    assert (reply.status, reply.headers, reply.body) == (204, {"Allow": "GET, HEAD, OPTIONS"}, None)


def test_options_of_nothing() -> None:
    """OPTIONS for an impossible file gets the same error as GET."""
    assert answer(ask("/abc", "OPTIONS"), Settings()).status == 404


TARGETS = [
    "/0",
    "/100",
    "/1/x.txt",
    "/1t",
    f"/{MAX_SIZE}",
    "/abc",
    "/1x",
    "/1?framing=chunked",
    "/1?x",
]
TARGETS += ["/1?framing=close", "/1m?framing=chunked&chunk_size=3", "/-/nothing"]
CONDITIONS = [{}, {"If_None_Match": "*"}, {"If_Match": '"x"'}, {"If_Modified_Since": MODIFIED}]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
@pytest.mark.parametrize("headers", CONDITIONS, ids=str)
def test_head_is_get_without_body(target: str, version: str, headers: dict[str, str]) -> None:
    """HEAD has GET's status and headers (RFC 9110, 9.3.2)."""
    get = answer(ask(target, "GET", version, **headers), Settings())
    assert answer(ask(target, "HEAD", version, **headers), Settings()) == replace(get, body=None)


def test_head_ignores_range() -> None:
    """Range has a meaning for GET alone (RFC 9110, 14.2)."""
    head = answer(ask(method="HEAD", Range="bytes=0-0"), Settings())
    assert (head.status, head.headers["Content-Length"]) == (200, "100")


FRAMINGS = [
    ("HTTP/1.1", "length", {"Content-Length": "100"}, False),
    ("HTTP/1.1", "chunked", {"Transfer-Encoding": "chunked"}, False),
    ("HTTP/1.1", "close", {"Connection": "close"}, True),
    ("HTTP/1.0", "length", {"Content-Length": "100"}, False),
    ("HTTP/1.0", "chunked", {"Connection": "close"}, True),  # it knows no chunks
    ("HTTP/1.0", "close", {"Connection": "close"}, True),
]


@pytest.mark.parametrize(("version", "framing", "expected", "close"), FRAMINGS)
@pytest.mark.parametrize("range_", ["", "bytes=0-99", "bytes=0-0,5-5"])
def test_framing(version: str, framing: str, expected: dict[str, str], close: bool, range_: str) -> None:  # noqa: FBT001
    """Exactly one thing says where the body ends, for whole files and ranges alike."""
    headers = {"Range": range_} if range_ else {}
    reply = answer(ask(f"/100?framing={framing}", version=version, **headers), Settings())
    framing_headers = {
        name: value
        for name, value in reply.headers.items()
        if name in {"Content-Length", "Transfer-Encoding", "Connection"}
    }
    assert framing_headers.keys() == expected.keys()
    assert "," in range_ or framing_headers == expected
    assert reply.close is close
    assert reply.status == (206 if range_ else 200)


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_http_2(framing: str) -> None:
    """HTTP/2 frames bodies itself, and knows no Connection header (RFC 9113, 8.2.2)."""
    reply = answer(ask(f"/100?framing={framing}", version="HTTP/2"), Settings())
    assert not {"Connection", "Transfer-Encoding", "Content-Length"} & reply.headers.keys()
    assert body_of(reply) == b"1" * 100
    assert not reply.close


HOSTS = {
    "localhost": 200,
    "localhost:8000": 200,
    "127.0.0.1": 200,
    "[::1]:8000": 200,
    "": 200,
    "a_b-c.example": 200,
    "a, b": 400,  # two header lines
    "a/b": 400,
    "a b": 400,
    "user@host": 400,
    "host:port": 400,
    "[::1": 400,
    "é": 400,
}


@pytest.mark.parametrize(("host", "status"), HOSTS.items())
def test_host(host: str, status: int) -> None:
    """A request has exactly one valid Host (RFC 9112, 3.2)."""
    reply = answer(ask(Host=host), Settings())
    assert reply.status == status
    assert (b"a request needs exactly one Host header, like example.org:8000" in body_of(reply)) is (status == 400)


@pytest.mark.parametrize(("version", "status"), [("HTTP/1.0", 200), ("HTTP/1.1", 400)])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_host(version: str, status: int, method: str) -> None:
    """Only HTTP/1.0 needs no Host."""
    status = 405 if (method, status) == ("DELETE", 200) else status
    request = ask(version=version, method=method)._replace(fields=())
    reply = answer(request, Settings())
    assert reply.status == status
    assert (b"an HTTP/1.1 request needs a Host header" in body_of(reply)) is (status == 400)


# What comes before a file: the query, the status, its headers, and its line of text.
GATES = [
    (
        "auth=basic&user=u&password=p",
        401,
        {"WWW-Authenticate": 'Basic realm="fakefiles", charset="UTF-8"'},
        b"log in, with the user= and password= of the URL\n",
    ),
    (
        "auth=bearer&token=t",
        401,
        {"WWW-Authenticate": 'Bearer realm="fakefiles"'},
        b"log in, with the token= of the URL\n",
    ),
    ("redirect=2", 302, {"Location": "/100?redirect=1"}, b"the file is behind this redirect\n"),
    (
        "redirect=1&redirect_code=307&tag=x",
        307,
        {"Location": "/100?redirect=0&redirect_code=307&tag=x"},
        b"the file is behind this redirect\n",
    ),
]


@pytest.mark.parametrize(("query", "status", "headers", "line"), GATES)
def test_what_comes_before_the_file(query: str, status: int, headers: dict[str, str], line: bytes) -> None:
    """The answer says what to do, is not to be kept, and comes after the same delay as the file."""
    reply = answer(ask(f"/100?{query}&delay=3"), Settings())
    query_less = {name: value.replace("&delay=3", "") for name, value in reply.headers.items()}
    assert (reply.status, reply.delay, body_of(reply)) == (status, 3, line)
    assert query_less == {
        "Content-Type": "text/plain; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Length": str(len(line)),
        **headers,
    }


def test_delay() -> None:
    """The delay of jitter= comes on top of delay=, and is never longer than it says."""
    delays = [
        answer(ask(f"/100?delay=1&jitter=0.25&seed={seed}&content=random"), Settings()).delay for seed in range(20)
    ]
    assert all(1 <= delay <= 1.25 for delay in delays)
    assert len({*delays}) == 20
    assert answer(ask("/100?delay=1"), Settings()).delay == 1
    assert answer(ask("/100"), Settings()).delay == 0


@pytest.mark.parametrize("target", ["/abc", "/1x", "/1?x=<script>", "/<script>", "/1\x00<b>"])
def test_errors_are_one_line_of_text(target: str) -> None:
    """The body of an error is one helpful line, which never echoes the request."""
    reply = answer(ask(target), Settings())
    assert 400 <= reply.status < 500
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = body_of(reply).decode()
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert len(text) > 20
    assert not set(text) & set("<>\0")


@given(
    st.sampled_from(["/0", "/1", "/100", "/5000", "/300k"]),
    st.text(alphabet="0123456789-,", max_size=30),
    st.sampled_from(["length", "chunked", "close"]),
    st.sampled_from(["ones", "ruler", "random"]),
)
def test_any_range(target: str, specs: str, framing: str, content: str) -> None:
    """Whatever is asked, Content-Length is the length of what is sent, and the bytes are those of the range."""
    query = f"content={content}&framing={framing}&chunk_size=999"
    reply = answer(ask(f"{target}?{query}", Range=f"bytes={specs}"), Settings())
    if match := re.fullmatch(r"bytes (\d+)-(\d+)/\d+", reply.headers.get("Content-Range", "")):
        assert reply.body
        whole = joined(cut(reply.body.steps, reply.body.content, 999, unheeded))
        assert whole == find_content(content, None, {}).read(int(match[1]), int(match[2]) - int(match[1]) + 1)
    assert reply.status in {200, 206, 416}
    if "Content-Length" in reply.headers:
        assert len(body_of(reply)) == int(reply.headers["Content-Length"])


@given(
    st.lists(st.tuples(st.integers(0, 2**62), st.integers(1, 3000)), min_size=2, max_size=5),
    st.sampled_from(["length", "chunked", "close"]),
    st.sampled_from(["ruler", "random"]),
)
def test_parts_are_slices(places: list[tuple[int, int]], framing: str, content: str) -> None:
    """Each part of a multipart body is the slice in its Content-Range; together they have all requested bytes."""
    asked = [(start, start + length - 1) for start, length in places]
    header = "bytes=" + ",".join(f"{first}-{last}" for first, last in asked)
    reply = answer(ask(f"/{MAX_SIZE}?content={content}&framing={framing}", Range=header), Settings())
    assert reply.body
    body = joined(cut(reply.body.steps, reply.body.content, 999, unheeded))
    assert len(body) == reply.body.length
    if (whole := reply.headers.get("Content-Range")) is not None:
        parts = [({"content-range": whole}, body)]
    else:
        headers = {name.lower(): value for name, value in reply.headers.items()}
        parts = parse_multipart(Response("HTTP/1.1", reply.status, headers, body))
    spans = []
    for fields, data in parts:
        match = re.fullmatch(rf"bytes (\d+)-(\d+)/{MAX_SIZE}", fields["content-range"])
        assert match
        first, last = int(match[1]), int(match[2])
        assert data == find_content(content, None, {}).read(first, last - first + 1)
        spans.append((first, last))
    assert all(any(first <= start and end <= last for first, last in spans) for start, end in asked)


EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"


class TestDigests:
    """Checksum files and digest headers."""

    def test_checksum_file(self) -> None:
        """A checksum file is a text that md5sum -c reads."""
        reply = answer(ask("/0/x.bin.md5"), Settings())
        assert body_of(reply) == f"{EMPTY_MD5}  x.bin\n".encode()
        assert reply.headers["Content-Type"] == "text/plain"
        assert reply.headers["ETag"] == '"md5-ones-0-cfe94dd0-40"'

    def test_checksum_file_of_a_large_file(self) -> None:
        """GET waits for the digest; HEAD needs none."""
        reply = decide(ask("/1t.sha256"), Settings())
        assert isinstance(reply, Wait)
        assert (reply.file.size, reply.hashing.name) == (2**40, "sha256")
        assert answer(ask("/1t.sha256", "HEAD"), Settings()).headers["Content-Length"] == str(64 + 2 + 2 + 1)
        assert answer(ask("/1t.sha256", If_None_Match="*"), Settings()).status == 304
        assert answer(ask("/1t.sha256", If_Match='"x"'), Settings()).status == 412
        known = decide(ask("/1t.sha256"), Settings(), lambda *_: bytes(32))
        assert isinstance(known, Answer)
        assert body_of(known) == b"0" * 64 + b"  1t\n"

    def test_sidecar_without_a_digest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What needs no digest does not wait."""
        size = Sidecar(".size", "size", "text/plain", no_hashing, lambda about, _: b"%d" % about.file.size)
        monkeypatch.setattr("fakefiles.urls.sidecars.SIDECARS", {".size": size})
        assert body_of(answer(ask("/1t/x.size"), Settings())) == b"%d" % 2**40
        assert "leave out digest=" in body_of(answer(ask("/1t/x.size?digest=md5"), Settings())).decode()

    def test_repr_digest(self) -> None:
        """A client that wants a digest gets it, of the whole file also with a range."""
        reply = answer(ask("/0", Want_Repr_Digest="md5=1"), Settings())
        assert reply.headers["Repr-Digest"] == "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"
        part = answer(ask("/100", Want_Repr_Digest="sha-256=1", Range="bytes=0-0"), Settings())
        assert part.headers["Repr-Digest"] == answer(ask("/100?digest=sha-256"), Settings()).headers["Repr-Digest"]

    def test_digest_of_aria2(self) -> None:
        """What aria2 sends is understood."""
        reply = answer(ask("/0", Want_Digest="SHA-512;q=1, SHA-256;q=1, SHA;q=0.1"), Settings())
        assert reply.headers["Digest"].startswith("SHA-512=z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+")
        assert "Repr-Digest" not in reply.headers

    def test_a_large_file_does_not_wait_for_a_wish(self) -> None:
        """A digest that the client only prefers is left out if it must be computed first."""
        reply = answer(ask("/1t", Want_Digest="SHA-256", Want_Repr_Digest="sha-256=10"), Settings())
        assert not {"Digest", "Repr-Digest"} & reply.headers.keys()

    def test_a_known_one_is_chosen(self) -> None:
        """Of the preferred digests, the answer has one that is known."""

        def known(_: object, algorithm: Hashing) -> bytes | None:
            return b"x" if algorithm.name == "md5" else None

        reply = decide(ask("/1t", Want_Repr_Digest="sha-256=9, md5=1"), Settings(), known)
        assert isinstance(reply, Answer)
        assert reply.headers["Repr-Digest"] == "md5=:eA==:"

    def test_demanded(self) -> None:
        """?digest= waits for the digest, and sends it in the fields of RFC 9530 and of RFC 3230."""
        assert isinstance(decide(ask("/1t?digest=md5", "HEAD"), Settings()), Wait)
        reply = answer(ask("/0?digest=md5"), Settings())
        assert reply.headers["Repr-Digest"] == "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"
        assert reply.headers["Digest"] == "MD5=1B2M2Y8AsgTpgAmY7PhCfg=="

    def test_errors_do_not_wait(self) -> None:
        """A bad query is refused at once."""
        assert answer(ask("/1t?digest=crc32"), Settings()).status == 400


def served(query: str, *ranges: str | None) -> list[tuple[int, list[str]]]:
    """Return the statuses and the faults of some requests for 100 bytes, one after the other."""
    server, found = Occasions(), []
    for each in ranges:
        headers = {} if each is None else {"Range": f"bytes={each}"}
        reply = answer(ask(f"/100?{query}", **headers), Settings(), server)
        notes = [piece.text for piece in reply.pieces(unheeded) if isinstance(piece, Note)]
        found.append((reply.status, [*reply.faults, *notes]))
    return found


BREAKS: tuple[int, list[str]] = (200, ["close@50"])
WHOLE: tuple[int, list[str]] = (200, [])


@pytest.mark.parametrize(
    ("query", "ranges", "answers"),
    [
        ("close=50%@1&ranges=off@2-", (None, "50-", "50-"), [BREAKS, (200, ["ranges=off"]), (200, ["ranges=off"])]),
        ("close=50%@1", (None, None, None), [BREAKS, WHOLE, WHOLE]),
        ("close=50%@every:2", (None, None, None, None), [WHOLE, BREAKS, WHOLE, BREAKS]),
        ("status=403@range", (None, "0-", None), [WHOLE, (403, ["status=403"]), WHOLE]),
        ("status=403@later", (None, "0-", "1-"), [WHOLE, (206, []), (403, ["status=403"])]),
        ("status=403@later", ("100-",), [(403, ["status=403"])]),
        ("flip=0@holds:50%", ("0-9", "40-60"), [(206, []), (206, [])]),
        ("flip=50@holds:50%", ("0-9", "40-60"), [(206, []), (206, ["flip@50"])]),
        ("status=503@1&status=404@2", (None, None, None), [(503, ["status=503"]), (404, ["status=404"]), WHOLE]),
        ("status=503@1&status=404", (None, None, None), [(503, ["status=503"]), *[(404, ["status=404"])] * 2]),
        ("status=404&status=503@1", (None, None), [(503, ["status=503"]), (404, ["status=404"])]),
        ("status=503@1&retry_after=3", (None, None), [(503, ["status=503"]), WHOLE]),
        ("disposition=path@1&filename=x", (None, None), [(200, ["disposition=path"]), WHOLE]),
        (
            "coding=gzip@2&negotiate=on&header=A:1&header=B:2@2",
            (None, None),
            [(200, ["header=A"]), (200, ["header=A", "header=B"])],
        ),
        ("close=50@1-2&fail=1", (None, None), [BREAKS, WHOLE]),
        ("close=50,75@1", (None, "50-", "75-"), [BREAKS, (206, []), (206, [])]),
        ("cut=50@2", (None, None), [WHOLE, (200, ["cut@50"])]),
        ("etag=rotate@2", (None, None), [WHOLE, (200, ["etag=rotate"])]),
        ("profile=dead-proxy&refuse=reset@2", (None, None), [(200, []), (200, ["refuse=reset"])]),
    ],
)
def test_schedules(query: str, ranges: tuple[str | None, ...], answers: list[tuple[int, list[str]]]) -> None:
    """Each fault, lie and pace has a schedule of its own."""
    assert served(query, *ranges) == answers


@pytest.mark.parametrize(
    ("lie", "wrong"), [("sidecar", [False, True]), ("all", [False, True]), ("fields", [False] * 2)]
)
def test_schedules_of_sidecars(lie: str, wrong: list[bool]) -> None:
    """Of the lies, a checksum file has only that about its digest, on the requests for which the URL wants it."""
    server = Occasions()
    replies = [answer(ask(f"/10/a.md5?digest_lie={lie}@2&status=503@1-2"), Settings(), server) for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 200]
    assert [not body_of(reply).startswith(b"e11170b8cbd2d74102651cb967fa28e5") for reply in replies] == wrong
    assert [list(reply.faults) for reply in replies] == [[f"digest_lie={lie}"] if each else [] for each in wrong]


def test_schedules_of_the_pace() -> None:
    """A URL is slow once, then quick; --no-faults refuses that as it refuses other speeds of its own."""
    server = Occasions()
    replies = [answer(ask("/100?delay=3@1"), Settings(), server) for _ in range(2)]
    assert [reply.delay for reply in replies] == [3, 0]
    assert {reply.headers["Cache-Control"] for reply in replies} == {"no-store"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("close=50%@1&close=1", None),
        ("close=1&close=2", b"a query parameter is repeated"),
        ("close=1@x", b"close is wrong after the @: there come"),
        ("close=x@1", b"close is not an offset"),
        ("close=101@3", b"close= lies beyond the end of the file, which has 100 bytes"),
        ("close=1@1&status=503@1", b"status= and refuse= send no file in which"),
        ("rate=1@1&duration=1@1", b"of duration, rate only one can be"),
        ("rate=1@1&duration=1@2", None),
        ("close=1@1&status=503@2", None),
        ("close=1&status=503@2", None),
        ("lastchunk=off@3&length=short:1@3", b"lastchunk= goes with chunks"),
        ("cut=1@2&status=503@2,get", None),
        ("framing=chunked&lastchunk=off@2", None),
        ("framing=chunked&chunks=trailer@2", None),
        ("framing=chunked&length=short:1@2", b"length= goes with framing=length"),
        ("lastchunk=off@2", b"lastchunk= goes with framing=chunked"),
        ("digest=md5&coding=gzip@2", b"digest= is of the file, not of its coding="),
        ("limit=1&over=429&retry_after=3@2", None),
        ("limit=1&over=reset&retry_after=3@2", b"retry_after= goes with status="),
        ("tag=a@1", b"tag is 1 to 64 letters"),
        ("fail=1@2", b"fail is "),
        ("seed=1&close=1@chance:0.5", None),
        ("seed=1&close=1@2", b"a seed goes with"),
        ("retry_after=3@1", b"retry_after= goes with status="),
        ("bucket=b&rate=1@2", None),
    ],
)
def test_wrong_schedules(query: str, message: bytes | None) -> None:
    """What cannot be is refused, if it can be known on the first request; what contradicts itself later, then."""
    reply = answer(ask(f"/100?{query}"), Settings())
    assert (reply.status == 400) is (message is not None)
    assert message is None or message in body_of(reply)
