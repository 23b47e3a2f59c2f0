"""Dates as HTTP has them, relative to the moment of an answer; and what a URL can have in Retry-After."""

from __future__ import annotations

from email.utils import formatdate
from time import asctime, gmtime
from typing import NamedTuple

from fakefiles.behaviour.values import WHOLE_SECONDS, Kind
from fakefiles.files.errors import RequestError

#: The Retry-After that is no time to wait (RFC 9110, 10.2.3), by its name in the URL. "huge" fits no 64 bits.
_WRONG = {"huge": "9" * 20, "negative": "-1", "garbage": "soon"}
# How long ago "past" is, in seconds: more than clocks differ, so that it is past for each of them.
_LONG_AGO = 86_400
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FORMS = ("date", "rfc850", "asctime")


class HttpDate(NamedTuple):
    """A date `seconds` after a moment, in one of the three forms of HTTP (RFC 9110, 5.6.7).

    `form` is "date" for the one that servers must send today (IMF-fixdate), "rfc850" or "asctime".
    """

    seconds: int = 0
    form: str = "date"

    def text(self, now: float) -> str:
        """Return the date, when `now` is the moment in seconds since the epoch."""
        moment = int(now) + self.seconds
        if self.form == "rfc850":
            # Not by strftime(): the locale of the process has other names.
            day, (_, date, month, year, clock, _) = gmtime(moment).tm_wday, formatdate(moment, usegmt=True).split()
            return f"{_DAYS[day]}, {date}-{month}-{year[2:]} {clock} GMT"
        return asctime(gmtime(moment)) if self.form == "asctime" else formatdate(moment, usegmt=True)

    def later(self, seconds: int) -> HttpDate:
        """Return the date that is `seconds` later, in the same form."""
        return self._replace(seconds=self.seconds + seconds)


class RetryAfter(NamedTuple):
    """What to send as Retry-After: `text`, or `date` if that is set. `name` is the value in the URL, for the journal.

    `name` is empty for a number of seconds, which is what clients expect.
    """

    text: str
    date: HttpDate | None = None
    name: str = ""


def _retry_after(value: str) -> RetryAfter:
    if value in _WRONG:
        return RetryAfter(_WRONG[value], name=value)
    if value == "past":
        return RetryAfter("", HttpDate(-_LONG_AGO), value)
    form, colon, duration = value.partition(":")
    if not colon:
        return RetryAfter(str(WHOLE_SECONDS.parse(value)))
    if form not in _FORMS:
        raise RequestError(f"seconds, one of past, {', '.join(_WRONG)}, or one of {', '.join(_FORMS)} and seconds")
    seconds = WHOLE_SECONDS.parse(duration)
    return RetryAfter("", HttpDate(seconds, form), f"{form}:{seconds}")


def _skew(value: str) -> int:
    sign = -1 if value.startswith("-") else 1
    return sign * int(WHOLE_SECONDS.parse(value.removeprefix("-")))


RETRY_AFTER = Kind(
    "|".join(["DURATION", *(f"{form}:DURATION" for form in _FORMS), "past", *_WRONG]), _retry_after, "float | str"
)
#: A duration, or one with a minus before it.
SKEW = Kind("[-]DURATION", _skew, "float | str")
