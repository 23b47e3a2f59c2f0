"""The session with one peer, after its handshake: what it asks for, and what it gets (BEP 3, 6, 9, 10, 52)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from fakefiles._version import __version__
from fakefiles.behaviour.breaks import Breaks
from fakefiles.behaviour.swarm import PeerFault
from fakefiles.bittorrent.bencode import BencodeError, decode_first, encode
from fakefiles.bittorrent.metainfo import METADATA_PIECE
from fakefiles.bittorrent.outlet import PeerOutlet
from fakefiles.bittorrent.record import PeerRecord
from fakefiles.bittorrent.room import Room, Seeded
from fakefiles.bittorrent.trees import hashes_for
from fakefiles.bittorrent.upload import MOST_WAITING, Message, Upload
from fakefiles.bittorrent.wire import (
    KEEP_ALIVE,
    MOST_BLOCK,
    BlockRequest,
    Handshake,
    HashRequest,
    Kind,
    Splitter,
    WireError,
    message,
    read_block_request,
    read_hash_request,
)
from fakefiles.serving.pump import Pump
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.body import Shape
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.record import End
from fakefiles.transfer.shaping import in_turn
from fakefiles.transfer.span import Span
from fakefiles.urls.options import Options

# The id by which we take ut_metadata.
_METADATA = 3
_REQUEST, _DATA, _REJECT = 0, 1, 2


class Session:
    """Serves one peer after its handshake, and keeps its record true. It observes its own pump."""

    def __init__(  # noqa: PLR0913  each is a part of it
        self,
        room: Room,
        outlet: PeerOutlet,
        clock: Ticks,
        *,
        record: PeerRecord,
        handshake: Handshake,
        seeded: Seeded,
        options: Options,
    ) -> None:
        self._outlet = outlet
        self._journal, self._live = room.backstage.journal, room.backstage.live
        self._occasions = room.backstage.occasions
        self._clock = clock
        self._handshake = handshake
        self._seeded = seeded
        self._options = options
        self._fault: PeerFault | None = options.swarm.peer
        self._splitter = Splitter()
        self._choked = True
        self._metadata_id = 0
        self._row = row = seeded.torrent.layout.row
        breaks = self._fault.breaks if self._fault else Breaks()
        self._marks = breaks.marks(row.size)
        self._upload = Upload(
            breaks.distort(row.content, row.size), row.size, seeded.torrent.layout.piece, self._progress
        )
        self._pump: Pump | None = None
        self._served = False  # whether the peer has got anything that it has asked for
        self.record = record
        record.url, record.tag, record.size = seeded.url, seeded.about.options.tag, row.size
        record.info_hash, record.peer_id = handshake.info_hash.hex(), handshake.peer_id.decode("latin-1")
        record.given, record.length = [Span(0, row.size)], row.size
        self._journal.add(record)
        self._live[record.number] = self

    def keep_alive(self) -> None:
        """Say that we are there, if nothing else is to be said."""
        if not self._upload.waiting:
            self._send(lambda: KEEP_ALIVE)

    def greet(self, handshake: bytes) -> None:
        """Answer the handshake with ours, with what we can, and that we have everything."""
        parts = [handshake]
        if self._handshake.extended:
            offered = {
                "m": {"ut_metadata": _METADATA},
                "metadata_size": len(self._seeded.torrent.info),
                "reqq": MOST_WAITING // 2,
                "v": f"fakefiles {__version__}",
            }
            parts.append(message(Kind.EXTENDED, b"\0" + encode(offered)))
        if self._handshake.fast:
            parts.append(message(Kind.HAVE_ALL))
        else:
            count = -(-self._row.size // self._seeded.torrent.layout.piece)
            whole, rest = divmod(count, 8)
            last = bytes([0xFF << (8 - rest) & 0xFF]) if rest else b""
            parts.append(message(Kind.BITFIELD, b"\xff" * whole + last))
        self._outlet.write(b"".join(parts))

    def start(self) -> None:
        """Begin to send what the peer asks for."""
        pieces = self._upload.pieces(self._marks, self._shape())
        self._pump = Pump(self._outlet, pieces, self._clock, self)
        self._pump.start()

    def _shape(self) -> Shape | None:
        pace = self._options.pace
        rate = pace.rate_of(self._row.size)
        bucket = None if rate is None else Bucket(rate)
        if pace.bucket and pace.rate:
            bucket = self._occasions.bucket(self._options.tag, pace.bucket, pace.rate)
        rng = Random(f"{self._options.seed} {self.record.number}")  # noqa: S311  reproducible, and no secret
        return in_turn(pace.shapes(rate, bucket, rng))

    def take(self, data: bytes) -> None:
        """Act upon messages of the peer. Raises WireError at one that no peer may send."""
        for kind, payload in self._splitter.feed(data):
            if self.record.end is not None:
                return  # a fault has ended it, or dropped it, and what was sent before is still on its way
            if (act := _ACTS.get(kind)) is not None:
                act(self, payload)

    def interested(self, _: bytes) -> None:
        """Unchoke a peer that wants something."""
        if not self._choked:
            return
        if self._fault and self._fault.kind == "choke":
            self.fired("peer=choke")
            return
        self._choked = False
        self._send(partial(message, Kind.UNCHOKE))

    def request(self, payload: bytes) -> None:
        """Queue a block that the peer wants."""
        wanted = read_block_request(payload)
        span = self._upload.span_of(wanted)
        if span is None or wanted.length > MOST_BLOCK:
            raise WireError("a request for bytes that no piece has, or for too many at once")
        self.record.wants(span)
        if not self._choked:
            self._send(wanted)
            self.record.waiting += wanted.length
        elif self._handshake.fast:
            self._send(wanted.rejected)

    def cancelled(self, payload: bytes) -> None:
        """Leave out a block that the peer no longer wants (BEP 6: it gets a REJECT instead)."""
        wanted = read_block_request(payload)
        if self._upload.cancel(wanted, wanted.rejected if self._handshake.fast else None):
            self.record.waiting -= wanted.length

    def extended(self, payload: bytes) -> None:
        """Act upon an extended message: the peer's handshake, or a request for metadata."""
        try:
            value, _ = decode_first(payload[1:])
        except BencodeError as error:
            raise WireError(f"an extended message in which {error}") from None
        if not isinstance(value, dict):
            raise WireError("an extended message that is no dictionary")
        if payload[0] == 0:
            self._hear(value)
        elif payload[0] == _METADATA:
            self._asked_metadata(value)

    def _hear(self, value: dict[bytes, Any]) -> None:
        agent, names = value.get(b"v"), value.get(b"m")
        if isinstance(agent, bytes):
            self.record.agent = agent[:100].decode("utf-8", "replace")
            self._journal.changed(self.record)
        wanted = names.get(b"ut_metadata") if isinstance(names, dict) else None
        if isinstance(wanted, int) and 0 < wanted < 256:  # noqa: PLR2004  it is a byte
            self._metadata_id = wanted

    def _asked_metadata(self, value: dict[bytes, Any]) -> None:
        piece, kind = value.get(b"piece"), self._fault.kind if self._fault else ""
        if value.get(b"msg_type") != _REQUEST or not self._metadata_id:
            return
        if not isinstance(piece, int) or piece < 0:
            raise WireError("a request for a piece of metadata that cannot be")
        if kind in {"metadata-silent", "metadata-reject", "metadata-wrong"}:
            self.fired(f"peer={kind}")
        if kind != "metadata-silent":
            there = piece * METADATA_PIECE < len(self._seeded.torrent.info) and kind != "metadata-reject"
            self._send(partial(self._metadata, piece, there=there, wrong=there and kind == "metadata-wrong"))

    def _metadata(self, piece: int, *, there: bool, wrong: bool) -> bytes:
        """Return the message with a piece of metadata (BEP 9), or that there is none."""
        info = self._seeded.torrent.info
        head: dict[str, Any] = {"msg_type": _DATA if there else _REJECT, "piece": piece}
        data = b""
        if there:
            self._served = True
            head["total_size"] = len(info)
            data = info[piece * METADATA_PIECE : (piece + 1) * METADATA_PIECE]
        if wrong:
            data = data[:-1] + bytes([data[-1] ^ 1])
        return message(Kind.EXTENDED, bytes([self._metadata_id]) + encode(head) + data)

    def hashes(self, payload: bytes) -> None:
        """Queue the hashes that the peer wants of the tree of a file (BEP 52)."""
        self._send(partial(self._hashes, read_hash_request(payload)))

    def _hashes(self, wanted: HashRequest) -> bytes:
        """Return the message with the hashes, or that there are none."""
        torrent = self._seeded.torrent
        found = hashes_for(wanted, torrent.tree(wanted.root), torrent.layout.piece)
        return wanted.rejected() if found is None else wanted.answered(found)

    def _send(self, wanted: BlockRequest | Message) -> None:
        """Queue a block or a message."""
        if self._upload.waiting >= MOST_WAITING:
            raise WireError("more requests at once than any client needs")
        self._upload.add(wanted)
        if self._pump is not None:
            self._pump.release()

    def _progress(self, span: Span) -> None:
        record, now = self.record, self._clock.seconds()
        if record.first_byte is None:
            record.first_byte = now
        record.last_byte = now
        record.progress(span.stop - span.start, span)
        record.waiting -= span.stop - span.start
        self._served = True

    def progress(self, amount: int, span: Span | None) -> None:
        """Do nothing: the upload itself notes its blocks."""

    def fired(self, fault: str) -> None:
        """Record a fault, once: a peer may ask for the same again and again."""
        if fault not in self.record.faults:
            self.record.faults.append(fault)
            self._journal.changed(self.record)

    def ended(self, end: End) -> None:
        """Record how it ended. Only the first call counts. Who leaves with all that it asked for is complete."""
        record = self.record
        self._live.pop(record.number, None)
        if record.end is None:
            complete = end is End.CLIENT_LEFT and self._served and not self._upload.waiting
            record.end, record.ended = End.COMPLETE if complete else end, self._clock.seconds()
            self._journal.changed(record)

    def release(self) -> None:
        """Do nothing: no hold= is of a peer."""

    def drop(self, end: End) -> None:
        """Reset the connection now, and record `end` as the reason."""
        self.ended(end)
        self._outlet.reset()

    def stop(self) -> None:
        """Send nothing more: the peer has left."""
        pump, self._pump = self._pump, None
        self.ended(End.CLIENT_LEFT)
        if pump is not None:
            pump.stopProducing()
        self._upload.stop()
        self._outlet.lost()


#: What the messages do that we act upon.
_ACTS: dict[int, Callable[[Session, bytes], object]] = {
    Kind.INTERESTED: Session.interested,
    Kind.REQUEST: Session.request,
    Kind.CANCEL: Session.cancelled,
    Kind.EXTENDED: Session.extended,
    Kind.HASH_REQUEST: Session.hashes,
}
