"""conditions.py: what has come about, by the records."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.bittorrent.record import PeerRecord
from fakefiles.conformance.catalogue import cases
from fakefiles.conformance.conditions import CONDITIONS, FORBIDDEN, parse_condition
from fakefiles.http.record import Record
from fakefiles.transfer.record import TransferRecord


def record(**fields: Any) -> Record:
    """Return the record of a GET."""
    headers = fields.pop("headers", {})
    return Record(**{"method": "GET", "headers_of": lambda: headers, **fields})


@pytest.mark.parametrize(
    ("text", "records", "others"),
    [
        ("fault close", [record(faults=["close@5"])], [record(faults=["close-all", "status=503"])]),
        ("fault status", [record(faults=["status=503"])], [record()]),
        ("fault reset", [record(faults=["reset"])], [record(faults=["resets@1"])]),
        ("status 416", [record(status=416)], [record(status=200)]),
        ("method HEAD", [record(method="HEAD")], [record()]),
        ("later", [record(asked="bytes=5-")], [record(asked="bytes=0-"), record(method="HEAD", asked="bytes=5-")]),
        ("range", [record(asked="bytes=0-0")], [record()]),
        ("suffix", [record(asked="bytes=-5")], [record(asked="bytes=5-")]),
        ("several", [record(asked="bytes=0-1,3-4")], [record(asked="bytes=0-1")]),
        ("requests 2", [record(), record()], [record()]),
        ("parallel 2", [record(started=1, ended=3), record(started=2, ended=3)], [record(started=1, ended=2)]),
        ("edition 2", [record(edition=2, body_sent=1)], [record(edition=2), record(edition=1, body_sent=1)]),
        ("field if-range", [record(headers={"If-Range": "x"})], [record()]),
        ("again", [record(length=5, body_sent=3), record()], [record(length=5, body_sent=5), record(length=5)]),
        ("announce", [record(url="/announce?file=/1k/a")], [record(url="/1k/a?x=/announce"), PeerRecord()]),
        ("fault peer=choke", [PeerRecord(faults=["peer=choke"])], [PeerRecord(faults=["peer=hash"]), record()]),
        ("sent", [record(body_sent=1)], [record(), PeerRecord()]),
    ],
)
def test_conditions(text: str, records: list[TransferRecord], others: list[TransferRecord]) -> None:
    """A condition is met by some records, and by others it is not: then a sentence says why."""
    demand = parse_condition(text)
    assert demand.unmet(records) == ""
    assert demand.unmet(others)
    assert demand.unmet([])
    assert demand.argument in demand.unmet([])


def test_all_are_used() -> None:
    """There is no condition that no case needs."""
    used = {text.partition(" ")[0] for case in cases() for text in case.came}
    assert CONDITIONS.keys() == used
    assert FORBIDDEN.keys() == {name for case in cases() for name in case.never}


@pytest.mark.parametrize("text", ["rain", "status", "later 5", ""])
def test_no_condition(text: str) -> None:
    """A word that is none, or has an argument too few or too many, is an error."""
    with pytest.raises(ValueError, match="not a condition"):
        parse_condition(text)


def test_forbidden() -> None:
    """What no request may be like."""
    gzip, weak = FORBIDDEN["gzip-range"], FORBIDDEN["weak-if-range"]
    assert gzip(record(asked="bytes=1-", headers={"Accept-Encoding": "gzip, br"}))
    assert not gzip(record(asked="bytes=1-", headers={"Accept-Encoding": "identity"}))
    assert not gzip(record(headers={"Accept-Encoding": "gzip"}))
    assert weak(record(headers={"If-Range": 'W/"x"'}))
    assert not weak(record(headers={"If-Range": '"x"'}))
