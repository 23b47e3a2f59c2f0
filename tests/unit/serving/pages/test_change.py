"""change.py: files are changed by hand."""

from __future__ import annotations

import pytest

import fakefiles
from doubles import Connection

QUERIES = {
    "": [b"2", b"2", b"2"],
    "?tag=x": [b"2", b"1", b"1"],
    "?path=/1/b": [b"1", b"2", b"2"],
    "?path=/1/b&tag=": [b"1", b"1", b"2"],
    "?tag=z": [b"1", b"1", b"1"],
}


@pytest.mark.parametrize("query", QUERIES)
def test_change(query: str) -> None:
    """Files of a path and a tag change at once, and stay so until the counts are reset; others, and answers, do not."""
    client = Connection()
    targets = ["/1/a?change=call&tag=x", "/1/b?change=9&tag=y", "/1/b?change=call"]
    assert [client.get(target).body for target in [*targets, "/1/b"]] == [b"1"] * 4
    assert client.get(f"/-/change{query}", method="POST").status == 204
    assert [client.get(target).body for target in [*targets, "/1/b"]] == [*QUERIES[query], b"1"]
    edition = {b"1": 1, b"2": 2}[QUERIES[query][-1]]
    assert [record.edition for record in client.site.journal.records()[-2:]] == [edition, None]
    client.get("/-/journal", method="DELETE")
    assert [client.get(target).body for target in targets] == [b"1"] * 3


def test_answer_under_way() -> None:
    """An answer goes on with the version with which it has begun."""
    client = Connection()
    assert client.send(b"GET /4?change=call&hold=2 HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"\r\n\r\n11")
    other = Connection(client.site, client.clock)
    assert other.get("/-/change", method="POST").status == 204
    client.site.journal.records()[0].release()
    assert client.send(b"") == b"11"


def test_bad_query() -> None:
    """Nothing is changed by mistake."""
    client = Connection()
    assert client.get("/-/change?url=/1", method="POST").status == 400
    assert client.get("/-/change").status == 405
    assert client.get("/1?change=call").body == b"1"


def test_no_faults() -> None:
    """A server that never misbehaves changes nothing, and says so."""
    client = Connection(fakefiles.site(faults=False, defaults="change=call"))
    assert client.get("/-/change", method="POST").status == 403
    assert client.get("/1").body == b"1"
    assert client.get("/1?change=2").status == 403
    assert client.get("/1?ifrange=never").status == 403
