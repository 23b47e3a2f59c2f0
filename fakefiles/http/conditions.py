"""Conditional requests (RFC 9110, 13), evaluated in the order of 13.2.2. Section numbers here are of RFC 9110."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timezone
from email.utils import parsedate_to_datetime

from fakefiles.files.errors import PreconditionFailedError

#: Returns the value of a request field, combined if it is repeated, or None if the client did not send it.
Header = Callable[[str], "str | None"]

_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_TAG_LIST = re.compile(rf"[ \t,]*(?:{_ENTITY_TAG.pattern}[ \t]*(?:,[ \t,]*|$))+")

# The three forms of an HTTP-date (5.6.7), which is case-sensitive. Python's email parser alone accepts far more.
_DAY, _MONTH, _TIME = (
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
    "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    r"\d\d:\d\d:\d\d",
)
_HTTP_DATE = re.compile(
    rf"{_DAY}, \d\d {_MONTH} \d{{4}} {_TIME} GMT"
    rf"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-{_MONTH}-\d\d {_TIME} GMT"
    rf"|{_DAY} {_MONTH} [ \d]\d {_TIME} \d{{4}}",
    re.ASCII,
)


def not_modified(header: Header, etag: str, last_modified: int | None) -> bool:
    """Evaluate the preconditions of a GET or HEAD; return whether the answer is 304.

    `etag` is an entity tag, or "" for none; `last_modified` is in seconds since the epoch, or None. Invalid dates are
    ignored, and so are all dates if `last_modified` is None, as 13.1.3 and 13.1.4 demand.

    Raises PreconditionFailedError if the answer is 412.
    """
    if (if_match := header("If-Match")) is not None:
        if not _listed(etag, if_match, weakly=False):
            raise PreconditionFailedError("If-Match names no entity tag of this file")
    elif _later(last_modified, _date(header("If-Unmodified-Since"))):
        raise PreconditionFailedError("the file was modified after If-Unmodified-Since")
    if (if_none_match := header("If-None-Match")) is not None:
        return _listed(etag, if_none_match, weakly=True)
    date = _date(header("If-Modified-Since"))
    return last_modified is not None and date is not None and last_modified <= date


def range_applies(if_range: str | None, etag: str, last_modified: int | None) -> bool:
    """Return whether the Range field applies, given the If-Range field, or None without one (13.1.5).

    Entity tags are compared strongly. A date must equal `last_modified` exactly; it is long past, and so counts as a
    strong validator (8.8.2.2).
    """
    if if_range is None:
        return True
    date = _date(if_range)
    return (if_range.strip() == etag and etag.startswith('"')) or (date is not None and date == last_modified)


def parse_http_date(text: str) -> int | None:
    """Return an HTTP-date, in any of its three forms, as seconds since the epoch; None if it is invalid (5.6.7)."""
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        return int(parsedate_to_datetime(text).replace(tzinfo=timezone.utc).timestamp())
    except ValueError:  # the 31st of February
        return None


def _date(value: str | None) -> int | None:
    return None if value is None else parse_http_date(value.strip())


def _listed(etag: str, value: str, *, weakly: bool) -> bool:
    """Return whether `value`, "*" or a list of entity tags, matches `etag`. A malformed list matches nothing.

    `weakly` ignores W/ on both sides; otherwise neither tag may have it (8.8.3.2).
    """
    if value.strip() == "*":
        return True
    tags = _ENTITY_TAG.findall(value) if _TAG_LIST.fullmatch(value) else []
    if weakly:
        return any(opaque == etag.removeprefix("W/") for _, opaque in tags)
    return any(opaque == etag and not weak for weak, opaque in tags)


def _later(last_modified: int | None, date: int | None) -> bool:
    return last_modified is not None and date is not None and last_modified > date
