"""The tracker over HTTP: /announce and /scrape (BEP 3, 23, 48). A page, for serving/pages/tracker.py.

It has no memory of files: each announce names its file, so that a replica, or a server after a restart, seeds it, too.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from fakefiles.behaviour.swarm import TrackerFault
from fakefiles.bittorrent.announce import (
    MOST_SCRAPED,
    Announce,
    Peers,
    answered,
    failure,
    parameters_of,
    read_announce,
    scraped,
)
from fakefiles.bittorrent.room import Room, Seeded, room_of
from fakefiles.bittorrent.swarms import Address, Counts
from fakefiles.files.errors import RequestError
from fakefiles.http.answers import NOSNIFF, UNCACHEABLE, Answer
from fakefiles.http.request import Ask
from fakefiles.serving.pages.page import Backstage
from fakefiles.transfer.body import Body

_HEADERS = {"Content-Type": "text/plain", "Cache-Control": UNCACHEABLE, **NOSNIFF}
_GARBAGE = b"this is not bencoded\n"
_METHOD = "ANNOUNCE"
# Below it are the ports of services.
_LEAST_PORT = 1024
#: The faults of a tracker that does not act upon an announce.
DEAF = ("failure", "503", "garbage")
#: What a tracker says that fails on demand.
FAILURE = "the URL wants the tracker to fail"


def announce(backstage: Backstage, ask: Ask) -> Answer | Deferred[Answer]:
    """Answer an announce. An error is a failure reason, as BEP 3 has it, with status 200."""
    room = room_of(backstage)
    try:
        said = read_announce(ask.query)
        ends = ends_of(ask)
    except RequestError as error:
        return _answer(failure(str(error)))
    if not said.file:
        return _answered(*tell(room, said, ends, None), said, None)
    found = room.of_target(said.file, said.info_hash)
    return found.addCallback(lambda seeded: _for_file(room, said, ends, seeded)).addErrback(_failed)


def _failed(reason: Failure) -> Answer:
    reason.trap(RequestError)
    return _answer(failure(reason.getErrorMessage()))


class Ends(NamedTuple):
    """The IP addresses of a client and of this server. Others are told of the client by that address only."""

    client: str
    server: str


def ends_of(ask: Ask) -> Ends:
    """Return the ends of the connection of a request. Raises RequestError if they have no IP addresses."""
    try:
        return Ends(*(str(ip_address(each.removeprefix("::ffff:"))) for each in ask.addresses))
    except ValueError:
        raise RequestError("the tracker is for clients that come over TCP") from None


def _for_file(room: Room, said: Announce, ends: Ends, seeded: Seeded) -> Answer:
    fault = heard(room, said, ends, seeded)
    if fault and (reply := _misbehaving(fault)):
        return reply
    return _answered(*tell(room, said, ends, seeded), said, fault)


def heard(room: Room, said: Announce, ends: Ends, seeded: Seeded) -> TrackerFault | None:
    """Count an announce, and connect to who makes it, if the URL of the file says so; return what goes wrong with it.

    Raises RequestError if the options of the URL contradict each other.
    """
    fault = room.options_of(seeded, _METHOD).swarm.tracker
    if _dials(room, said, seeded) and not (fault and fault.kind in DEAF) and room.backstage.dial:
        room.backstage.dial(Address(ends.client, said.port), seeded)
    return fault


def _dials(room: Room, said: Announce, seeded: Seeded) -> bool:
    """Return whether to connect to who announces itself: if the URL and the operator let us, and it is no service."""
    allowed = seeded.about.options.torrents.dial and room.backstage.settings.faults
    return allowed and said.event != "stopped" and said.port >= _LEAST_PORT


def _misbehaving(fault: TrackerFault) -> Answer | None:
    """Return what comes instead of the answer to an announce, if something does."""
    faults = [f"tracker={fault.kind}"]
    if fault.kind == "failure":
        return _answer(failure(FAILURE), faults)
    if fault.kind == "garbage":
        return _answer(_GARBAGE, faults)
    if fault.kind == "503":
        return Answer(503, _HEADERS, Body.literal(b"503, as the URL wants it\n"), faults=faults)
    return None


def _answered(peers: Peers, counts: Counts, said: Announce, fault: TrackerFault | None) -> Answer:
    kind, seconds = fault or ("", 0)
    text = answered(
        [] if kind == "empty" else peers,
        counts,
        compact=said.compact and kind != "dictionaries",
        with_ids=said.with_ids,
        warning="the URL wants the tracker to warn" if kind == "warning" else "",
    )
    return _answer(text, [f"tracker={kind}"] if kind else [], seconds)


def tell(room: Room, said: Announce, ends: Ends, seeded: Seeded | None) -> tuple[Peers, Counts]:
    """Note what a peer says, and return what it wants to know: other peers, then the seed, if there is one.

    The seed comes last: of several peers with one address, as on loopback, libtorrent keeps the last one only. Whoever
    has all of a file is told of the seed, too: some clients say so before they know how much there is.
    """
    address = Address(ends.client, said.port)
    room.swarms.announce(said.info_hash, address, said.peer_id, said.event, done=said.left == 0)
    counts = room.counts(said.info_hash)
    if said.event == "stopped":
        return [], counts
    seeds = room.seeds_at(ends.server)[: said.wanted] if seeded else []
    return [*room.swarms.others(said.info_hash, address, said.wanted - len(seeds)), *seeds], counts


def scrape(backstage: Backstage, ask: Ask) -> Answer:
    """Answer a scrape, of the torrents that it names, up to MOST_SCRAPED. A file= in it says nothing new."""
    room = room_of(backstage)
    values = parameters_of(ask.query)
    wanted = values.get("info_hash", [])
    if not 0 < len(wanted) <= MOST_SCRAPED:
        return _answer(failure(f"a scrape has from 1 to {MOST_SCRAPED} info_hash="))
    return _answer(scraped((each, room.counts(each)) for each in wanted))


def _answer(text: bytes, faults: list[str] | None = None, delay: float = 0) -> Answer:
    return Answer(200, _HEADERS, Body.literal(text), faults=faults or [], delay=delay)
