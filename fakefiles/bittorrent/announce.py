"""What peers say to a tracker and what it answers (BEP 3, 23, 48), in plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlencode

from fakefiles.bittorrent.bencode import encode
from fakefiles.bittorrent.swarms import INTERVAL, MIN_INTERVAL, Address, Counts
from fakefiles.files.errors import RequestError
from fakefiles.http.record import Record

EVENTS = ("", "started", "stopped", "completed")
#: The most torrents in one scrape.
MOST_SCRAPED = 74

_ID = 20
_MOST_PORT = 65535
_USUAL_WANTED = 50
_MOST = 2**64 - 1


class Announce(NamedTuple):
    """What a peer says: its torrent, its id, where it listens; what is left in bytes, and what it wants to know.

    `file`: the path and the query of a file of this server; "" if the tracker is only to introduce peers to each other.
    """

    info_hash: bytes
    peer_id: bytes
    port: int
    left: int
    event: str
    wanted: int
    compact: bool
    with_ids: bool
    file: str


Peers = Sequence[tuple[Address, bytes]]


def parameters_of(query: str) -> dict[str, list[bytes]]:
    """Return the values in a query by name. They are bytes: an info-hash is no text."""
    found: dict[str, list[bytes]] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        found.setdefault(name, []).append(unquote_to_bytes(value.replace("+", " ")))
    return found


def read_announce(query: str) -> Announce:
    """Return what the query of an announce says. Raises RequestError if something in it is missing or wrong."""
    values = {name: found[-1] for name, found in parameters_of(query).items()}
    event = values.get("event", b"").decode("latin-1")
    return Announce(
        _twenty(values, "info_hash"),
        _twenty(values, "peer_id"),
        _number(values, "port", 0, _MOST_PORT),
        _number(values, "left", 0, _MOST, default=_MOST),
        # What BEP 3 does not know, like "paused" (BEP 21), is a regular announce.
        event if event in EVENTS else "",
        _number(values, "numwant", -1, _MOST, default=_USUAL_WANTED),
        values.get("compact") != b"0",
        values.get("no_peer_id") != b"1",
        file_of(values.get("file")),
    )


def as_query(said: Announce) -> str:
    """Return the query of an announce over HTTP that says the same as one over UDP."""
    return urlencode(
        {
            **({"file": said.file} if said.file else {}),
            "info_hash": said.info_hash,
            "peer_id": said.peer_id,
            "port": said.port,
            "left": said.left,
            **({"event": said.event} if said.event else {}),
            "numwant": said.wanted,
        }
    )


def file_of(value: bytes | None) -> str:
    """Return the file= of a query, "" if it has none. Raises RequestError if it is no path."""
    text = (value or b"").decode("latin-1")
    if value is not None and not text.startswith("/"):
        raise RequestError("file= is the path of a file, like /10m/a.iso")
    return text


def _twenty(values: Mapping[str, bytes], name: str) -> bytes:
    value = values.get(name, b"")
    if len(value) != _ID:
        raise RequestError(f"{name}= has {_ID} bytes, percent-encoded")
    return value


def _number(values: Mapping[str, bytes], name: str, least: int, most: int, default: int | None = None) -> int:
    text = values.get(name)
    if text is None and default is not None:
        return default
    digits = (text or b"").decode("latin-1").removeprefix("-" if least < 0 else "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(most)) or not least <= int(digits) <= most:
        raise RequestError(f"{name}= is a number up to {most}")
    # BEP 3 gives numwant=-1 no meaning; clients send it for the usual number.
    return default if default is not None and text is not None and text[:1] == b"-" else int(digits)


def failure(reason: str) -> bytes:
    """Return the answer of a tracker that cannot help."""
    return encode({"failure reason": reason})


def answered(peers: Peers, counts: Counts, *, compact: bool, with_ids: bool, warning: str = "") -> bytes:
    """Return the answer to an announce: in compact form, or as dictionaries with or without ids (BEP 23)."""
    value: dict[str, Any] = {
        "interval": INTERVAL,
        "min interval": MIN_INTERVAL,
        "complete": counts.complete,
        "incomplete": counts.incomplete,
    }
    if warning:
        value["warning message"] = warning
    if compact:
        value["peers"] = compacted(peers, 4)
        if six := compacted(peers, 6):
            value["peers6"] = six
    else:
        value["peers"] = [
            {"ip": host, "port": port, **({"peer id": peer_id} if with_ids else {})} for (host, port), peer_id in peers
        ]
    return encode(value)


def compacted(peers: Peers, version: int) -> bytes:
    """Return the addresses of one version of IP, each followed by its port (BEP 7, BEP 23)."""
    found = ((ip_address(host), port) for (host, port), _ in peers)
    return b"".join(address.packed + port.to_bytes(2, "big") for address, port in found if address.version == version)


def scraped(counts: Iterable[tuple[bytes, Counts]]) -> bytes:
    """Return the answer to a scrape (BEP 48)."""
    return encode({"files": {info_hash: each._asdict() for info_hash, each in counts}})


def announces_in(records: Iterable[Record]) -> Iterator[Announce]:
    """Yield what the announces among some requests say, but for those that the tracker could not read."""
    for record in records:
        path, _, query = record.url.partition("?")
        if path.endswith("/announce"):
            with suppress(RequestError):
                yield read_announce(query)
