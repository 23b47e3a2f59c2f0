"""What a server knows of BitTorrent: the torrents that it seeds, and the swarms of its tracker."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import NamedTuple

from twisted.internet.defer import Deferred, succeed

from fakefiles.behaviour.occasions import Occasion, Place
from fakefiles.behaviour.schedule import Moment
from fakefiles.bittorrent.encryption import obfuscated
from fakefiles.bittorrent.metainfo import Torrent
from fakefiles.bittorrent.record import METHOD
from fakefiles.bittorrent.sidecars import abouts_of, torrent_hashing, torrent_of
from fakefiles.bittorrent.swarms import Address, Counts, Swarms
from fakefiles.files.errors import RequestError
from fakefiles.serving.pages.page import Backstage
from fakefiles.urls.options import Options
from fakefiles.urls.sidecars import About

_KEY = "bittorrent"
# The most torrents that are known at the same time, and the most bytes of their hashes: beyond that, the one that
# nobody has asked for longest is forgotten.
_MOST_TORRENTS = 4096
_PER_TORRENT, _PER_ENTRY = 4096, 1024
_MOST_BYTES = 1 << 25


class Seeded(NamedTuple):
    """A torrent that the server seeds, and the URL that it belongs to."""

    torrent: Torrent
    about: About

    @property
    def url(self) -> str:
        """The path and the query of the file, as the journal has them."""
        return f"/{self.about.path}{'?' if self.about.query else ''}{self.about.query}"

    def options_for(self, occasion: Occasion, method: str) -> Options:
        """Return the options as they apply to one peer, or to one announce: METHOD or "ANNOUNCE"."""
        options = self.about.options
        if not options.when.now(occasion):
            options = options.behaving()
        return options.at(Moment(occasion.number, method, None, self.torrent.layout.row.size, options.seed))


def room_of(backstage: Backstage) -> Room:
    """Return the room of a server; it is made when it is wanted first."""
    room = backstage.rooms.get(_KEY)
    if room is None:
        room = backstage.rooms[_KEY] = Room(backstage)
    assert isinstance(room, Room)  # noqa: S101  for the types
    return room


def learn(backstage: Backstage, about: About, result: bytes) -> None:
    """Seed a file from now on; `result` is that of the hashing of its torrent."""
    room_of(backstage).learn(about, result)


class Room:
    """The torrents of a server by their info-hashes, and what its tracker remembers."""

    def __init__(self, backstage: Backstage) -> None:
        self.backstage = backstage
        self.swarms = Swarms(backstage.clock.seconds)
        self.peer_id = b"-FF0100-" + os.urandom(12)
        self._torrents: OrderedDict[bytes, Seeded] = OrderedDict()
        #: The info-hashes by the names that MSE has for them.
        self.obfuscated: dict[bytes, bytes] = {}
        self._bytes = 0

    def learn(self, about: About, result: bytes) -> Seeded:
        """Seed a file from now on; `result` is that of the hashing of its torrent."""
        seeded = Seeded(torrent_of(about, result), about)
        for info_hash in seeded.torrent.info_hashes:
            self._forget(info_hash)
            self._torrents[info_hash] = seeded
            self._bytes += _weight(seeded)
            self.obfuscated[obfuscated(info_hash)] = info_hash
        while len(self._torrents) > _MOST_TORRENTS or (self._bytes > _MOST_BYTES and len(self._torrents) > 2):  # noqa: PLR2004
            self._forget(next(iter(self._torrents)))
        return seeded

    def _forget(self, info_hash: bytes) -> None:
        if (seeded := self._torrents.pop(info_hash, None)) is not None:
            self._bytes -= _weight(seeded)
            del self.obfuscated[obfuscated(info_hash)]

    def find(self, info_hash: bytes) -> Seeded | None:
        """Return the torrent with an info-hash of 20 bytes, or None."""
        if info_hash in self._torrents:
            self._torrents.move_to_end(info_hash)
        return self._torrents.get(info_hash)

    def of_target(self, target: str, info_hash: bytes) -> Deferred[Seeded]:
        """Return a Deferred of the torrent that a URL has: `target` is its path and its query.

        It fails with RequestError if the URL has no torrent, or one with another info-hash.
        """
        known = self.find(info_hash)
        if known is not None and known.url == target:
            return succeed(known)
        return Deferred.fromCoroutine(self._of_target(target, info_hash))

    async def _of_target(self, target: str, info_hash: bytes) -> Seeded:
        for about in abouts_of(target, self.backstage.settings):
            hashing, hasher = torrent_hashing(about), self.backstage.hasher
            result = hasher.known(about.file, hashing) or await hasher.compute(about.file, hashing)
            if info_hash in torrent_of(about, result).info_hashes:
                return self.learn(about, result)
        raise RequestError("the file has a torrent with another info-hash")

    def seeds_at(self, host: str) -> list[tuple[Address, bytes]]:
        """Return where the seed listens, for a client that has come to this address of the server."""
        settings = self.backstage.settings
        found = settings.seed_host(host)
        return [(Address(found, settings.peer_port), self.peer_id)] if found else []

    def counts(self, info_hash: bytes) -> Counts:
        """Return how many peers a torrent has, with the seed."""
        counts = self.swarms.counts(info_hash)
        seeds = 1 if info_hash in self._torrents and self.backstage.settings.peer_port else 0
        return counts._replace(complete=counts.complete + seeds)

    def occasion_of(self, seeded: Seeded, method: str) -> Occasion:
        """Count a peer, or an announce, of a torrent."""
        options = seeded.about.options
        place = Place(f"/{seeded.about.path}", options.tag, frozenset({(seeded.about.query, "")}), method)
        return self.backstage.occasions.next(place, options.seed)

    def options_of(self, seeded: Seeded, method: str = METHOD) -> Options:
        """Count a peer, or an announce, and return the options for it. Raises RequestError if they contradict."""
        return seeded.options_for(self.occasion_of(seeded, method), method)


def _weight(seeded: Seeded) -> int:
    """Return how many bytes of memory a torrent takes, roughly: twice its hashes, in a row and in its info."""
    hashes, entries = seeded.torrent.hashes, len(seeded.torrent.layout.entries)
    layers = sum(len(tree.layer) for tree in hashes.trees if tree)
    return _PER_TORRENT + _PER_ENTRY * entries + len(hashes.pieces) + layers + len(seeded.torrent.info)
