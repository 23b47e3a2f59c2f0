"""Peers without a network: a server with a seed, and clients of it that speak the protocol by hand."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from hashlib import sha1
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

import fakefiles
from doubles import PEER, Connection, Response, ThreadedReactor, turns
from fakefiles.bittorrent.room import Room, Seeded, room_of
from fakefiles.bittorrent.seed import Peer, Seed
from fakefiles.bittorrent.sidecars import abouts_of, torrent_hashing
from fakefiles.files.digests import result_of
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.serving.pages.page import Backstage
from fakefiles.transfer.record import TransferRecord
from fakefiles.urls.settings import Settings
from fakefiles.urls.sidecars import About

#: The ports that the server tells of; nothing listens there.
PEER_PORT, UDP_PORT = 6881, 6969
#: The id of a client.
PEER_ID = b"-XX0001-123456789012"
#: Reserved bytes of a peer that takes extended messages and is fast; and of one that can nothing besides BEP 3.
ABLE, PLAIN = bytes([0, 0, 0, 0, 0, 0x10, 0, 0x04]), bytes(8)

Messages = list[tuple[int, bytes]]


class PeerTransport(StringTransport):
    """A transport that pauses its producer while more than 64 KiB are unread, as TCP's does."""

    buffer_size = 65536

    def __init__(self) -> None:
        super().__init__(peerAddress=PEER)
        self.no_delay = False

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001  Twisted's signature
        self.no_delay = enabled

    def write(self, data: bytes) -> None:
        super().write(data)
        if self.producer is not None and len(self.value()) > self.buffer_size:
            self.producer.pauseProducing()

    def read(self) -> bytes:
        """Take all that was written, as a client that reads."""
        data: bytes = self.value()
        self.clear()
        if self.producer is not None:
            self.producer.resumeProducing()
        return data


def about(target: str, **settings: Any) -> About:
    """Return what a URL is about, as a request for one of its sidecars at http://localhost:8000 has it."""
    (found,) = abouts_of(target, Settings(**settings))
    return found._replace(base="http://localhost:8000/", peer_host="localhost", peer_port=PEER_PORT)


def hashed(found: About) -> bytes:
    """Return the result of hashing the torrent of a file."""
    return result_of(torrent_hashing(found).steps(found.file))


class Server:
    """A server that listens nowhere, with its clock, its room and its seed."""

    def __init__(self, *, log: bool = True, **settings: Any) -> None:
        self.clock = ThreadedReactor()
        self.site: Any = fakefiles.site(reactor=self.clock, **settings)
        for host in ("127.0.0.1", "10.0.0.1"):
            self.site.resource.seeds_at(PEER_PORT, host)
        self.site.resource.tracks_at(UDP_PORT)
        self.backstage: Backstage = self.site.resource.backstage
        self.room: Room = room_of(self.backstage)
        self.seed = Seed(self.backstage, self.clock, log)
        self.backstage.dial = self.seed.dial

    def learn(self, target: str, edition: int = 1) -> Seeded:
        """Seed the file of a URL."""
        found = abouts_of(target, self.backstage.settings)[edition - 1]
        return self.room.learn(found, hashed(found))

    def get(self, target: str) -> Response:
        """Make a request over HTTP, and return its response."""
        return Connection(self.site, self.clock).get(target)

    def turn(self, most: int = 2000) -> int:
        """Run turns of the reactor; return how many had something to do."""
        return turns(self.clock, most)

    def spend(self, seconds: float) -> None:
        """Let time pass, in small steps."""
        for _ in range(round(seconds / 0.05)):
            self.clock.advance(0.05)
            self.turn()

    @property
    def records(self) -> list[Any]:
        """The records in the journal."""
        return list[TransferRecord](self.backstage.journal.records())

    def visit(self, seeded: Seeded | None = None, *, dialled: bool = False, **hello: Any) -> Visitor:
        """Return a new client; with a torrent, after the handshakes, whose answer has been read."""
        protocol = self.seed.peer(seeded) if dialled else self.seed.buildProtocol(PEER)
        assert protocol is not None
        visitor = Visitor(self, protocol)
        if seeded is not None:
            visitor.greeted = visitor.hello(seeded, **hello)
        return visitor


class Visitor:
    """A client of the seed. It writes what it is told, and reads what was written to it."""

    def __init__(self, server: Server, protocol: Peer) -> None:
        self.server = server
        self.transport = PeerTransport()
        self.protocol = protocol
        self.greeted: Messages = []
        protocol.makeConnection(self.transport)

    def send(self, data: bytes, *, read: bool = True) -> bytes:
        """Send bytes, run the reactor, and return what came, unless it is not to be read."""
        self.protocol.dataReceived(data)
        self.server.turn()
        return self.read() if read else b""

    def read(self) -> bytes:
        """Return all that comes until nothing more does."""
        pieces = []
        while piece := self.transport.read():
            pieces.append(piece)
            self.server.turn()
        return b"".join(pieces)

    def ask(self, kind: int, payload: bytes = b"") -> Messages:
        """Send a message, and return those that came."""
        return messages_in(self.send(packed(kind, payload)))

    def hello(self, seeded: Seeded, *, reserved: bytes = ABLE, info_hash: bytes = b"") -> Messages:
        """Shake hands; return the messages behind the handshake of the seed."""
        handshake = greeting(info_hash or seeded.torrent.info_hashes[0], reserved)
        data = self.send(handshake)
        assert not data or data[:20] == b"\x13BitTorrent protocol"
        self.answered = data[:68]
        return messages_in(data[68:])

    def interested(self) -> Messages:
        """Say that the peer wants something."""
        return self.ask(2)

    def request(self, piece: int, begin: int, length: int) -> Messages:
        """Ask for a block."""
        return self.ask(6, struct.pack(">III", piece, begin, length))

    @property
    def record(self) -> Any:
        """The record of the last peer."""
        return self.server.records[-1]

    @property
    def closed(self) -> bool:
        """Whether the seed has closed or reset the connection."""
        return bool(self.transport.disconnecting)

    def leave(self) -> None:
        """Leave."""
        self.protocol.connectionLost(Failure(ConnectionDone()))
        self.server.turn()


def greeting(info_hash: bytes, reserved: bytes = ABLE, peer_id: bytes = PEER_ID) -> bytes:
    """Return a handshake."""
    return b"\x13BitTorrent protocol" + reserved + info_hash + peer_id


def packed(kind: int, payload: bytes = b"") -> bytes:
    """Return a message."""
    return struct.pack(">IB", len(payload) + 1, kind) + payload


def messages_in(data: bytes) -> Messages:
    """Return the messages in some bytes, which must be whole; a keep-alive is one of kind -1."""
    found, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 4 + length
        assert len(data) >= end, "half a message"
        found.append((data[at + 4], data[at + 5 : end]) if length else (-1, b""))
        at = end
    return found


def one_file(size: int, content: Any, name: str = "a") -> VirtualFile:
    """Return a file."""
    return VirtualFile(size, content, name)


_PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563",
    16,
)


def arc4(key: bytes) -> Iterator[int]:
    """Yield the bytes of the keystream of ARC4."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    while True:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        yield state[(state[i] + state[j]) % 256]


class Stream:
    """One direction of MSE, with the first 1024 bytes of its keystream left out."""

    def __init__(self, key: bytes) -> None:
        self._keys = arc4(key)
        self.update(bytes(1024))

    def update(self, data: bytes) -> bytes:
        """Encrypt, or decrypt."""
        return bytes(byte ^ next(self._keys) for byte in data)


def digest(*parts: bytes) -> bytes:
    """Return the SHA-1 of some bytes."""
    return sha1(b"".join(parts), usedforsecurity=False).digest()


class Initiator:
    """Who begins with MSE: first(), then second() with the key that came, then choice() of what comes after that.

    `able` are the ways that it can go on: 1 for plain text, 2 for ARC4, 3 for both.
    """

    def __init__(self, info_hash: bytes, able: int = 3) -> None:
        self.info_hash = info_hash
        self.able = able
        self.private = int.from_bytes(digest(b"a private number"), "big")

    def first(self, pad: bytes = b"") -> bytes:
        """Return the key, and padding."""
        return pow(2, self.private, _PRIME).to_bytes(96, "big") + pad

    def second(self, key: bytes, initial: bytes = b"", pad: bytes = b"", constant: bytes = bytes(8)) -> bytes:
        """Return what names the torrent, and what this peer can, with the first bytes of what is then said."""
        secret = pow(int.from_bytes(key, "big"), self.private, _PRIME).to_bytes(96, "big")
        self.secret = secret
        self.outgoing = Stream(digest(b"keyA", secret, self.info_hash))
        self.incoming = Stream(digest(b"keyB", secret, self.info_hash))
        named = zip(digest(b"req2", self.info_hash), digest(b"req3", secret), strict=True)
        told = constant + struct.pack(">IH", self.able, len(pad)) + pad + struct.pack(">H", len(initial))
        hidden = self.outgoing.update(told + initial)
        return digest(b"req1", secret) + bytes(one ^ other for one, other in named) + hidden

    def choice(self, data: bytes) -> tuple[int, bytes]:
        """Return which way the other side has chosen, and what follows in that way."""
        head = self.incoming.update(data[:14])
        constant, chosen, pad = struct.unpack(">8sIH", head)
        assert constant == bytes(8)
        rest = data[14:] if chosen == 1 else self.incoming.update(data[14:])
        assert pad == 0
        return chosen, rest
