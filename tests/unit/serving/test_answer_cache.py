"""answer_cache.py: a cached answer is the one that would be decided anew."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import Connection, ask
from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask
from fakefiles.serving import answer_cache
from fakefiles.serving.answer_cache import AnswerCache

TARGETS = [
    "/",
    "/1",
    "/100/x.txt",
    "/2k?content=ruler",
    "/1m",
    "/x",
    "/5.sha256",
    "/3/n.sha256",
    "/1?etag=weak",
    "/9?status=503",
]
HEADERS = ["", "Range: bytes=0-1", 'If-None-Match: "ones-1"', "If-Match: x", "Want-Digest: md5", "User-Agent: curl"]


def test_nothing_else_reaches_the_plan() -> None:
    """All that the plan may use of a request is in the key; to ask for another field is an error."""
    assert ask("/1", User_Agent="curl").header("Host") == "test"
    with pytest.raises(KeyError, match="User-Agent"):
        ask("/1", User_Agent="curl").header("User-Agent")


@pytest.mark.parametrize("name", Ask._fields)
def test_every_part_is_in_the_key(name: str) -> None:
    """Requests that differ in anything an answer may depend on, like the scheme, have different keys."""
    cache, one = AnswerCache(), ask("/1")
    other: dict[str, Any] = {"secure": True, "fields": ((b"Host", b"other"),)}
    cache.keep(one, Answer(200, {"Cache-Control": "immutable", "Location": "http://test/1"}))
    assert cache.recall(ask("/1")) is not None
    assert (
        cache.recall(one._replace(**{name: other.get(name, b"?" if "raw" in name or name == "target" else (b"?",))}))
        is None
    )


@given(st.lists(st.tuples(st.sampled_from(TARGETS), st.sampled_from(HEADERS), st.sampled_from(["GET", "HEAD"]))))
def test_recalled_answers_are_true(requests: list[tuple[str, str, str]]) -> None:
    """Whatever the earlier requests, an answer is that of a server that has just started."""
    seasoned = Connection()
    for target, header, method in requests:
        headers = [header] if header else []
        if seasoned.transport.disconnecting:
            seasoned = Connection(seasoned.site, seasoned.clock)
        ours, fresh = (client.get(target, *headers, method=method) for client in (seasoned, Connection()))
        assert ours._replace(headers={**ours.headers, "date": ""}) == fresh._replace(
            headers={**fresh.headers, "date": ""}
        )


def test_an_invalid_host_is_not_recalled() -> None:
    """The same target with another Host is another request."""
    client = Connection()
    assert client.get("/1").status == 200
    assert client.send(b"GET /1 HTTP/1.1\r\nHost: a b\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert client.send(b"GET /1 HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_versions_are_told_apart() -> None:
    """An HTTP/1.0 client does not get the answer to one of HTTP/1.1."""
    client = Connection()
    assert client.get("/1?framing=chunked").headers["transfer-encoding"] == "chunked"
    assert "transfer-encoding" not in client.get("/1?framing=chunked", version="HTTP/1.0").headers


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of answers is bounded, and none is kept for a long target."""
    monkeypatch.setattr(answer_cache, "_MOST", 10)
    client = Connection()
    for size in range(25):
        assert len(client.get(f"/{size}").body) == size
    answers = client.site.resource._cache._answers  # there is no public way to count them
    assert len(answers) == 5
    assert client.get("/1/" + "x" * 300).status == 200
    assert len(answers) == 5


def test_nothing_with_a_state_is_kept() -> None:
    """Paced and faulted answers are decided each time: the third request is as slow as the first."""
    client = Connection()
    for _ in range(3):
        client.send(b"GET /10?rate=1 HTTP/1.1\r\nHost: test\r\n\r\n")
        assert client.clock.getDelayedCalls()
        client.clock.pump([1] * 11)
        assert client.read().endswith(b"1")
