"""seed.py: connections of peers, from the first byte to the last; what is wrong with one concerns no other."""

from __future__ import annotations

import struct
import weakref
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

import fakefiles
from doubles import PEER
from fakefiles.bittorrent.bencode import encode
from fakefiles.bittorrent.seed import Seed
from fakefiles.bittorrent.swarms import Address
from fakefiles.files.kinds import RULER
from fakefiles.serving.peers import MOST_PEERS
from fakefiles.transfer.record import End
from loops import Client, Loop, uncollected
from peers import (
    ABLE,
    PLAIN,
    Initiator,
    Server,
    Visitor,
    about,
    greeting,
    hashed,
    messages_in,
    packed,
)

URL = "/200000/a.iso?content=ruler"
BLOCK = 16384
REQUEST = packed(6, struct.pack(">III", 0, 0, BLOCK))


@pytest.fixture
def server() -> Server:
    """Return a server."""
    return Server()


class TestHandshake:
    """Who comes, and for which torrent."""

    def test_answer(self, server: Server) -> None:
        """The seed answers with what it can, the torrent, and an id that is the same for all."""
        seeded = server.learn(URL)
        visitor = server.visit(seeded)
        assert visitor.answered[20:28].hex() == "0000000000100004"
        assert visitor.answered[28:48] == seeded.torrent.v1
        assert visitor.answered[48:56] == b"-FF0100-"
        assert server.visit(seeded).answered == visitor.answered
        assert visitor.transport.no_delay

    @pytest.mark.parametrize("step", [1, 20, 67, 1000])
    def test_in_parts(self, server: Server, step: int) -> None:
        """However the bytes come, and whatever comes with them, all of it counts."""
        seeded = server.learn(URL)
        visitor = server.visit()
        data = greeting(seeded.torrent.info_hashes[0]) + packed(2) + REQUEST
        came = b"".join(visitor.send(data[at : at + step]) for at in range(0, len(data), step))
        kinds = [kind for kind, _ in messages_in(came[68:])]
        assert kinds == [20, 14, 1, 7]

    def test_hybrid(self, server: Server) -> None:
        """Who comes for v1 and can do v2 is answered with v2 (BEP 52); others with what they came for."""
        torrent = server.learn(f"{URL}&v=hybrid").torrent
        assert torrent.v1
        assert torrent.v2
        v1, v2 = torrent.info_hashes
        can_v2 = bytes.fromhex("0000000000100014")
        cases = [(v1, ABLE, v1), (v2, ABLE, v2), (v1, can_v2, v2), (v2, can_v2, v2)]
        for asked, reserved, answer in cases:
            data = server.visit().send(greeting(asked, reserved))
            assert (data[28:48], data[20:28].hex()) == (answer, "0000000000100014")

    def test_v1_only(self, server: Server) -> None:
        """A torrent without v2 has nothing to change to."""
        (info_hash,) = server.learn(URL).torrent.info_hashes
        data = server.visit().send(greeting(info_hash, bytes.fromhex("0000000000100014")))
        assert data[28:48] == info_hash

    @pytest.mark.parametrize("step", [1, 1000])
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"GET / HTTP/1.1\r\n" * 50, "neither a handshake nor MSE"),
            (greeting(b"?" * 20), "a torrent that is not known here; ask for its .torrent or announce it first"),
        ],
    )
    def test_wrong(self, server: Server, logged_lines: list[str], data: bytes, text: str, step: int) -> None:
        """The connection is reset, a line says why, and nobody else notices."""
        seeded = server.learn(URL)
        other, visitor = server.visit(seeded), server.visit()
        for at in range(0, len(data), step):
            visitor.send(data[at : at + step])
        assert visitor.transport.disconnected
        visitor.leave()
        assert logged_lines == [f"peer 127.0.0.1:50000: {text}; the connection is closed"]
        assert other.interested() == [(1, b"")]
        assert len(server.records) == 1

    def test_almost(self, server: Server, logged_lines: list[str]) -> None:
        """What begins as a handshake is none if it goes on in another way."""
        visitor = server.visit()
        visitor.send(b"\x13BitTorrent")
        visitor.send(b" protocoL")
        assert logged_lines == ["peer 127.0.0.1:50000: a handshake of another protocol; the connection is closed"]

    def test_ourselves(self, server: Server, logged_lines: list[str]) -> None:
        """A seed that has found itself lets go."""
        seeded = server.learn(URL)
        server.visit().send(greeting(seeded.torrent.info_hashes[0], ABLE, server.room.peer_id))
        assert logged_lines == ["peer 127.0.0.1:50000: a connection to ourselves; the connection is closed"]

    def test_without_a_log(self) -> None:
        """Without a log of what clients do, there is no line."""
        visitor = Server(log=False).visit()
        visitor.send(bytes(1000))
        assert visitor.transport.disconnected

    @pytest.mark.parametrize("sent", [b"", b"\x13Bit", greeting(b"?" * 20)[:67], bytes(200)])
    def test_slow(self, server: Server, logged_lines: list[str], sent: bytes) -> None:
        """Who has not said within 20 s what it wants is let go."""
        visitor = server.visit()
        if sent:
            visitor.send(sent)
        server.clock.advance(19)
        assert not visitor.closed
        server.clock.advance(1)
        assert visitor.transport.disconnected
        visitor.leave()
        assert logged_lines == ["peer 127.0.0.1:50000: no handshake in time; the connection is closed"]
        assert server.clock.getDelayedCalls() == [] or server.turn() == 0

    def test_options_that_contradict(self, server: Server, logged_lines: list[str]) -> None:
        """A schedule can make a URL one that cannot be; then the peer is let go."""
        seeded = server.learn(f"{URL}&bucket=b&rate=1k")
        server.backstage.occasions.bucket("", "b", 5)  # nobody holds it: it has gone at once
        assert not server.visit(seeded).closed
        assert logged_lines == []


class TestPatience:
    """Peers that say nothing."""

    def test_silent(self, server: Server, logged_lines: list[str]) -> None:
        """After five minutes without a word, a peer is gone."""
        visitor = server.visit(server.learn(URL))
        server.clock.pump([100, 100])
        visitor.send(bytes(4))
        server.clock.pump([100, 100])
        assert not visitor.closed
        server.clock.advance(100)
        assert visitor.transport.disconnected
        visitor.leave()
        assert logged_lines == ["peer 127.0.0.1:50000: silent for too long; the connection is closed"]
        assert visitor.record.end is End.CLIENT_LEFT

    def test_too_many(self, server: Server, logged_lines: list[str]) -> None:
        """Beyond the most peers, one is closed at once, and none is dialled; when one has left, there is room again."""
        server.seed.most = 2
        seeded = server.learn(URL)
        first, _ = server.visit(), server.visit()
        assert server.seed.buildProtocol(PEER) is None
        server.seed.dial(Address("127.0.0.1", 1), seeded)
        assert server.clock.tcpClients == []
        assert logged_lines == ["a peer was closed at once: there are too many"]
        first.leave()
        assert server.seed.buildProtocol(PEER) is not None
        assert MOST_PEERS == 1000

    def test_disconnect(self, server: Server) -> None:
        """When the server stops, all are reset, and the journal says so."""
        visitor, early = server.visit(server.learn(URL)), server.visit()
        server.seed.disconnect()
        assert visitor.transport.disconnected
        assert early.transport.disconnected
        visitor.leave()
        early.leave()
        assert visitor.record.end is End.SERVER_STOPPED
        assert server.seed.connections == set()


class TestEncryption:
    """Peers that begin with MSE."""

    @pytest.mark.parametrize("able", [2, 3])
    def test_a_block(self, server: Server, able: int) -> None:
        """They get what others get, in plain text or in ARC4, and the journal knows that they came so."""
        seeded = server.learn(URL)
        visitor, peer = server.visit(), Initiator(seeded.torrent.info_hashes[0], able)
        key = visitor.send(peer.first(b"pad"))
        assert len(key) == 96
        hello = greeting(seeded.torrent.info_hashes[0])
        chosen, data = peer.choice(visitor.send(peer.second(key, hello)))
        assert chosen == (1 if able == 3 else 2)
        assert data[:20] == b"\x13BitTorrent protocol"
        assert [kind for kind, _ in messages_in(data[68:])] == [20, 14]
        asked = packed(2) + REQUEST
        came = visitor.send(asked if chosen == 1 else peer.outgoing.update(asked))
        came = came if chosen == 1 else peer.incoming.update(came)
        (_, (_, block)) = messages_in(came)
        assert block[8:] == RULER.read(0, BLOCK)
        assert visitor.record.encrypted

    def test_another_protocol_within(self, server: Server, logged_lines: list[str]) -> None:
        """What is encrypted must be a handshake."""
        (info_hash,) = server.learn(URL).torrent.info_hashes
        visitor, peer = server.visit(), Initiator(info_hash, 2)
        visitor.send(peer.second(visitor.send(peer.first()), b"GET / HTTP/1.1\r\n"))
        assert logged_lines == ["peer 127.0.0.1:50000: a handshake of another protocol; the connection is closed"]


class TestDialling:
    """Peers that the seed connects to."""

    def test_dial(self, server: Server) -> None:
        """The seed shakes hands first, and seeds when the peer has answered with the same torrent."""
        seeded = server.learn(URL)
        server.seed.dial(Address("127.0.0.1", 7000), seeded)
        ((host, port, made, *_),) = server.clock.tcpClients
        factory: Any = made
        assert (host, port) == ("127.0.0.1", 7000)
        visitor = Visitor(server, factory.buildProtocol(PEER))
        assert visitor.read() == greeting(seeded.torrent.info_hashes[0], peer_id=server.room.peer_id)
        server.learn(URL)  # somebody asks for the torrent once more
        came = visitor.send(greeting(seeded.torrent.info_hashes[0]))
        assert [kind for kind, _ in messages_in(came)] == [20, 14]
        assert visitor.interested() == [(1, b"")]

    def test_once(self, server: Server) -> None:
        """A peer that announces itself again is not called again, until the call has failed or ended."""
        seeded, other, address = server.learn(URL), server.learn("/1k/b"), Address("127.0.0.1", 7000)
        for _ in range(2):
            server.seed.dial(address, seeded)
        server.seed.dial(address, other)
        assert len(server.clock.tcpClients) == 2
        factories: list[Any] = [factory for _, _, factory, *_ in server.clock.tcpClients]
        for factory in factories:
            factory.clientConnectionFailed(None, Failure(ConnectionDone()))
        server.seed.dial(address, seeded)
        assert len(server.clock.tcpClients) == 3

    def test_calls_count(self, server: Server) -> None:
        """A call under way counts as a peer; when the server stops, it ends."""
        server.seed.most = 1
        server.seed.dial(Address("127.0.0.1", 7000), server.learn(URL))
        server.seed.dial(Address("127.0.0.1", 7001), server.learn(URL))
        (((address, _), connector),) = server.seed.dialled.items()
        assert address.port == 7000
        server.seed.disconnect()
        assert cast("Any", connector)._disconnected is True  # of Twisted's double

    @pytest.mark.parametrize("answer", [greeting(b"?" * 20), b"GET / HTTP/1.1\r\n\r\n", b"x"])
    def test_another_answer(self, server: Server, answer: bytes) -> None:
        """One that is no such peer is let go: no MSE is spoken with it."""
        visitor = Visitor(server, server.seed.peer(server.learn(URL)))
        visitor.read()
        assert visitor.send(answer) == b""
        assert visitor.transport.disconnected

    def test_another_torrent_of_ours(self, server: Server, logged_lines: list[str]) -> None:
        """Nor does it get to choose."""
        other = server.learn("/1k/b")
        visitor = Visitor(server, server.seed.peer(server.learn(URL)))
        visitor.send(greeting(other.torrent.info_hashes[0]))
        assert visitor.transport.disconnected
        assert "a torrent that is not known here" in logged_lines[0]


class TestFaults:
    """What the seed does wrong in its handshake."""

    def test_hash(self, server: Server) -> None:
        """It answers with another info-hash."""
        seeded = server.learn(f"{URL}&peer=hash")
        visitor = server.visit(seeded)
        assert visitor.answered[28:48] != seeded.torrent.v1
        assert visitor.answered[29:48] == seeded.torrent.v1[1:]  # type: ignore[index]  # it has v1
        assert visitor.record.faults == ["peer=hash"]

    def test_silent(self, server: Server) -> None:
        """It says nothing at all."""
        seeded = server.learn(f"{URL}&peer=silent")
        visitor = server.visit()
        assert visitor.send(greeting(seeded.torrent.info_hashes[0]) + packed(2)) == b""
        assert visitor.send(b"nonsense" * 1000) == b""
        assert not visitor.closed
        assert visitor.record.faults == ["peer=silent"]
        visitor.leave()
        assert visitor.record.end is not None

    def test_on_some_peers_only(self, server: Server) -> None:
        """A fault may be of the first peer only: each handshake counts."""
        seeded = server.learn(f"{URL}&peer=choke&fail=1")
        assert server.visit(seeded).interested() == []
        assert server.visit(seeded).interested() == [(1, b"")]
        scheduled = server.learn(f"{URL}&peer=choke@2")
        found = [server.visit(scheduled).interested() for _ in range(3)]
        assert found == [[(1, b"")], [], [(1, b"")]]


def flood(seeded: Any) -> list[bytes]:
    """Return what a peer can ask for that is large: all that it may have waiting."""
    tree = next((tree for tree in seeded.torrent.hashes.trees if tree), None)
    asks = [packed(6, struct.pack(">III", 0, at, size)) for at, size in ((0, 1 << 17), (1, (1 << 17) - 1), (5, 1))]
    asks.append(packed(20, b"\x03" + encode({"msg_type": 0, "piece": 0})))
    if tree is not None:
        asks.append(packed(21, struct.pack(">32sIIII", tree.root, 4, 0, 512, 99)))
    return asks


@pytest.mark.parametrize("which", range(5))
def test_a_peer_that_never_reads(server: Server, which: int) -> None:
    """It costs less than 256 KiB, whatever it asks for: nothing more is made before it has read what there is."""
    seeded = server.learn("/300m/a?content=zeros&v=2&piece=256k")
    visitor = server.visit(seeded)
    visitor.ask(20, b"\0" + encode({"m": {"ut_metadata": 1}}))
    visitor.send(packed(2) + (flood(seeded)[which] + flood(seeded)[which - 1]) * 30, read=False)
    visitor.send(struct.pack(">IB", 1 << 16, 5) + bytes((1 << 16) - 2), read=False)  # and half a message
    server.spend(1)
    assert not visitor.closed
    session: Any = next(iter(server.backstage.live.values()))
    # What it has from the peer has no public name.
    assert 0 < len(visitor.transport.value()) + len(session._splitter._buffer) < 1 << 18
    visitor.send(b"x", read=False)
    # When it reads, it gets all.
    assert len(messages_in(visitor.read())) == 61


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Return a loop, while Python collects no garbage."""
    with uncollected() as loop:
        yield loop


class OnSockets:
    """A seed on a real port, of a torrent for each query."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        site: Any = fakefiles.site(reactor=loop.reactor)
        self.seed = Seed(site.resource.backstage, loop.reactor)
        self.port = loop.listen(self.seed)

    def learn(self, target: str) -> bytes:
        """Seed the file of a URL; return its info-hash."""
        found = about(target)
        return self.seed.room.learn(found, hashed(found)).torrent.info_hashes[0]

    def connect(self) -> Client:
        """Return a client that the seed knows."""
        count = len(self.seed.connections)
        client = self.loop.connect(self.port, buffer=8192)
        self.loop.until(lambda: len(self.seed.connections) > count)
        return client


def encrypted(client: Client, info_hash: bytes, able: int) -> Callable[[bytes], bytes]:
    """Agree with the seed on a way to go on; return what encrypts."""
    peer = Initiator(info_hash, able)
    client.send(peer.first())
    client.send(peer.second(client.read(96), greeting(info_hash)))
    return peer.outgoing.update if able == 2 else bytes


HELLO = "hello"
# What a peer says before it leaves: the parameters of the URL, then what it sends. HELLO stands for its handshake.
STATES: dict[str, tuple[str, list[Any]]] = {
    "nothing": ("", []),
    "half a handshake": ("", [b"\x13BitTorrent"]),
    "half an MSE": ("", [bytes(50)]),
    "MSE and no more": ("", [bytes(200)]),
    "MSE, plain text": ("", [3, packed(2) + REQUEST]),
    "MSE, ARC4": ("", [2, packed(2) + REQUEST]),
    "a handshake": ("", [HELLO]),
    "an old handshake": ("", [greeting(b"?" * 20, PLAIN)]),
    "a block": ("", [HELLO, packed(2) + REQUEST]),
    "many blocks": ("", [HELLO, packed(2) + REQUEST * 500]),
    "half a message": ("", [HELLO, packed(2) + REQUEST[:9]]),
    "metadata": (
        "",
        [HELLO, packed(20, b"\0" + encode({"m": {"ut_metadata": 2}})), packed(20, b"\x03d5:piecei0e8:msg_typei0ee")],
    ),
    "hashes": ("&v=2", [HELLO, packed(21, bytes(48))]),
    "nonsense": ("", [HELLO, b"\xff" * 100]),
    "a paced block": ("&rate=1k", [HELLO, packed(2) + REQUEST * 9]),
    "a jittery block": ("&jitter=1ms", [HELLO, packed(2) + REQUEST * 9]),
    "a shared rate": ("&rate=1k&bucket=b", [HELLO, packed(2) + REQUEST * 9]),
    **{
        f"a fault: {fault}": (f"&peer={fault}", [HELLO, packed(2) + REQUEST * 9])
        for fault in ("choke", "hash", "silent", "stall:9", "close:9", "reset:9", "flip:9")
    },
}


@pytest.mark.parametrize(("query", "said"), STATES.values(), ids=STATES)
def test_a_peer_leaves(loop: Loop, query: str, said: list[Any]) -> None:
    """In whatever state it is: its connection and its session are gone at once, with their parts; no timer is left."""
    server = OnSockets(loop)
    info_hash = server.learn(f"/20m/a?content=ruler&piece=1m{query}")
    client = server.connect()
    encrypt: Callable[[bytes], bytes] = bytes
    for each in said:
        if isinstance(each, int):
            encrypt = encrypted(client, info_hash, each)
        else:
            client.send(greeting(info_hash) if each == HELLO else encrypt(each))
        loop.turn(3, seconds=0.002)
    peers = list(server.seed.connections)
    sessions: list[Any] = list(server.seed.room.backstage.live.values())
    parts = [*peers, *(peer.transport for peer in peers), *sessions]
    # What a session is made of has no public names.
    parts += [part for each in sessions for part in (each._pump, each._upload, each._outlet)]
    found = [weakref.ref(part) for part in parts if part is not None]
    client.leave()
    del parts, peers, sessions
    loop.until(lambda: not server.seed.connections)
    loop.turn(5)
    assert [part() for part in found if part() is not None] == []
    assert loop.left() == []
    assert server.seed.room.backstage.live == {}


def test_memory_on_a_socket(loop: Loop) -> None:
    """A peer on a real connection that never reads has less than 256 KiB in it."""
    server = OnSockets(loop)
    info_hash = server.learn("/20m/a?content=ruler&piece=1m")
    client = server.connect()
    client.send(greeting(info_hash) + packed(2))
    for _ in range(5):
        client.send(packed(6, struct.pack(">III", 3, 5, (1 << 17) - 5)) * 100)
        loop.turn(20, seconds=0.001)
    loop.until_settled(lambda: [record.body_sent for record in server.seed.room.backstage.journal.records()])
    (peer,) = server.seed.connections
    transport = peer.transport
    assert len(transport.dataBuffer) - transport.offset + transport._tempDataLen < 1 << 18  # Twisted's own buffers


_steps = st.sampled_from(
    [
        packed(2),
        REQUEST,
        packed(8, REQUEST[5:]),
        packed(6, struct.pack(">III", 99, 0, BLOCK)),
        packed(20, b"\0" + encode({"m": {"ut_metadata": 2}, "v": "x"})),
        packed(20, b"\x03" + encode({"msg_type": 0, "piece": 0})),
        packed(20, b"\x03" + encode({"msg_type": 0, "piece": 10**18})),
        packed(21, struct.pack(">32sIIII", bytes(32), 0, 0, 2, 0)),
        packed(5, b"\xff" * 4),
        bytes(4),
    ]
)
_changes = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3)


SERVER = Server(log=False)
FUZZED = [
    SERVER.learn(f"{URL}{query}") for query in ("", "&v=hybrid", "&peer=metadata-wrong", "&peer=reset:9", "&rate=1k")
]


@settings(max_examples=60)
@given(st.sampled_from(FUZZED), st.lists(_steps, max_size=8), _changes, st.lists(st.integers(1, 90), max_size=4))
def test_mutated(seeded: Any, said: list[bytes], changes: list[tuple[int, int]], cuts: list[int]) -> None:
    """A conversation with wrong bytes raises nothing, nor is a failure logged; the connection goes on, or ends."""
    data = bytearray(greeting(seeded.torrent.info_hashes[0]) + b"".join(said))
    for place, byte in changes:
        data[place % len(data)] = byte
    converse(bytes(data), cuts)


@settings(max_examples=40)
@given(st.binary(max_size=900), st.lists(st.integers(1, 300), max_size=4), st.booleans())
def test_any_bytes(data: bytes, cuts: list[int], greets: bool) -> None:  # noqa: FBT001  hypothesis gives it so
    """So do any bytes, at first or behind a handshake."""
    converse((greeting(FUZZED[0].torrent.info_hashes[0]) if greets else b"") + data, cuts)


@settings(max_examples=40)
@given(st.lists(_steps, max_size=4), _changes, st.integers(0, 3), st.integers(0, 40))
def test_mutated_mse(said: list[bytes], changes: list[tuple[int, int]], able: int, pad: int) -> None:
    """And so does MSE, with wrong bytes anywhere behind its key."""
    info_hash = FUZZED[0].torrent.info_hashes[0]
    peer, visitor = Initiator(info_hash, able), SERVER.visit()
    key = visitor.send(peer.first(bytes(pad)))
    data = bytearray(peer.second(key, greeting(info_hash)) + peer.outgoing.update(b"".join(said)))
    for place, byte in changes:
        data[place % len(data)] = byte
    visitor.send(bytes(data))
    visitor.leave()


def converse(data: bytes, cuts: list[int]) -> None:
    """Let a peer say something in parts, and leave."""
    visitor = SERVER.visit()
    for size in [*cuts, len(data) + 1]:
        if data[:size]:
            visitor.send(data[:size])
        data = data[size:]
    SERVER.spend(0.1)
    visitor.leave()
    assert SERVER.seed.connections == set()
