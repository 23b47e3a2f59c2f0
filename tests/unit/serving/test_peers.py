"""peers.py: the factory for peers, which loads BitTorrent when the first of them comes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import fakefiles
from doubles import PEER, ThreadedReactor
from fakefiles.bittorrent.swarms import Address
from fakefiles.serving.peers import Peers
from peers import PeerTransport, Server


def peers_of(reactor: Any, *, log: bool = False) -> tuple[Peers, list[str]]:
    """Return a factory, and the list of how often the last connection was lost."""
    site: Any = fakefiles.site(reactor=reactor)
    told: list[str] = []
    return Peers(site.resource.backstage, reactor, lambda: told.append("empty"), log=log), told


def test_peers() -> None:
    """It makes protocols of peers, knows whether there are any, and resets all of them."""
    peers, told = peers_of(ThreadedReactor())
    peers.disconnect()
    assert not peers.connected
    transports = [PeerTransport(), PeerTransport()]
    protocols: list[Any] = [peers.buildProtocol(PEER) for _ in transports]
    for protocol, transport in zip(protocols, transports, strict=True):
        protocol.makeConnection(transport)
    assert peers.connected
    peers.disconnect()
    assert all(transport.disconnected for transport in transports)
    protocols[0].connectionLost()
    assert told == []
    protocols[1].connectionLost()
    assert told == ["empty"]
    assert not peers.connected


def test_log(logged_lines: list[str]) -> None:
    """With a log, what is wrong with a peer is logged."""
    for log in (False, True):
        peers, _ = peers_of(ThreadedReactor(), log=log)
        protocol: Any = peers.buildProtocol(PEER)
        protocol.makeConnection(PeerTransport())
        protocol.dataReceived(bytes(1000))
    assert logged_lines == ["peer 127.0.0.1:50000: neither a handshake nor MSE; the connection is closed"]


def test_dial() -> None:
    """It connects to a peer, too, if none has come before."""
    reactor = ThreadedReactor()
    peers, _ = peers_of(reactor)
    peers.dial(Address("127.0.0.1", 7000), Server().learn("/1/a"))
    assert [(host, port) for host, port, *_ in reactor.tcpClients] == [("127.0.0.1", 7000)]


def test_udp_tracker() -> None:
    """It makes the protocol of a UDP tracker, too."""
    peers, _ = peers_of(ThreadedReactor())
    tracker = peers.udp_tracker()
    assert type(tracker).__name__ == "UdpTracker"
    assert not tracker.noisy


def test_loaded_late() -> None:
    """Neither a site nor its factory loads BitTorrent: HTTP works without."""
    code = (
        "import sys, fakefiles\n"
        "from twisted.internet.task import Clock\n"
        "site = fakefiles.site(reactor=Clock())\n"
        "assert not any(name.startswith('fakefiles.bittorrent') for name in sys.modules)\n"
        "site.peers.buildProtocol(None)\n"
        "assert 'fakefiles.bittorrent.seed' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
