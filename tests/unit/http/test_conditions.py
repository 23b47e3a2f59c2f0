"""conditions.py: the conditional headers, in RFC 9110's order."""

from __future__ import annotations

import pytest

from fakefiles.files.errors import PreconditionFailedError
from fakefiles.http.conditions import not_modified, parse_http_date, range_applies

ETAG = '"abc"'
MODIFIED = 1_000_000_000
THEN = "Sun, 09 Sep 2001 01:46:40 GMT"
BEFORE = "Sun, 09 Sep 2001 01:46:39 GMT"
AFTER = "Sun, 09 Sep 2001 01:46:41 GMT"

# Headers, and the outcome: 412, 304, or None to go on.
TABLE: list[tuple[dict[str, str], int | None]] = [
    ({}, None),
    # If-Match: strong comparison (13.1.1).
    ({"If-Match": "*"}, None),
    ({"If-Match": ETAG}, None),
    ({"If-Match": f'"x", {ETAG}'}, None),
    ({"If-Match": f',, "x",{ETAG} ,'}, None),
    ({"If-Match": '"x"'}, 412),
    ({"If-Match": f"W/{ETAG}"}, 412),
    ({"If-Match": "abc"}, 412),
    ({"If-Match": ""}, 412),
    ({"If-Match": f'"x" {ETAG}'}, 412),
    ({"If-Match": f'"x", "y" {ETAG}'}, 412),
    ({"If-Match": " * "}, None),
    ({"If-Match": f"x, {ETAG}"}, 412),
    # If-None-Match: weak comparison (13.1.2).
    ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": ETAG}, 304),
    ({"If-None-Match": f"W/{ETAG}"}, 304),
    ({"If-None-Match": f'"x", W/{ETAG}'}, 304),
    ({"If-None-Match": '"x"'}, None),
    ({"If-None-Match": '"a,b"'}, None),
    ({"If-None-Match": "abc"}, None),
    ({"If-None-Match": ""}, None),
    # If-Modified-Since (13.1.3).
    ({"If-Modified-Since": THEN}, 304),
    ({"If-Modified-Since": AFTER}, 304),
    ({"If-Modified-Since": f" {THEN} "}, 304),
    ({"If-Modified-Since": BEFORE}, None),
    ({"If-Modified-Since": "yesterday"}, None),
    ({"If-Modified-Since": "1000000000"}, None),
    ({"If-Modified-Since": f"{THEN}, {THEN}"}, None),
    # If-Unmodified-Since (13.1.4).
    ({"If-Unmodified-Since": THEN}, None),
    ({"If-Unmodified-Since": AFTER}, None),
    ({"If-Unmodified-Since": BEFORE}, 412),
    ({"If-Unmodified-Since": "yesterday"}, None),
    # The order of evaluation (13.2.2).
    ({"If-Match": ETAG, "If-Unmodified-Since": BEFORE}, None),
    ({"If-Match": '"x"', "If-Unmodified-Since": AFTER}, 412),
    ({"If-Match": '"x"', "If-None-Match": ETAG}, 412),
    ({"If-Match": ETAG, "If-None-Match": ETAG}, 304),
    ({"If-Unmodified-Since": BEFORE, "If-None-Match": ETAG}, 412),
    ({"If-None-Match": '"x"', "If-Modified-Since": AFTER}, None),
    ({"If-None-Match": ETAG, "If-Modified-Since": BEFORE}, 304),
    ({"If-Unmodified-Since": AFTER, "If-Modified-Since": AFTER}, 304),
]


@pytest.mark.parametrize(("headers", "outcome"), TABLE, ids=str)
def test_table(headers: dict[str, str], outcome: int | None) -> None:
    """These headers have this outcome."""
    if outcome == 412:
        with pytest.raises(PreconditionFailedError):
            not_modified(headers.get, ETAG, MODIFIED)
    else:
        assert not_modified(headers.get, ETAG, MODIFIED) is (outcome == 304)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"If-Match": '"x"'}, "If-Match names no entity tag of this file"),
        ({"If-Unmodified-Since": BEFORE}, "the file was modified after If-Unmodified-Since"),
    ],
)
def test_which_precondition_failed(headers: dict[str, str], message: str) -> None:
    """An error names the field that does not hold."""
    with pytest.raises(PreconditionFailedError, match=message):
        not_modified(headers.get, ETAG, MODIFIED)


# Headers, and the outcome if the tag is weak and there is no Last-Modified.
WEAK: list[tuple[dict[str, str], int | None]] = [
    ({"If-Match": "*"}, None),
    ({"If-Match": ETAG}, 412),
    ({"If-Match": f"W/{ETAG}"}, 412),
    ({"If-None-Match": ETAG}, 304),
    ({"If-None-Match": f"W/{ETAG}"}, 304),
    ({"If-None-Match": '"x"'}, None),
    ({"If-Modified-Since": THEN}, None),
    ({"If-Unmodified-Since": BEFORE}, None),
]


@pytest.mark.parametrize(("headers", "outcome"), WEAK, ids=str)
def test_weak_tag_without_date(headers: dict[str, str], outcome: int | None) -> None:
    """A weak tag never matches strongly (8.8.3.2). Without a Last-Modified, dates are ignored."""
    if outcome == 412:
        with pytest.raises(PreconditionFailedError):
            not_modified(headers.get, f"W/{ETAG}", None)
    else:
        assert not_modified(headers.get, f"W/{ETAG}", None) is (outcome == 304)


@pytest.mark.parametrize("tag", ["", f"W/{ETAG}"])
@pytest.mark.parametrize("if_range", [ETAG, f"W/{ETAG}", THEN, "", "*"])
def test_if_range_without_validators(tag: str, if_range: str) -> None:
    """Without a strong tag or a date, If-Range never holds; without If-Range, ranges are served."""
    assert not range_applies(if_range, tag, None)
    assert range_applies(None, tag, None)


@pytest.mark.parametrize(
    ("if_range", "applies"),
    [
        (None, True),
        (ETAG, True),
        (f" {ETAG} ", True),
        (THEN, True),
        ("Sunday, 09-Sep-01 01:46:40 GMT", True),
        (f"W/{ETAG}", False),
        ('"x"', False),
        ("abc", False),
        ("*", False),
        ("", False),
        (BEFORE, False),
        (AFTER, False),  # a date is compared for equality: it is a validator here
        ("yesterday", False),
    ],
)
def test_if_range(if_range: str | None, applies: bool) -> None:  # noqa: FBT001
    """If-Range is compared strongly (13.1.5)."""
    assert range_applies(if_range, ETAG, MODIFIED) is applies


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("Sun Nov 16 08:49:37 1994", 784975777),
        ("sun, 06 nov 1994 08:49:37 gmt", None),
        ("Sun, 06 Nov 1994 08:49:37 +0000", None),
        ("Sun, 06 Nov 1994 08:49:37", None),
        ("Sun, 6 Nov 1994 08:49:37 GMT", None),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 25:49:37 GMT", None),
        ("1994-11-06T08:49:37Z", None),
        ("", None),
        ("Sun, 06 Nov ١٩٩٤ 08:49:37 GMT", None),
    ],
)
def test_http_date(text: str, seconds: int | None) -> None:
    """The three forms of an HTTP-date (RFC 9110, 5.6.7) are parsed, and nothing else."""
    assert parse_http_date(text) == seconds
