"""The tracker over UDP (BEP 15), and the path and query of its URL that clients put behind an announce (BEP 41)."""

from __future__ import annotations

import os
import struct
from collections import deque
from functools import partial
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, TimeoutError  # noqa: A004  that of addTimeout()
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import DatagramProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from fakefiles.bittorrent.announce import EVENTS, MOST_SCRAPED, Announce, as_query, compacted, file_of, parameters_of
from fakefiles.bittorrent.room import Room, Seeded, room_of
from fakefiles.bittorrent.swarms import INTERVAL
from fakefiles.bittorrent.tracker import DEAF, FAILURE, Ends, heard, tell
from fakefiles.files.errors import RequestError
from fakefiles.http.record import Record
from fakefiles.serving.aborting import cancel
from fakefiles.serving.pages.page import Backstage
from fakefiles.transfer.record import End
from fakefiles.urls.query import tag_of

_log = Logger()

_CONNECT, _ANNOUNCE, _SCRAPE, _ERROR = range(4)
_MAGIC = 0x41727101980
_HEAD = struct.Struct(">8sII")
# The events by their numbers here, which are not in the order of EVENTS.
_EVENTS = {0: "", 1: "completed", 2: "started", 3: "stopped"}
_BODY = struct.Struct(">20s20sQQQI4sIiH")
# An id lives for two minutes at most (BEP 15): for the rest of this one, and the next.
_MINUTE = 60
# The most announces that wait for the hashing of their file, and for how many seconds: then a client asks again.
_MOST_HASHING, _HASHING_PATIENCE = 8, 15
_MOST_LATE = 1000
_END, _NOTHING, _URL_DATA = range(3)


class UdpTracker(DatagramProtocol):
    """Answers connects, announces and scrapes; whatever else it gets, it does not answer.

    An announce without a URL, of a torrent that nobody has asked this server for, only makes peers known to each other.
    """

    noisy = False
    transport: Any

    def __init__(self, backstage: Backstage, reactor: Any, log: bool = False) -> None:  # noqa: FBT001, FBT002  see serving/peers.py
        self._room: Room = room_of(backstage)
        self._reactor = reactor
        self._log = log
        self._secret = os.urandom(16)
        self._hashing: set[Deferred[Any]] = set()
        # The answers of slow trackers; the oldest ones may have been sent.
        self._late: deque[IDelayedCall] = deque(maxlen=_MOST_LATE)

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Answer a packet."""
        if len(datagram) < _HEAD.size:
            return
        connection, action, transaction = _HEAD.unpack_from(datagram)
        if action == _CONNECT and int.from_bytes(connection, "big") == _MAGIC:
            self._send(addr, _CONNECT, transaction, self._connection_id(addr, 0))
        elif not any(compare_digest(connection, self._connection_id(addr, ago)) for ago in (0, 1)):
            # No answer: the address may be a false one, to which we would send more than we got.
            self._note(addr, "a packet without a connection id")
        elif action in {_ANNOUNCE, _SCRAPE}:
            try:
                (self._announce if action == _ANNOUNCE else self._scrape)(datagram[_HEAD.size :], addr, transaction)
            except (RequestError, struct.error) as error:
                text = str(error) if isinstance(error, RequestError) else "an announce that is too short"
                self._refuse(addr, transaction, text)

    def _connection_id(self, addr: tuple[str, int], ago: int) -> bytes:
        """Return the id of a host in the present minute, or the one before: nothing has to be remembered.

        Not of its port: libtorrent has one id for all sessions of a process, which have ports of their own.
        """
        minute = int(self._reactor.seconds() // _MINUTE) - ago
        return blake2b(repr((addr[0], minute)).encode(), digest_size=8, key=self._secret).digest()

    def _announce(self, body: bytes, addr: tuple[str, int], transaction: int) -> None:
        said = _said(body)
        if said.file:
            self._answer_later(said, addr, transaction)
        else:
            self._answer(said, addr, transaction, self._room.find(said.info_hash))

    def _answer_later(self, said: Announce, addr: tuple[str, int], transaction: int) -> None:
        """Answer when the file is hashed. Nobody can tell whether the client still waits: so not for long, nor many."""
        if len(self._hashing) >= _MOST_HASHING:
            raise RequestError("too many files are being hashed; announce again later")
        found = self._room.of_target(said.file, said.info_hash).addTimeout(_HASHING_PATIENCE, self._reactor)
        self._hashing.add(found)

        def over(result: Any) -> Any:
            self._hashing.discard(found)
            return result

        found.addBoth(over).addCallback(partial(self._answer, said, addr, transaction))
        found.addErrback(self._failed, addr, transaction)

    def _failed(self, reason: Failure, addr: tuple[str, int], transaction: int) -> None:
        if reason.check(TimeoutError):
            self._refuse(addr, transaction, "the file takes too long to hash; ask for its torrent over HTTP first")
        elif not reason.check(CancelledError):  # the tracker has stopped
            reason.trap(RequestError)
            self._refuse(addr, transaction, reason.getErrorMessage())

    def stopProtocol(self) -> None:
        """Answer nobody any more."""
        for found in tuple(self._hashing):
            found.cancel()
        for call in self._late:
            cancel(call)

    def _answer(self, said: Announce, addr: tuple[str, int], transaction: int, seeded: Seeded | None) -> None:
        ends = Ends(addr[0], self.transport.getHost().host)
        fault = heard(self._room, said, ends, seeded) if seeded else None
        kind, seconds = fault or ("", 0)
        self._record(said, addr, kind)
        if kind in DEAF:
            self._misbehave(kind, addr, transaction)
            return
        peers, counts = tell(self._room, said, ends, seeded)
        told = struct.pack(">III", INTERVAL, counts.incomplete, counts.complete)
        told += compacted([] if kind == "empty" else peers, 6 if ":" in addr[0] else 4)
        if seconds:
            self._late.append(self._reactor.callLater(seconds, self._send, addr, _ANNOUNCE, transaction, told))
        else:
            self._send(addr, _ANNOUNCE, transaction, told)

    def _misbehave(self, kind: str, addr: tuple[str, int], transaction: int) -> None:
        """Fail, or answer with too few bytes; a 503 over UDP is no answer. Warnings and dictionaries are not there."""
        if kind == "failure":
            self._refuse(addr, transaction, FAILURE)
        elif kind == "garbage":
            self._send(addr, _ANNOUNCE, transaction, b"")

    def _record(self, said: Announce, addr: tuple[str, int], fault: str) -> None:
        """Put an announce into the journal, as if it had come over HTTP; only its method is another one."""
        journal, now = self._room.backstage.journal, self._reactor.seconds()
        url = f"/announce?{as_query(said)}"
        record = Record(method="UDP", url=url, started=now, client=f"{addr[0]}:{addr[1]}", status=200, first_byte=now)
        record.tag, record.faults = tag_of(said.file.partition("?")[2]), [f"tracker={fault}"] if fault else []
        record.end, record.ended = End.COMPLETE, now
        journal.add(record)

    def _scrape(self, body: bytes, addr: tuple[str, int], transaction: int) -> None:
        if not body or len(body) % 20 or len(body) > 20 * MOST_SCRAPED:
            raise RequestError(f"a scrape has from 1 to {MOST_SCRAPED} info-hashes")
        counts = (self._room.counts(body[at : at + 20]) for at in range(0, len(body), 20))
        told = b"".join(struct.pack(">III", each.complete, each.downloaded, each.incomplete) for each in counts)
        self._send(addr, _SCRAPE, transaction, told)

    def _refuse(self, addr: tuple[str, int], transaction: int, why: str) -> None:
        self._note(addr, why)
        self._send(addr, _ERROR, transaction, why.encode())

    def _send(self, addr: tuple[str, int], action: int, transaction: int, body: bytes) -> None:
        self.transport.write(struct.pack(">II", action, transaction) + body, addr)

    def _note(self, addr: tuple[str, int], text: str) -> None:
        if self._log:
            _log.info("{line}", line=f"UDP tracker, {addr[0]}: {text}")


def _said(body: bytes) -> Announce:
    """Return what an announce says. Raises RequestError or struct.error if it is malformed."""
    info_hash, peer_id, _, left, _, event, _, _, wanted, port = _BODY.unpack_from(body)
    _, _, query = _url_data(body[_BODY.size :]).partition("?")
    return Announce(
        info_hash,
        peer_id,
        port,
        left,
        _EVENTS.get(event, EVENTS[0]),
        50 if wanted < 0 else wanted,
        compact=True,
        with_ids=False,
        file=file_of(parameters_of(query).get("file", [None])[0]),
    )


def _url_data(options: bytes) -> str:
    """Return the path and the query that a client has put behind its announce (BEP 41); "" if it has not."""
    parts, at = [], 0
    while at < len(options) and options[at] != _END:
        if options[at] == _NOTHING:
            at += 1
            continue
        (length,) = options[at + 1 : at + 2] or (0,)
        if options[at] == _URL_DATA:
            parts.append(options[at + 2 : at + 2 + length])
        at += 2 + length
    return b"".join(parts).decode("latin-1")
