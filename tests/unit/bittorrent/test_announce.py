"""announce.py: what peers say to a tracker, and what it answers, as bytes."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.bittorrent.announce import (
    Announce,
    announces_in,
    answered,
    as_query,
    compacted,
    failure,
    file_of,
    parameters_of,
    read_announce,
    scraped,
)
from fakefiles.bittorrent.bencode import decode
from fakefiles.bittorrent.swarms import Address, Counts
from fakefiles.files.errors import RequestError
from fakefiles.http.record import Record

HASH, ID = bytes(range(236, 256)), b"-XX0001-\x00\xff&=%+ abcde"
BASE = {"info_hash": quote(HASH), "peer_id": quote(ID), "port": "6881", "left": "0"}


def query(**changes: str | None) -> str:
    """Return the query of an announce, with some parameters changed; None leaves one out."""
    values = {**BASE, **changes}
    return "&".join(f"{name}={value}" for name, value in values.items() if value is not None)


def test_read() -> None:
    """All that the tracker wants to know is in the query; ids are bytes."""
    said = read_announce(query(event="started", numwant="7", compact="1", file="/10m/a.iso%3Fv%3D2", key="%ff"))
    assert said == Announce(HASH, ID, 6881, 0, "started", 7, compact=True, with_ids=True, file="/10m/a.iso?v=2")


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({}, "event", ""),
        ({}, "wanted", 50),
        ({}, "compact", True),
        ({}, "with_ids", True),
        ({}, "file", ""),
        ({"event": "completed"}, "event", "completed"),
        ({"event": "stopped"}, "event", "stopped"),
        ({"event": "paused"}, "event", ""),  # BEP 21
        ({"event": "%ff"}, "event", ""),
        ({"compact": "0"}, "compact", False),
        ({"no_peer_id": "1"}, "with_ids", False),
        ({"numwant": "-1"}, "wanted", 50),
        ({"numwant": "0"}, "wanted", 0),
        ({"left": None}, "left", 2**64 - 1),
        ({"left": str(2**63 - 1)}, "left", 2**63 - 1),  # Transmission, before it knows
        ({"port": "0"}, "port", 0),
        ({"port": "65535"}, "port", 65535),
        ({"info_hash": "+" * 20}, "info_hash", b" " * 20),
    ],
)
def test_values(changes: dict[str, str | None], name: str, value: object) -> None:
    """What is left out is usual; what is unknown is a regular announce."""
    assert getattr(read_announce(query(**changes)), name) == value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"info_hash": None}, "info_hash= has 20 bytes, percent-encoded"),
        ({"info_hash": "a" * 19}, "info_hash= has 20 bytes"),
        ({"info_hash": "a" * 40}, "info_hash= has 20 bytes"),
        ({"peer_id": None}, "peer_id= has 20 bytes"),
        ({"port": None}, "port= is a number up to 65535"),
        ({"port": ""}, "port= is a number"),
        ({"port": "65536"}, "port= is a number"),
        ({"port": "-1"}, "port= is a number"),
        ({"port": "%b2"}, "port= is a number"),
        ({"port": "9" * 5000}, "port= is a number"),
        ({"left": "x"}, "left= is a number"),
        ({"left": str(2**64)}, "left= is a number"),
        ({"numwant": "--1"}, "numwant= is a number"),
        ({"numwant": "-"}, "numwant= is a number"),
        ({"file": "10m"}, "file= is the path of a file, like /10m/a.iso"),
        ({"file": ""}, "file= is the path of a file"),
    ],
)
def test_refused(changes: dict[str, str | None], message: str) -> None:
    """An error says what would be right."""
    with pytest.raises(RequestError, match=f"^{message}"):
        read_announce(query(**changes))


@given(
    st.text(st.characters(max_codepoint=255)) | st.dictionaries(st.sampled_from([*BASE, "file"]), st.text()).map(str)
)
def test_any_query(text: str) -> None:
    """Any query is an announce, or a RequestError."""
    for each in (text, query(file=quote(text)), f"{query()}&{text}"):
        with suppress(RequestError):
            read_announce(each)


@given(st.text("0123456789-%abcdef&=+;/?ihporeft_", max_size=60), st.integers(0, 100))
def test_mutated(text: str, place: int) -> None:
    """So is one with something else in it."""
    whole = query(event="started", numwant="7")
    with suppress(RequestError):
        read_announce(whole[:place] + text + whole[place + len(text) :])


@pytest.mark.parametrize("changes", [{}, {"event": "completed", "file": "/10m/a%20b%3Fv%3D2", "numwant": "7"}])
def test_as_query(changes: dict[str, str | None]) -> None:
    """An announce over UDP is written as one over HTTP that says the same."""
    said = read_announce(query(**changes))
    assert read_announce(as_query(said)) == said


def test_parameters() -> None:
    """All values of a name are there, in their order; a name may have none."""
    assert parameters_of("a=1&b=%FF+&a=2&c") == {"a": [b"1", b"2"], "b": [b"\xff "], "c": [b""]}
    assert file_of(None) == ""


PEERS = [(Address("127.0.0.1", 258), b"a" * 20), (Address("::1", 1), b"b" * 20), (Address("10.0.0.1", 80), b"c" * 20)]
FOUR, SIX = b"\x7f\0\0\x01\x01\x02\x0a\0\0\x01\0\x50", bytes(15) + b"\x01\0\x01"


def test_compact_answer() -> None:
    """Addresses of IPv6 stand apart (BEP 7), and only if there are any."""
    value = decode(answered(PEERS, Counts(1, 2, 3), compact=True, with_ids=True))
    assert value == {
        b"interval": 60,
        b"min interval": 5,
        b"complete": 1,
        b"incomplete": 2,
        b"peers": FOUR,
        b"peers6": SIX,
    }
    assert b"6:peers6" not in answered(PEERS[:1], Counts(1, 2, 3), compact=True, with_ids=True)
    assert (compacted(PEERS, 4), compacted(PEERS, 6)) == (FOUR, SIX)


def test_answer_with_dictionaries() -> None:
    """Each peer is a dictionary, with its id if the client wants that."""
    value = decode(answered(PEERS[:2], Counts(0, 0, 0), compact=False, with_ids=True, warning="mind"))
    assert value[b"warning message"] == b"mind"
    assert value[b"peers"] == [
        {b"ip": b"127.0.0.1", b"port": 258, b"peer id": b"a" * 20},
        {b"ip": b"::1", b"port": 1, b"peer id": b"b" * 20},
    ]
    without = decode(answered(PEERS[:1], Counts(0, 0, 0), compact=False, with_ids=False))
    assert without[b"peers"] == [{b"ip": b"127.0.0.1", b"port": 258}]
    assert b"warning message" not in without


def test_other_answers() -> None:
    """A failure has a reason only; a scrape the counts of each torrent."""
    assert decode(failure("no")) == {b"failure reason": b"no"}
    assert decode(scraped([(HASH, Counts(1, 2, 3))])) == {
        b"files": {HASH: {b"complete": 1, b"downloaded": 3, b"incomplete": 2}}
    }


def test_announces_among_requests() -> None:
    """Those that the tracker could read, wherever the tracker is."""
    urls = [f"/announce?{query()}", "/10m", "/announce?port=1", f"/files/announce?{query(event='stopped')}", "/scrape"]
    said = list(announces_in(Record(url=url) for url in urls))
    assert [each.event for each in said] == ["", "stopped"]
