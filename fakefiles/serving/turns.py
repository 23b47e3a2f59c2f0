"""Turns for greedy transfers: however many there are, they delay a new client by a few milliseconds only.

A send to a socket that takes a mebibyte each time costs a quarter of a millisecond. Sixty-four of them in every turn of
the reactor would delay everybody else: a new client needs three turns to its first byte. So they queue up: in each turn
of the reactor the first ones send BYTES in all, and between two turns the reactor accepts and answers others.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall

from fakefiles.serving.ticks import Call, Ticks

#: How many bytes the takers in the queue send in one turn of the reactor: about a millisecond of work.
BYTES = 1 << 22
# The least that a turn counts as, in bytes: a system call that sends nothing takes as long as sending these.
_LEAST = 1 << 15


class Taker(Protocol):
    """A transfer that takes turns."""

    def take_turn(self) -> int:
        """Do a bounded piece of work; return the number of bytes sent. To get another turn, it must join again."""


class Turns:
    """A queue of takers: first in, first out."""

    def __init__(self, clock: Ticks) -> None:
        self._clock = clock
        # Not a deque: of thousands of takers, any one may leave.
        self._queue: OrderedDict[Taker, None] = OrderedDict()
        self._turn: IDelayedCall | Call | None = None

    def join(self, taker: Taker) -> None:
        """Put a taker at the end of the queue; one that is in the queue keeps its place."""
        self._queue.setdefault(taker)
        if self._turn is None:
            self._turn = self._clock.callLater(0, self._run)

    def leave(self, taker: Taker) -> None:
        """Remove a taker from the queue, if it is there."""
        self._queue.pop(taker, None)
        if not self._queue and self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def _run(self) -> None:
        self._turn = None
        # A taker that joins again meanwhile goes to the end, and may get another turn in this very loop.
        left = BYTES
        while self._queue and left > 0:
            taker, _ = self._queue.popitem(last=False)
            left -= max(_LEAST, taker.take_turn())
        # callLater(0) inside a timed call waits for the reactor's next turn: its I/O comes between.
        if self._queue and self._turn is None:
            self._turn = self._clock.callLater(0, self._run)
