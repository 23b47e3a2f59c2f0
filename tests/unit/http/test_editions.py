"""editions.py and plan.py: whole requests for a file that changes to whole answers; no Twisted."""

from __future__ import annotations

import hashlib
from email.utils import parsedate_to_datetime

import pytest

import doubles
from doubles import decide, unheeded, until_cut
from fakefiles.behaviour.occasions import Occasions
from fakefiles.files.digests import ALGORITHMS, Hashing, hashed_at_once
from fakefiles.files.editions import SecondRuler, second_file
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import ONES, RULER
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.http.answers import Answer
from fakefiles.http.plan import FilePlan, Wait, plan
from fakefiles.urls.settings import Settings
from fakefiles.urls.target import parse_target

FIRST, SECOND = RULER.read(0, 100), SecondRuler().read(0, 100)
ETAGS = ('"ruler-100"', '"ruler-v2-100"')
DATES = ("Sun, 09 Sep 2001 01:46:40 GMT", "Mon, 10 Sep 2001 01:46:40 GMT")


class Server:
    """Plans answers as a server does, which remembers earlier requests."""

    def __init__(self) -> None:
        self.occasions = Occasions()

    def get(self, query: str, method: str = "GET", path: str = "/100", **headers: str) -> Answer:
        """Answer a request for a ruler."""
        request = doubles.ask(f"{path}?{query}", method, **headers)
        reply = decide(request, Settings(content="ruler"), hashed_at_once, self.occasions)
        assert isinstance(reply, Answer)
        return reply

    def resume(self, query: str, **headers: str) -> Answer:
        """Answer a request for version 1, and then one for the bytes from 50 on."""
        self.get(query)
        return self.get(query, Range="bytes=50-", **headers)


def body_of(reply: Answer) -> bytes:
    """Return the body's bytes, up to where it is cut."""
    return until_cut(reply.pieces(unheeded))[0] if reply.body else b""


def test_two_versions() -> None:
    """From the N-th request on, bytes, ETag and date are others; what it says about itself is right."""
    server = Server()
    replies = [server.get("change=3") for _ in range(4)]
    assert [body_of(reply) for reply in replies] == [FIRST, FIRST, SECOND, SECOND]
    assert [reply.headers["ETag"] for reply in replies] == [ETAGS[0], ETAGS[0], ETAGS[1], ETAGS[1]]
    assert [reply.headers["Last-Modified"] for reply in replies] == [DATES[0], DATES[0], DATES[1], DATES[1]]
    assert all(parsedate_to_datetime(date) for date in DATES)
    assert [reply.edition for reply in replies] == [1, 1, 2, 2]
    assert [list(reply.faults) for reply in replies] == [[], [], ["change=3"], ["change=3"]]
    assert {reply.headers["Cache-Control"] for reply in replies} == {"no-store"}
    assert not any(reply.lasting for reply in replies)


def test_other_files_have_no_edition() -> None:
    """A file that does not change has one version."""
    assert Server().get("tag=x").edition is None


def test_all_methods_count_together() -> None:
    """HEAD and GET agree; another tag, or another query, counts apart."""
    server = Server()
    assert [server.get("change=3", method).edition for method in ("HEAD", "GET", "HEAD", "GET")] == [1, 1, 2, 2]
    assert [server.get(query).edition for query in ("change=3&tag=x", "change=3&rate=1")] == [1, 1]


def test_another_size() -> None:
    """The second version can be smaller, empty or larger; all says so."""
    for size in (0, 50, 200):
        reply = Server().resume(f"change=2&change_size={size}", If_Range=ETAGS[0])
        assert (reply.status, reply.size, body_of(reply)) == (200, size, SecondRuler().read(0, size))
        assert reply.headers["Content-Length"] == str(size)
        assert reply.headers["ETag"] == f'"ruler-v2-{size}"'
    reply = Server().resume("change=2&change_size=50&ifrange=ignore", If_Range=ETAGS[0])
    assert (reply.status, reply.headers["Content-Range"], reply.edition) == (416, "bytes */50", 2)


def test_size_beyond_the_limit() -> None:
    """The second version is no way around the operator's limit."""
    with pytest.raises(RequestError, match="change_size= is too large; the largest file here has 100 bytes"):
        parse_target(["100"], "change=2&change_size=101", Settings(max_size=100))


# Query, headers of a request for the bytes from 50 on after the change, and what comes: status, bytes and faults.
RESUMED = [
    ("change=2", {}, 206, SECOND[50:], ["change=2"]),
    ("change=2", {"If_Range": ETAGS[0]}, 200, SECOND, ["change=2"]),
    ("change=2", {"If_Range": ETAGS[1]}, 206, SECOND[50:], ["change=2"]),
    ("change=2", {"If_Range": DATES[0]}, 200, SECOND, ["change=2"]),
    ("change=2", {"If_Range": DATES[1]}, 206, SECOND[50:], ["change=2"]),
    ("change=2&modified=2030-01-31", {"If_Range": "Thu, 31 Jan 2030 00:00:00 GMT"}, 206, SECOND[50:], None),
    ("change=2", {"If_Match": ETAGS[0]}, 412, None, ["change=2"]),
    ("change=2", {"If_Match": ETAGS[1]}, 206, SECOND[50:], ["change=2"]),
    ("change=2", {"If_Unmodified_Since": DATES[0]}, 412, None, ["change=2"]),
    ("change=2", {"If_None_Match": ETAGS[0]}, 206, SECOND[50:], ["change=2"]),
    ("change=2", {"If_None_Match": ETAGS[1]}, 304, b"", ["change=2"]),
    ("change=2", {"If_Modified_Since": DATES[0]}, 206, SECOND[50:], ["change=2"]),
    ("change=2&ifrange=honour", {"If_Range": ETAGS[0]}, 200, SECOND, ["change=2"]),
    ("change=2&ifrange=ignore", {"If_Range": ETAGS[0]}, 206, SECOND[50:], ["change=2", "ifrange=ignore"]),
    ("change=2&ifrange=ignore", {"If_Range": ETAGS[1]}, 206, SECOND[50:], ["change=2"]),
    ("change=2&ifrange=never", {"If_Range": ETAGS[1]}, 200, SECOND, ["change=2", "ifrange=never"]),
    ("change=3&ifrange=never", {"If_Range": ETAGS[0]}, 200, FIRST, ["ifrange=never"]),
    ("change=3&ifrange=never", {"If_Range": ETAGS[1]}, 200, FIRST, []),
    ("change=3&ifrange=never", {}, 206, FIRST[50:], []),
    ("ifrange=never", {"If_Range": ETAGS[0]}, 200, FIRST, ["ifrange=never"]),
    ("ifrange=ignore", {"If_Range": '"x"'}, 206, FIRST[50:], ["ifrange=ignore"]),
    ("ifrange=ignore&fail=1", {"If_Range": '"x"'}, 200, FIRST, []),
]


@pytest.mark.parametrize(("query", "headers", "status", "body", "faults"), RESUMED, ids=str)
def test_resumed(
    query: str, headers: dict[str, str], status: int, body: bytes | None, faults: list[str] | None
) -> None:
    """Conditions are about the version that is there now, unless ifrange= says otherwise."""
    reply = Server().resume(query, **headers)
    assert reply.status == status
    if body is not None:
        assert body_of(reply) == body
    if faults is not None:
        assert list(reply.faults) == faults


def test_if_range_without_range() -> None:
    """Without a Range, and for HEAD, If-Range does nothing, and no fault happens."""
    for query, etag in (("ifrange=never", ETAGS[0]), ("ifrange=ignore", '"x"')):
        assert list(Server().get(query, If_Range=etag).faults) == []
        assert list(Server().get(query, "HEAD", If_Range=etag, Range="bytes=50-").faults) == []


def test_change_on_call() -> None:
    """The file changes when a test says so: that of a path and tag. It may be asked for the first time then."""
    server = Server()
    assert [server.get("change=call&tag=x").edition for _ in range(3)] == [1, 1, 1]
    server.occasions.change(tag="x")
    replies = [server.get("change=call&tag=x"), server.get("change=call&tag=y"), server.get("change=9&tag=x")]
    assert [reply.edition for reply in replies] == [2, 1, 2]
    assert list(replies[0].faults) == ["change=call"]
    assert server.get("tag=x").edition is None
    server.occasions.reset(tag="x")
    assert server.get("change=call&tag=x").edition == 1


def test_with_faults_on_some_requests() -> None:
    """fail= ends the faults, and leaves the change: a download that breaks finds another file."""
    server = Server()
    broken, after = server.get("close=50%&fail=1&change=2"), server.get("close=50%&fail=1&change=2")
    assert (body_of(broken), body_of(after)) == (FIRST[:50], SECOND)


def test_offsets_in_a_smaller_version() -> None:
    """An offset has to be in version 1; beyond the end of version 2 nothing happens. A 400 does not count."""
    server = Server()
    query = "close=80&flip=90&change=2&change_size=60"
    assert body_of(server.get(query)) == FIRST[:80]
    assert body_of(server.get(query)) == SecondRuler().read(0, 60)
    query = "close=101&change=2&change_size=200"
    assert [server.get(query).status for _ in range(2)] == [400, 400]


def digest_of(data: bytes) -> str:
    """Return what a digest field says."""
    return hashlib.sha256(data).hexdigest()


def test_sidecar() -> None:
    """A checksum file is that of the version that was sent last, and does not count."""
    server = Server()
    told = []
    for _ in range(3):
        told += [server.get("change=2", path="/100/a.sha256") for _ in range(2)]
        server.get("change=2", path="/100/a")
    assert [body_of(reply).split()[0].decode() for reply in told] == [
        *([digest_of(FIRST)] * 4),
        *([digest_of(SECOND)] * 2),
    ]
    assert [reply.edition for reply in told] == [1, 1, 1, 1, 2, 2]
    assert (
        len({reply.headers["ETag"] for reply in told}) == len({reply.headers["Last-Modified"] for reply in told}) == 2
    )
    assert Server().get("change=1", path="/100/a.sha256").edition == 2


def test_digest_is_awaited_of_both() -> None:
    """Which version is sent is known only after the wait: so both digests are computed."""
    kept: dict[tuple[VirtualFile, Hashing], bytes] = {}

    def known(file: VirtualFile, algorithm: Hashing) -> bytes | None:
        return kept.get((file, algorithm))

    first = VirtualFile(100, ONES)
    planned = plan(doubles.ask("/100?change=2&digest=sha-256"), Settings(), Occasions())
    assert isinstance(planned, FilePlan)
    for edition in (first, second_file(first)):
        assert planned.awaited(known) == Wait(edition, ALGORITHMS[0])
        kept[edition, ALGORITHMS[0]] = edition.content.read(0, 32)
    assert planned.awaited(known) is None
    occasions = Occasions()
    told = [planned.answer(known, occasions).headers["Repr-Digest"] for _ in range(2)]
    assert told == ["sha-256=:" + "MTEx" * 10 + "MTE=:", "sha-256=:" + "MjIy" * 10 + "MjI=:"]


def test_rotating_etag() -> None:
    """A tag of an earlier answer is never true again, not even when the server counts anew; "*" is."""
    for header, status in (("If_Match", 412), ("If_None_Match", 206), ("If_Range", 200)):
        server = Server()
        old = server.get("etag=rotate").headers["ETag"]
        server.occasions.reset()
        assert server.get("etag=rotate", Range="bytes=50-", **{header: old}).status == status
    assert Server().get("etag=rotate", If_Match="*").status == 200
