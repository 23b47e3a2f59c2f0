"""Torrents, magnets and metalinks with real clients: aria2c, libtorrent, rtorrent, and wget2 for metalinks.

Clients wait most of their time. So each test has several of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest_twisted
import treq
from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.threads import deferToThread

from fakefiles import verify
from fakefiles.testing.in_reactor import InReactorServer
from fakefiles.testing.server import Server
from fakefiles.testing.view import View
from fakefiles.urls.url_for import Url
from processes import PATIENCE, takes_long
from torrent_clients import ARIA2C, WGET2, Libtorrent, magnet, rtorrent, started

# Its type is that of a module.
reactor: Any = installed_reactor

SET: Mapping[str, int | str] = {"a.bin": "300k", "docs/readme.txt": "2k", "docs/empty": 0, "\u00fc b.bin": "1m"}
# Of these, all files but the last one end where a piece does.
EVEN_SET: Mapping[str, int | str] = {"a.bin": "320k", "docs/readme.txt": "16k", "z.bin": "1000k"}


def check(server: View, url: Url, path: Path, *, web: bool | None = None) -> None:
    """Assert that a download is right, and was sent; all of it over HTTP (`web`), or to peers, if that is given."""
    assert verify(path, url).identical
    server.assert_complete(url)
    if web is not None:
        server.assert_no_refetch(url)
        (server.assert_from_web_seed if web else server.assert_from_peers)(url)


class TestAria2c:
    """aria2c; each download takes it 2 to 6 seconds, of which it works for a few milliseconds."""

    @takes_long
    def test_downloads(self, fakefiles: Server, tmp_path: Path) -> None:
        """It downloads from the web seed, from peers, from a magnet and from metalinks, single files and sets."""
        web = fakefiles.url_for("1m", name="web.bin", content="random", sources="web", reset="50%@1")
        peers = fakefiles.url_for("1m", name="peers.bin", content="ruler", sources="tracker")
        from_magnet = fakefiles.url_for("1m", name="magnet.bin", content="random", seed=7, sources="tracker")
        both = fakefiles.url_for("1m", name="both.bin", content="ruler", status=503)
        folder = fakefiles.url_for_set(SET, "set", content="ruler", sources="web")
        peers_folder = fakefiles.url_for_set(SET, "peers", content="ruler", sources="tracker")
        with started(tmp_path) as start:
            got = {
                url: start(*ARIA2C, source)
                for url, source in {
                    web: web.torrent,
                    peers: peers.torrent,
                    from_magnet: magnet(from_magnet.magnet),
                    both: both.torrent,
                    folder: folder.torrent,
                    peers_folder: peers_folder.torrent,
                }.items()
            }
            for client in got.values():
                client.finish()
        check(fakefiles, web, got[web].folder / "web.bin", web=True)
        check(fakefiles, peers, got[peers].folder / "peers.bin", web=False)
        check(fakefiles, from_magnet, got[from_magnet].folder / "magnet.bin", web=False)
        check(fakefiles, both, got[both].folder / "both.bin", web=False)
        check(fakefiles, folder, got[folder].folder / "set", web=True)
        check(fakefiles, peers_folder, got[peers_folder].folder / "peers", web=False)
        assert all(peer.agent.startswith("aria2/") for peer in fakefiles.peers if peer.sent)
        assert {said.event for said in fakefiles.announces} >= {"started", "stopped"}
        faults = sorted(fault for request in fakefiles.requests for fault in request.faults)
        assert faults == ["reset@524288", "status=503"]

    def test_metalinks(self, fakefiles: Server, tmp_path: Path) -> None:
        """It finds the bytes that a bad mirror does not have on the others; also if they are named in Link fields."""
        mirrors = "localhost;status=503,127.0.0.1,127.0.0.1;flip=50%"
        urls = {
            suffix: fakefiles.url_for("3m", name=f"{suffix}.bin", content="ruler", mirrors=mirrors, piece="64k")
            for suffix in ("meta4", "metalink")
        }
        folder = fakefiles.url_for_set(SET, "set", content="ruler")
        links = fakefiles.url_for("4m", name="links.bin", rate="4m", mirrors="127.0.0.1,localhost", links=True)
        at_once = "--split=4", "--max-connection-per-server=4", "--min-split-size=1M"
        with started(tmp_path) as start:
            got = {suffix: start(*ARIA2C, *at_once, url.beside(f".{suffix}")) for suffix, url in urls.items()}
            of_set = start(*ARIA2C, folder.meta4)
            of_links = start(*ARIA2C, *at_once, links)
            for client in (*got.values(), of_set, of_links):
                client.finish()
        for suffix, url in urls.items():
            # The bytes from the third mirror are of another URL.
            assert verify(got[suffix].folder / f"{suffix}.bin", url).identical
            refused = [request for request in fakefiles.requests if request.faults == ["status=503"]]
            assert any(f"/{suffix}.bin" in request.path for request in refused)
        check(fakefiles, folder, of_set.folder / "set", web=True)
        check(fakefiles, links, of_links.folder / "links.bin", web=True)
        hosts = {request.headers["Host"] for request in fakefiles.requests if "links.bin" in request.path}
        assert hosts == {f"127.0.0.1:{fakefiles.port}", f"localhost:{fakefiles.port}"}

    @takes_long
    def test_faults_of_peers(self, fakefiles: Server, tmp_path: Path) -> None:
        """It comes again after 5 seconds to a peer that has left, and to a tracker that knew none."""
        faults: tuple[dict[str, Any], ...] = (
            {"peer": "close:50%@1"},
            {"peer": "reset:50%@1"},
            {"peer": "hash@1"},
            {"tracker": "empty@1"},
            {"tracker": "slow:1s"},
            {"tracker": "warning"},
            {"tracker": "dictionaries"},
            {"rate": "512k"},
        )
        urls = [fakefiles.url_for("1m", name="a.bin", content="ruler", sources="tracker", **each) for each in faults]
        with started(tmp_path) as start:
            got = [(url, start(*ARIA2C, url.torrent)) for url in urls]
            for url, client in got:
                client.finish()
                check(fakefiles, url, client.folder / "a.bin", web=False)
        faults_of_peers = sorted(fault for peer in fakefiles.peers for fault in peer.faults)
        assert faults_of_peers == ["close@524288", "peer=hash", "reset@524288"]

    @takes_long
    def test_encryption(self, fakefiles: Server, tmp_path: Path) -> None:
        """It may demand encryption, of the handshake only or of all."""
        with started(tmp_path) as start:
            got = []
            for level in ("plain", "arc4"):
                url = fakefiles.url_for("1m", name=f"{level}.bin", content="ruler", sources="tracker")
                options = "--bt-require-crypto=true", f"--bt-min-crypto-level={level}"
                got.append((url, level, start(*ARIA2C, *options, url.torrent)))
            for url, level, client in got:
                client.finish()
                check(fakefiles, url, client.folder / f"{level}.bin", web=False)
        assert all(peer.encrypted for peer in fakefiles.peers)


class TestLibtorrent:
    """libtorrent, in this process. It looks at its torrents twice a second: many take no longer than one."""

    def test_downloads(self, fakefiles: Server, tmp_path: Path) -> None:
        """All versions complete from the web seed, from peers and from a magnet; single files and sets."""
        wanted: list[tuple[Url, Path, bool]] = []
        with Libtorrent() as client:
            for v in ("1", "2", "hybrid"):
                for source in ("web", "tracker"):
                    # Of v2, its web seeds have wrong bytes where a file ends inside of a piece.
                    files = EVEN_SET if (v, source) == ("2", "web") else SET
                    one = fakefiles.url_for("1m", name=f"{v}-{source}.bin", content="ruler", v=v, sources=source)
                    many = fakefiles.url_for_set(files, f"{v}-{source}", content="ruler", v=v, sources=source)
                    wanted += [
                        (one, client.add(one.torrent, tmp_path) / f"{v}-{source}.bin", source == "web"),
                        (many, client.add(many.torrent, tmp_path) / f"{v}-{source}", source == "web"),
                    ]
                name = f"{v}-magnet.bin"
                one = fakefiles.url_for("1m", name=name, content="random", seed=2, v=v, sources="tracker")
                wanted.append((one, client.add(one.magnet, tmp_path) / name, False))
            client.complete()
        for url, path, web in wanted:
            check(fakefiles, url, path, web=web)
        assert {peer.agent.partition("/")[0] for peer in fakefiles.peers} == {"libtorrent"}

    def test_faults(self, fakefiles: Server, tmp_path: Path) -> None:
        """It notices what is wrong, and completes from elsewhere, or when it comes again."""
        faults: tuple[dict[str, Any], ...] = (
            {"status": 503},  # of the web seed; then the seed has it
            {"peer": "choke"},  # the web seed has it
            {"peer": "reset:50%@1", "sources": "tracker"},
            {"tracker": "warning", "sources": "tracker"},
            {"tracker": "dictionaries", "sources": "tracker"},
            {"rate": "2m", "sources": "tracker"},
        )
        urls = [
            fakefiles.url_for("1m", name=f"{number}.bin", content="ruler", piece="64k", **each)
            for number, each in enumerate(faults)
        ]
        with Libtorrent(min_reconnect_time=1) as client:
            paths = [client.add(url.torrent, tmp_path) / f"{number}.bin" for number, url in enumerate(urls)]
            client.complete()
            told = {name for name, _ in client.alerts}
        for url, path in zip(urls, paths, strict=True):
            assert verify(path, url).identical
        assert {"url_seed", "tracker_warning"} <= told
        faults_of_peers = sorted(fault for peer in fakefiles.peers for fault in peer.faults if fault != "peer=choke")
        assert faults_of_peers == ["reset@524288"]

    def test_faults_for_good(self, fakefiles: Server, tmp_path: Path) -> None:
        """It says what is wrong with metadata, bytes and trackers that stay so."""
        flipped = fakefiles.url_for("1m", name="a.bin", sources="tracker", peer="flip:1000")
        lost = fakefiles.url_for("1m", name="b.bin", sources="tracker", tracker="failure")
        unknown = fakefiles.url_for("1m", name="c.bin", sources="tracker", peer="metadata-wrong")
        with Libtorrent() as client:
            client.add(flipped.torrent, tmp_path)
            client.add(lost.torrent, tmp_path)
            client.add(unknown.magnet, tmp_path)
            client.wait_for("hash_failed", "tracker_error", "metadata_failed")
        assert sorted(fault for peer in fakefiles.peers for fault in peer.faults) == [
            "flip@1000",
            "peer=metadata-wrong",
        ]

    def test_swarm(self, fakefiles: Server, tmp_path: Path) -> None:
        """Two clients find each other by the tracker, and one gets all from the other, while the seed only chokes."""
        url = fakefiles.url_for("1m", name="a.bin", content="random", sources="tracker", peer="choke")
        (tmp_path / "first").mkdir()
        with urlopen(url, timeout=PATIENCE) as response:
            (tmp_path / "first" / "a.bin").write_bytes(response.read())
        fakefiles.clear()
        # They all have one address, of which libtorrent else keeps one peer only.
        several = {"allow_multiple_connections_per_ip": True}
        with Libtorrent(**several) as first, Libtorrent(**several) as second:
            first.add(url.torrent, tmp_path / "first")
            first.complete()
            fakefiles.wait_for(lambda _: fakefiles.announces)
            path = second.add(url.torrent, tmp_path / "second") / "a.bin"
            second.complete()
            ports = {first.port, second.port}
        assert verify(path, url).identical
        assert {said.port for said in fakefiles.announces} == ports
        assert [peer.sent for peer in fakefiles.peers if peer.sent] == []


class TestRtorrent:
    """rtorrent; a download takes it a second."""

    def test_downloads(self, fakefiles: Server, tmp_path: Path) -> None:
        """It downloads from peers, with a torrent or a magnet, single files and sets."""
        one = fakefiles.url_for("1m", name="one.bin", content="random")
        slow = fakefiles.url_for("1m", name="slow.bin", content="ruler", rate="1m", tracker="dictionaries")
        from_magnet = fakefiles.url_for("1m", name="magnet.bin", content="ruler")
        folder = fakefiles.url_for_set(SET, "set", content="ruler")
        wanted = {
            "one.bin": (one, one.torrent),
            "slow.bin": (slow, slow.torrent),
            "magnet.bin": (from_magnet, magnet(from_magnet.magnet)),
            "set": (folder, folder.torrent),
        }
        with started(tmp_path / "work") as start:
            clients = [start(*rtorrent(tmp_path / name, source)) for name, (_, source) in wanted.items()]
            for client in clients:
                client.finish()
        for name, (url, _) in wanted.items():
            check(fakefiles, url, tmp_path / name / name, web=False)
        assert {peer.agent for peer in fakefiles.peers if peer.sent} == {"libTorrent 0.13.8"}


class TestWget2:
    """wget2, for metalinks. It takes no more than one parameter in a URL, and needs the port there."""

    def test_metalinks(self, fakefiles: Server, tmp_path: Path) -> None:
        """It asks for each piece, of any of the mirrors, and again if a mirror does not have it."""
        mirrors = f"127.0.0.1:{fakefiles.port},localhost:{fakefiles.port}"
        urls = {
            suffix: fakefiles.url_for("1m", name=f"{suffix}.bin", mirrors=mirrors, piece="128k")
            for suffix in ("meta4", "metalink")
        }
        with started(tmp_path) as start:
            got = {suffix: start(*WGET2, "--metalink", url.beside(f".{suffix}")) for suffix, url in urls.items()}
            for client in got.values():
                client.finish()
        for suffix, url in urls.items():
            check(fakefiles, url, got[suffix].folder / f"{suffix}.bin", web=True)
        assert len([request for request in fakefiles.requests if request.status == 206]) == 16


class Listener(Protocol):
    """A peer that waits to be connected to; `said` fires with the handshake of whoever does."""

    def __init__(self) -> None:
        self.said: Deferred[bytes] = Deferred()
        self._received = b""

    def dataReceived(self, data: bytes) -> None:
        self._received += data
        if len(self._received) >= 68 and not self.said.called:
            assert self.transport
            self.transport.loseConnection()
            self.said.callback(self._received[:68])


@pytest_twisted.ensureDeferred
async def test_dial(fakefiles_in_reactor: InReactorServer) -> None:
    """With dial=on the seed connects to a peer that announces itself, even if no peer was there before."""
    server, listener = fakefiles_in_reactor, Listener()
    port = reactor.listenTCP(0, Factory.forProtocol(lambda: listener), interface="127.0.0.1")
    url = server.url_for("1m", name="a.bin", dial=True)
    torrent = await (await treq.get(url.torrent, persistent=False)).content()
    info = torrent[torrent.index(b"4:info") + 6 : torrent.index(b"8:url-list")]
    info_hash = sha1(info, usedforsecurity=False).digest()
    place = f"{server.url}announce?file={quote('/' + url.partition(server.url)[2], safe='')}"
    said = f"{place}&info_hash={quote(info_hash)}&peer_id={'p' * 20}&port={port.getHost().port}&left=1&event=started"
    assert await (await treq.get(said, persistent=False)).content()
    handshake = await listener.said.addTimeout(PATIENCE, reactor)
    assert handshake[28:48] == info_hash
    await maybeDeferred(port.stopListening)


@pytest_twisted.ensureDeferred
async def test_in_reactor(fakefiles_in_reactor: InReactorServer, tmp_path: Path) -> None:
    """libtorrent, in a thread beside the reactor, completes from the seed, the web seed, a magnet and a UDP tracker."""
    server = fakefiles_in_reactor
    udp_port = server.site.listen_for_announces()
    try:
        urls = {
            name: server.url_for("1m", name=name, content="random", sources=sources)
            for name, sources in {"web": "web", "peers": "tracker", "udp": "udp"}.items()
        }
        from_magnet = server.url_for("1m", name="magnet", content="ruler", sources="none")

        def download(folder: Path) -> None:
            # The end of a session keeps Python from running: the reactor could not answer its last announces meanwhile.
            with Libtorrent(stop_tracker_timeout=0) as client:
                for url in urls.values():
                    client.add(url.torrent, folder)
                client.add(from_magnet.magnet, folder)
                client.complete()

        # The second session has the id of the first one for the UDP tracker: libtorrent keeps it for the process.
        for number in range(2):
            await deferToThread(download, tmp_path / f"{number}")
            for name, url in {**urls, "magnet": from_magnet}.items():
                assert verify(tmp_path / f"{number}" / name, url).identical
            await server.wait_for(lambda _: not any(peer.live for peer in server.peers))
            server.assert_from_web_seed(urls["web"])
            server.assert_from_peers(urls["peers"])
            server.assert_from_peers(urls["udp"])
            server.assert_complete(from_magnet)
            server.clear()
    finally:
        await maybeDeferred(udp_port.stopListening)
