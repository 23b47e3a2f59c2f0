"""assertions.py, as tables: each case is a download, and what the assertions say about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.bittorrent.record import PeerRecord
from fakefiles.http.record import Record
from fakefiles.testing.assertions import (
    assert_complete,
    assert_no_refetch,
    assert_ranges,
    assert_resumed_at,
    assert_source,
    chart,
    connections,
    max_parallel,
)
from fakefiles.testing.of_file import of_file
from fakefiles.transfer.record import End, JournalError, TransferRecord
from fakefiles.transfer.span import Span

SIZE = 1000


def records_of(*transfers: tuple[int, int, int, End | None]) -> list[Record]:
    """Return records of transfers of a file, from their starts, promised and sent stops, and ends."""
    return [
        Record(
            method="GET",
            url="/1000",
            started=float(number),
            number=number,
            connection=number,
            status=206 if start else 200,
            size=SIZE,
            given=[Span(start, promised)],
            sent=[Span(start, sent)] if sent > start else [],
            length=promised - start,
            body_sent=sent - start,
            end=end,
        )
        for number, (start, promised, sent, end) in enumerate(transfers, 1)
    ]


WHOLE = records_of((0, 1000, 1000, End.COMPLETE))
RESUMED = records_of((0, 1000, 400, End.CLIENT_LEFT), (300, 1000, 1000, End.COMPLETE))
RESUMED_EXACTLY = records_of((0, 1000, 400, End.FAULT), (400, 1000, 1000, None))
BEGUN_AGAIN = records_of((0, 1000, 400, End.CLIENT_LEFT), (0, 1000, 1000, End.COMPLETE))
TOO_FAR_BACK = records_of((0, 500, 500, End.COMPLETE), (400, 1000, 1000, End.COMPLETE))
WITH_A_HOLE = records_of((0, 1000, 400, End.CLIENT_LEFT), (500, 1000, 1000, End.COMPLETE))
SEGMENTS = records_of((500, 1000, 1000, End.COMPLETE), (0, 1000, 600, End.CLIENT_LEFT))
TWO_SEGMENTS = records_of((0, 500, 500, End.COMPLETE), (500, 1000, 1000, End.COMPLETE))
ALL_OVER = records_of((0, 1000, 900, End.CLIENT_LEFT), (600, 1000, 1000, End.COMPLETE), (300, 600, 600, End.COMPLETE))
TWO_HOLES = records_of((100, 200, 200, End.COMPLETE), (500, 1000, 1000, End.COMPLETE))
NEVER_THERE = records_of((300, 1000, 400, End.CLIENT_LEFT), (300, 1000, 1000, End.COMPLETE))
BROKEN_TWICE = records_of((0, 1000, 9, End.CLIENT_LEFT), (5, 1000, 500, End.FAULT), (500, 1000, 1000, End.COMPLETE))


def two_ranges() -> list[Record]:
    """Return records of a request for two ranges that broke off in the second, and of one that went on there."""
    broken, resumed = records_of((0, 1000, 700, End.CLIENT_LEFT), (600, 1000, 1000, End.COMPLETE))
    broken.given, broken.sent = [Span(0, 100), Span(500, 1000)], [Span(0, 100), Span(500, 700)]
    return [broken, resumed]


def adjacent_ranges() -> list[Record]:
    """Return records of a request for two ranges side by side that broke off, and of one for the whole file."""
    broken, whole = records_of((0, 200, 200, End.CLIENT_LEFT), (0, 1000, 1000, End.COMPLETE))
    broken.given = [Span(0, 100), Span(100, 200)]
    return [broken, whole]


def verdict(check: Callable[..., None], records: Sequence[TransferRecord], *arguments: Any) -> str:
    """Return "" if an assertion holds, else the first line of its message, which must have a drawing."""
    try:
        check(records, *arguments)
    except AssertionError as error:
        line, _, drawing = str(error).partition("\n")
        assert drawing == chart(records)
        return line
    return ""


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (WHOLE, ""),
        (RESUMED, ""),
        (RESUMED_EXACTLY, ""),
        (BEGUN_AGAIN, ""),
        (SEGMENTS, ""),
        (ALL_OVER, ""),
        (WITH_A_HOLE, "100 of 1000 bytes were never sent, the first of them bytes 400 to 499"),
        (TWO_HOLES, "400 of 1000 bytes were never sent, the first of them bytes 0 to 99"),
        (TWO_HOLES[::-1], "400 of 1000 bytes were never sent, the first of them bytes 0 to 99"),
        (WITH_A_HOLE[1:], "500 of 1000 bytes were never sent, the first of them bytes 0 to 499"),
        (WITH_A_HOLE[:1], "600 of 1000 bytes were never sent, the first of them bytes 400 to 999"),
        ([Record(method="GET", url="/0", started=0.0, status=200, size=0)], ""),
        ([Record(method="GET", url="/1", started=0.0, status=400)], "no request was answered with the file"),
        (
            [Record(method="HEAD", url="/1", started=0.0, status=200, size=1)],
            "1 of 1 bytes were never sent, the first of them bytes 0 to 0",
        ),
    ],
)
def test_complete(records: list[Record], expected: str) -> None:
    """Every byte is sent by some request."""
    assert verdict(assert_complete, records) == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (WHOLE, ""),
        (TWO_SEGMENTS, ""),
        (RESUMED, ""),
        (RESUMED_EXACTLY, ""),
        (WITH_A_HOLE, ""),
        (ALL_OVER, ""),
        (BROKEN_TWICE, ""),
        (two_ranges(), ""),
        (adjacent_ranges(), "200 bytes were sent more than once, the first of them bytes 0 to 199"),
        (TWO_HOLES * 2, "600 bytes were sent more than once, the first of them bytes 100 to 199"),
        # The request inside the span came earlier: it cannot be the one that resumed.
        (SEGMENTS, "100 bytes were sent more than once, the first of them bytes 500 to 599"),
        (BEGUN_AGAIN, "400 bytes were sent more than once, the first of them bytes 0 to 399"),
        (TOO_FAR_BACK, "100 bytes were sent more than once, the first of them bytes 400 to 499"),
        (WHOLE * 3, "2000 bytes were sent more than once, the first of them bytes 0 to 999"),
        (
            records_of((500, 1000, 900, End.CLIENT_LEFT), (400, 1000, 1000, End.COMPLETE)),
            "400 bytes were sent more than once, the first of them bytes 500 to 899",
        ),
        (records_of((0, 1000, 0, End.CLIENT_LEFT), (0, 1000, 1000, End.COMPLETE)), ""),
    ],
)
def test_no_refetch(records: list[Record], expected: str) -> None:
    """No byte is sent twice, except those under way when a transfer broke off."""
    assert verdict(assert_no_refetch, records) == expected


@pytest.mark.parametrize(
    ("records", "offset", "holds"),
    [
        (RESUMED, 300, True),
        (RESUMED, 301, False),
        (RESUMED, 400, False),
        (RESUMED_EXACTLY, 400, True),
        (BEGUN_AGAIN, 0, False),
        (WITH_A_HOLE, 500, False),
        (BROKEN_TWICE, 5, True),
        (BROKEN_TWICE, 500, True),
        (WHOLE, 0, False),
        (SEGMENTS, 500, False),
        (NEVER_THERE, 300, False),  # where the earlier one began, nothing had come
        ([*RESUMED[:1], Record(method="GET", url="/1000", status=401), *RESUMED[1:]], 300, True),
        (two_ranges(), 600, True),
        ([*ALL_OVER[:1], *two_ranges()[:1]], 500, False),  # of several ranges, the first one counts
    ],
)
def test_resumed_at(records: list[Record], offset: int, holds: bool) -> None:  # noqa: FBT001
    """A later request begins at that byte, which an earlier one had reached."""
    expected = "" if holds else f"no request went on at byte {offset}, to which an earlier one had come"
    assert verdict(assert_resumed_at, records, offset) == expected


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(500, 1000), (0, 500)], ""),
        ([(0, 500)], "the ranges differ; missing: none; not expected: (500, 1000)"),
        ([(0, 500), (500, 1000), (0, 500)], "the ranges differ; missing: (0, 500); not expected: none"),
        ([(0, 1000)], "the ranges differ; missing: (0, 1000); not expected: (0, 500), (500, 1000)"),
    ],
)
def test_ranges(spans: list[tuple[int, int]], expected: str) -> None:
    """Those ranges are given and no others, in any order."""
    assert verdict(assert_ranges, TWO_SEGMENTS, spans) == expected


cuts = st.lists(st.integers(1, SIZE - 1), unique=True, max_size=9).map(lambda inner: [0, *sorted(inner), SIZE])


@given(cuts, st.randoms(use_true_random=False), st.data())
def test_any_way_to_cut_a_file(edges: list[int], random: Any, data: st.DataObject) -> None:
    """Segments in any order are complete without a refetch; one more byte is a refetch, one less a hole."""
    segments = list(pairwise(edges))
    random.shuffle(segments)
    records = records_of(*((start, stop, stop, End.COMPLETE) for start, stop in segments))
    assert not verdict(assert_complete, records)
    assert not verdict(assert_no_refetch, records)
    assert not verdict(assert_ranges, records, segments)
    start, stop = data.draw(st.sampled_from(segments))
    rest = [record for record in records if record.given != [Span(start, stop)]]
    one_less = rest + records_of((start, stop, stop - 1, End.COMPLETE))
    assert verdict(assert_complete, one_less).startswith(f"1 of {SIZE} bytes were never sent, the first of them bytes")
    again = records + records_of((start, start + 1, start + 1, End.COMPLETE))
    assert verdict(assert_no_refetch, again).startswith("1 bytes were sent more than once")


def test_max_parallel_and_connections() -> None:
    """Requests that overlap in time are parallel; one that begins as another ends is not."""
    times = [(0.0, 2.0, 1), (1.0, 3.0, 2), (2.0, 4.0, 1), (3.5, None, 3)]
    records = [
        Record(method="GET", url="/1", started=start, ended=end, connection=place) for start, end, place in times
    ]
    records.append(Record(method="HEAD", url="/1", started=1.5, ended=9.0, connection=4))
    assert max_parallel(records) == 2
    assert connections(records) == 4
    assert (max_parallel([]), connections([])) == (0, 0)
    later = [Record(method="GET", url="/1", started=start, ended=start + 2) for start in (5.0, 10.0, 11.0, 11.5)]
    assert max_parallel(later) == 3


def test_of_file() -> None:
    """A URL is found however it is written: absolute, encoded, its query in any order."""
    records = [
        Record(method="GET", url=url, started=0.0)
        for url in ("/1k/a%20b?tag=x&seed=1", "/1k/a%20b?tag=y&seed=1", "/1k")
    ]
    assert of_file(records, "http://127.0.0.1:1/1k/a b?seed=1&tag=x") == records[:1]
    assert of_file(records, "/1k") == records[2:]
    with pytest.raises(AssertionError) as caught:
        of_file(records, "http://127.0.0.1:1/1k/a?seed=1")
    assert str(caught.value) == (
        "nobody asked for /1k/a?seed=1; the requests were for\n"
        "  /1k\n  /1k/a%20b?tag=x&seed=1\n  /1k/a%20b?tag=y&seed=1"
    )
    with pytest.raises(AssertionError, match="there were no requests at all"):
        of_file([], "/1k")


@pytest.mark.parametrize(
    ("asked", "url", "same"),
    [
        ("/1k?redirect=2", "/1k", True),
        ("/1k?redirect=1&seed=2", "/1k?seed=2&redirect=2", True),
        ("/1k?seed=2", "/1k?seed=3", False),
        ("/1k?tag=redirect", "/1k", False),
        ("/1k?signed=1&signature=x", "/1k?signed=1", True),
        ("/1k?user=&auth=basic", "/1k?auth=basic&user=", True),
        ("/1k?user=&auth=basic", "/1k?auth=basic", False),
        ("/1k?password=x?y&user=z", "/1k?user=z&password=x?y", True),
        ("/1k/a?seed=1", "/1k/A?seed=1", False),
    ],
)
def test_meaning(asked: str, url: str, same: bool) -> None:  # noqa: FBT001
    """Redirects on the way to a file are of that file; every other parameter makes another one."""
    records = [Record(method="GET", url=asked)]
    if same:
        assert of_file(records, url) == records
    else:
        with pytest.raises(AssertionError, match="nobody asked for"):
            of_file(records, url)


def test_the_line_of_the_test_is_shown() -> None:
    """A traceback shows the test, and not how an assertion came to its verdict."""
    with pytest.raises(AssertionError) as caught:
        assert_complete(WITH_A_HOLE)
    assert {Path(entry.path).name for entry in caught.traceback.filter(caught)} == {Path(__file__).name}


def test_chart() -> None:
    """A drawing has a row for each request, and one for all."""
    records = records_of((0, 1000, 333, End.FAULT), (300, 1000, 1000, None), (0, 1000, 20, None))
    records[0].faults.append("reset@333")
    records[1].sent = [Span(300, 700), Span(720, 730), Span(760, 790), Span(800, 1000)]
    records.append(Record(method="GET", url="/1000", started=4.0, number=4, connection=1))
    assert chart(records).split("\n") == [
        "/1000, 1000 bytes:",
        "         #1 conn 1 GET 200 |================-.................................| 0-332; fault (reset@333)",
        "         #2 conn 2 GET 206 |               ====================.-.=-==========| 300-699, 720-729, 760-789, ...; sent",  # noqa: E501
        "         #3 conn 3 GET 200 |=.................................................| 0-19; still going on",
        "         #4 conn 1 GET ... |                                                  | nothing; still going on",
        "             sent so often |21111111111111122111111111111111111 1 111111111111|",
    ]


def test_drawing_in_the_docs() -> None:
    """The drawing that the docs show is one."""
    docs = Path(__file__).parents[3] / "docs" / "testing.md"
    with pytest.raises(AssertionError) as caught:
        assert_no_refetch(BEGUN_AGAIN)
    assert f"```text\n{caught.value}\n```" in docs.read_text()


def test_chart_of_much() -> None:
    """Of many requests the first and the last are drawn; of several files, each by itself."""
    assert [len(chart(WHOLE * number).split("\n")) for number in (19, 20, 21, 22)] == [21, 22, 22, 22]
    assert "more" not in chart(WHOLE * 20)
    assert "  ... 2 more ..." in chart(WHOLE * 21).split("\n")
    rows = chart(WHOLE * 100).split("\n")
    assert len(rows) == 22
    assert rows[11] == "  ... 81 more ..."
    assert rows[-1].endswith("|" + "9" * 50 + "|")
    small = Record(
        method="GET",
        url="/3",
        started=0.0,
        number=2,
        size=3,
        status=200,
        length=3,
        sent=[Span(0, 1)],
        given=[Span(0, 3)],
    )
    assert chart([*WHOLE, small]).split("\n")[3:] == [
        "/3, 3 bytes:",
        "         #2 conn 0 GET 200 |=..| 0-0; still going on",
        "             sent so often |1  |",
    ]
    assert chart([]) == "no requests"


def test_chart_of_little() -> None:
    """An empty file has no columns; nor has one of which nobody knows the size."""
    (empty,) = records_of((0, 0, 0, End.COMPLETE))
    empty.url, empty.size, empty.sent = "/0", 0, [Span(0, 0)]
    assert chart([empty, Record(method="GET", url="/x", status=404, number=2, end=End.COMPLETE)]).split("\n") == [
        "/0, 0 bytes:",
        "         #1 conn 1 GET 200 || nothing; complete",
        "             sent so often ||",
        "/x, 0 bytes:",
        "         #2 conn 0 GET 404 || nothing; complete",
        "             sent so often ||",
    ]


def test_chart_of_pieces() -> None:
    """Up to three spans are told, and all faults."""
    (record,) = records_of((0, 1000, 1000, End.FAULT))
    record.sent = [Span(0, 1), Span(2, 3), Span(4, 5)]
    record.faults += ["stall@5", "reset@5"]
    assert chart([record]).split("\n")[1].endswith("| 0-0, 2-2, 4-4; fault (stall@5, reset@5)")
    record.sent.append(Span(6, 7))
    assert chart([record]).split("\n")[1].endswith("| 0-0, 2-2, 4-4, ...; fault (stall@5, reset@5)")


def test_compressed() -> None:
    """Nobody knows which bytes of the file a compressed body has: assertions neither pass nor fail."""
    (record,) = records_of((1, 0, 100, End.COMPLETE))
    record.sent, record.body_sent = [], 30
    record.faults.append("encoding=gzip")
    plain = records_of((0, 1000, 1000, End.COMPLETE))
    for records in ([record], [record, *plain], [*plain, record]):
        with pytest.raises(JournalError, match="a compressed body has no offsets of the file"):
            of_file(records, record.url)
    record.body_sent = 0  # as for HEAD
    assert of_file([*plain, record], record.url) == [*plain, record]


def versions(*editions: int | None) -> list[Record]:
    """Return records of the two halves of a file, and of all of it, each of a version."""
    records = records_of((0, 1000, 500, End.FAULT), (500, 1000, 1000, End.COMPLETE), (0, 1000, 1000, End.COMPLETE))
    for record, edition in zip(records, editions, strict=False):
        record.edition = edition
    return records[: len(editions)]


class TestVersions:
    """Of a file that changes, the bytes of different versions do not mix."""

    def test_complete(self) -> None:
        """All bytes of one version are there, whichever that is."""
        for editions in ((1, 1), (2, 2), (1, 2, 2), (1, 1, 2)):
            assert verdict(assert_complete, versions(*editions)) == ""
        assert verdict(assert_complete, versions(1, 2)) == (
            "500 of 1000 bytes of version 1 were never sent, the first of them bytes 500 to 999;"
            " 500 of 1000 bytes of version 2 were never sent, the first of them bytes 0 to 499"
        )

    def test_complete_with_another_size(self) -> None:
        """Each version has its own size; a 412, which has none, does not count."""
        first, second = versions(1, 2)
        second.size, second.given, second.sent = 700, [Span(0, 700)], [Span(0, 700)]
        refused = Record(method="GET", url="/1000", status=412, edition=2)
        assert verdict(assert_complete, [first, refused, second]) == ""

    def test_no_refetch(self) -> None:
        """To fetch the new version from its beginning is no refetch; to fetch it twice is one."""
        assert verdict(assert_no_refetch, versions(1, 1)) == verdict(assert_no_refetch, versions(1, 1, 2)) == ""
        assert verdict(assert_no_refetch, versions(1, 2, 2)) == (
            "500 bytes of version 2 were sent more than once, the first of them bytes 500 to 999"
        )

    def test_resumed_at(self) -> None:
        """To go on with another version is not to resume."""
        assert verdict(assert_resumed_at, versions(1, 1), 500) == verdict(assert_resumed_at, versions(2, 2), 500) == ""
        assert verdict(assert_resumed_at, versions(1, 2), 500).startswith("no request went on at byte 500")

    def test_chart(self) -> None:
        """Each version has a drawing."""
        lines = chart(versions(1, 2)).split("\n")
        assert (lines[0], lines[3]) == ("/1000, version 1, 1000 bytes:", "/1000, version 2, 1000 bytes:")


def peer(*spans: tuple[int, int], number: int = 1, again: Sequence[Span] = (), end: End | None = None) -> PeerRecord:
    """Return the record of a peer that was sent some spans."""
    sent = [Span(*span) for span in spans]
    return PeerRecord(
        url="/1000",
        number=number,
        connection=number,
        size=SIZE,
        given=[Span(0, SIZE)],
        asked=sent,
        sent=sent,
        again=list(again),
        length=SIZE,
        body_sent=sum(span.stop - span.start for span in sent),
        end=end,
    )


class TestPeers:
    """Peers, which ask for pieces in any order."""

    def test_complete(self) -> None:
        """What several peers got, and what came over HTTP, counts together; padding need not be sent."""
        web = records_of((0, 300, 300, End.COMPLETE))
        assert verdict(assert_complete, [peer((500, 1000)), peer((0, 300), (300, 500))]) == ""
        assert verdict(assert_complete, [*web, peer((300, 1000))]) == ""
        assert verdict(assert_complete, [peer((0, 500))]).startswith("500 of 1000 bytes were never sent")
        assert_complete([peer((0, 500), (600, 1000))], [Span(500, 600)])
        with pytest.raises(AssertionError, match="100 of 1000 bytes were never sent"):
            assert_complete([peer((0, 500), (600, 1000))])

    def test_no_refetch(self) -> None:
        """A peer that got something twice, or two that got the same, have fetched it again."""
        assert verdict(assert_no_refetch, [peer((0, 500)), peer((500, 1000))]) == ""
        expected = "10 bytes were sent more than once, the first of them bytes 5 to 14"
        assert verdict(assert_no_refetch, [peer((0, 500), again=[Span(5, 15)])]) == expected
        assert verdict(assert_no_refetch, [peer((0, 500)), peer((490, 1000))]).startswith("10 bytes were sent more")

    def test_a_peer_that_left(self) -> None:
        """What a broken request sent last may not have come; a peer that asks for the rest has not fetched it again."""
        broken = records_of((0, 1000, 400, End.CLIENT_LEFT))
        (later,) = records_of((300, 1000, 1000, End.COMPLETE))
        assert verdict(assert_no_refetch, [*broken, later]) == ""
        assert verdict(assert_no_refetch, [peer((0, 400), end=End.CLIENT_LEFT), later]) == ""

    @pytest.mark.parametrize(
        ("records", "web", "expected"),
        [
            (WHOLE, True, ""),
            (WHOLE, False, "not all came from peers: 1000 bytes came from the web seed"),
            ([peer((0, 1000))], False, ""),
            ([peer((0, 1000))], True, "not all came from the web seed: 1000 bytes came from peers"),
            ([*WHOLE, peer()], True, ""),
            ([*WHOLE, peer((0, 10))], True, "not all came from the web seed: 10 bytes came from peers"),
            ([peer()], False, "not all came from peers: 0 bytes came from the web seed"),
            ([Record(method="HEAD", url="/1000", body_sent=5)], True, "not all came from the web seed: 0 bytes came"),
        ],
    )
    def test_source(self, records: list[Any], web: bool, expected: str) -> None:  # noqa: FBT001
        """All that was sent came from one of the two, and something was sent."""

        def check(each: Sequence[Any]) -> None:
            assert_source(each, web=web)

        assert verdict(check, records).startswith(expected)
        assert bool(verdict(check, records)) is bool(expected)

    def test_requests_only(self) -> None:
        """A peer has no ranges, resumes nothing, and is no request."""
        records: list[Any] = [*RESUMED, peer((0, 1000))]
        assert verdict(assert_resumed_at, records, 300) == ""
        assert verdict(assert_ranges, records, [(0, 1000), (300, 1000)]) == ""
        assert max_parallel(records) == max_parallel(RESUMED)
        assert max_parallel([peer((0, 1))]) == 0

    def test_chart(self) -> None:
        """It has a row like a request."""
        drawing = chart([peer((0, 500), (600, 1000))])
        assert "#1 conn 1 PEER" in drawing
        assert "0-499, 600-999" in drawing
