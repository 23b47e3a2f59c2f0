"""Assertions about the records of downloads, and drawings of them.

The assertions take all records of one file, in the order of the requests; none may still be live. Each raises
AssertionError with a drawing. Record explains which bytes count as sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TypeVar

from fakefiles.http.record import Record
from fakefiles.testing.of_file import few
from fakefiles.transfer.record import End, TransferRecord
from fakefiles.transfer.span import Span

# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True

# The size of a drawing, in characters and rows.
_WIDTH = 50
_LABEL = 24


def assert_complete(records: Sequence[TransferRecord], padding: Sequence[Span] = ()) -> None:
    """Assert that the transfers together sent every byte of the file; of a file that changes, of one of its versions.

    `padding` is what need not be sent.
    """
    failures = []
    for edition, answered in _by_edition(record for record in records if record.size is not None).items():
        size = answered[0].size or 0
        sent = [span for record in _transfers(answered) for span in record.sent]
        holes = _holes(sorted([*sent, *padding]), size)
        if not holes:
            return
        missing = sum(hole.stop - hole.start for hole in holes)
        which = f"{size} bytes{_of(edition)}"
        failures.append(f"{missing} of {which} were never sent, the first of them {_words(holes[0])}")
    _fail("; ".join(failures) or "no request was answered with the file", records)


def assert_no_refetch(records: Sequence[TransferRecord]) -> None:
    """Assert that no byte was sent twice; of a file that changes, no byte of the same version.

    The client of a broken transfer may have received less than was sent. So if a later request begins inside the last
    span that was sent, the span counts only up to there. A request that begins at its start, or before, is a refetch.
    """
    for edition, transfers in _by_edition(_transfers(records)).items():
        overlaps = _overlaps(sorted(_delivered(transfers)))
        if overlaps:
            twice = sum(overlap.stop - overlap.start for overlap in overlaps)
            which = f"{twice} bytes{_of(edition)}"
            _fail(f"{which} were sent more than once, the first of them {_words(overlaps[0])}", records)


def assert_resumed_at(records: Sequence[TransferRecord], offset: int) -> None:
    """Assert that a request got 206 from exactly this byte on, and that an earlier request had got that far.

    Of a file that changes, both have to be of the same version.
    """
    for transfers in _by_edition(_requests(records)).values():
        for place, record in enumerate(transfers):
            # A span that does not begin at 0 is only given with 206, and nothing gets as far as 0.
            if record.given and record.given[0].start == offset:
                earlier = (span for other in transfers[:place] for span in other.sent)
                if any(span.start < offset <= span.stop for span in earlier):
                    return
    _fail(f"no request went on at byte {offset}, to which an earlier one had come", records)


def assert_ranges(records: Sequence[TransferRecord], spans: Iterable[tuple[int, int]]) -> None:
    """Assert that answers gave exactly these ranges, in any order; (0, 500) means the first 500 bytes."""
    wanted = sorted(Span(*span) for span in spans)
    given = sorted(span for record in _requests(records) for span in record.given)
    if wanted != given:
        missing, unwanted = _difference(wanted, given), _difference(given, wanted)
        _fail(f"the ranges differ; missing: {missing}; not expected: {unwanted}", records)


def max_parallel(records: Iterable[TransferRecord]) -> int:
    """Return the largest number of GET requests under way at the same time, from their arrival to their end."""
    changes: list[tuple[float, int]] = []
    for record in _requests(records):
        changes.append((record.started, 1))
        if record.ended is not None:
            changes.append((record.ended, -1))
    return max(accumulate(change for _, change in sorted(changes)), default=0)


def connections(records: Iterable[TransferRecord]) -> int:
    """Return the number of connections on which the requests came."""
    return len({record.connection for record in records})


def assert_source(records: Sequence[TransferRecord], *, web: bool) -> None:
    """Assert that all that was sent came over HTTP (`web`), or all to peers; and that something was."""
    # Not what was sent instead of the file, like the text of a 503.
    sent = [(isinstance(record, Record), _length(record.sent)) for record in _transfers(records)]
    wrong = sum(amount for over_http, amount in sent if over_http is not web)
    names = ("the web seed", "peers") if web else ("peers", "the web seed")
    if wrong or not any(amount for _, amount in sent):
        _fail(f"not all came from {names[0]}: {wrong} bytes came from {names[1]}", records)


def _transfers(records: Iterable[TransferRecord]) -> list[TransferRecord]:
    """Return the records of transfers of bytes: of GET requests, and of peers."""
    return [record for record in records if not isinstance(record, Record) or record.method == "GET"]


def _requests(records: Iterable[TransferRecord]) -> list[Record]:
    """Return the records of GET requests. What a peer asks for has no order."""
    return [record for record in records if isinstance(record, Record) and record.method == "GET"]


_Transfer = TypeVar("_Transfer", bound=TransferRecord)


def _by_edition(records: Iterable[_Transfer]) -> dict[int | None, list[_Transfer]]:
    """Return records by the version of the file that they are about; of a file that does not change, that is None."""
    found: dict[int | None, list[_Transfer]] = {}
    for record in records:
        found.setdefault(record.edition, []).append(record)
    return found


def _of(edition: int | None) -> str:
    return f" of version {edition}" if edition else ""


def _delivered(transfers: Sequence[TransferRecord]) -> list[Span]:
    """Return the spans that clients must have received: those sent, shortened as assert_no_refetch explains."""
    delivered: list[Span] = []
    for place, record in enumerate(transfers):
        # Only peers have what they got again in a list of its own: they ask in any order.
        delivered += [*getattr(record, "again", ()), *record.sent]
        if record.sent and record.end not in {None, End.COMPLETE}:
            last = record.sent[-1]
            starts = (span.start for later in transfers[place + 1 :] for span in later.given)
            stop = min((start for start in starts if last.start < start < last.stop), default=last.stop)
            delivered[-1] = Span(last.start, stop)
    return delivered


def _holes(spans: Sequence[Span], size: int) -> list[Span]:
    """Return the parts of a file of `size` bytes that are in none of the sorted spans."""
    holes, reached = [], 0
    for span in [*spans, Span(size, size)]:
        if span.start > reached:
            holes.append(Span(reached, span.start))
        reached = max(reached, span.stop)
    return holes


def _overlaps(spans: Sequence[Span]) -> list[Span]:
    """Return the parts of sorted spans that an earlier span has, too."""
    overlaps, reached = [], 0
    for span in spans:
        if span.start < reached:
            overlaps.append(Span(span.start, min(span.stop, reached)))
        reached = max(reached, span.stop)
    return overlaps


def _difference(spans: Sequence[Span], others: Sequence[Span]) -> str:
    left = list(spans)
    for other in others:
        if other in left:
            left.remove(other)
    return ", ".join(f"({span.start}, {span.stop})" for span in left) or "none"


def _length(spans: Iterable[Span]) -> int:
    return sum(span.stop - span.start for span in spans)


def _words(span: Span) -> str:
    return f"bytes {span.start} to {span.stop - 1}"


def _fail(what: str, records: Sequence[TransferRecord]) -> None:
    raise AssertionError(f"{what}\n{chart(records)}")


def chart(records: Iterable[TransferRecord]) -> str:
    """Draw what was sent of each file: a row for each request, then one for all. Of many rows, the middle is left out.

    Of a file that changes, each version has a drawing of its own.

    In a row, "=" means that all bytes there were sent, "-" some of them, "." none, although the answer promised them.
    The last row has the number of requests that sent bytes there, at most 9.
    """
    files: dict[tuple[str, int | None], list[TransferRecord]] = {}
    for record in records:
        files.setdefault((record.url, record.edition), []).append(record)
    drawings = [
        _chart_of_file(f"{url}, version {edition}" if edition else url, group)
        for (url, edition), group in files.items()
    ]
    return few(drawings, "\n") or "no requests"


def _chart_of_file(what: str, records: Sequence[TransferRecord]) -> str:
    size = next((record.size for record in records if record.size is not None), 0)
    rows = [_row(record, size) for record in records]
    total = _ruled(lambda column: _times(records, column), size)
    return f"{what}, {size} bytes:\n  {few(rows)}\n  {'sent so often':>{_LABEL}} |{total}|"


def _row(record: TransferRecord, size: int) -> str:
    label = f"#{record.number} conn {record.connection} {_what(record)}"
    bar = _ruled(lambda column: _mark(record, column), size)
    spans = ", ".join(f"{span.start}-{span.stop - 1}" for span in record.sent[:3] if span.stop > span.start)
    more = ", ..." if len(record.sent) > 3 else ""  # noqa: PLR2004  as in the line above
    end = record.end.value if record.end else "still going on" if record.live else "sent"
    faults = f" ({', '.join(record.faults)})" if record.faults else ""
    return f"{label:>{_LABEL}} |{bar}| {spans or 'nothing'}{more}; {end}{faults}"


def _what(record: TransferRecord) -> str:
    return f"{record.method} {record.status or '...'}" if isinstance(record, Record) else "PEER"


def _ruled(mark: Callable[[Span], str], size: int) -> str:
    """Return a row of a drawing: `mark` returns the character for the bytes of each column."""
    width = min(_WIDTH, size)
    return "".join(mark(Span(size * place // width, size * (place + 1) // width)) for place in range(width))


def _mark(record: TransferRecord, column: Span) -> str:
    sent = _covered(record.sent, column)
    if sent:
        return "=" if sent >= column.stop - column.start else "-"
    return "." if _covered(record.given, column) else " "


def _times(records: Iterable[TransferRecord], column: Span) -> str:
    times = sum(1 for record in records if _covered(record.sent, column))
    return str(min(times, 9)) if times else " "


def _covered(spans: Iterable[Span], column: Span) -> int:
    return sum(max(0, min(span.stop, column.stop) - max(span.start, column.start)) for span in spans)
