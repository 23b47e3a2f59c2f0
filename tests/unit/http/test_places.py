"""places.py: which requests are counted together."""

from __future__ import annotations

import pytest

from doubles import ask
from fakefiles.behaviour.occasions import Place
from fakefiles.http.places import place_of_file

HERE = Place("/1/a b", "t", frozenset({("x", "1"), ("y", "é".encode().decode("latin-1"))}), "links")


@pytest.mark.parametrize(
    "target",
    [
        "/1/a%20b?x=1&y=%C3%A9",
        "/1/%61%20b?y=%c3%a9&x=1",
        "//1/a%20b?x=1&y=%C3%A9&redirect=3",
        "/1/a%20b?x=1&y=%C3%A9&signature=abc",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_together(target: str, method: str) -> None:
    """Neither the method matters, nor the encoding, nor how many redirects are left, nor the signature."""
    assert place_of_file(ask(target, method), "t", "links") == HERE


@pytest.mark.parametrize("target", ["/1/a?x=1&y=%C3%A9", "/1/a%20b?x=2&y=%C3%A9", "/1/a%20b", "/1/a%20b?x=1&y=%E9"])
def test_apart(target: str) -> None:
    """Another path or query is another place, and so is another tag, and what else is counted."""
    assert place_of_file(ask(target), "t", "links") != HERE
    assert place_of_file(ask("/1/a%20b?x=1&y=%C3%A9"), "", "links") != HERE
    assert place_of_file(ask("/1/a%20b?x=1&y=%C3%A9"), "t", "redirects") != HERE


def test_odd_bytes() -> None:
    """A place with any bytes has a key."""
    assert place_of_file(ask("/1/%FF?x=%FF%00"), "", "").key
