"""How fast a body goes out: buckets that fill at a rate, and say how long to wait for the next bytes."""

from __future__ import annotations

from dataclasses import dataclass

#: How far, in seconds, a transfer that was held up may run ahead of its rate to catch up.
MOST_AHEAD = 0.1


@dataclass(slots=True)
class Bucket:
    """Lets `rate` bytes/s through, for one transfer or for several that share it.

    It is a virtual clock (the generic cell rate algorithm): `_due` is when the next byte may go. Late bytes are made up
    for, but by no more than MOST_AHEAD seconds' worth at once.
    """

    rate: float
    _due: float = 0.0

    def take(self, amount: int, now: float) -> float:
        """Take `amount` bytes at the time `now`, in seconds; return for how many seconds they have to wait."""
        due = max(self._due, now - MOST_AHEAD)
        self._due = due + amount / self.rate
        return max(0.0, due - now)
