"""The seed: a peer that has everything, and sends it to whoever asks (BEP 3, 6, 9, 10, 52)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IAddress, IConnector, IDelayedCall
from twisted.internet.protocol import ClientFactory, Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from fakefiles.bittorrent.encryption import Cipher, Negotiation
from fakefiles.bittorrent.outlet import PeerOutlet
from fakefiles.bittorrent.record import PeerRecord
from fakefiles.bittorrent.room import Seeded, room_of
from fakefiles.bittorrent.session import Session
from fakefiles.bittorrent.swarms import Address
from fakefiles.bittorrent.wire import (
    HANDSHAKE,
    PROTOCOL,
    Handshake,
    WireError,
    read_handshake,
    reserved,
)
from fakefiles.files.errors import RequestError
from fakefiles.serving.aborting import cancel
from fakefiles.serving.channel import client_of
from fakefiles.serving.pages.page import Backstage
from fakefiles.serving.peers import MOST_PEERS
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.record import End

_log = Logger()

_Call = tuple[Address, bytes]

# Seconds in which a peer must have said which torrent it wants; and between two looks at whether it is still there.
_HANDSHAKE_PATIENCE = 20.0
_BEAT = 100.0
# So many beats without a word of the peer end the connection: each has to send a keep-alive every two minutes (BEP 3).
_SILENT_BEATS = 3


class Seed(Factory):
    """Makes the protocols of peers. `connections` are the open ones; `when_empty` is called when the last is lost."""

    noisy = False

    def __init__(self, backstage: Backstage, reactor: Any, log: bool = False) -> None:  # noqa: FBT001, FBT002  see serving/peers.py
        self.room = room_of(backstage)
        self.reactor = reactor
        self.clock = Ticks(reactor)
        self.connections: set[Peer] = set()
        #: The calls that we have made, to an address for a torrent, and which have not ended.
        self.dialled: dict[_Call, IConnector] = {}
        self.when_empty: Callable[[], object] = bool
        #: The most peers at the same time; more are closed at once.
        self.most = MOST_PEERS
        self._log = log
        self._count = 0

    def buildProtocol(self, addr: IAddress | None) -> Peer | None:  # noqa: ARG002  of any address
        """Return the protocol of a new connection; None if there are too many, which closes it."""
        if len(self.connections) >= self.most:
            self.note("a peer was closed at once: there are too many")
            return None
        return self.peer()

    def peer(self, seeded: Seeded | None = None) -> Peer:
        """Return the protocol of one more connection; with a torrent, of one that we open."""
        self._count += 1
        return Peer(self, self._count, seeded)

    def dial(self, address: Address, seeded: Seeded) -> None:
        """Connect to a peer that has announced itself, unless we have done so, or there are too many connections."""
        call = address, seeded.torrent.info_hashes[0]
        if len(self.connections) + len(self.dialled) < self.most and call not in self.dialled:
            dialling = _Dialling(self, seeded, call)
            self.dialled[call] = self.reactor.connectTCP(
                address.host, address.port, dialling, timeout=_HANDSHAKE_PATIENCE
            )

    def note(self, text: str) -> None:
        """Log a line, if there is a log of what clients do."""
        if self._log:
            _log.info("{line}", line=text)

    def lost(self, peer: Peer) -> None:
        """Take note that a connection is no more."""
        self.connections.discard(peer)
        if not self.connections:
            self.when_empty()

    def disconnect(self) -> None:
        """Reset all connections, and open no more."""
        for connector in list(self.dialled.values()):
            connector.disconnect()
        for peer in list(self.connections):
            peer.drop(End.SERVER_STOPPED)


class _Dialling(ClientFactory):
    """Makes the protocol of the one connection that we open."""

    noisy = False

    def __init__(self, seed: Seed, seeded: Seeded, call: _Call) -> None:
        self._seed = seed
        self._seeded = seeded
        self._call = call

    def buildProtocol(self, addr: IAddress | None) -> Peer:  # noqa: ARG002  the one that was wanted
        return self._seed.peer(self._seeded)

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:  # noqa: ARG002  whatever it was
        """Allow another call."""
        self._seed.dialled.pop(self._call, None)

    clientConnectionLost = clientConnectionFailed


class Peer(Protocol):
    """One peer. It is fed its bytes in three phases: perhaps encryption, the handshake, then messages."""

    transport: Any
    _timer: IDelayedCall  # from connectionMade() on

    def __init__(self, seed: Seed, number: int, dialled: Seeded | None) -> None:
        self._seed = seed
        self._number = number
        self._dialled = dialled
        self._client = ""
        self._buffer = b""
        self._take: Callable[[bytes], object] = self._begin
        self._negotiation: Negotiation | None = None
        self._incoming: Cipher | None = None
        self._outgoing: Cipher | None = None
        self._session: Session | None = None
        self._silent_beats = 0

    def connectionMade(self) -> None:
        """Wait for the peer to say which torrent it wants, or say which one we have if we opened the connection."""
        self._client = client_of(self.transport.getPeer())
        self._seed.connections.add(self)
        self.transport.setTcpNoDelay(True)
        self._timer = self._seed.reactor.callLater(_HANDSHAKE_PATIENCE, self._too_slow)
        if self._dialled:
            torrent = self._dialled.torrent
            self.transport.write(self._handshake(torrent.info_hashes[0], v2=torrent.v2 is not None))

    def _handshake(self, info_hash: bytes, *, v2: bool) -> bytes:
        return Handshake(reserved(v2=v2), info_hash, self._seed.room.peer_id).packed()

    def dataReceived(self, data: bytes) -> None:
        """Act upon what the peer sends; close the connection if no peer may send that."""
        self._silent_beats = 0
        try:
            self._take(data if self._incoming is None else self._incoming.update(data))
        except (RequestError, WireError) as error:
            self._refuse(str(error))

    def _refuse(self, why: str) -> None:
        self._seed.note(f"peer {self._client}: {why}; the connection is closed")
        self._take = _ignore
        if self._session is not None:
            self._session.ended(End.CLIENT_LEFT)  # what it did wrong is no fault of the URL
        self.transport.abortConnection()

    def _too_slow(self) -> None:
        self._refuse("no handshake in time")

    def _begin(self, data: bytes) -> None:
        """Look at the first bytes: a handshake in plain text, or the encryption."""
        self._buffer += data
        if self._buffer[: len(PROTOCOL)] == PROTOCOL[: len(self._buffer)] or self._dialled:
            data, self._buffer = self._buffer, b""
            self._take = self._await_handshake
        else:
            data, self._buffer = self._buffer, b""
            private = int.from_bytes(os.urandom(20), "big")
            self._negotiation = Negotiation(private, self._seed.room.obfuscated, self.transport.write)
            self._take = self._negotiate
        self._take(data)

    def _negotiate(self, data: bytes) -> None:
        assert self._negotiation is not None  # noqa: S101  for the types
        rest = self._negotiation.feed(data)
        if rest is not None:
            self._incoming, self._outgoing = self._negotiation.incoming, self._negotiation.outgoing
            self._take = self._await_handshake
            self._take(rest)

    def _await_handshake(self, data: bytes) -> None:
        self._buffer += data
        if not PROTOCOL.startswith(self._buffer[: len(PROTOCOL)]):
            raise WireError("a handshake of another protocol")
        if len(self._buffer) < HANDSHAKE:
            return
        handshake, rest = read_handshake(self._buffer[:HANDSHAKE]), self._buffer[HANDSHAKE:]
        self._buffer = b""
        seeded = self._seed.room.find(handshake.info_hash)
        if seeded is None or (self._dialled and handshake.info_hash not in self._dialled.torrent.info_hashes):
            raise WireError("a torrent that is not known here; ask for its .torrent or announce it first")
        if handshake.peer_id == self._seed.room.peer_id:
            raise WireError("a connection to ourselves")
        self._open(handshake, seeded)
        self._take(rest)

    def _open(self, handshake: Handshake, seeded: Seeded) -> None:
        """Answer the handshake, and begin to serve. Raises RequestError if the options of the torrent contradict."""
        cancel(self._timer)
        options = self._seed.room.options_of(seeded)
        fault = options.swarm.peer
        kind = fault.kind if fault else ""
        torrent, info_hash = seeded.torrent, handshake.info_hash
        if handshake.upgrades and torrent.v2 and info_hash == torrent.v1:
            info_hash = torrent.v2[:20]
        if kind == "hash":
            info_hash = bytes([info_hash[0] ^ 1]) + info_hash[1:]
        self._session = session = Session(
            self._seed.room,
            PeerOutlet(self.transport, seeded.url, self._outgoing),
            self._seed.clock,
            record=self._record(),
            handshake=handshake,
            seeded=seeded,
            options=options,
        )
        self._timer = self._seed.reactor.callLater(_BEAT, self._beat, session)
        if kind in {"silent", "hash"}:
            session.fired(f"peer={kind}")
        if kind == "silent":
            self._take = _ignore
            return
        self._take = session.take
        session.greet(b"" if self._dialled else self._handshake(info_hash, v2=torrent.v2 is not None))
        session.start()

    def _record(self) -> PeerRecord:
        """Return a new record of this connection."""
        return PeerRecord(
            started=self._seed.reactor.seconds(),
            client=self._client,
            connection=self._number,
            encrypted=self._negotiation is not None,
        )

    def _beat(self, session: Session) -> None:
        """Keep the connection alive, and end it if the peer does not."""
        self._timer = self._seed.reactor.callLater(_BEAT, self._beat, session)
        self._silent_beats += 1
        if self._silent_beats >= _SILENT_BEATS:
            self._refuse("silent for too long")
        else:
            session.keep_alive()

    def drop(self, end: End) -> None:
        """Reset the connection now, and record `end` as the reason."""
        if self._session is not None:
            self._session.ended(end)
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002  whatever it was
        """Stop at once, and take everything apart: see "No cycles" in serving/channel.py."""
        self._seed.lost(self)
        cancel(self._timer)
        self._take = _ignore
        if self._session is not None:
            self._session.stop()
        self._session = self._negotiation = None


def _ignore(_: bytes) -> None:
    """Ignore what a peer sends after its end."""
