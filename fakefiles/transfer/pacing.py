"""How fast a body goes out: what a URL says of it, and buckets that fill at a rate and say how long to wait."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from fakefiles.files.errors import RequestError

#: One piece of a paced body is at most this many seconds' worth of bytes.
PIECE_TIME = 0.1
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


@dataclass(frozen=True, slots=True)
class Pace:
    """What a URL says of the speed; the fields are its parameters, in bytes, bytes/s and seconds.

    Raises RequestError when it makes no sense.
    """

    rate: int | None = None
    duration: float | None = None
    delay: float = 0
    jitter: float = 0
    bucket: str = ""
    drip: int | None = None

    def __post_init__(self) -> None:
        if self.bucket and self.rate is None:
            raise RequestError("bucket= shares a rate: say rate= too")

    def rate_of(self, length: int) -> float | None:
        """Return the bytes/s at which a body of `length` bytes goes out, or None for as fast as it can."""
        return length / self.duration if self.duration and length else self.rate

    def piece_size(self, rate: float | None, most: int) -> int:
        """Return how many bytes of a body at that rate go out at once: as `drip` says, or up to `most`."""
        if self.drip is not None:
            return self.drip
        return most if rate is None else min(most, max(1, int(rate * PIECE_TIME)))
