"""tracker.py: announces and scrapes over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from doubles import Connection, Response, ask
from fakefiles.bittorrent.bencode import decode
from fakefiles.bittorrent.tracker import ends_of
from fakefiles.files.errors import RequestError
from peers import PEER_ID, PEER_PORT, Server

URL = "/100k/a.iso?content=ruler"
# The server is at 10.0.0.1, as a StringTransport has it; the client is on this machine.
SEED, OTHER = b"\x0a\0\0\x01" + PEER_PORT.to_bytes(2, "big"), b"\x7f\0\0\x01" + (7000).to_bytes(2, "big")


@pytest.fixture
def server() -> Server:
    """Return a server."""
    return Server()


def announce(server: Server, target: str, info_hash: bytes = b"", **changes: Any) -> Response:
    """Announce a peer; without an info-hash, with that of the file, which the server need not know."""
    wanted = info_hash or (Server().learn(target).torrent.info_hashes[0] if target else b"")
    values = {"peer_id": quote(PEER_ID), "port": 7000, "left": 5, "compact": 1, **changes}
    query = "&".join(f"{name}={value}" for name, value in values.items())
    where = f"&file={quote(target, safe='')}" if target else ""
    return server.get(f"/announce?info_hash={quote(wanted)}&{query}{where}")


def told(response: Response) -> Any:
    """Return the answer of the tracker."""
    assert (response.status, response.headers["content-type"]) == (200, "text/plain")
    assert response.headers["cache-control"] == "no-store"
    return decode(response.body)


def test_the_seed(server: Server) -> None:
    """Whoever announces itself is told of the seed, though nobody has asked for the torrent before."""
    value = told(announce(server, URL))
    assert value == {b"complete": 1, b"incomplete": 1, b"interval": 60, b"min interval": 5, b"peers": SEED}
    assert server.room.find(Server().learn(URL).torrent.info_hashes[0])


def test_peers_of_each_other(server: Server) -> None:
    """Others come first, the seed last; whoever has all is told as well."""
    announce(server, URL, event="started")
    value = told(announce(server, URL, port=7001, left=0))
    assert (value[b"peers"], value[b"complete"]) == (OTHER + SEED, 2)
    assert told(announce(server, URL, port=7001, numwant=1))[b"peers"] == SEED
    assert told(announce(server, URL, port=7001, numwant=0))[b"peers"] == b""
    gone = told(announce(server, URL, event="stopped"))
    assert (gone[b"peers"], gone[b"incomplete"]) == (b"", 1)
    assert told(announce(server, URL, port=7001))[b"peers"] == SEED


def test_without_a_file(server: Server) -> None:
    """Then the tracker only makes peers known to each other."""
    announce(server, "", b"x" * 20)
    assert told(announce(server, "", b"x" * 20, port=7001))[b"peers"] == OTHER


def test_dictionaries(server: Server) -> None:
    """A client that wants no compact form gets the ids, unless it wants none."""
    peers = told(announce(server, URL, compact=0))[b"peers"]
    assert peers == [{b"ip": b"10.0.0.1", b"port": PEER_PORT, b"peer id": server.room.peer_id}]
    assert b"peer id" not in told(announce(server, URL, compact=0, no_peer_id=1))[b"peers"][0]


@pytest.mark.parametrize(
    ("target", "info_hash", "changes", "reason"),
    [
        (URL, b"x" * 19, {}, "info_hash= has 20 bytes, percent-encoded"),
        (URL, b"", {"port": "x"}, "port= is a number up to 65535"),
        (URL, b"x" * 20, {}, "the file has a torrent with another info-hash"),
        ("/nothing", b"x" * 20, {}, "no such file"),
        ("/1k/a?color=red", b"x" * 20, {}, "1 unknown query parameter(s)"),
    ],
)
def test_failures(server: Server, target: str, info_hash: bytes, changes: dict[str, Any], reason: str) -> None:
    """What is wrong is a failure reason, with status 200 (BEP 3)."""
    assert told(announce(server, target, info_hash, **changes))[b"failure reason"].decode().startswith(reason)
    assert server.get("/announce").body.startswith(b"d14:failure reason")


class TestEnds:
    """Where a client comes from, and where it has come to."""

    def test_addresses(self) -> None:
        """They are addresses of IP; one of IPv4 is never written as of IPv6."""
        asked = ask()._replace(addresses=("::ffff:127.0.0.1", "0:0::1"))
        assert ends_of(asked) == ("127.0.0.1", "::1")

    @pytest.mark.parametrize("addresses", [("", ""), ("127.0.0.1", ""), ("name", "127.0.0.1")])
    def test_none(self, addresses: tuple[str, str]) -> None:
        """A client on a UNIX socket has none, and nobody could be told of it."""
        with pytest.raises(RequestError, match="the tracker is for clients that come over TCP"):
            ends_of(ask()._replace(addresses=addresses))


class TestFaults:
    """What the tracker does wrong, if the URL says so; the journal has it."""

    @pytest.mark.parametrize(
        ("kind", "status", "body"),
        [
            ("failure", 200, b"d14:failure reason33:the URL wants the tracker to faile"),
            ("garbage", 200, b"this is not bencoded\n"),
            ("503", 503, b"503, as the URL wants it\n"),
        ],
    )
    def test_instead(self, server: Server, kind: str, status: int, body: bytes) -> None:
        """Something else comes instead of the answer."""
        response = announce(server, f"{URL}&tracker={kind}")
        assert (response.status, response.body) == (status, body)
        assert server.records[-1].faults == [f"tracker={kind}"]

    def test_in_the_answer(self, server: Server) -> None:
        """The answer has something more, something less, or another form."""
        assert told(announce(server, f"{URL}&tracker=warning"))[b"warning message"]
        assert told(announce(server, f"{URL}&tracker=empty"))[b"peers"] == b""
        assert isinstance(told(announce(server, f"{URL}&tracker=dictionaries"))[b"peers"], list)
        assert [record.faults for record in server.records] == [
            ["tracker=warning"],
            ["tracker=empty"],
            ["tracker=dictionaries"],
        ]

    def test_slow(self, server: Server) -> None:
        """It comes after a while."""
        target = f"{URL}&tracker=slow:3s"
        info_hash = Server().learn(target).torrent.info_hashes[0]
        client = Connection(server.site, server.clock)
        url = f"/announce?info_hash={quote(info_hash)}&peer_id={quote(PEER_ID)}&port=1&file={quote(target, safe='')}"
        request = f"GET {url} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        assert client.send(request) == b""
        server.spend(2.5)
        assert client.read() == b""
        server.spend(1)
        assert client.read().endswith(SEED + b"e")

    def test_on_some(self, server: Server) -> None:
        """With a schedule, on some announces only."""
        found = [announce(server, f"{URL}&tracker=503@2").status for _ in range(3)]
        assert found == [200, 503, 200]


class TestDialling:
    """dial=on lets the seed connect to whoever announces itself."""

    def dialled(self, server: Server, query: str, **changes: Any) -> list[tuple[str, int]]:
        """Announce a peer, and return where the seed has connected to."""
        announce(server, f"{URL}{query}", **changes)
        return [(host, port) for host, port, *_ in server.clock.tcpClients]

    def test_on(self, server: Server) -> None:
        """It connects to the address that the announce came from, whatever the peer says."""
        assert self.dialled(server, "&dial=on", ip="10.0.0.1") == [("127.0.0.1", 7000)]

    @pytest.mark.parametrize(
        ("query", "changes"), [("", {}), ("&dial=on", {"event": "stopped"}), ("&dial=on", {"port": 1023})]
    )
    def test_not(self, server: Server, query: str, changes: dict[str, Any]) -> None:
        """Not if the URL does not say so, nor to one that leaves, or at the port of a service."""
        assert self.dialled(server, query, **changes) == []

    def test_no_faults(self) -> None:
        """Not if the operator wants no faults."""
        assert self.dialled(Server(faults=False), "&dial=on") == []

    def test_without_a_seed(self, server: Server) -> None:
        """Not if the server does not seed."""
        server.backstage.dial = None
        assert self.dialled(server, "&dial=on") == []


def test_client_that_leaves(server: Server) -> None:
    """While the file is hashed, a client may leave: nothing goes on, and nothing is logged as a failure."""
    client = Connection(server.site, server.clock)
    url = f"/announce?info_hash={'x' * 20}&peer_id={'y' * 20}&port=1&file=/9m/a?content=ruler"
    client.send(f"GET {url} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    server.clock.pool.run(1)
    client.protocol.connectionLost(Failure(ConnectionDone()))
    assert server.clock.pool.run() <= 1
    assert server.room.obfuscated == {}


def test_scrape(server: Server) -> None:
    """It counts the peers of the torrents that it names (BEP 48), with the seed."""
    info_hash = server.learn(URL).torrent.info_hashes[0]
    announce(server, URL, event="completed", left=0)
    asked = f"/scrape?file={quote(URL, safe='')}&info_hash={quote(info_hash)}&info_hash={'x' * 20}"
    assert told(server.get(asked)) == {
        b"files": {
            info_hash: {b"complete": 2, b"downloaded": 1, b"incomplete": 0},
            b"x" * 20: {b"complete": 0, b"downloaded": 0, b"incomplete": 0},
        }
    }


@pytest.mark.parametrize("count", [0, 75])
def test_scrape_of_none_or_too_many(server: Server, count: int) -> None:
    """It has to say which, and not too many."""
    query = "&".join(["info_hash=x"] * count)
    assert told(server.get(f"/scrape?{query}"))[b"failure reason"] == b"a scrape has from 1 to 74 info_hash="
