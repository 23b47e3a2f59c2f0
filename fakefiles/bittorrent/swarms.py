"""What a tracker remembers: which peers have announced themselves, of which torrent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

#: Seconds after which a client shall announce itself again; and before which it shall not.
INTERVAL, MIN_INTERVAL = 60, 5
# Seconds after which a peer that says nothing more is gone.
_PATIENCE = 2.5 * INTERVAL
# The most peers of one torrent, and of all together: beyond that, those are forgotten that were silent for longest.
_MOST_PEERS = 256
_MOST_OF_ALL = 20_000
#: The most peers in one answer.
MOST_TOLD = 200


class Address(NamedTuple):
    """Where a peer listens."""

    host: str
    port: int


@dataclass
class _Peer:
    peer_id: bytes
    seen: float
    done: bool


class Counts(NamedTuple):
    """How many peers of a torrent have all of it, how many do not, and how often one has said that it is complete."""

    complete: int
    incomplete: int
    downloaded: int


class Swarms:
    """The peers of each torrent, by info-hash. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._torrents: OrderedDict[bytes, OrderedDict[Address, _Peer]] = OrderedDict()
        self._downloaded: dict[bytes, int] = {}
        self._count = 0

    def announce(self, info_hash: bytes, address: Address, peer_id: bytes, event: str, *, done: bool) -> None:
        """Note what a peer says of itself: where it listens, and whether it has everything (`done`).

        `event` is "started", "completed", "stopped" or "". With port 0 it does not listen, and no peer is told of it.
        """
        peers = self._torrents.pop(info_hash, None)
        if peers is None:
            if event == "stopped":
                return
            peers = OrderedDict()
        self._torrents[info_hash] = peers
        self._count -= len(peers)
        peers.pop(address, None)
        if event != "stopped":
            peers[address] = _Peer(peer_id, self._clock(), done)
        if event == "completed":
            self._downloaded[info_hash] = self._downloaded.get(info_hash, 0) + 1
        if len(peers) > _MOST_PEERS:
            peers.popitem(last=False)
        self._count += len(peers)
        while self._count + len(self._torrents) > _MOST_OF_ALL:
            self._forget(next(iter(self._torrents)))

    def _forget(self, info_hash: bytes) -> None:
        self._count -= len(self._torrents.pop(info_hash))
        self._downloaded.pop(info_hash, None)

    def others(self, info_hash: bytes, address: Address, most: int) -> list[tuple[Address, bytes]]:
        """Return the peers of a torrent and their ids, but for the one that asks; those last heard of come first."""
        peers = self._living(info_hash)
        told = [(each, peer.peer_id) for each, peer in reversed(peers.items()) if each != address and each.port]
        return told[: min(most, MOST_TOLD)]

    def counts(self, info_hash: bytes) -> Counts:
        """Return how many peers a torrent has."""
        peers = self._living(info_hash).values()
        complete = sum(peer.done for peer in peers)
        return Counts(complete, len(peers) - complete, self._downloaded.get(info_hash, 0))

    def _living(self, info_hash: bytes) -> OrderedDict[Address, _Peer]:
        """Return the peers of a torrent, after those that are gone were forgotten."""
        peers = self._torrents.get(info_hash, OrderedDict())
        oldest = self._clock() - _PATIENCE
        while peers and next(iter(peers.values())).seen < oldest:
            peers.popitem(last=False)
            self._count -= 1
        return peers
