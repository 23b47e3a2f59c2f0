"""The lines of the access log: the combined log format, then details that explain a failure.

    "127.0.0.1" - - [25/Nov/2026:12:00:00 +0000] "GET /1m?close=50% HTTP/1.1" 200 524288 "-" "curl/8.5"
        0.012s sent=524288/1048576 faults="close@524288" end="fault"

This is one line. Text from clients is quoted, so that nobody can forge a line. If no answer was begun, the status is 0.
"""

from __future__ import annotations

import json

from twisted.internet.interfaces import IAddress
from twisted.web.http import Request, combinedLogFormatter

from fakefiles.http.record import Record
from fakefiles.transfer.record import End


def line_of(time: str, request: Request, record: Record | None) -> str:
    """Return the line of a request that has ended; `record` is its record in the journal, if it has one."""
    if record is not None and record.status is None:
        request.code = 0
    line: str = combinedLogFormatter(time, request)
    return line if record is None else f"{line} {details_of(record)}"


def line_of_refusal(time: str, peer: IAddress | None, status: int, length: int, reason: str = "") -> str:
    """Return the line of a request that could not be parsed or, with status 0, of a connection closed at once."""
    line = f'"{getattr(peer, "host", "-")}" - - {time} "-" {status} {length or "-"} "-" "-"'
    return f"{line} {reason}" if reason else line


def details_of(record: Record) -> str:
    """Return how long a request took, and whatever else was out of the ordinary."""
    details = [f"{(record.ended or record.started) - record.started:.3f}s"]
    whole = record.end is End.COMPLETE
    if record.asked is not None:
        details.append(f"range={json.dumps(record.asked)}")
    if not whole:
        details.append(f"sent={record.body_sent}/{record.length}")
    if record.faults:
        details.append(f"faults={json.dumps(', '.join(record.faults))}")
    if record.end is not None and not whole:
        details.append(f"end={json.dumps(record.end.value)}")
    return " ".join(details)
