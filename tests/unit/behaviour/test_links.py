"""links.py: how long a link is good."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from twisted.internet.task import Clock

from fakefiles.behaviour import links as module
from fakefiles.behaviour.links import MOST_LINKS, Links, Signed, Validity
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

PARAMETERS = {each.name: each for each in parameters_of(Signed)}
A, B = ("", b"a"), ("tag", b"a")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", Validity(1)),
        ("1000000", Validity(1_000_000)),
        ("10s", Validity(None, 10)),
        ("1.5m", Validity(None, 90)),
        ("200ms", Validity(None, 0.2)),
    ],
)
def test_parsed(text: str, value: Validity) -> None:
    """A whole number is one of requests, and one with a unit is a time."""
    assert PARAMETERS["signed"].read(text) == value


@pytest.mark.parametrize("text", ["", "0", "1000001", "0.5", "0s", "25h", "-1", "s", "1x", "²", "1²", "9" * 5000])
def test_refused(text: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(
        RequestError, match=r"^signed is a number of requests from 1 to 1000000, or a time with its unit"
    ):
        PARAMETERS["signed"].read(text)


@pytest.mark.parametrize("fields", [{"expired": "html"}, {"leak": "400"}, {"signature": "x"}], ids=str)
def test_nonsense(fields: dict[str, Any]) -> None:
    """What is said of a link goes with a link; only a URL has a signature."""
    with pytest.raises(RequestError, match=r"^expired=, leak= and signature= go with signed=, like signed=2$"):
        Signed(**fields)
    assert Signed(Validity(1), **fields).signed
    assert [name for name, each in PARAMETERS.items() if each.url_only] == ["signature"]


def test_uses() -> None:
    """A link is good for so many requests, each link for itself."""
    links = Links(Clock().seconds)
    first, second = (links.make(A, Validity(2), foreign=False) for _ in range(2))
    assert [links.use(A, first) for _ in range(4)] == [True, True, False, False]
    assert links.use(A, second)


def test_time() -> None:
    """A link is good for so many seconds from when it was made, for any number of requests."""
    clock = Clock()
    links = Links(clock.seconds)
    clock.advance(1000)
    link = links.make(A, Validity(None, 10), foreign=False)
    clock.advance(9.75)
    assert [links.use(A, link) for _ in range(9)] == [True] * 9
    clock.advance(0.25)
    assert not links.use(A, link)
    clock.rightNow = 0.0  # it has been forgotten, too
    assert not links.use(A, link)


def test_of_its_own() -> None:
    """A signature is good for its own place; no two are the same, and those of a server are the same in every run."""
    links, others = Links(Clock().seconds), Links(Clock().seconds)
    signatures = [links.make(place, Validity(9), foreign=False) for place in (A, A, B)]
    assert signatures == [others.make(place, Validity(9), foreign=False) for place in (A, A, B)]
    assert len({*signatures}) == 3
    assert all(PARAMETERS["signature"].read(signature) == signature for signature in signatures)
    assert not links.use(B, signatures[0])
    assert not links.use(A, signatures[2])
    assert not links.use(A, "made-up")
    assert links.use(A, signatures[0])


def test_foreign() -> None:
    """It is known which links are on another host, and asking does not count."""
    links = Links(Clock().seconds)
    here, there = (links.make(A, Validity(1), foreign=foreign) for foreign in (False, True))
    assert [links.is_foreign(A, link) for link in (here, there, "made-up")] == [False, True, False]
    assert links.use(A, there)
    assert not links.is_foreign(A, there)


@pytest.mark.parametrize(("which", "good"), [({}, [False, False]), ({"tag": "tag"}, [True, False])], ids=str)
def test_reset(which: dict[str, str], good: list[bool]) -> None:
    """All links expire, or those with a tag; their signatures do not come again."""
    links = Links(Clock().seconds)
    made = [links.make(place, Validity(9), foreign=False) for place in (A, B)]
    links.reset(**which)
    assert [links.use(place, link) for place, link in zip((A, B), made, strict=True)] == good
    assert links.make(A, Validity(9), foreign=False) not in made


def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """If there are too many links, the one not used for longest has expired."""
    monkeypatch.setattr(module, "MOST_LINKS", 2)
    links = Links(Clock().seconds)
    first, second = (links.make(A, Validity(9), foreign=False) for _ in range(2))
    assert links.use(A, first)
    third = links.make(A, Validity(9), foreign=False)
    assert [links.use(A, link) for link in (first, second, third)] == [True, False, True]


def test_memory() -> None:
    """All the links together take little memory, with tags as long as they may be."""
    links = Links(Clock().seconds)
    tracemalloc.start()
    for number in range(MOST_LINKS + 100):
        links.make((f"{number:064}", b"0" * 16), Validity(9), foreign=False)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 3 << 20
