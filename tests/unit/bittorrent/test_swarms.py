"""swarms.py: what a tracker remembers."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from fakefiles.bittorrent.swarms import MOST_TOLD, Address, Counts, Swarms

ONE, OTHER = b"1" * 20, b"2" * 20
A, B, C = Address("127.0.0.1", 1), Address("127.0.0.1", 2), Address("::1", 3)


@pytest.fixture
def clock() -> Clock:
    """Return a clock."""
    return Clock()


@pytest.fixture
def swarms(clock: Clock) -> Swarms:
    """Return a memory."""
    return Swarms(clock.seconds)


def test_peers_are_told_of_each_other(swarms: Swarms) -> None:
    """Of one torrent, those last heard of first; nobody of itself."""
    for address, peer_id in ((A, b"a"), (B, b"b"), (C, b"c")):
        swarms.announce(ONE, address, peer_id, "started", done=False)
    swarms.announce(OTHER, A, b"a", "started", done=False)
    assert swarms.others(ONE, A, 50) == [(C, b"c"), (B, b"b")]
    assert swarms.others(ONE, A, 1) == [(C, b"c")]
    assert swarms.others(ONE, A, 0) == []
    assert swarms.others(OTHER, A, 50) == []
    assert swarms.others(b"3" * 20, A, 50) == []
    swarms.announce(ONE, A, b"z", "", done=False)
    assert swarms.others(ONE, C, 50) == [(A, b"z"), (B, b"b")]


def test_who_does_not_listen(swarms: Swarms) -> None:
    """A peer on port 0 is counted, but nobody is told of it."""
    swarms.announce(ONE, Address("127.0.0.1", 0), b"a", "started", done=True)
    assert swarms.others(ONE, B, 50) == []
    assert swarms.counts(ONE) == Counts(1, 0, 0)


def test_counts(swarms: Swarms) -> None:
    """Who has everything is complete; how often a peer became complete is counted apart."""
    assert swarms.counts(ONE) == Counts(0, 0, 0)
    swarms.announce(ONE, A, b"a", "started", done=False)
    swarms.announce(ONE, B, b"b", "started", done=True)
    assert swarms.counts(ONE) == Counts(complete=1, incomplete=1, downloaded=0)
    swarms.announce(ONE, A, b"a", "completed", done=True)
    assert swarms.counts(ONE) == Counts(complete=2, incomplete=0, downloaded=1)
    swarms.announce(ONE, A, b"a", "stopped", done=True)
    swarms.announce(ONE, B, b"b", "stopped", done=True)
    assert swarms.counts(ONE) == Counts(complete=0, incomplete=0, downloaded=1)


def test_who_says_nothing_more(swarms: Swarms, clock: Clock) -> None:
    """After two announces that did not come, a peer is forgotten."""
    swarms.announce(ONE, A, b"a", "started", done=False)
    clock.advance(140)
    swarms.announce(ONE, B, b"b", "started", done=False)
    assert len(swarms.others(ONE, C, 50)) == 2
    clock.advance(20)
    assert swarms.others(ONE, C, 50) == [(B, b"b")]
    clock.advance(200)
    assert swarms.counts(ONE) == Counts(0, 0, 0)


def test_bounded(swarms: Swarms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many peers, and of too many torrents, those go that were silent for longest."""
    monkeypatch.setattr("fakefiles.bittorrent.swarms._MOST_PEERS", 2)
    monkeypatch.setattr("fakefiles.bittorrent.swarms._MOST_OF_ALL", 6)
    for address in (A, B, A, C):
        swarms.announce(ONE, address, b"x", "completed", done=True)
    assert {address for address, _ in swarms.others(ONE, Address("::2", 4), 50)} == {A, C}
    for torrent in (OTHER, ONE, b"3" * 20):
        swarms.announce(torrent, A, b"x", "completed", done=True)
    assert swarms.counts(OTHER) == Counts(0, 0, 0)
    assert swarms.counts(ONE) == Counts(2, 0, 5)
    swarms.announce(OTHER, A, b"x", "stopped", done=True)  # of which nothing is known, so nothing goes
    assert swarms.counts(ONE) == Counts(2, 0, 5)


def test_the_most_in_one_answer(swarms: Swarms) -> None:
    """However many a peer wants, an answer has no more."""
    for port in range(1, 300):
        swarms.announce(ONE, Address("127.0.0.1", port), b"x", "", done=False)
    assert len(swarms.others(ONE, C, 10**9)) == MOST_TOLD
