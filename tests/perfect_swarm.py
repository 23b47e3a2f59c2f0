"""The perfect client with torrents, magnets and metalinks: it uses every source, and leaves those that are bad.

    python perfect_swarm.py --described torrent|magnet|metalink URL FILE

For the first half of a torrent it asks the web seed, for the second half the peers, for what is then missing whoever is
good. As in the perfect client, what it decides is in small methods.
"""

from __future__ import annotations

import contextlib
import struct
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree as ET

from fakefiles.bittorrent.bencode import BencodeError, decode, decode_first, encode
from fakefiles.bittorrent.wire import (
    HANDSHAKE,
    BlockRequest,
    Handshake,
    Kind,
    Splitter,
    message,
    read_handshake,
    reserved,
)
from perfect_client import Options, Perfect, main
from perfect_wire import BrokenError, FailedError, Socket

Address = tuple[str, int]

# Seconds to wait for a tracker, for a peer, and between two rounds in which nothing came; rounds like that in all.
_TRACKER_SILENCE, _PEER_SILENCE, _PAUSE, _ROUNDS = 8.0, 2.0, 0.5, 3
# The longest time that a tracker may tell us to wait.
_PATIENCE = 6.0
_BLOCK, _METADATA_PIECE = 1 << 14, 1 << 14
_IN_FLIGHT = 32
_ID = b"-PF0100-perfectswarm"
_OUR_METADATA = 1
_METALINK = "{urn:ietf:params:xml:ns:metalink}"


@dataclass
class Torrent:
    """A torrent: what its info dictionary says, and where its bytes can be had."""

    info_hash: bytes
    trackers: list[str]
    web_seeds: list[str]
    peers: list[Address] = field(default_factory=list)
    info: dict[bytes, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        size: int = self.info[b"length"]
        return size

    @property
    def hashes(self) -> list[bytes]:
        data: bytes = self.info[b"pieces"]
        return [data[at : at + 20] for at in range(0, len(data), 20)]

    def bounds(self, number: int) -> tuple[int, int]:
        """Return where a piece begins, and where it ends."""
        length: int = self.info[b"piece length"]
        return number * length, min((number + 1) * length, self.size)


class Peer:
    """A connection to a peer, after the handshakes."""

    def __init__(self, address: Address, info_hash: bytes, silence: float) -> None:
        self._socket = Socket(*address, silence)
        self._splitter = Splitter()
        self._send(Handshake(reserved(v2=False), info_hash, _ID).packed())
        shake = read_handshake(b"".join(self._socket.exactly(HANDSHAKE)))
        if shake.info_hash != info_hash:
            raise BrokenError("the peer has another torrent")
        self._send(message(Kind.EXTENDED, b"\0" + encode({"m": {"ut_metadata": _OUR_METADATA}, "v": "perfect"})))

    def close(self) -> None:
        self._socket.close()

    def _send(self, data: bytes) -> None:
        self._socket.send(data)

    def _messages(self) -> Iterator[tuple[int, bytes]]:
        """Yield what the peer sends. Raises BrokenError at the end of the connection, or if nothing comes."""
        while data := self._socket.receive():
            yield from self._splitter.feed(data)
        raise BrokenError("the peer has left")

    def metadata(self) -> bytes:
        """Return the metadata, which may be wrong."""
        parts: dict[int, bytes] = {}
        count = 0
        for kind, payload in self._messages():
            if kind != Kind.EXTENDED:
                continue
            value, end = decode_first(payload[1:])
            if payload[0] == 0:
                count = -(-value[b"metadata_size"] // _METADATA_PIECE)
                for piece in range(count):
                    head = encode({"msg_type": 0, "piece": piece})
                    self._send(message(Kind.EXTENDED, bytes([value[b"m"][b"ut_metadata"]]) + head))
            elif value[b"msg_type"] == 2:
                raise BrokenError("the peer rejects the request for metadata")
            else:
                parts[value[b"piece"]] = payload[1 + end :]
            if count and len(parts) == count:
                break
        return b"".join(parts[piece] for piece in range(count))

    def pieces(self, torrent: Torrent, wanted: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield pieces that are wanted, which may be wrong."""
        self._send(message(Kind.INTERESTED))
        blocks = [block for number in wanted for block in _blocks(torrent, number)]
        parts: dict[int, bytearray] = {}
        choked, under_way, done = True, 0, 0
        for kind, payload in self._messages():
            if kind == Kind.UNCHOKE:
                choked = False
            elif kind == Kind.PIECE:
                number, begin = struct.unpack(">II", payload[:8])
                start, stop = torrent.bounds(number)
                part = parts.setdefault(number, bytearray())
                assert begin == len(part)
                part += payload[8:]
                under_way, done = under_way - 1, done + (len(part) == stop - start)
                if len(part) == stop - start:
                    yield number, bytes(parts.pop(number))
            while not choked and blocks and under_way < _IN_FLIGHT:
                self._send(message(Kind.REQUEST, struct.pack(">III", *blocks.pop(0))))
                under_way += 1
            if done == len(wanted):
                return


def _blocks(torrent: Torrent, number: int) -> Iterator[BlockRequest]:
    start, stop = torrent.bounds(number)
    for begin in range(0, stop - start, _BLOCK):
        yield BlockRequest(number, begin, min(_BLOCK, stop - start - begin))


class PerfectSwarm(Perfect):
    """The client. Without `described`, it is the one for URLs of files."""

    tracker_silence = _TRACKER_SILENCE
    peer_silence = _PEER_SILENCE
    rounds = _ROUNDS
    pause = _PAUSE

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.banned: set[Address] = set()

    def download(self, url: str, file: Path) -> None:
        ways = {"torrent": self.by_torrent, "magnet": self.by_magnet, "metalink": self.by_metalink}
        ways.get(self.options.described, super().download)(url, file)

    # --- what a wrong client does otherwise

    def is_right(self, torrent: Torrent, number: int, data: bytes) -> bool:
        """Whether a piece has its hash."""
        return sha1(data, usedforsecurity=False).digest() == torrent.hashes[number]

    def checked_metadata(self, torrent: Torrent, data: bytes) -> dict[bytes, Any]:
        """Return the info dictionary. Raises BrokenError if it is another one."""
        if sha1(data, usedforsecurity=False).digest() != torrent.info_hash:
            raise BrokenError("the metadata are those of another torrent")
        return dict(decode(data))

    def on_bad_peer(self, error: BrokenError) -> None:
        """Do something about a peer that cannot be used at the moment: nothing."""

    def on_bad_web_seed(self, error: BrokenError) -> None:
        """Do something about a web seed that cannot be used at the moment: nothing."""

    def on_bad_tracker(self, error: Exception) -> None:
        """Do something about a tracker that does not tell of peers: nothing."""

    def on_answer(self, answer: dict[bytes, Any]) -> None:
        """Look at the answer of a tracker. Raises BrokenError if it is a failure."""
        if b"failure reason" in answer:
            raise BrokenError(repr(answer[b"failure reason"]))

    def peers_in(self, answer: dict[bytes, Any]) -> list[Address]:
        """Return the addresses of peers, which are in one of two forms."""
        peers = answer.get(b"peers", b"")
        if isinstance(peers, bytes):
            return [_address(peers[at : at + 6]) for at in range(0, len(peers), 6)]
        return [(each[b"ip"].decode(), each[b"port"]) for each in peers]

    def may_connect(self, address: Address) -> bool:
        """Whether a peer is worth a connection: not after a wrong piece."""
        return address not in self.banned

    def mirrors_of(self, mirrors: list[str]) -> list[str]:
        """Return the mirrors to try, in this order."""
        return mirrors

    # --- what describes the file

    def by_metalink(self, url: str, file: Path) -> None:
        """Try the mirrors of a metalink, the best one first, until the digest is right."""
        described = ET.fromstring(self.text_at(url)).find(f"{_METALINK}file")  # noqa: S314  it is from our server
        assert described is not None
        self.options.sha256 = described.findtext(f"{_METALINK}hash[@type='sha-256']") or ""
        found = described.findall(f"{_METALINK}url")
        mirrors = [each.text or "" for each in sorted(found, key=lambda each: int(each.get("priority", "99")))]
        for mirror in self.mirrors_of(mirrors):
            with contextlib.suppress(BrokenError, FailedError):
                super().download(mirror, file)
                return
        raise FailedError("no mirror has the file")

    def by_torrent(self, url: str, file: Path) -> None:
        """Download what a torrent describes."""
        meta = decode(self.text_at(url))
        seeds = meta.get(b"url-list", [])
        self.fetch(
            Torrent(
                sha1(encode(meta[b"info"]), usedforsecurity=False).digest(),
                [meta[b"announce"].decode()] if b"announce" in meta else [],
                [each.decode() for each in ([seeds] if isinstance(seeds, bytes) else seeds)],
                info=meta[b"info"],
            ),
            file,
        )

    def by_magnet(self, link: str, file: Path) -> None:
        """Download what a magnet link leads to: first the metadata, from peers."""
        said = parse_qs(urlsplit(link).query)
        torrent = Torrent(
            bytes.fromhex(said["xt"][0].rpartition(":")[2]),
            said.get("tr", []),
            said.get("ws", []),
            [_address_in(text) for text in said.get("x.pe", [])],
        )
        for _ in range(self.rounds):
            for peer in self.connected(torrent):
                try:
                    torrent.info = self.checked_metadata(torrent, peer.metadata())
                except BrokenError as error:  # noqa: PERF203  each try counts
                    self.on_bad_peer(error)
                else:
                    self.fetch(torrent, file)
                    return
            time.sleep(self.pause)
        raise FailedError("nobody has the metadata")

    def text_at(self, url: str) -> bytes:
        """Return what is at a URL."""
        answer = self.open(url, "GET", {}, fresh=True)
        if answer.status != 200:
            raise FailedError(f"status {answer.status}")
        return b"".join(self.body_of(answer))

    # --- the pieces

    def fetch(self, torrent: Torrent, file: Path) -> None:
        """Fetch all pieces, from whoever has them."""
        left, pieces = self.rounds, dict[int, bytes]()
        count = len(torrent.hashes)
        first = True
        while len(pieces) < count and left:
            before = len(pieces)
            self._from_web_seeds(torrent, pieces, range(count // 2 if first and torrent.trackers else count))
            self._from_peers(torrent, pieces, range(count))
            first = False
            if len(pieces) == before:
                left -= 1
                time.sleep(self.pause)
        if len(pieces) < count:
            raise FailedError("no source has the rest")
        partial = file.with_name(file.name + ".part")
        partial.write_bytes(b"".join(pieces[number] for number in range(count)))
        partial.replace(file)

    def _from_web_seeds(self, torrent: Torrent, pieces: dict[int, bytes], wanted: Iterable[int]) -> None:
        for url in list(torrent.web_seeds):
            try:
                for start, stop in _runs(number for number in wanted if number not in pieces):
                    for number, data in self._from_web_seed(url, torrent, start, stop):
                        self._take(torrent, pieces, number, data)
            except BrokenError as error:  # noqa: PERF203  each try counts
                torrent.web_seeds.remove(url)
                self.on_bad_web_seed(error)

    def _from_web_seed(self, url: str, torrent: Torrent, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Yield the pieces of a row, as they come."""
        span = torrent.bounds(start)[0], torrent.bounds(stop - 1)[1]
        fields = {"Range": f"bytes={span[0]}-{span[1] - 1}", "Accept-Encoding": "identity"}
        answer = self.open(url, "GET", fields, fresh=True)
        if answer.status != 206 or (answer.content_range or (0,))[:2] != span:
            raise BrokenError(f"status {answer.status}")
        number, data = start, b""
        for more in self.body_of(answer):
            data += more
            while number < stop and len(data) >= (length := torrent.bounds(number)[1] - torrent.bounds(number)[0]):
                yield number, data[:length]
                number, data = number + 1, data[length:]

    def _from_peers(self, torrent: Torrent, pieces: dict[int, bytes], wanted: Iterable[int]) -> None:
        missing = [number for number in wanted if number not in pieces]
        for peer in self.connected(torrent) if missing else ():
            try:
                for number, data in peer.pieces(torrent, missing):
                    self._take(torrent, pieces, number, data)
            except WrongPieceError:  # noqa: PERF203  each try counts
                self.banned.add(self.last_address)
            except BrokenError as error:
                self.on_bad_peer(error)

    def _take(self, torrent: Torrent, pieces: dict[int, bytes], number: int, data: bytes) -> None:
        if not self.is_right(torrent, number, data):
            raise WrongPieceError("a piece has another hash")
        pieces[number] = data

    # --- peers

    last_address: Address = ("", 0)

    def connected(self, torrent: Torrent) -> Iterator[Peer]:
        """Yield a connection to each peer that is not banned, one after the other."""
        if not torrent.peers:
            torrent.peers = self.announce(torrent)
        for address in filter(self.may_connect, dict.fromkeys(torrent.peers)):
            self.last_address = address
            try:
                peer = Peer(address, torrent.info_hash, self.peer_silence)
            except BrokenError as error:
                self.on_bad_peer(error)
                continue
            with contextlib.closing(peer):
                yield peer

    def announce(self, torrent: Torrent) -> list[Address]:
        """Return the peers that the trackers tell of; if there are none, wait as long as they want."""
        for url in torrent.trackers:
            try:
                answer = self.answer_of(url, torrent)
                self.on_answer(answer)
                if peers := self.peers_in(answer):
                    return peers
                if not torrent.web_seeds:
                    time.sleep(min(answer.get(b"min interval", 0), _PATIENCE))
            except (BrokenError, BencodeError) as error:  # noqa: PERF203  each try counts
                self.on_bad_tracker(error)
        return []

    def answer_of(self, url: str, torrent: Torrent) -> dict[bytes, Any]:
        """Return what a tracker answers."""
        said = {"info_hash": torrent.info_hash, "peer_id": _ID, "port": 9, "left": 1, "event": "started", "compact": 1}
        silence, self.silence = self.silence, self.tracker_silence
        try:
            answer = self.open(f"{url}&{urlencode(said)}", "GET", {}, fresh=True)
            if answer.status != 200:
                raise BrokenError(f"status {answer.status}")
            return dict(decode(b"".join(self.body_of(answer))))
        finally:
            self.silence = silence


class WrongPieceError(BrokenError):
    """A piece has another hash than the torrent says."""


def _address(data: bytes) -> Address:
    return str(ip_address(data[:4])), int.from_bytes(data[4:], "big")


def _address_in(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the rows of numbers that follow each other, each as its first and the one after its last."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run[0], run[-1] + 1
            run = []
        run.append(number)
    if run:
        yield run[0], run[-1] + 1


if __name__ == "__main__":
    sys.exit(main(PerfectSwarm))
