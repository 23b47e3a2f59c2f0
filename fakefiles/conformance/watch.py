"""Watches the requests of one case: what is held is dropped, released or changed, or its client gets a signal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from fakefiles.testing.journal_client import JournalClient
from fakefiles.testing.process import ServerError
from fakefiles.transfer.record import JournalError, TransferRecord

# So many requests of a client are kept: enough to see what it does when it asks without end.
_MOST_KEPT = 300
# Seconds of one long poll; in which all transfers must have ended after their client; and for the second of two clients
# to ask, after the first one is held.
_POLL = 0.25
_SETTLE_PATIENCE = 5.0
_COMPANION_PATIENCE = 3.0


#: What is done with transfers that are held.
Act = Callable[[Sequence[TransferRecord]], object]


class Requests:
    """The requests with a tag; connections of peers are such, too.

    `lost` says whether the journal has dropped some that came since the beginning.
    """

    def __init__(self, journal: JournalClient, tag: str) -> None:
        self._journal = journal
        self._tag = tag
        reading = journal.read(tag)
        self._version, self._start = reading.version, reading.count
        self._records: dict[int, TransferRecord] = {}
        self._numbers: set[int] = set()
        self.lost = False

    def read(self, wait: float = 0.0) -> list[TransferRecord]:
        """Return the first requests so far; wait up to so many seconds for a change."""
        reading = self._journal.read(self._tag, self._version, wait)
        self._version = reading.version
        self.lost |= reading.lost > self._start
        for record in reading.records:
            self._numbers.add(record.number)
            if len(self._numbers) <= _MOST_KEPT or record.number in self._records:
                self._records[record.number] = record
        return [self._records[number] for number in sorted(self._records)]

    @property
    def count(self) -> int:
        """The number of all requests so far."""
        return len(self._numbers)

    def settled(self) -> Sequence[TransferRecord]:
        """Return the first requests when none of them is under way any more, or after a few seconds."""
        deadline = time.monotonic() + _SETTLE_PATIENCE
        records = self.read()
        while any(record.live for record in records) and time.monotonic() < deadline:
            records = self.read(_POLL)
        return records


class Watch:
    """Does something once when transfers are held, in a thread, and releases all later ones, until stop().

    `enough`: with so many transfers held at once, or a few seconds after the first one, it is done. `first` is set when
    the first one is held. Without `act`, all are released.
    """

    def __init__(
        self, requests: Requests, act: Callable[[Sequence[TransferRecord]], object] | None, enough: int = 1
    ) -> None:
        self.first = threading.Event()
        self._requests, self._act, self._enough = requests, act, enough
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        done: set[int] = set()
        since: float | None = None
        # The server may be stopped meanwhile, and a transfer may end before it is released.
        with suppress(ServerError):
            while not self._stopped.is_set():
                held = [each for each in self._requests.read(_POLL) if _is_held(each) and each.number not in done]
                if not held:
                    continue
                since = since or time.monotonic()
                self.first.set()
                late = time.monotonic() - since > _COMPANION_PATIENCE
                if len(held) >= self._enough or done or late:
                    act = release if done or self._act is None else self._act
                    done |= {record.number for record in held}
                    with suppress(JournalError):
                        act(held)


def _is_held(record: TransferRecord) -> bool:
    return record.live and any(fault.startswith("hold@") for fault in record.faults)


def release(held: Sequence[TransferRecord]) -> None:
    """Release all transfers that are held."""
    for record in held:
        record.release()
