"""What the server saw, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fakefiles.http.record import Record
from fakefiles.transfer.record import TransferRecord

# So many requests are shown, and of each so many characters of its URL.
_MOST = 40
_URL = 160
_SHOWN = ("range", "if-range", "if-match", "if-none-match", "if-modified-since", "accept-encoding", "authorization")


def wire(records: Sequence[TransferRecord]) -> str:
    """Return the requests and the answers to them, two lines each, with times since the first one."""
    start = records[0].started if records else 0.0
    lines = [line for record in records[:_MOST] for line in _lines(record, start)]
    if len(records) > _MOST:
        lines.append(f"... and {len(records) - _MOST} more requests")
    return "\n".join(lines) or "no requests"


def _lines(record: TransferRecord, start: float) -> Iterator[str]:
    method, asked, status = "PEER", "", "peer"
    if isinstance(record, Record):
        fields = [f"{name}: {record.headers[name]}" for name in _SHOWN if name in record.headers]
        method, asked = record.method, "".join(f" | {field}" for field in fields)
        status = str(record.status or "no answer")
    yield f"{record.started - start:7.3f} s  conn {record.connection}  {method} {record.url[:_URL]}{asked}"
    end = record.end.value if record.end else "not over"
    faults = f" ({', '.join(record.faults)})" if record.faults else ""
    yield f"           {status}, sent {record.body_sent} of {record.length}; {end}{faults}"
