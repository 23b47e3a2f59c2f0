"""Buckets, which fill at a rate and say how long to wait."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

#: How far, in seconds, a transfer that was held up may make up for it.
MOST_LATE = 0.5


@dataclass(eq=False)
class Bucket:
    """Lets `rate` bytes/s through, for one transfer or for several that share it.

    It is a virtual clock: `_due` is when the bytes so far should have gone, had nothing been late. What is late is made
    up for, up to MOST_LATE seconds' worth, but at no more than twice the rate: so there are no bursts.
    """

    rate: float
    _due: float | None = None
    _last: float = -inf

    def take(self, amount: int, now: float) -> float:
        """Take `amount` bytes at the time `now`, in seconds; return for how many seconds they have to wait.

        They go when their own time at the rate has passed: a body is complete after its length over its rate.
        """
        gap = amount / self.rate
        self._due = gap + (now if self._due is None else max(self._due, now - MOST_LATE))
        self._last = max(self._due, now, self._last + gap / 2)
        return self._last - now
