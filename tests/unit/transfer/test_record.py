"""record.py: a transfer of any protocol; tests/unit/http/test_record.py has those of HTTP."""

from __future__ import annotations

import pytest

from fakefiles.transfer.record import End, JournalError, TransferRecord
from fakefiles.transfer.span import Span


@pytest.mark.parametrize(
    ("record", "live"),
    [
        (TransferRecord(length=5, body_sent=4), True),
        (TransferRecord(length=5, body_sent=5), False),
        (TransferRecord(length=5, body_sent=4, end=End.CLIENT_LEFT), False),
    ],
)
def test_live(record: TransferRecord, live: bool) -> None:  # noqa: FBT001
    """A transfer is live until it has ended, or all its bytes are sent."""
    assert record.live is live


def test_release() -> None:
    """Only a transfer that is under way can be released."""
    released: list[str] = []
    TransferRecord(releaser=lambda: released.append("released")).release()
    assert released == ["released"]
    with pytest.raises(JournalError, match="no transfer of this request is under way"):
        TransferRecord().release()


def test_a_new_record() -> None:
    """At first, nothing is known, promised or sent; and people are not shown what releases the transfer."""
    record = TransferRecord()
    assert (record.url, record.client, record.tag, record.path) == ("", "", "", "")
    assert (record.number, record.version, record.connection) == (0, 0, 0)
    assert (record.length, record.body_sent, record.started) == (0, 0, 0.0)
    assert "releaser" not in repr(record)


def test_names_of_the_ends() -> None:
    """JSON and drawings call the ends so."""
    assert [end.value for end in End] == ["complete", "client left", "fault", "server stopped"]


@pytest.mark.parametrize("url", ["/1k/a.bin", "/1k/a.bin?seed=1", "/1k/a.bin?seed=1?tag=2"])
def test_path(url: str) -> None:
    """The path ends where the query begins."""
    assert TransferRecord(url=url).path == "/1k/a.bin"


# What went out, and the spans that are noted.
PROGRESS: list[tuple[list[tuple[int, Span | None]], list[Span]]] = [
    ([(10, Span(0, 10)), (5, Span(10, 15))], [Span(0, 15)]),
    ([(10, Span(5, 15)), (5, Span(15, 20)), (1, Span(20, 21))], [Span(5, 21)]),
    ([(10, Span(0, 10)), (5, Span(20, 25))], [Span(0, 10), Span(20, 25)]),
    ([(10, Span(10, 20)), (10, Span(0, 10))], [Span(10, 20), Span(0, 10)]),
    ([(10, Span(0, 10)), (10, Span(0, 10))], [Span(0, 10), Span(0, 10)]),
    ([(5, Span(0, 5)), (5, Span(10, 15)), (5, Span(15, 20))], [Span(0, 5), Span(10, 20)]),
    ([(5, Span(0, 5)), (5, Span(10, 15)), (5, Span(5, 10))], [Span(0, 5), Span(10, 15), Span(5, 10)]),
    ([(30, None), (5, Span(0, 5)), (30, None), (5, Span(5, 10))], [Span(0, 10)]),
]


@pytest.mark.parametrize(("steps", "sent"), PROGRESS)
def test_progress(steps: list[tuple[int, Span | None]], sent: list[Span]) -> None:
    """All bytes count. A span that goes on where the last one ended is one with it; any other is noted apart."""
    record = TransferRecord()
    for amount, span in steps:
        record.progress(amount, span)
    assert record.sent == sent
    assert record.body_sent == sum(amount for amount, _ in steps)
