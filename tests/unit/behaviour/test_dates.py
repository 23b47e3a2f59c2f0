"""dates.py: the three forms of a date in HTTP, and what can be in Retry-After."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import pytest

from fakefiles.behaviour.dates import RETRY_AFTER, SKEW, HttpDate, RetryAfter
from fakefiles.files.errors import RequestError

#: The moment of the examples in RFC 9110, 5.6.7, and some of a second.
NOW = 784_111_777.9


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (HttpDate(), "Sun, 06 Nov 1994 08:49:37 GMT"),
        (HttpDate(form="rfc850"), "Sunday, 06-Nov-94 08:49:37 GMT"),
        (HttpDate(form="asctime"), "Sun Nov  6 08:49:37 1994"),
        (HttpDate(86_400 * 4 + 1, "asctime"), "Thu Nov 10 08:49:38 1994"),
        (HttpDate(86_400 * 4 + 1, "rfc850"), "Thursday, 10-Nov-94 08:49:38 GMT"),
        (HttpDate(-3600).later(-37), "Sun, 06 Nov 1994 07:49:00 GMT"),
        (HttpDate(1, "asctime").later(1), "Sun Nov  6 08:49:39 1994"),
    ],
)
def test_forms(date: HttpDate, text: str) -> None:
    """They are those of the RFC, which readers of dates understand."""
    assert date.text(NOW) == text
    assert parsedate_to_datetime(text).year == 1994


@pytest.mark.parametrize("day", range(7))
def test_days(day: int) -> None:
    """Each day of the week has its own name in all forms."""
    date = HttpDate(86_400 * day)
    short = date.text(NOW)[:3]
    assert [date._replace(form=form).text(NOW)[:3] for form in ("rfc850", "asctime")] == [short, short]


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("0", RetryAfter("0")),
        ("2m", RetryAfter("120")),
        ("date:3", RetryAfter("", HttpDate(3), "date:3")),
        ("rfc850:1m", RetryAfter("", HttpDate(60, "rfc850"), "rfc850:60")),
        ("asctime:0", RetryAfter("", HttpDate(0, "asctime"), "asctime:0")),
        ("past", RetryAfter("", HttpDate(-86_400), "past")),
        ("huge", RetryAfter("99999999999999999999", name="huge")),
        ("negative", RetryAfter("-1", name="negative")),
        ("garbage", RetryAfter("soon", name="garbage")),
    ],
)
def test_retry_after(value: str, parsed: RetryAfter) -> None:
    """It is a number of seconds, a date in one of the forms, or wrong."""
    assert RETRY_AFTER.parse(value) == parsed


@pytest.mark.parametrize("value", ["never:3", ":", "date :3", "past:3", "huge:"])
def test_no_form(value: str) -> None:
    """An error names all that can be."""
    message = "seconds, one of past, huge, negative, garbage, or one of date, rfc850, asctime and seconds"
    with pytest.raises(RequestError, match=f"^{message}$"):
        RETRY_AFTER.parse(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0.5", "a whole number of seconds"),
        ("date:0.5", "a whole number of seconds"),
        ("date:", "not a duration"),
        ("-1", "not a duration"),
        ("date:-1", "not a duration"),
        ("25h", "too long"),
        ("soon", "not a duration"),
    ],
)
def test_no_duration(value: str, message: str) -> None:
    """Seconds are whole ones, and not too many."""
    with pytest.raises(RequestError, match=f"^{re.escape(message)}"):
        RETRY_AFTER.parse(value)


def test_skew() -> None:
    """It is a duration that may be negative."""
    assert [SKEW.parse(value) for value in ("0", "1m", "-1m", "-0")] == [0, 60, -60, 0]
    for value in ("--1", "-", "0.5", "-25h"):
        with pytest.raises(RequestError):
            SKEW.parse(value)
