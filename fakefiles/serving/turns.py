"""Turns for greedy transfers: however many there are, a new client waits for a few milliseconds of them only.

A socket that takes a mebibyte whenever it is asked costs a quarter of a millisecond each time. Sixty-four of them in
every turn of the reactor would keep everybody else waiting, three turns for a first byte. So they stand in a queue: in
each turn of the reactor the first of them send, BYTES together, and in between the reactor accepts and answers others.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall

from fakefiles.serving.ticks import Call, Ticks

#: How many bytes are sent in one turn of the reactor, by all in the queue: a millisecond's worth.
BYTES = 1 << 22
# What a turn counts at least, in bytes: a system call costs as much as sending that.
_LEAST = 1 << 15


class Taker(Protocol):
    """Who stands in the queue."""

    def take_turn(self) -> int:
        """Do a bounded piece of work; return the bytes sent. Joining again is its own business."""


class Turns:
    """A queue, first come, first served."""

    def __init__(self, clock: Ticks) -> None:
        self._clock = clock
        self._queue: deque[Taker] = deque()
        self._turn: IDelayedCall | Call | None = None

    def join(self, taker: Taker) -> None:
        """Stand at the end of the queue."""
        self._queue.append(taker)
        if self._turn is None:
            self._turn = self._clock.callLater(0, self._run)

    def leave(self, taker: Taker) -> None:
        """Stand in the queue no more, if at all."""
        if taker in self._queue:
            self._queue.remove(taker)
        if not self._queue and self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def _run(self) -> None:
        self._turn = None
        left = BYTES
        while self._queue and left > 0:
            left -= max(_LEAST, self._queue.popleft().take_turn())
        if self._queue and self._turn is None:
            self._turn = self._clock.callLater(0, self._run)
