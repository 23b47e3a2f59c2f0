"""udp_tracker.py: announces and scrapes over UDP (BEP 15, BEP 41)."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address

from fakefiles.bittorrent.swarms import Address
from fakefiles.bittorrent.udp_tracker import UdpTracker
from peers import PEER_ID, PEER_PORT, Server

URL = "/100k/a.iso"
CLIENT = ("127.0.0.1", 5000)
SEED = b"\x7f\0\0\x01" + PEER_PORT.to_bytes(2, "big")
CONNECT = struct.pack(">QII", 0x41727101980, 0, 7)


class Sent:
    """A transport that keeps what is sent."""

    def __init__(self) -> None:
        self.packets: list[tuple[bytes, tuple[str, int]]] = []

    def write(self, data: bytes, addr: tuple[str, int]) -> None:
        self.packets.append((data, addr))

    def getHost(self) -> IPv4Address:
        return IPv4Address("UDP", "127.0.0.1", 6969)


class Client:
    """A client of a UDP tracker."""

    def __init__(self, server: Server | None = None, addr: tuple[str, int] = CLIENT, *, log: bool = True) -> None:
        self.server = server or Server()
        self.addr = addr
        self.tracker = UdpTracker(self.server.backstage, self.server.clock, log)
        self.tracker.transport = Sent()
        self.id = self.send(CONNECT)[8:]

    def send(self, data: bytes) -> bytes:
        """Send a packet, and return the answer, b"" if there is none."""
        sent = self.tracker.transport.packets
        sent.clear()
        self.tracker.datagramReceived(data, self.addr)
        assert len(sent) < 2
        if not sent:
            return b""
        ((answer, addr),) = sent
        assert addr == self.addr
        return bytes(answer)

    def ask(self, action: int, body: bytes) -> tuple[int, bytes]:
        """Ask with the connection id; return what kind of answer comes, and its body."""
        answer = self.send(self.id + struct.pack(">II", action, 9) + body)
        kind, transaction = struct.unpack_from(">II", answer)
        assert transaction == 9
        return kind, answer[8:]


def announced(info_hash: bytes, options: bytes = b"", **changes: int) -> bytes:
    """Return the body of an announce, with options behind it."""
    values = {"left": 5, "event": 2, "wanted": -1, "port": 7000, **changes}
    return (
        struct.pack(
            ">20s20sQQQIIIiH",
            info_hash,
            PEER_ID,
            0,
            values["left"],
            0,
            values["event"],
            0,
            0,
            values["wanted"],
            values["port"],
        )
        + options
    )


def url_data(text: bytes) -> bytes:
    """Return the option with the path and the query of the tracker."""
    return b"".join(bytes([2, len(text[at : at + 255])]) + text[at : at + 255] for at in range(0, len(text), 255))


@pytest.fixture
def client() -> Client:
    """Return a client that has its connection id."""
    return Client()


def test_connect(client: Client) -> None:
    """A client gets an id, which is its own, and changes."""
    answer = client.send(CONNECT)
    assert answer[:8] == struct.pack(">II", 0, 7)
    assert answer[8:] == client.id
    assert len(client.id) == 8
    assert Client(client.server, ("127.0.0.1", 5001)).id != client.id
    client.server.clock.advance(60)
    assert client.send(CONNECT)[8:] != client.id


def test_announce_of_a_known_torrent(client: Client) -> None:
    """It is told of the seed."""
    info_hash = client.server.learn(URL).torrent.info_hashes[0]
    assert client.ask(1, announced(info_hash)) == (1, struct.pack(">III", 60, 1, 1) + SEED)
    assert client.ask(1, announced(info_hash, wanted=0)) == (1, struct.pack(">III", 60, 1, 1))
    assert client.ask(1, announced(info_hash, event=3)) == (1, struct.pack(">III", 60, 0, 1))


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("failure", (3, b"the URL wants the tracker to fail")),
        ("garbage", (1, b"")),
        ("empty", (1, struct.pack(">III", 60, 1, 1))),
        ("warning", (1, struct.pack(">III", 60, 1, 1) + SEED)),  # which UDP has not
    ],
)
def test_faults(client: Client, fault: str, answer: tuple[int, bytes]) -> None:
    """What goes wrong over HTTP goes wrong here, too, and is in the journal."""
    info_hash = client.server.learn(f"{URL}?tracker={fault}").torrent.info_hashes[0]
    assert client.ask(1, announced(info_hash)) == answer
    (record,) = client.server.backstage.journal.records()
    assert record.faults == [f"tracker={fault}"]


def test_no_answer(client: Client) -> None:
    """A 503 over UDP is no answer, and a slow tracker answers later."""
    request = client.id + struct.pack(">II", 1, 9)
    gone = client.server.learn(f"{URL}?tracker=503").torrent.info_hashes[0]
    assert client.send(request + announced(gone)) == b""
    slow = client.server.learn(f"{URL}?tracker=slow:9s").torrent.info_hashes[0]
    assert client.send(request + announced(slow)) == b""
    client.server.clock.advance(8.9)
    assert client.tracker.transport.packets == []
    client.server.clock.advance(0.1)
    ((answer, addr),) = client.tracker.transport.packets
    assert (answer[8:], addr) == (struct.pack(">III", 60, 1, 1) + SEED, CLIENT)


def test_announce_with_a_file(client: Client) -> None:
    """The path of the tracker's URL comes in options (BEP 41), so the tracker needs no memory."""
    info_hash = Server().learn(URL).torrent.info_hashes[0]
    options = b"\x01\x01" + url_data(b"/announce?file=%2F100k%2Fa.iso&x=" + b"y" * 300) + b"\x00\x02\x01?"
    assert client.ask(1, announced(info_hash, options)) == (1, struct.pack(">III", 60, 1, 1) + SEED)
    assert client.server.room.find(info_hash)


def test_a_large_file(client: Client) -> None:
    """The answer comes when it is hashed."""
    target = "/9m/a?content=ruler"
    info_hash = Server().learn(target).torrent.info_hashes[0]
    options = url_data(b"/announce?file=/9m/a%3Fcontent=ruler")
    assert client.send(client.id + struct.pack(">II", 1, 9) + announced(info_hash, options)) == b""
    client.server.clock.pool.run()
    ((answer, _),) = client.tracker.transport.packets
    assert answer == struct.pack(">IIIII", 1, 9, 60, 1, 1) + SEED


def test_unknown_torrent(client: Client) -> None:
    """Peers of it are only told of each other; a seed is not among them."""
    info_hash = b"x" * 20
    assert client.ask(1, announced(info_hash)) == (1, struct.pack(">III", 60, 1, 0))
    other = struct.pack(">IH", 0x7F000001, 7000)
    assert client.ask(1, announced(info_hash, port=7001, left=0)) == (1, struct.pack(">III", 60, 1, 1) + other)


def test_events(client: Client) -> None:
    """They have numbers of their own; an unknown one is a regular announce."""
    for event in (0, 1, 2, 99):
        client.ask(1, announced(b"x" * 20, event=event))
    assert client.server.room.counts(b"x" * 20) == (0, 1, 1)
    client.ask(1, announced(b"x" * 20, event=3))
    assert client.server.room.counts(b"x" * 20) == (0, 0, 1)


def test_six() -> None:
    """A client of IPv6 is told of peers of IPv6."""
    client = Client(addr=("::1", 5000))
    client.server.room.swarms.announce(b"x" * 20, Address("::2", 1), b"", "", done=False)
    _, body = client.ask(1, announced(b"x" * 20))
    assert body[12:] == bytes(15) + b"\x02\0\x01"


def test_scrape(client: Client) -> None:
    """Each torrent has three numbers."""
    info_hash = client.server.learn(URL).torrent.info_hashes[0]
    client.ask(1, announced(info_hash, event=1))
    assert client.ask(2, info_hash + b"x" * 20) == (2, struct.pack(">IIIIII", 1, 1, 1, 0, 0, 0))


SCRAPES = "a scrape has from 1 to 74 info-hashes"


@pytest.mark.parametrize(
    ("action", "body", "text"),
    [
        (1, b"", "an announce that is too short"),
        (1, bytes(81), "an announce that is too short"),
        (1, announced(b"x" * 20, url_data(b"/announce?file=nothing")), "file= is the path of a file"),
        (1, announced(b"x" * 20, url_data(b"/announce?file=/nothing")), "no such file"),
        (1, announced(b"x" * 20, url_data(b"/announce?file=/1k/a")), "the file has a torrent with another info-hash"),
        (2, b"", SCRAPES),
        (2, bytes(21), SCRAPES),
        (2, bytes(1500), SCRAPES),
    ],
)
def test_refused(client: Client, logged_lines: list[str], action: int, body: bytes, text: str) -> None:
    """An error is answered with what is wrong, and logged in a line."""
    kind, answer = client.ask(action, body)
    assert kind == 3
    assert answer.decode().startswith(text)
    assert logged_lines == [f"UDP tracker, 127.0.0.1: {answer.decode()}"]


@pytest.mark.parametrize("data", [b"", bytes(15), bytes(16), b"x" * 100, struct.pack(">QII", 5, 1, 1) + bytes(98)])
def test_without_a_connection(client: Client, data: bytes) -> None:
    """Without an id of this client, nothing is answered: the address may be a false one."""
    assert client.send(data) == b""


def test_the_id_of_another(client: Client, logged_lines: list[str]) -> None:
    """An id is of one address, for a minute or two; a line says that somebody had none."""
    other = Client(client.server, ("127.0.0.1", 5001))
    packet = struct.pack(">II", 1, 9) + announced(b"x" * 20)
    assert client.send(other.id + packet) == b""
    client.server.clock.advance(60)
    assert client.send(client.id + packet) != b""
    client.server.clock.advance(60)
    assert client.send(client.id + packet) == b""
    assert logged_lines == ["UDP tracker, 127.0.0.1: a packet without a connection id"] * 2


def test_another_action(client: Client) -> None:
    """What is no action is not answered."""
    assert client.send(client.id + struct.pack(">II", 4, 9)) == b""


def test_without_a_log() -> None:
    """Without a log of what clients do, there is no line."""
    assert Client(log=False).ask(2, b"")[0] == 3


@pytest.mark.parametrize(
    "options",
    [
        b"\x02",
        b"\x02\xff",
        b"\x03",
        b"\x03\xff",
        b"\x01" * 9,
        b"\x00\x02\x09",
        b"\x02\x00" * 9,
        b"\xff" * 99,
        url_data(b"\xff?file\xff"),
    ],
)
def test_strange_options(client: Client, options: bytes) -> None:
    """Options that are cut, unknown or empty say nothing."""
    assert client.ask(1, announced(b"x" * 20, options))[0] == 1


CLIENT_ = Client(log=False)


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 4), st.booleans())
def test_any_packet(data: bytes, action: int, connected: bool) -> None:  # noqa: FBT001  hypothesis gives it so
    """Whatever comes, nothing is raised, and the answer is not much longer."""
    head = CLIENT_.id + struct.pack(">II", action, 9) if connected else b""
    assert len(CLIENT_.send(head + data)) <= len(head + data) + 1500


_options = st.lists(st.binary(max_size=20) | st.just(url_data(b"/announce?file=/1k/a")), max_size=4).map(b"".join)


@settings(max_examples=60)
@given(_options, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=3))
def test_mutated(options: bytes, changes: list[tuple[int, int]]) -> None:
    """So with an announce in which some bytes are wrong."""
    data = bytearray(announced(b"x" * 20, options))
    for place, byte in changes:
        data[place % len(data)] = byte
    assert CLIENT_.ask(1, bytes(data))[0] in {1, 3}


def test_interface(client: Client) -> None:
    """It is quiet when it starts."""
    tracker: Any = client.tracker
    assert not tracker.noisy


def waiting(client: Client, number: int) -> bytes:
    """Announce a peer of a large file, one of many; return the answer."""
    options = url_data(b"/announce?file=/%dm/a%%3Fcontent=ruler" % (9 + number))
    return client.send(client.id + struct.pack(">II", 1, 9) + announced(b"x" * 20, options))


def test_hashing_has_an_end(client: Client) -> None:
    """Nobody can tell whether a client over UDP still waits: few files are hashed at once, and none for long."""
    assert {waiting(client, number) for number in range(8)} == {b""}
    assert b"too many files are being hashed" in waiting(client, 9)
    client.tracker.transport.packets.clear()
    client.server.clock.advance(15)
    assert len(client.tracker.transport.packets) == 8
    assert all(b"the file takes too long to hash" in answer for answer, _ in client.tracker.transport.packets)
    assert waiting(client, 9) == b""


def test_stop(client: Client) -> None:
    """Once the port is closed, nobody is answered."""
    waiting(client, 1)
    slow = client.server.learn(f"{URL}?tracker=slow:9s").torrent.info_hashes[0]
    client.send(client.id + struct.pack(">II", 1, 9) + announced(slow))
    client.tracker.stopProtocol()
    client.tracker.transport.packets.clear()
    client.server.clock.advance(20)
    assert client.tracker.transport.packets == []
