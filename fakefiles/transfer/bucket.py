"""Rate limits: a bucket says how long the next bytes have to wait."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

#: How much delay, in seconds, a transfer may catch up on.
MOST_LATE = 0.5


@dataclass(eq=False)
class Bucket:
    """Limits one transfer, or several that share it, to `rate` bytes/s.

    It is a virtual clock: `_due` is the time when the bytes taken so far should be sent. A transfer that is late (its
    client read slowly, the reactor was busy) catches up on MOST_LATE seconds at most, and at no more than twice the
    rate: so the mean rate is right, without bursts. `_last` is the time when the last bytes could go.
    """

    rate: float
    _due: float | None = None
    _last: float = -inf

    def take(self, amount: int, now: float) -> float:
        """Take `amount` bytes at the time `now`, in seconds; return how many seconds to wait before sending them.

        Bytes wait for the time that they themselves take at the rate. So a body is complete after length / rate
        seconds, not one piece earlier.
        """
        gap = amount / self.rate
        self._due = gap + (now if self._due is None else max(self._due, now - MOST_LATE))
        self._last = max(self._due, now, self._last + gap / 2)
        return self._last - now
