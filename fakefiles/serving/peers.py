"""The factory for peers of BitTorrent, which loads what it needs when the first of them comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from fakefiles._lazy import deferred
from fakefiles.serving.pages.page import Backstage

if TYPE_CHECKING:
    from twisted.internet.protocol import Protocol

_seed = deferred("fakefiles.bittorrent.seed", "Seed")
_udp_tracker = deferred("fakefiles.bittorrent.udp_tracker", "UdpTracker")


#: The most peers at the same time, if nothing else is said.
MOST_PEERS = 1000


class Peers(Factory):
    """Makes the protocols of peers. With `log`, what is wrong with one is logged in a line.

    `when_empty` is called when the last connection is lost. There are at most `most` peers at the same time.
    """

    noisy = False
    most = MOST_PEERS

    def __init__(self, backstage: Backstage, reactor: Any, when_empty: Callable[[], object], *, log: bool) -> None:
        self._backstage = backstage
        self._when_empty = when_empty
        self._reactor = reactor
        self._log = log
        self._loaded: Any = None

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        """Return the protocol of a new connection, None if there are too many."""
        protocol: Protocol | None = self._seed().buildProtocol(addr)
        return protocol

    def dial(self, address: Any, seeded: Any) -> None:
        """Connect to a peer; see Seed.dial()."""
        self._seed().dial(address, seeded)

    def _seed(self) -> Any:
        """Return the Seed, which is made when it is wanted first."""
        if self._loaded is None:
            self._loaded = _seed(self._backstage, self._reactor, self._log)
            self._loaded.when_empty, self._loaded.most = self._when_empty, self.most
        return self._loaded

    @property
    def connected(self) -> bool:
        """Whether there is a connection of a peer."""
        return self._loaded is not None and bool(self._loaded.connections)

    def disconnect(self) -> None:
        """Reset all connections of peers."""
        if self._loaded is not None:
            self._loaded.disconnect()

    def udp_tracker(self) -> Any:
        """Return the protocol of a UDP tracker."""
        return _udp_tracker(self._backstage, self._reactor, self._log)
