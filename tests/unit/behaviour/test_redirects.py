"""redirects.py: where redirects lead to."""

from __future__ import annotations

import pytest

from fakefiles.behaviour.redirects import Redirects, next_hop
from fakefiles.files.errors import RequestError


def test_nonsense() -> None:
    """A status without redirects would be that of nothing."""
    with pytest.raises(RequestError, match="redirect_code= goes with redirect="):
        Redirects(redirect_code=301)
    assert Redirects(0, 301).redirect_code == 301


HOPS = [
    ("/100", "redirect=3", 2, "/100?redirect=2"),
    ("/100", "", 0, "/100?redirect=0"),
    ("/files/100/a%20b", "x=1&redirect=1&y=50%25", 0, "/files/100/a%20b?x=1&redirect=0&y=50%25"),
    ("//evil.example/100", "redirect=1", 0, "/evil.example/100?redirect=0"),
    ("/100/\xe9\r\nX: y", "redirect=1", 0, "/100/%C3%A9%0D%0AX:%20y?redirect=0"),
    ("/100", "redirect=1&tag=a%0D%0Ab", 0, "/100?redirect=0&tag=a%0D%0Ab"),
]


@pytest.mark.parametrize(("path", "query", "left", "location"), HOPS)
def test_next_hop(path: str, query: str, left: int, location: str) -> None:
    """It leads to the same file of the same server, and nothing of the request gets into the headers raw."""
    assert next_hop(path, query, left) == location
