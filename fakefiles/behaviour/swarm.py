"""What goes wrong in a swarm: with the seed, and with the tracker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from fakefiles.behaviour.breaks import Breaks, Stall
from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import Kind
from fakefiles.files.errors import RequestError
from fakefiles.files.units import Offset, parse_duration, parse_offset

#: What the seed does to every peer, by name.
PEER_FAULTS = {
    "choke": "never unchokes",
    "hash": "answers the handshake with another info-hash",
    "silent": "accepts the connection, and says nothing",
    "metadata-wrong": "sends metadata with a wrong byte",
    "metadata-reject": "rejects requests for metadata",
    "metadata-silent": "does not answer requests for metadata",
}
#: What it does at an offset of the file.
OFFSET_FAULTS = {
    "stall": "stops sending there",
    "close": "closes the connection there",
    "reset": "resets the connection there",
    "flip": "flips a bit of that byte",
}
#: What the tracker does.
TRACKER_FAULTS = {
    "failure": "a failure reason",
    "503": "the status 503",
    "garbage": "something that is not bencoded",
    "slow": "an answer after a while; 5 s, or as long as it says",
    "warning": "a warning, besides the peers",
    "dictionaries": "peers as a list of dictionaries, whatever the client wants",
    "empty": "no peers",
}
_SLOW = 5.0


class PeerFault(NamedTuple):
    """A fault of the seed: one of PEER_FAULTS, or one of OFFSET_FAULTS with its offset."""

    kind: str
    offset: Offset | None = None
    text: str = ""

    @property
    def breaks(self) -> Breaks:
        """The fault as one of HTTP has it; none if it has no offset."""
        if self.offset is None:
            return Breaks()
        if self.kind == "stall":
            return Breaks(stall=(Stall(self.offset),))
        at: Any = {self.kind: (self.offset,)}
        return Breaks(**at)

    def check(self, size: int) -> None:
        """Raise RequestError if it cannot happen in a torrent of `size` bytes."""
        at = 0 if self.offset is None else self.offset.at(size)
        if at > size or (self.kind == "flip" and at == size):
            raise RequestError(f"peer= lies beyond the end of the torrent, which has {size} bytes")


class TrackerFault(NamedTuple):
    """A fault of the tracker, one of TRACKER_FAULTS; `seconds` that it is slow."""

    kind: str
    seconds: float = 0


def _peer(value: str) -> PeerFault:
    kind, colon, offset = value.partition(":")
    if not colon and kind in PEER_FAULTS:
        return PeerFault(kind, None, value)
    if not colon or kind not in OFFSET_FAULTS:
        raise RequestError(f"one of {', '.join([*PEER_FAULTS, *(f'{each}:OFFSET' for each in OFFSET_FAULTS)])}")
    return PeerFault(kind, parse_offset(offset), value)


def _tracker(value: str) -> TrackerFault:
    kind, colon, duration = value.partition(":")
    if kind not in TRACKER_FAULTS or (colon and kind != "slow"):
        raise RequestError(f"one of {', '.join(TRACKER_FAULTS)}; slow may have a duration, like slow:10s")
    return TrackerFault(kind, parse_duration(duration) if colon else _SLOW if kind == "slow" else 0)


@dataclass(frozen=True, slots=True)
class Swarm:
    """The faults of the swarm of a torrent. The fields are the parameters of its URL."""

    peer: PeerFault | None = parameter(
        Kind("|".join([*PEER_FAULTS, *(f"{each}:OFFSET" for each in OFFSET_FAULTS)]), _peer),
        "What the seed of a torrent does wrong.",
    )
    tracker: TrackerFault | None = parameter(
        Kind("|".join("slow[:DURATION]" if each == "slow" else each for each in TRACKER_FAULTS), _tracker),
        "What the tracker of a torrent does wrong.",
    )
