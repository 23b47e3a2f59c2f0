"""record.py: records that say what happened, here and through JSON; those of any protocol, and those of HTTP."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.http.record import Record
from fakefiles.testing import Record as PublicRecord
from fakefiles.transfer.record import End
from fakefiles.transfer.span import Span


def record(url: str = "/1k", tag: str = "", **fields: Any) -> Record:
    """Return a record of a GET request."""
    made = Record(method="GET", url=url, started=0.0, tag=tag)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


class TestRecord:
    """One record."""

    @pytest.mark.parametrize(
        ("fields", "live"),
        [
            ({}, True),
            ({"status": 200, "length": 5, "body_sent": 4}, True),
            ({"status": 200, "length": 5, "body_sent": 5}, False),
            ({"status": 304}, False),
            ({"status": 200, "length": 5, "body_sent": 4, "end": End.CLIENT_LEFT}, False),
            ({"end": End.FAULT}, False),
        ],
    )
    def test_live(self, fields: dict[str, Any], live: bool) -> None:  # noqa: FBT001
        """More may be sent until it ended, or all is sent; before there is an answer, nobody knows how much."""
        assert record(**fields).live is live

    def test_path(self) -> None:
        """The path is as it was asked, without the query."""
        assert record("/1k/a%20b?x=/y?z").path == "/1k/a%20b"

    def test_headers_are_made_once(self) -> None:
        """They are made of the request when somebody looks, and not again."""
        made: list[dict[str, str]] = []

        def headers() -> dict[str, str]:
            made.append({"range": "bytes=0-"})
            return made[-1]

        looked_at = Record(method="GET", url="/", started=0.0, headers_of=headers)
        assert made == []
        assert looked_at.headers["range"] == looked_at.headers["range"] == "bytes=0-"
        assert len(made) == 1

    def test_headers_in_any_case(self) -> None:
        """Names are found in any case and listed in lower case, in the reactor and through JSON alike."""
        original = Record(method="GET", url="/", started=0.0, headers_of=lambda: {"user-agent": "x"})
        for looked_at in (original, Record.from_dict(original.as_dict())):
            assert looked_at.headers["User-Agent"] == looked_at.headers["user-agent"] == "x"
            assert "USER-AGENT" in looked_at.headers
            assert looked_at.headers.get("Range") is None
            assert list(looked_at.headers) == ["user-agent"]
            assert looked_at.as_dict()["headers"] == {"user-agent": "x"}
            assert repr(looked_at.headers) == "{'user-agent': 'x'}"
            assert len(looked_at.headers) == 1

    def test_fields_are_documented(self) -> None:
        """The table in the docs has all that is public of the type that users have."""
        inner = {"headers_of", "releaser", "weight", "weighed", "as_dict", "from_dict", "progress", "FIELDS"}
        names = {*(each.name for each in fields(Record)), *dir(Record)}
        public = {name for name in names if not name.startswith("_")} - inner
        text = (Path(__file__).parents[3] / "docs" / "testing.md").read_text()
        table = text.partition("## What a request tells")[2].partition("\n## ")[0]
        rows = re.findall(r"^\| (`\..*?) \|", table, re.MULTILINE)
        assert {name for row in rows for name in re.findall(r"`\.(\w+)", row)} == public
        assert PublicRecord is Record

    @given(st.lists(st.tuples(st.booleans(), st.integers(1, 9), st.integers(0, 3))))
    def test_progress(self, steps: list[tuple[bool, int, int]]) -> None:
        """Spans that touch become one, no byte is lost or counted twice, and what is not of the file only counts."""
        noted, offset, sent = record(), 0, list[int]()
        for of_file, amount, gap in steps:
            offset += gap
            noted.progress(amount, Span(offset, offset + amount) if of_file else None)
            if of_file:
                sent += range(offset, offset + amount)
                offset += amount
        assert noted.body_sent == sum(amount for _, amount, _ in steps)
        assert [byte for span in noted.sent for byte in range(span.start, span.stop)] == sent
        assert all(before.stop < after.start for before, after in zip(noted.sent, noted.sent[1:], strict=False))

    def test_progress_backwards(self) -> None:
        """Ranges out of order stay as they were sent."""
        noted = record()
        noted.progress(5, Span(5, 10))
        noted.progress(5, Span(0, 5))
        assert noted.sent == [(5, 10), (0, 5)]


_times = st.none() | st.floats(0, 1e10)
_sizes = st.integers(0, 2**63)
_spans = st.lists(st.builds(Span, _sizes, _sizes))
_texts = st.text(st.characters(max_codepoint=255))
_records = st.builds(
    Record,
    method=_texts,
    url=_texts,
    started=st.floats(0, 1e10),
    client=_texts,
    connection=_sizes,
    headers_of=st.dictionaries(_texts.map(str.lower), _texts).map(lambda headers: lambda: headers),
    tag=_texts,
    number=_sizes,
    version=_sizes,
    status=st.none() | st.integers(100, 999),
    size=st.none() | _sizes,
    edition=st.none() | st.integers(1, 2),
    asked=st.none() | _texts,
    given=_spans,
    framing=st.none() | st.sampled_from(["length", "chunked", "close"]),
    length=_sizes,
    body_sent=_sizes,
    sent=_spans,
    first_byte=_times,
    last_byte=_times,
    ended=_times,
    end=st.none() | st.sampled_from(End),
    faults=st.lists(_texts),
)


@given(_records)
def test_through_json(original: Record) -> None:
    """A record goes through JSON and comes back as it was, down to the types."""
    copy = Record.from_dict(json.loads(json.dumps(original.as_dict())))
    assert copy.as_dict() == original.as_dict()
    assert copy.headers == original.headers
    assert all(isinstance(span, Span) for span in copy.given + copy.sent)
    assert copy.end is original.end


def test_from_another_version() -> None:
    """What a newer server tells besides is left out; what an older one leaves out is as in a new record."""
    copy = Record.from_dict({"method": "GET", "url": "/1", "started": 1.5, "mood": "good"})
    assert copy.as_dict() == Record(method="GET", url="/1", started=1.5).as_dict()


def test_format() -> None:
    """The JSON has all fields of a record, and no others."""
    expected = {each.name for each in fields(Record)} - {"headers_of", "releaser", "weight", "weighed"} | {"headers"}
    assert Record().as_dict().keys() == expected
