"""registry.py: which page a request gets, and what its methods are."""

from __future__ import annotations

import pytest

from doubles import Connection


@pytest.mark.parametrize("target", ["/", "/-/health", "/-/journal", "/-/drop"])
def test_options(target: str) -> None:
    """OPTIONS says what may be done with a page, and another method is not allowed, with the same words."""
    reply = Connection().get(target, method="OPTIONS")
    assert (reply.status, reply.body) == (204, b"")
    wrong = Connection().get(target, method="PATCH")
    assert (wrong.status, wrong.headers["allow"]) == (405, reply.headers["allow"])
    assert wrong.body == f"the methods here are {reply.headers['allow']}\n".encode()


@pytest.mark.parametrize("target", ["/", "/-/health", "/-/journal"])
def test_host(target: str) -> None:
    """A page, too, demands exactly one valid Host (RFC 9112, 3.2)."""
    client = Connection()
    assert client.send(f"GET {target} HTTP/1.1\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")
    assert client.send(f"GET {target} HTTP/1.1\r\nHost: a b\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("target", ["//", "/-", "/-/", "/-/nothing", "/-/health/", "/-/journal/1", "/-/journal/1/x"])
def test_no_page(target: str) -> None:
    """There are no others."""
    assert Connection().get(target).status == 404


def test_what_is_recorded() -> None:
    """The journal has the pages for people and monitors, and nothing of what is asked of itself."""
    client = Connection()
    for target in ("/", "/-/health", "/-/journal", "/-/drop"):
        client.get(target)
    assert [record.url for record in client.site.journal.records()] == ["/", "/-/health"]


def test_head() -> None:
    """HEAD is GET without the body."""
    for target in ("/", "/-/health", "/-/journal"):
        get, head = Connection().get(target), Connection().get(target, method="HEAD")
        dates = {"date": ""}
        assert {**get.headers, **dates} == {**head.headers, **dates}
        assert (get.status, head.status, head.body) == (200, 200, b"")


@pytest.mark.parametrize("target", ["/", "/-/health", "/-/journal", "/-/journal?x", "/5x", "/5?status=503"])
def test_nosniff(target: str) -> None:
    """What is text, JSON or HTML says that browsers are to take it for nothing else."""
    assert Connection().get(target).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("target", ["/5", "/5/a.txt", "/5/a.html", "/5/a.sha256"])
def test_nosniff_is_not_for_files(target: str) -> None:
    """A file is as it would be on any server."""
    assert "x-content-type-options" not in Connection().get(target).headers


def test_health() -> None:
    """A monitor finds that the server is well."""
    assert Connection().get("/-/health").body == b"ok\n"
