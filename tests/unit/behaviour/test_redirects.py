"""redirects.py: where redirects lead."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.redirects import LOOP, Redirects, host_for, next_hop
from fakefiles.files.errors import RequestError

PARAMETERS = {each.name: each for each in parameters_of(Redirects)}


def test_parsed() -> None:
    """There may be 100 redirects, or no end of them, and five statuses are redirects."""
    assert [PARAMETERS["redirect"].read(text) for text in ("0", "1", "100", "loop")] == [0, 1, 100, LOOP]
    assert PARAMETERS["redirect"].kind.takes == "NUMBER|loop"
    assert PARAMETERS["redirect_to"].url_only
    hosts = "localhost,a-b.example.,[::1],127.0.0.1"
    assert PARAMETERS["redirect_host"].read(hosts) == ("localhost", "a-b.example.", "[::1]", "127.0.0.1")
    assert len(PARAMETERS["redirect_host"].read(",".join("a" * 8))) == 8
    for place in ("/", "/10m/é b.iso?rate=1m&x=//y", f"/{'a' * 500}"):
        assert PARAMETERS["redirect_to"].read(place) == place
    codes = [301, 302, 303, 307, 308]
    assert [PARAMETERS["redirect_code"].read(str(code)) for code in codes] == codes
    assert PARAMETERS["redirect_code"].kind.keyword == "int"


TO = "redirect_to is a path on this server with its query, percent-encoded, like /10m/other.iso.rate=1m"
HOSTS = "redirect_host is up to 8 host names without a port, like localhost,127.0.0.1"
# They name another host, or could end the header line.
BAD_PLACES = [
    *("", "1", "http://evil.example/", "//evil.example/1", "/\\evil.example/1"),
    *("/1\r\nX: y", "/1\x00", "/1\x7f", "/1\x85", "/1\udcff", f"/{'a' * 501}"),
]
BAD_HOSTS = [
    *("", "a,", "a:80", "a/b", "a b", "a\r\nX: y", "u@a", "[::1", "[::1]:80", "é", "a..b", "a#", "a?", "a" * 64),
    ",".join("a" * 9),
]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("redirect", "-1", "redirect is a whole number from 0 to 100, or loop"),
        ("redirect", "101", "redirect is a whole number from 0 to 100, or loop"),
        *(("redirect_to", text, TO) for text in BAD_PLACES),
        *(("redirect_host", text, HOSTS) for text in BAD_HOSTS),
        ("location", "", "location is one of absolute, relative, space, raw"),
        ("redirect_code", "304", "redirect_code is one of 301, 302, 303, 307, 308"),
    ],
)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{message}$"):
        PARAMETERS[name].read(text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"redirect": LOOP, "redirect_to": "/1"}, "redirect=loop never comes to redirect_to="),
        ({"redirect": 1, "redirect_host": ["a"], "location": "relative"}, "location=relative names no host"),
    ],
    ids=str,
)
def test_nonsense(fields: dict[str, Any], message: str) -> None:
    """Parameters that contradict each other are refused."""
    with pytest.raises(RequestError, match=message):
        Redirects(**fields)


@pytest.mark.parametrize(
    ("redirects", "left", "only_shaped"),
    [
        (Redirects(), 0, False),
        (Redirects(0, 301), 0, False),
        (Redirects(3, location="space"), 3, False),
        (Redirects(LOOP), LOOP, False),
        (Redirects(redirect_to="/1"), 1, False),
        (Redirects(0, redirect_to="/1"), 0, False),
        (Redirects(redirect_to="/1", redirect_host=["a"]), 1, False),
        (Redirects(redirect_code=301), 0, True),
        (Redirects(redirect_host=["a"]), 0, True),
        (Redirects(location="raw"), 0, True),
    ],
    ids=str,
)
def test_how_many(redirects: Redirects, left: int | str, only_shaped: bool) -> None:  # noqa: FBT001
    """There are as many redirects as the URL says, and one to another path; what shapes them makes none."""
    assert (redirects.left, redirects.only_shaped) == (left, only_shaped)


HOPS: list[tuple[str, str, dict[str, str], str]] = [
    ("/100", "redirect=3", {"redirect": "2"}, "/100?redirect=2"),
    ("/100", "", {"redirect": "0"}, "/100?redirect=0"),
    ("/100", "", {}, "/100"),
    ("/files/100/a%20b", "x=1&redirect=1&y=50%25", {"redirect": "0"}, "/files/100/a%20b?x=1&redirect=0&y=50%25"),
    ("/100", "x=1&redirect=1&x=2&x=1", {"redirect": "0"}, "/100?x=1&redirect=0&x=2&x=1"),
    ("/1/%:@!$&'()*+,;=~-._", "a=&redirect=1", {"redirect": "0"}, "/1/%:@!$&'()*+,;=~-._?a=&redirect=0"),
    ("//evil.example/100", "redirect=1", {"redirect": "0"}, "/evil.example/100?redirect=0"),
    ("/100/\r\nX: y", "redirect=1", {"redirect": "0"}, "/100/%0D%0AX:%20y?redirect=0"),
    ("/100", "redirect=1&tag=a%0D%0Ab", {"redirect": "0"}, "/100?redirect=0&tag=a%0D%0Ab"),
    # The bytes E9, as it is and percent-encoded, and C3 A9: they stay the same.
    ("/100/\xe9%E9%C3%A9", "user=\xe9%E9%C3%A9", {}, "/100/%E9%E9%C3%A9?user=%E9%E9%C3%A9"),
    ("/100", "header=A:1&redirect=2&header=B:2", {"redirect": "1"}, "/100?header=A%3A1&redirect=1&header=B%3A2"),
]


@pytest.mark.parametrize(("path", "query", "changes", "location"), HOPS)
def test_next_hop(path: str, query: str, changes: dict[str, str], location: str) -> None:
    """A redirect leads to the same file on the same server; the request cannot inject anything into the headers."""
    assert next_hop(path, query, **changes) == location


@pytest.mark.parametrize(
    ("redirects", "query", "goal"),
    [
        (Redirects(3), "redirect=3", "/1/a?redirect=2"),
        (Redirects(LOOP), "redirect=loop&x=1", "/1/a?redirect=loop&x=1"),
        (Redirects(LOOP), "", "/1/a"),
        (Redirects(redirect_to='/2/é b"?x=%26é&y=a?b#c'), "", "/2/%C3%A9%20b%22?x=%26%C3%A9&y=a?b%23c"),
        (Redirects(1, redirect_to="/2"), "redirect=1", "/2"),
        (Redirects(2, redirect_to="/2"), "redirect=2&redirect_to=/2", "/1/a?redirect=1&redirect_to=%2F2"),
    ],
    ids=str,
)
def test_goal(redirects: Redirects, query: str, goal: str) -> None:
    """A redirect leads one nearer to the file, to itself, or at the end of the chain elsewhere."""
    assert redirects.goal("/1/a", query) == goal


# The form, the goal, the path of the request, and Location.
WRITTEN = [
    ("", "/1/a%20b?x", "/1/a%20b", "http://h:1/1/a%20b?x"),
    ("absolute", "/1?x", "/1", "http://h:1/1?x"),
    ("space", "/1/a%20b%20c?x=%20", "/1/a", "http://h:1/1/a b c?x=%20"),
    ("space", "/1/%20a%20%20", "/1/a", "http://h:1/1/ a%20%20"),
    ("space", "/1/%20?x", "/1/a", "http://h:1/1/ ?x"),
    ("raw", "/1/%C3%A9%e9%20%0d%7f?x=%C3", "/1/a", "http://h:1/1/\xc3\xa9\xe9%20%0d%7f?x=%C3"),
    ("relative", "/1?x", "/1", "1?x"),
    ("relative", "/files/1/a?x", "/files/1/a", "a?x"),
    ("relative", "/1/a:b?x", "/1/a:b", "./a:b?x"),
    ("relative", "/2/b?x=/y", "/1/a", "../2/b?x=/y"),
    ("relative", "/2", "/files/1/a", "../../2"),
    ("relative", "/2/a:b", "/1", "./2/a:b"),
    ("relative", "/http:evil.example/", "/1", "./http:evil.example/"),
    ("relative", "/javascript:x", "/1/a", "../javascript:x"),
    ("relative", "/?x", "/1", "./?x"),
]


@pytest.mark.parametrize(("form", "goal", "place", "location"), WRITTEN)
def test_written(form: str, goal: str, place: str, location: str) -> None:
    """Location has the form that the URL wants; a client that resolves it as RFC 3986 says comes to the goal."""
    written = Redirects(1, location=form).written(goal, place, "" if form == "relative" else "http://h:1")
    assert written == location
    if form == "relative":
        assert urljoin(f"http://h:1{place}?y", written) == f"http://h:1{goal}"


@given(
    st.text(alphabet="/:.\\\\a@?#%205C é\t", max_size=12),
    st.sampled_from(["/1", "/1/a", "//1/a", "/files/1/a:b"]),
    st.sampled_from(["", "absolute", "relative", "space", "raw"]),
)
def test_no_open_redirect(text: str, place: str, form: str) -> None:
    """Wherever the URL wants to lead, as far as it may, the redirect stays on this host."""
    try:
        to = PARAMETERS["redirect_to"].read(f"/{text}")
        redirects = Redirects(redirect_to=to, location=form)
        written = redirects.written(redirects.goal(place, ""), place, "http://h:1" if form == "absolute" else "")
    except RequestError:
        return
    # Browsers take a backslash for a slash.
    assert urljoin(f"http://h:1{place}", written.replace("\\", "/")).startswith("http://h:1/")
    assert re.fullmatch(r"[!-~\x80-\xff]([ -~\x80-\xff]*[!-~\x80-\xff])?", written)


@pytest.mark.parametrize("form", ["space", "raw"])
def test_nothing_to_show(form: str) -> None:
    """Without a space, or a byte beyond ASCII, a form would change nothing."""
    with pytest.raises(RequestError, match=r"^location=space needs a path with %20, location=raw one with bytes"):
        Redirects(1, location=form).written("/1/a%0D%0A?x=%20%C3%A9", "/1/a", "")


TRUSTED = ["Files.example.", "mirror"]
# A host to redirect to, the Host of the request, and the host and port of Location, None for an error.
HOST_CASES = [
    ("localhost", "127.0.0.1:8000", "localhost:8000"),
    ("127.0.0.1", "localhost", "127.0.0.1"),
    ("127.9.9.9", "[::1]:80", "127.9.9.9:80"),
    ("[::1]", "LOCALHOST.:80", "[::1]:80"),
    ("a.localhost", "localhost:80", "a.localhost:80"),
    ("example.ORG", "Example.org.:80", "example.ORG:80"),
    ("files.example", "example.org:80", "files.example:80"),
    ("mirror", "localhost", "mirror"),
    # From the network, nobody is sent to a port of the own machine.
    ("localhost", "example.org", None),
    ("127.0.0.1", "192.0.2.1:8000", None),
    ("[::1]", "mirror", None),
    ("192.0.2.1", "localhost", None),
    ("evil.example", "localhost", None),
    ("evil.example", "example.org", None),
    ("notlocalhost", "localhost", None),
    ("localhost.evil.example", "localhost", None),
]


@pytest.mark.parametrize(("wanted", "asked", "host"), HOST_CASES)
def test_hosts(wanted: str, asked: str, host: str | None) -> None:
    """A redirect leads to a host of this server only, with the port of the request."""
    if host is None:
        with pytest.raises(RequestError, match=r"^redirect_host= is the host of the request, a name of --control-host"):
            host_for(wanted, asked, TRUSTED)
    else:
        assert host_for(wanted, asked, TRUSTED) == host
