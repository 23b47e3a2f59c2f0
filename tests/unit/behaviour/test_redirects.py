"""redirects.py: where redirects lead."""

from __future__ import annotations

import pytest

from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.redirects import Redirects, next_hop
from fakefiles.files.errors import RequestError

PARAMETERS = {each.name: each for each in parameters_of(Redirects)}


def test_parsed() -> None:
    """There may be 100 redirects, and five statuses are redirects."""
    assert [PARAMETERS["redirect"].read(text) for text in ("0", "1", "100")] == [0, 1, 100]
    codes = [301, 302, 303, 307, 308]
    assert [PARAMETERS["redirect_code"].read(str(code)) for code in codes] == codes
    assert PARAMETERS["redirect_code"].kind.keyword == "int"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("redirect", "-1", "redirect is a whole number from 0 to 100"),
        ("redirect", "101", "redirect is a whole number from 0 to 100"),
        ("redirect_code", "304", "redirect_code is one of 301, 302, 303, 307, 308"),
    ],
)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{message}$"):
        PARAMETERS[name].read(text)


def test_nonsense() -> None:
    """A status without redirects is refused."""
    with pytest.raises(RequestError, match="redirect_code= goes with redirect="):
        Redirects(redirect_code=301)
    assert Redirects(0, 301).redirect_code == 301
    assert Redirects().redirect is None


HOPS = [
    ("/100", "redirect=3", 2, "/100?redirect=2"),
    ("/100", "", 0, "/100?redirect=0"),
    ("/files/100/a%20b", "x=1&redirect=1&y=50%25", 0, "/files/100/a%20b?x=1&redirect=0&y=50%25"),
    ("/1/%:@!$&'()*+,;=~-._", "a=&redirect=1", 0, "/1/%:@!$&'()*+,;=~-._?a=&redirect=0"),
    ("//evil.example/100", "redirect=1", 0, "/evil.example/100?redirect=0"),
    ("/100/\xe9\r\nX: y", "redirect=1", 0, "/100/%C3%A9%0D%0AX:%20y?redirect=0"),
    ("/100", "redirect=1&tag=a%0D%0Ab", 0, "/100?redirect=0&tag=a%0D%0Ab"),
]


@pytest.mark.parametrize(("path", "query", "left", "location"), HOPS)
def test_next_hop(path: str, query: str, left: int, location: str) -> None:
    """A redirect leads to the same file on the same server; the request cannot inject anything into the headers."""
    assert next_hop(path, query, left) == location
