"""of_file.py: which records are about a file or a set; test_assertions.py has how URLs are compared."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.bittorrent.record import PeerRecord
from fakefiles.http.record import Record
from fakefiles.testing.of_file import few, of_file, padding_of
from fakefiles.transfer.record import JournalError
from fakefiles.transfer.span import Span
from fakefiles.urls.settings import Settings


def record(url: str, **values: Any) -> Record:
    """Return the record of a request."""
    return Record(method="GET", url=url, **values)


def peer(url: str, **values: Any) -> PeerRecord:
    """Return the record of a peer."""
    return PeerRecord(url=url, **values)


def urls(records: list[Any], url: str) -> list[str]:
    """Return the URLs of those records that are about a URL; none, if nobody has asked for it."""
    try:
        return [each.url for each in of_file(records, url)]
    except AssertionError:
        return []


ONE = "/1k/a?content=ruler"


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        (ONE, True),
        ("/1k/a?content=ruler&v=2&piece=16k", True),
        ("/with/content=ruler/1k/a", True),
        ("/with/content=ruler&sidecar=off/1k/a", True),
        ("/with/content=ruler/1k/a?redirect=1", True),
        ("/with//1k/a?content=ruler", True),
        ("/1k/a?content=ruler&peer=choke&tracker=empty", True),
        ("/1k/a?content=ruler&tag=t", False),
        ("/1k/a", False),
        ("/1k/a.torrent?content=ruler", False),
        ("/with/content=ruler", False),
        ("/announce?file=/1k/a", False),
    ],
)
def test_requests(asked: str, same: bool) -> None:  # noqa: FBT001
    """The web seed is the file; what its torrent says, and what goes wrong in its swarm, makes no difference to it."""
    assert urls([record(asked)], f"http://localhost{ONE}") == ([asked] if same else [])


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        (ONE, True),
        ("/1k/a?content=ruler&v=2", True),
        ("/1k/a?content=ruler&peer=choke", False),
        ("/1k/a", False),
    ],
)
def test_peers(asked: str, same: bool) -> None:  # noqa: FBT001
    """A peer of a torrent with a fault is one of another torrent."""
    assert urls([peer(asked)], ONE) == ([asked] if same else [])
    assert urls([peer(asked), record(ONE)], ONE) == [*([asked] if same else []), ONE]


SET = "/set/b:c=20000,a=5,e=0/demo?content=ruler"
BELOW = "/set/b:c=20000,a=5,e=0/demo/{}?content=ruler"


class TestSets:
    """Sets of files, whose spans are of all files in a row."""

    def test_files(self) -> None:
        """The records of the files become ones of the set."""
        found = of_file(
            [
                record(BELOW.format("a"), size=5, given=[Span(0, 5)], sent=[Span(1, 5)]),
                record("/with/content=ruler/set/b:c=20000,a=5,e=0/demo/b/c", size=20000, sent=[Span(7, 9)]),
                peer(SET, size=20005, sent=[Span(0, 1)]),
            ],
            f"http://localhost{SET}",
        )
        assert [each.sent for each in found] == [[Span(20001, 20005)], [Span(7, 9)], [Span(0, 1)]]
        assert found[0].given == [Span(20000, 20005)]
        assert [each.size for each in found] == [20005] * 3
        assert {each.url for each in found} == {SET}

    def test_with_padding(self) -> None:
        """In a torrent of v2, the files are sorted, and begin with pieces."""
        found = of_file([record(BELOW.format("b/c"), size=20000, sent=[Span(0, 9)])], f"{SET}&v=2&piece=16k")
        assert [each.sent for each in found] == [[Span(16384, 16393)]]
        assert found[0].size == 49152
        for version in ("2", "hybrid"):
            padding = padding_of(f"http://localhost{SET}&v={version}&piece=16k", Settings())
            assert padding == [Span(5, 16384), Span(36384, 49152)]
        assert padding_of(SET, Settings()) == []
        assert padding_of(ONE, Settings()) == []

    @pytest.mark.parametrize("below", ["nothing", "b"])
    def test_what_is_not_there(self, below: str) -> None:
        """A request for what the set has not is there as it was."""
        asked = record(BELOW.format(below), status=404)
        assert of_file([asked], SET) == [asked]

    def test_without_a_size(self) -> None:
        """So is one that was not answered with the file."""
        asked = record(BELOW.format("a"), status=503)
        assert of_file([asked], SET) == [asked]

    def test_another_set(self) -> None:
        """A set with other files, or another name, is another one."""
        others = ["/set/a=5/demo/a?content=ruler", BELOW.format("a").replace("demo", "x"), BELOW.format("a") + "&tag=t"]
        assert urls([record(each) for each in others], SET) == []


def test_what_is_not_certain() -> None:
    """Compressed bytes, and peers of whom not all is known, allow no assertions."""
    with pytest.raises(JournalError, match="a compressed body has no offsets"):
        of_file([record(ONE, faults=["encoding=gzip"], body_sent=5)], ONE)
    with pytest.raises(JournalError, match="a peer has asked for so many pieces"):
        of_file([peer(ONE, overflowed=True)], ONE)


def test_nobody() -> None:
    """The error says what was asked for instead."""
    with pytest.raises(AssertionError, match=r"nobody asked for /1k/a\?content=ruler; there were no requests at all"):
        of_file([], f"http://localhost{ONE}")
    with pytest.raises(AssertionError, match="nobody asked for /1; the requests were for\n  /2"):
        of_file([record("/2")], "/1")


def test_few() -> None:
    """Of many lines, the middle is left out."""
    assert few(["a", "b"]) == "a\n  b"
    lines = few([str(number) for number in range(30)], " ").split(" ")
    assert (lines[:2], lines[-1], "more" in lines) == (["0", "1"], "29", True)
