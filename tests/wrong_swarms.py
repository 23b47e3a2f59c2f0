"""Wrong clients of torrents, magnets and metalinks: for each case one, the perfect one with a few lines changed.

python wrong_swarms.py SLUG --described torrent|magnet|metalink URL FILE
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fakefiles.bittorrent.bencode import BencodeError, decode
from perfect_client import main
from perfect_swarm import Address, Peer, PerfectSwarm, Torrent
from perfect_wire import BrokenError, FailedError
from wrong_registry import WRONG, fails


@fails("CORRUPT", "torrent-download", "metalink-download")
class SavesTheDescription(PerfectSwarm):
    """Saves the torrent, or the metalink, as the file."""

    def by_torrent(self, url: str, file: Path) -> None:
        file.write_bytes(self.text_at(url))

    by_metalink = by_torrent


@fails("REFUSE", "magnet-download")
class AsksNobody(PerfectSwarm):
    """Asks a tracker, but no peer."""

    def connected(self, torrent: Torrent) -> Iterator[Peer]:
        self.announce(torrent)
        yield from ()


@fails(
    "HANG",
    *("peer-chokes", "peer-is-silent", "peer-stalls", "peer-stalls-alone", "metadata-silent-once"),
)
class PatientWithPeers(PerfectSwarm):
    """Has no time limit for peers."""

    peer_silence = 3600.0


@fails("REFUSE", "peer-has-another-torrent", "peer-closes-each-time", "metadata-rejected-once")
class FailsWithItsPeer(PerfectSwarm):
    """Fails when a peer cannot be used."""

    rounds = 1

    def on_bad_peer(self, error: BrokenError) -> None:
        raise FailedError(str(error))


@fails("REFUSE", "peer-closes-once", "peer-resets-once")
class ConnectsOnce(PerfectSwarm):
    """Connects to each peer once."""

    def may_connect(self, address: Address) -> bool:
        return self.last_address != address


@fails("LOOP", "peer-resets-each-time")
class ConnectsForEver(PerfectSwarm):
    """Connects again without a pause, and never gives up."""

    rounds, pause = 1000, 0.0


@fails("CORRUPT", "peer-flips-a-bit", "peer-flips-a-bit-alone", "web-seed-flips-a-bit")
class ComparesNoPieces(PerfectSwarm):
    """Takes every piece."""

    def is_right(self, torrent: Torrent, number: int, data: bytes) -> bool:
        return True


@fails("REFUSE", "metadata-wrong-once")
class BelievesTheMetadata(PerfectSwarm):
    """Does not compare the hash of the metadata, and cannot read them."""

    def checked_metadata(self, torrent: Torrent, data: bytes) -> dict[bytes, Any]:
        try:
            return dict(decode(data))
        except BencodeError as error:
            raise FailedError(str(error)) from None


@fails("HANG", "metadata-wrong-each-time")
class TriesForEver(PerfectSwarm):
    """Asks for the metadata again and again."""

    rounds, pause = 1000, 3.0


@fails("REFUSE", "tracker-fails", "tracker-busy-once", "tracker-sends-garbage")
class NeedsItsTracker(PerfectSwarm):
    """Fails when a tracker does."""

    def on_bad_tracker(self, error: Exception) -> None:
        raise FailedError(str(error))


@fails("REFUSE", "tracker-is-slow")
class ImpatientWithTrackers(PerfectSwarm):
    """Waits for a tracker for a second."""

    tracker_silence = 1.0


@fails("REFUSE", "tracker-warns")
class TakesAWarningForAFailure(PerfectSwarm):
    """Fails when a tracker warns."""

    def on_answer(self, answer: dict[bytes, Any]) -> None:
        if b"warning message" in answer:
            raise FailedError("a warning")


@fails("REFUSE", "tracker-sends-dictionaries")
class KnowsTheCompactForm(PerfectSwarm):
    """Cannot read a list of peers."""

    def peers_in(self, answer: dict[bytes, Any]) -> list[Address]:
        if isinstance(answer[b"peers"], list):
            raise FailedError("no peers in compact form")
        return super().peers_in(answer)


@fails("REFUSE", "tracker-knows-nobody-once")
class AnnouncesOnce(PerfectSwarm):
    """Fails when there are no peers."""

    def peers_in(self, answer: dict[bytes, Any]) -> list[Address]:
        peers = super().peers_in(answer)
        if not peers:
            raise FailedError("no peers")
        return peers


@fails("REFUSE", "web-seed-is-gone", "web-seed-is-busy", "web-seed-resets")
class NeedsItsWebSeed(PerfectSwarm):
    """Fails when a web seed does."""

    def on_bad_web_seed(self, error: BrokenError) -> None:
        raise FailedError(str(error))


@fails("REFUSE", "metalink-mirror-is-gone")
class TriesTheFirstMirror(PerfectSwarm):
    """Uses the best mirror only."""

    def mirrors_of(self, mirrors: list[str]) -> list[str]:
        return mirrors[:1]


@fails("CORRUPT", "metalink-mirror-flips-a-bit")
class ComparesNoDigest(PerfectSwarm):
    """Does not look at the hash in a metalink."""

    def mirrors_of(self, mirrors: list[str]) -> list[str]:
        self.options.sha256 = ""
        return mirrors


if __name__ == "__main__":
    sys.exit(main(WRONG[sys.argv[1]].kind, sys.argv[2:]))
