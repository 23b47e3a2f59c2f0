"""session.py: what a peer asks for after its handshake, and what it gets."""

from __future__ import annotations

import struct
from hashlib import sha1

import pytest

from fakefiles._version import __version__
from fakefiles.bittorrent.bencode import decode, decode_first, encode
from fakefiles.files.kinds import RULER
from fakefiles.transfer.record import End
from fakefiles.transfer.span import Span
from peers import ABLE, PEER_ID, PLAIN, Messages, Server, Visitor, messages_in, packed

SIZE, PIECE, BLOCK = 200_000, 65536, 16384
URL = f"/{SIZE}/a.iso?content=ruler&piece=64k"
UNCHOKE = [(1, b"")]


def joined(query: str = "", reserved: bytes = ABLE) -> Visitor:
    """Return a client of the seed of a torrent, after the handshakes."""
    server = Server()
    return server.visit(server.learn(f"{URL}{query}"), reserved=reserved)


def blocks(messages: Messages) -> list[tuple[int, bytes]]:
    """Return the blocks among messages, by the offsets in the file."""
    found = []
    for kind, payload in messages:
        if kind == 7:
            piece, begin = struct.unpack_from(">II", payload)
            found.append((piece * PIECE + begin, payload[8:]))
    return found


def extended(number: int, value: object, rest: bytes = b"") -> bytes:
    """Return the payload of an extended message."""
    return bytes([number]) + encode(value) + rest


class TestGreeting:
    """What the seed says first."""

    def test_a_modern_peer(self) -> None:
        """It learns what the seed can, and that it has everything."""
        (kind, payload), have_all = joined().greeted
        assert (kind, payload[0], have_all) == (20, 0, (14, b""))
        assert decode(payload[1:]) == {
            b"m": {b"ut_metadata": 3},
            b"metadata_size": len(Server().learn(URL).torrent.info),
            b"reqq": 256,
            b"v": f"fakefiles {__version__}".encode(),
        }

    @pytest.mark.parametrize(("size", "bits"), [(1, "80"), (8 * PIECE, "ff"), (SIZE, "f0"), (9 * PIECE, "ff80")])
    def test_an_old_peer(self, size: int, bits: str) -> None:
        """It gets the bits of all pieces, and no others."""
        server = Server()
        visitor = server.visit(server.learn(f"/{size}/a?piece=64k"), reserved=PLAIN)
        assert visitor.greeted == [(5, bytes.fromhex(bits))]


class TestBlocks:
    """What the torrent is made of."""

    @pytest.mark.parametrize("reserved", [ABLE, PLAIN])
    def test_a_whole_file(self, reserved: bytes) -> None:
        """It comes as it is asked for, and the journal has it."""
        visitor = joined(reserved=reserved)
        assert visitor.interested() == UNCHOKE
        assert visitor.interested() == []
        wanted = [(at // PIECE, at % PIECE, min(BLOCK, SIZE - at)) for at in range(0, SIZE, BLOCK)]
        data = visitor.send(b"".join(packed(6, struct.pack(">III", *each)) for each in wanted))
        assert blocks(messages_in(data)) == [
            (at, RULER.read(at, min(BLOCK, SIZE - at))) for at in range(0, SIZE, BLOCK)
        ]
        record = visitor.record
        assert (record.size, record.given, record.asked, record.sent) == (SIZE, *[[Span(0, SIZE)]] * 3)
        assert (record.body_sent, record.again, record.live) == (SIZE, [], False)
        assert record.end is None
        visitor.leave()
        assert record.end is End.COMPLETE

    def test_before_it_is_unchoked(self) -> None:
        """A fast peer is told that nothing comes; another one is told nothing (BEP 6)."""
        payload = struct.pack(">III", 0, 0, BLOCK)
        visitor = joined()
        assert visitor.ask(6, payload) == [(16, payload)]
        other = joined(reserved=PLAIN)
        assert other.ask(6, payload) == []
        assert other.record.asked == [Span(0, BLOCK)]
        assert other.record.sent == []

    @pytest.mark.parametrize(("reserved", "instead"), [(ABLE, 1), (PLAIN, 0)])
    def test_cancelled(self, reserved: bytes, instead: int) -> None:
        """What is cancelled in time does not come; a fast peer is told so."""
        visitor = joined(reserved=reserved)
        payload, other = struct.pack(">III", 0, 0, BLOCK), struct.pack(">III", 1, 0, BLOCK)
        found = messages_in(visitor.send(packed(2) + packed(6, payload) + packed(6, other) + packed(8, payload)))
        assert [kind for kind, _ in found] == [1, *[16] * instead, 7]
        assert blocks(found) == [(PIECE, RULER.read(PIECE, BLOCK))]
        visitor.leave()
        assert visitor.record.end is End.COMPLETE

    def test_sent_again(self) -> None:
        """The journal knows what a peer got twice."""
        visitor = joined()
        visitor.interested()
        visitor.request(0, 0, BLOCK)
        visitor.request(0, 100, 200)
        assert visitor.record.again == [Span(100, 300)]

    def test_who_leaves_too_early(self) -> None:
        """Who leaves before it has all that it asked for is not complete."""
        visitor = joined("&rate=1k")
        visitor.send(packed(2) + packed(6, struct.pack(">III", 0, 0, BLOCK)))
        visitor.server.spend(2)
        assert 0 < visitor.record.body_sent < BLOCK
        visitor.leave()
        assert visitor.record.end is End.CLIENT_LEFT
        assert visitor.record.ended == visitor.server.clock.seconds()

    @pytest.mark.parametrize(
        ("kind", "payload", "text"),
        [
            (6, struct.pack(">III", 3, SIZE - 3 * PIECE, 1), "a request for bytes that no piece has"),
            (6, struct.pack(">III", 2**32 - 1, 0, BLOCK), "a request for bytes that no piece has"),
            (6, struct.pack(">III", 0, PIECE - 1, 2), "a request for bytes that no piece has"),
            (6, struct.pack(">III", 0, 0, 0), "a request for bytes that no piece has"),
            (6, b"", "a request is as long as none may be"),
            (8, b"123", "a request is as long as none may be"),
            (21, b"123", "a request is as long as none may be"),
            (20, b"", "an extended message in which a value is malformed"),
            (20, b"\0", "an extended message in which a value is malformed"),
            (20, b"\0le", "an extended message that is no dictionary"),
            (20, b"\x03d1:ai1ee"[:6], "an extended message in which"),
        ],
    )
    def test_what_no_peer_may_send(self, logged_lines: list[str], kind: int, payload: bytes, text: str) -> None:
        """The connection is reset, and a line says why."""
        visitor = joined()
        visitor.interested()
        assert visitor.ask(kind, payload) == []
        assert visitor.transport.disconnected
        (line,) = logged_lines
        assert line.startswith(f"peer 127.0.0.1:50000: {text}")
        assert line.endswith("; the connection is closed")
        assert visitor.record.end is End.CLIENT_LEFT
        visitor.send(packed(2) * 9)
        visitor.leave()
        assert len(logged_lines) == 1
        assert visitor.record.end is End.CLIENT_LEFT

    def test_a_block_too_large(self) -> None:
        """More than 128 KiB at once are too much, whatever the size of the piece."""
        server = Server()
        visitor = server.visit(server.learn("/1m/a?piece=1m"))
        visitor.interested()
        ((_, block),) = visitor.request(0, 0, 1 << 17)
        assert len(block) == 8 + (1 << 17)
        visitor.request(0, 0, (1 << 17) + 1)
        assert visitor.transport.disconnected

    def test_too_many_requests(self) -> None:
        """The deepest queue that a client has is allowed, twice that many are not."""
        visitor = joined("&rate=1k")
        visitor.interested()
        request = packed(6, struct.pack(">III", 0, 0, BLOCK))
        visitor.send(request * 500, read=False)
        assert not visitor.closed
        visitor.send(request * 100, read=False)
        assert visitor.transport.disconnected

    def test_what_is_ignored(self) -> None:
        """What a seed need not know, and what nobody knows, changes nothing."""
        visitor = joined()
        for kind in (0, 1, 3, 4, 5, 7, 9, 13, 14, 15, 16, 17, 22, 23, 99, 255):
            assert visitor.ask(kind, b"12345") == []
        assert not visitor.closed
        assert visitor.interested() == UNCHOKE


class TestExtended:
    """The extended messages (BEP 9, BEP 10)."""

    def test_the_name_of_the_client(self) -> None:
        """The journal has it, cut, if it says one."""
        visitor = joined()
        assert visitor.ask(20, extended(0, {"m": {}, "v": "é" * 200})) == []
        assert visitor.record.agent == "é" * 50
        other = joined()
        other.ask(20, extended(0, {"v": 5}))
        assert other.record.agent == ""
        other.ask(20, extended(0, {"v": b"\xff"}))
        assert other.record.agent == "�"

    @staticmethod
    def metadata(visitor: Visitor, piece: object) -> tuple[dict[bytes, object], bytes]:
        """Ask for a piece of metadata; return what is said of it, and the piece."""
        ((kind, payload),) = visitor.ask(20, extended(3, {"msg_type": 0, "piece": piece}))
        assert (kind, payload[0]) == (20, 7)
        head, end = decode_first(payload[1:])
        return head, payload[1 + end :]

    def test_metadata(self) -> None:
        """It comes in pieces, with the number that the peer has for them; beyond the last one, none comes."""
        server = Server()
        seeded = server.learn("/200m/a?piece=64k")
        visitor = server.visit(seeded)
        visitor.ask(20, extended(0, {"m": {"ut_metadata": 7}}))
        info = b""
        for number in range(-(-len(seeded.torrent.info) // 16384)):
            head, data = self.metadata(visitor, number)
            assert head == {b"msg_type": 1, b"piece": number, b"total_size": len(seeded.torrent.info)}
            info += data
        assert sha1(info).digest() == seeded.torrent.v1  # noqa: S324
        assert len(info) > 16384
        for number in (4, 10**18):
            assert self.metadata(visitor, number) == ({b"msg_type": 2, b"piece": number}, b"")

    @pytest.mark.parametrize("number", [0, 256, -1, b"7", None])
    def test_metadata_without_a_number(self, number: object) -> None:
        """Who has no number for it, or none that fits into a byte, gets none."""
        visitor = joined()
        visitor.ask(20, extended(0, {} if number is None else {"m": {"ut_metadata": number}}))
        assert visitor.ask(20, extended(3, {"msg_type": 0, "piece": 0})) == []
        assert not visitor.closed

    @pytest.mark.parametrize("number", [1, 4, 255])
    def test_other_extensions(self, number: int) -> None:
        """What we have not offered is ignored."""
        visitor = joined()
        assert visitor.ask(20, extended(number, {"added": ""})) == []
        assert visitor.ask(20, extended(3, {"msg_type": 1, "piece": 0, "total_size": 9}, b"data")) == []
        assert not visitor.closed

    @pytest.mark.parametrize("piece", [-1, b"0", [0]])
    def test_a_piece_that_cannot_be(self, piece: object) -> None:
        """The number of a piece is no other thing."""
        visitor = joined()
        visitor.ask(20, extended(0, {"m": {"ut_metadata": 7}}))
        assert visitor.ask(20, extended(3, {"msg_type": 0, "piece": piece})) == []
        assert visitor.transport.disconnected

    def test_a_flood_of_them(self) -> None:
        """Whoever asks for metadata without end, and reads nothing, is let go; until then it costs next to nothing."""
        visitor = joined()
        visitor.ask(20, extended(0, {"m": {"ut_metadata": 7}}))
        request = packed(20, extended(3, {"msg_type": 0, "piece": 0}))
        visitor.send(request * 500, read=False)
        assert not visitor.closed
        assert len(visitor.transport.value()) < 150_000
        visitor.send(request * 1100, read=False)
        assert visitor.transport.disconnected


class TestHashes:
    """The hashes of v2 (BEP 52)."""

    def test_hashes(self) -> None:
        """They come with the request in front of them; others are rejected."""
        server = Server()
        seeded = server.learn("/200k/a?content=ruler&piece=16k&v=2")
        (tree,) = [tree for tree in seeded.torrent.hashes.trees if tree]
        visitor = server.visit(seeded)
        payload = struct.pack(">32sIIII", tree.root, 0, 0, 16, 0)
        assert visitor.ask(21, payload) == [(22, payload + tree.layer + bytes(32 * 3))]
        other = struct.pack(">32sIIII", bytes(32), 0, 0, 16, 0)
        assert visitor.ask(21, other) == [(23, other)]


class TestKeepAlive:
    """Who says nothing."""

    def test_it_is_told_that_we_are_there(self) -> None:
        """Every now and then, if nothing else is said."""
        visitor = joined()
        visitor.server.clock.advance(100)
        visitor.server.turn()
        assert visitor.read() == bytes(4)

    def test_not_within_a_block(self) -> None:
        """While a block goes out slowly, nothing comes between its bytes."""
        visitor = joined("&rate=100")
        data = visitor.send(packed(2) + packed(6, struct.pack(">III", 0, 0, BLOCK)))
        for _ in range(25):
            visitor.server.spend(5)
            data += visitor.read()
        assert len(data) > 12_000
        assert data[:5] == packed(1)
        assert data[18:] == RULER.read(0, len(data) - 18)


class TestFaults:
    """What the seed does wrong, if the URL says so."""

    def test_choke(self) -> None:
        """It never unchokes, and the journal has that once."""
        visitor = joined("&peer=choke")
        assert visitor.interested() == []
        assert visitor.interested() == []
        payload = struct.pack(">III", 0, 0, BLOCK)
        assert visitor.ask(6, payload) == [(16, payload)]
        assert visitor.record.faults == ["peer=choke"]

    @pytest.mark.parametrize("end", ["close", "reset"])
    def test_ends(self, end: str) -> None:
        """The connection ends at that byte."""
        visitor = joined(f"&peer={end}:20000")
        visitor.interested()
        data = visitor.send(
            packed(6, struct.pack(">III", 0, 0, BLOCK)) + packed(6, struct.pack(">III", 0, BLOCK, BLOCK))
        )
        assert data[26 + BLOCK :] == RULER.read(BLOCK, 20000 - BLOCK)
        assert visitor.closed
        assert visitor.transport.disconnected is (end == "reset")
        assert visitor.record.faults == [f"{end}@20000"]
        assert visitor.record.end is End.FAULT

    def test_stall(self) -> None:
        """It sends no more, but the connection stays."""
        visitor = joined("&peer=stall:100")
        visitor.interested()
        assert visitor.send(packed(6, struct.pack(">III", 0, 0, BLOCK)))[13:] == RULER.read(0, 100)
        visitor.server.clock.advance(90)
        visitor.server.turn()
        assert visitor.read() == b""
        assert visitor.record.live
        visitor.leave()
        assert visitor.record.end is End.CLIENT_LEFT

    def test_flip(self) -> None:
        """One byte is wrong, which the journal has."""
        visitor = joined("&peer=flip:5")
        visitor.interested()
        ((_, data),) = blocks(visitor.request(0, 0, BLOCK))
        good = RULER.read(0, BLOCK)
        assert [at for at in range(BLOCK) if data[at] != good[at]] == [5]
        assert visitor.record.faults == ["flip@5"]

    @pytest.mark.parametrize("kind", ["metadata-silent", "metadata-reject", "metadata-wrong"])
    def test_metadata(self, kind: str) -> None:
        """It does not come, or not as it is."""
        visitor = joined(f"&peer={kind}")
        visitor.ask(20, extended(0, {"m": {"ut_metadata": 7}}))
        found = visitor.ask(20, extended(3, {"msg_type": 0, "piece": 0}))
        assert visitor.record.faults == [f"peer={kind}"]
        if kind == "metadata-silent":
            assert found == []
            return
        head, end = decode_first(found[0][1][1:])
        data = found[0][1][1 + end :]
        info = visitor.server.learn(f"{URL}&peer={kind}").torrent.info
        if kind == "metadata-reject":
            assert (head, data) == ({b"msg_type": 2, b"piece": 0}, b"")
        else:
            assert len(data) == len(info)
            assert data[:-1] == info[:-1]
            assert data != info
        # Beyond the end, there is nothing that could be wrong.
        ((_, payload),) = visitor.ask(20, extended(3, {"msg_type": 0, "piece": 9}))
        assert decode(payload[1:]) == {b"msg_type": 2, b"piece": 9}


class TestPace:
    """How fast it goes."""

    def test_rate(self) -> None:
        """The bytes come at the rate of the URL."""
        visitor = joined("&rate=1000")
        visitor.interested()
        count = len(visitor.send(packed(6, struct.pack(">III", 0, 0, BLOCK))))
        for _ in range(10):
            visitor.server.spend(1)
            count += len(visitor.read())
        assert 9_000 <= count <= 12_000
        assert visitor.record.first_byte is not None
        assert visitor.record.first_byte < visitor.record.last_byte

    def test_shared(self) -> None:
        """Two peers of one bucket have one rate together."""
        server = Server()
        seeded = server.learn(f"{URL}&rate=1000&bucket=b&tag=t")
        visitors = [server.visit(seeded) for _ in range(2)]
        for visitor in visitors:
            visitor.send(packed(2) + packed(6, struct.pack(">III", 0, 0, BLOCK)))
        count = 0
        for _ in range(10):
            server.spend(1)
            count += sum(len(visitor.read()) for visitor in visitors)
        assert 9_000 <= count <= 13_000

    def test_a_bucket_with_another_rate(self, logged_lines: list[str]) -> None:
        """It cannot be: the second peer is let go."""
        server = Server()
        first = server.visit(server.learn(f"{URL}&rate=1000&bucket=b"))
        second = server.visit(server.learn(f"{URL}&rate=2000&bucket=b"))
        assert not first.closed
        assert second.transport.disconnected
        assert "that bucket has rate=1000 now" in logged_lines[0]


class TestInTheJournal:
    """What others see of it, and do to it."""

    def test_record(self) -> None:
        """It has the URL of the file, its tag, and who the peer is."""
        visitor = joined("&tag=t")
        record = visitor.record
        assert (record.method, record.url, record.tag) == ("PEER", f"{URL}&tag=t", "t")
        assert (record.peer_id, record.client) == (PEER_ID.decode("latin-1"), "127.0.0.1:50000")
        assert record.info_hash == visitor.server.learn(f"{URL}&tag=t").torrent.info_hashes[0].hex()
        assert (record.connection, record.encrypted, record.status if hasattr(record, "status") else None) == (
            1,
            False,
            None,
        )

    def test_dropped(self) -> None:
        """A page may end it, as it may end an answer over HTTP; nothing holds it, that it could release."""
        visitor = joined()
        ((number, live),) = visitor.server.backstage.live.items()
        assert live.record is visitor.record
        assert live.record.number == number
        live.release()
        live.drop(End.SERVER_STOPPED)
        assert visitor.transport.disconnected
        visitor.leave()
        assert visitor.record.end is End.SERVER_STOPPED
        assert visitor.server.backstage.live == {}

    def test_dropped_while_it_asks(self) -> None:
        """Who listens to the journal may end it at once: what the peer says after that is not heard."""
        visitor = joined("&peer=metadata-reject")
        server = visitor.server
        visitor.ask(20, extended(0, {"m": {"ut_metadata": 7}}))

        def end(_: object) -> None:
            if server.backstage.live:
                server.backstage.live[visitor.record.number].drop(End.SERVER_STOPPED)
                visitor.leave()

        server.backstage.journal.listen(end)
        asked = packed(20, extended(3, {"msg_type": 0, "piece": 0}))
        visitor.protocol.dataReceived(asked + packed(2) + packed(6, b"nonsense"))
        assert visitor.transport.read() == b""
        assert visitor.record.end is End.SERVER_STOPPED
        assert server.clock.getDelayedCalls() == [] or server.turn() == 0
