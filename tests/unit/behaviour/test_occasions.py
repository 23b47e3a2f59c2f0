"""occasions.py: counters, random numbers and shared buckets."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from fakefiles.behaviour import occasions as module
from fakefiles.behaviour.links import Validity
from fakefiles.behaviour.occasions import MOST_URLS, Occasions, Place, When
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError


def place(path: str = "/1", tag: str = "", query: str = "", method: str = "GET") -> Place:
    """Return a place; the query is split at each "&"."""
    return Place(path, tag, frozenset((pair, "") for pair in query.split("&")), method)


def went_wrong(when: When, count: int, seed: int = 0) -> list[int]:
    """Return the numbers, from 1, of those of the first N requests on which faults happen."""
    server = Occasions()
    return [number for number in range(1, count + 1) if when.now(server.next(place(), seed))]


def test_when() -> None:
    """Faults happen on the first N requests, on every N-th, on all, or on none."""
    assert went_wrong(When(fail=2), 6) == [1, 2]
    assert went_wrong(When(every=2), 6) == [2, 4, 6]
    assert went_wrong(When(every=1), 3) == [1, 2, 3]
    assert went_wrong(When(), 3) == [1, 2, 3]
    assert went_wrong(When(chance=0), 50) == []
    assert went_wrong(When(chance=1), 3) == [1, 2, 3]


def test_chance_is_reproducible() -> None:
    """The same seed gives the same random numbers in every run, on every Python; another seed gives others."""
    assert went_wrong(When(chance=0.5), 20) == went_wrong(When(chance=0.5), 20)
    assert went_wrong(When(chance=0.5), 20, seed=1) != went_wrong(When(chance=0.5), 20, seed=2)
    assert 350 < len(went_wrong(When(chance=0.2), 2000)) < 450


def test_lots_of_a_number() -> None:
    """The random numbers of a request depend only on the seed and its number: these values are promised."""
    lots = Occasions().next(place(), 7).rng
    assert [round(lots.random(), 6) for _ in range(3)] == [0.947769, 0.021873, 0.501177]


def test_memory_for_long_urls() -> None:
    """Counters of URLs as long as a request can have take no more memory than others."""
    server = Occasions()
    tracemalloc.start()
    for number in range(MOST_URLS):
        server.next(place("/1", query=f"x={number}" + "y" * 10_000), 0)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 2 << 20


def test_odd_characters() -> None:
    """The order of the query does not matter, nor do characters that no encoding has."""
    server = Occasions()
    assert server.next(place(query="a&b&\udcff"), 0).number == 1
    assert server.next(place(query="\udcff&b&a"), 0).number == 2


@pytest.mark.parametrize(
    "other",
    [place("/2"), place(tag="t"), place(query="fail=1"), place(method="HEAD"), place(query="fail=1&x")],
    ids=range(5),
)
def test_places_are_counted_apart(other: Place) -> None:
    """Another path, tag, query or method is another place."""
    server = Occasions()
    assert server.next(place(), 0).number == 1
    assert server.next(other, 0).number == 1
    assert server.next(place(), 0).number == 2


def test_order_of_the_query() -> None:
    """The order of the parameters does not matter."""
    server = Occasions()
    server.next(place(query="a&b"), 0)
    assert server.next(place(query="b&a"), 0).number == 2


# What is reset, and the next numbers of /1, of /1 with a tag, and of /2.
RESETS = [
    ({}, [1, 1, 1]),
    ({"tag": "t"}, [2, 1, 2]),
    ({"tag": ""}, [1, 2, 1]),
    ({"tag": "x"}, [2, 2, 2]),
]


@pytest.mark.parametrize(("which", "numbers"), RESETS, ids=str)
def test_reset(which: dict[str, str], numbers: list[int]) -> None:
    """Counting starts again from 1 for one tag, or for all URLs."""
    server, places = Occasions(), [place(), place(tag="t"), place("/2")]
    for each in places:
        server.next(each, 0)
    server.reset(**which)
    assert [server.next(each, 0).number for each in places] == numbers


def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """If there are too many places, the one not requested for longest is forgotten."""
    monkeypatch.setattr(module, "MOST_URLS", 2)
    server = Occasions()
    for path in ("/1", "/2", "/1", "/3"):
        server.next(place(path), 0)
    assert [server.next(place(path), 0).number for path in ("/1", "/3")] == [3, 2]
    assert server.next(place("/2"), 0).number == 1


@given(st.integers(1, 5))
def test_after_fail_all_is_well(fail: int) -> None:
    """Nothing goes wrong after the first N requests."""
    assert went_wrong(When(fail=fail), 20) == list(range(1, fail + 1))


def test_links() -> None:
    """The links with a tag expire when the counts are reset; a server has its own clock for them."""
    clock = Clock()
    server = Occasions(clock.seconds)
    link = server.links.make(place(tag="t").key, Validity(None, 5), foreign=False)
    clock.advance(4)
    server.reset(tag="x")
    assert server.links.use(place(tag="t").key, link)
    server.reset(tag="t")
    assert not server.links.use(place(tag="t").key, link)
    assert Occasions().links.make(place().key, Validity(None, 5), foreign=False) == link


def test_counts_and_occasions() -> None:
    """What is only counted has the same numbers."""
    server = Occasions()
    assert [server.count(place()), server.next(place(), 0).number, server.count(place())] == [1, 2, 3]


def test_buckets() -> None:
    """A bucket is shared by all transfers with its tag that use it, and has one rate as long as they do."""
    server = Occasions()
    bucket = server.bucket("", "b", 10)
    assert server.bucket("", "b", 10) is bucket
    assert server.bucket("t", "b", 20) is not bucket
    assert server.bucket("", "c", 20) is not bucket
    with pytest.raises(RequestError, match="that bucket has rate=10 now"):
        server.bucket("", "b", 20)
    del bucket
    gc.collect()
    assert server.bucket("", "b", 20).rate == 20


PARAMETERS = {each.name: each for each in parameters_of(When)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("fail", "1", 1),
        ("every", "1000000", 1_000_000),
        ("chance", "0", 0),
        ("chance", "1", 1),
        ("chance", "1.000000000", 1),
        ("chance", ".5", 0.5),
        ("chance", "0.000000001", 1e-9),
    ],
)
def test_parsed(name: str, text: str, value: float) -> None:
    """A parameter of a URL means this."""
    assert PARAMETERS[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("fail", "0", "a whole number from 1 to 1000000"),
        ("every", "1000001", "a whole number from 1 to 1000000"),
        *(("chance", text, "a number from 0 to 1, like 0.25") for text in ("", "1.1", "2", "-0", "0.5x", "1e-3", "٠")),
    ],
)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{name} is {message}$"):
        PARAMETERS[name].read(text)


def test_what_help_says() -> None:
    """A chance is a NUMBER; in Python it may be a float."""
    assert (PARAMETERS["chance"].kind.takes, PARAMETERS["chance"].kind.keyword) == ("NUMBER", "float | str")


CHANGES = [
    ({}, ["/1 ", "/1 x", "/2 ", "/2 x"]),
    ({"tag": "x"}, ["/1 x", "/2 x"]),
    ({"tag": ""}, ["/1 ", "/2 "]),
    ({"path": "/1"}, ["/1 ", "/1 x"]),
    ({"path": "/1", "tag": "x"}, ["/1 x"]),
    ({"path": "/1", "tag": "y"}, []),
]


@pytest.mark.parametrize(("wanted", "changed"), CHANGES, ids=str)
def test_change(wanted: dict[str, str], changed: list[str]) -> None:
    """The files of a path and of a tag change, or of all: also those that nobody has asked for."""
    server, places = Occasions(), {f"{path} {tag}": place(path, tag) for path in ("/1", "/2") for tag in ("", "x")}
    server.change(**wanted)
    assert [name for name, where in places.items() if server.changed(where)] == changed


def test_reset_of_changes() -> None:
    """With the counters of a tag, or of all, the changes of that tag, or all, are undone."""
    server = Occasions()
    server.change(tag="x")
    server.change(tag="y")
    server.change(path="/1")
    server.reset(tag="x")
    assert [server.changed(place(path, tag)) for path, tag in (("/2", "x"), ("/2", "y"), ("/1", "x"))] == [0, 1, 1]
    server.reset()
    assert [server.changed(place(path, tag)) for path, tag in (("/2", "x"), ("/2", "y"), ("/1", "x"))] == [0, 0, 0]


def test_most_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more calls than are remembered, the oldest one is forgotten."""
    monkeypatch.setattr(module, "MOST_URLS", 2)
    server = Occasions()
    for path in ("/1", "/2", "/3"):
        server.change(path=path)
    assert [server.changed(place(path)) for path in ("/1", "/2", "/3")] == [False, True, True]


def test_count() -> None:
    """To look at a counter does not count."""
    server = Occasions()
    assert [server.counted(place()), server.counted(place())] == [0, 0]
    server.next(place(), 0)
    assert server.counted(place()) == 1
