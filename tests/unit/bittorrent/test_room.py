"""room.py: the torrents that a server seeds, and how they are found."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from fakefiles.bittorrent.encryption import obfuscated
from fakefiles.bittorrent.room import learn, room_of
from fakefiles.bittorrent.swarms import Address, Counts
from fakefiles.files.errors import RequestError
from fakefiles.urls.settings import Settings
from peers import PEER_PORT, Server, about, hashed


@pytest.fixture
def server() -> Server:
    """Return a server."""
    return Server()


def failure_of(found: Deferred[Any]) -> Any:
    """Return why a Deferred has failed."""
    failures: list[Any] = []
    found.addErrback(failures.append)
    return failures[0]


def test_one_room(server: Server) -> None:
    """A server has one, which is made when it is wanted first."""
    assert room_of(server.backstage) is server.room
    assert [*server.backstage.rooms] == ["bittorrent"]


def test_learn(server: Server) -> None:
    """A torrent is found by each of its info-hashes, also as MSE has them."""
    found = about("/100k/a.iso?v=hybrid&tag=t")
    learn(server.backstage, found, hashed(found))
    seeded = server.room.find(hashes_of("/100k/a.iso?v=hybrid&tag=t")[0])
    assert seeded is not None
    assert seeded.url == "/100k/a.iso?v=hybrid&tag=t"
    assert [server.room.find(each) for each in seeded.torrent.info_hashes] == [seeded, seeded]
    assert server.room.obfuscated == {obfuscated(each): each for each in seeded.torrent.info_hashes}
    assert server.room.find(b"?" * 20) is None
    assert server.learn("/100k/a.iso").url == "/100k/a.iso"


def hashes_of(target: str) -> list[bytes]:
    """Return the info-hashes of a URL, as another server has them."""
    return Server().learn(target).torrent.info_hashes


def test_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many torrents, that one is forgotten for which nobody has asked longest."""
    monkeypatch.setattr("fakefiles.bittorrent.room._MOST_TORRENTS", 2)
    first, second = server.learn("/1/a"), server.learn("/1/b")
    assert server.room.find(first.torrent.info_hashes[0]) is first
    server.learn("/1/c")
    assert server.room.find(first.torrent.info_hashes[0]) is first
    assert server.room.find(second.torrent.info_hashes[0]) is None
    assert len(server.room.obfuscated) == 2


def test_bounded_by_their_hashes(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds for the bytes of all hashes; the newest torrents stay, whatever they have."""
    monkeypatch.setattr("fakefiles.bittorrent.room._MOST_BYTES", 1000)
    small = server.learn("/1/a")
    large = server.learn("/1m/b?piece=16k&v=hybrid&content=ruler")
    assert server.room.find(small.torrent.info_hashes[0]) is None
    assert [server.room.find(each) for each in large.torrent.info_hashes] == [large, large]
    again = server.learn("/1m/b?piece=16k&v=hybrid&content=ruler")
    assert server.room.find(large.torrent.info_hashes[0]) is again
    server.learn("/1/c")
    server.learn("/1/d")
    assert len(server.room.obfuscated) == 2


class TestOfTarget:
    """Torrents by the URLs in announces."""

    def test_unknown(self, server: Server) -> None:
        """It is learnt, if it has that info-hash."""
        (info_hash,) = hashes_of("/100k/a?content=ruler")
        found: Any = server.room.of_target("/100k/a?content=ruler", info_hash)
        assert found.result.url == "/100k/a?content=ruler"
        assert server.room.find(info_hash) is found.result
        again: Any = server.room.of_target("/100k/a?content=ruler", info_hash)
        assert again.result is found.result

    def test_two_urls_of_one_torrent(self, server: Server) -> None:
        """What differs only in what no torrent has is one torrent; the last URL counts."""
        first = server.learn("/100k/a")
        found: Any = server.room.of_target("/100k/a?content=ones", first.torrent.info_hashes[0])
        assert found.result.url == "/100k/a?content=ones"

    def test_large(self, server: Server) -> None:
        """A large one is hashed in a thread."""
        (info_hash,) = hashes_of("/9m/a?content=ruler")
        found: Any = server.room.of_target("/9m/a?content=ruler", info_hash)
        assert not found.called
        server.clock.pool.run()
        assert found.result is server.room.find(info_hash)

    def test_a_file_that_changes(self, server: Server) -> None:
        """Each of its versions has a torrent."""
        target = "/100k/a?content=random&change=call"
        for edition in (1, 2):
            info_hash = Server().learn(target, edition).torrent.info_hashes[0]
            found: Any = server.room.of_target(target, info_hash)
            assert found.result.torrent.info_hashes == [info_hash]

    @pytest.mark.parametrize(
        ("target", "message"),
        [
            ("/100k/a", "the file has a torrent with another info-hash"),
            ("/nothing", "no such file"),
            ("/", "no such file"),
            ("/1x/a", "not a size"),
            ("/100k/a?color=red", "1 unknown query parameter"),
            ("/0/a", "a torrent has at least one byte"),
            ("/100k/a/b", "a file has one name"),
        ],
    )
    def test_refused(self, server: Server, target: str, message: str) -> None:
        """A URL without a torrent is an error, and nothing is learnt."""
        failure = failure_of(server.room.of_target(target, b"?" * 20))
        assert failure.check(RequestError)
        assert message in failure.getErrorMessage()
        assert server.room.obfuscated == {}


def test_seeds(server: Server) -> None:
    """The seed is where it listens, for those who can reach it there; without a port, there is none."""
    for host in ("127.0.0.1", "127.0.0.9", "::1"):
        assert server.room.seeds_at(host) == [(Address("127.0.0.1", PEER_PORT), server.room.peer_id)]
    assert server.room.seeds_at("192.0.2.1") == []
    info_hash = server.learn("/1/a").torrent.info_hashes[0]
    assert server.room.counts(info_hash) == Counts(1, 0, 0)
    assert server.room.counts(b"?" * 20) == Counts(0, 0, 0)
    server.backstage.settings = Settings()
    assert server.room.seeds_at("127.0.0.9") == []
    assert server.room.counts(info_hash) == Counts(0, 0, 0)


def test_options(server: Server) -> None:
    """They are those of one peer, or one announce; each kind is counted for itself."""
    seeded = server.learn("/1k/a?peer=choke&tracker=empty&fail=1")
    faults = [server.room.options_of(seeded).swarm.peer for _ in range(2)]
    assert [fault and fault.kind for fault in faults] == ["choke", None]
    announced = [server.room.options_of(seeded, "ANNOUNCE").swarm.tracker for _ in range(2)]
    assert [fault and fault.kind for fault in announced] == ["empty", None]
    # A web seed of the same file is counted apart.
    assert server.get("/1k/a?status=503&fail=1").status == 503
