"""How fast a body goes out: what a URL says of it, and the shapes that make it so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from random import Random

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import DURATION, NAME, SIZE, SOME_TIME
from fakefiles.files.errors import RequestError
from fakefiles.transfer.body import MAX_PIECE, Shape
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.shaping import paced, sliced, unsteady

#: One piece of a paced body is at most this many seconds' worth of bytes.
PIECE_TIME = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """What a URL says of the speed; the fields are its parameters, in bytes, bytes/s and seconds.

    Raises RequestError when it makes no sense.
    """

    rate: int | None = parameter(SIZE, "Send N bytes per second.")
    duration: float | None = parameter(SOME_TIME, "The body takes this long, at an even speed.")
    delay: float = parameter(DURATION, "Wait this long before the headers.", default=0)
    jitter: float = parameter(
        DURATION, "A random wait, up to this long, before the headers and before each piece.", default=0
    )
    bucket: str = parameter(
        NAME, "Share one rate with all URLs that name this bucket and have the same tag.", default=""
    )
    drip: int | None = parameter(SIZE, "Write N bytes at a time.")

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

    def shapes(self, rate: float | None, bucket: Bucket | None, rng: Random) -> list[Shape]:
        """Return what makes a body go out so: at a rate, from a bucket; unsteadily, if that is to be, by lot."""
        if rate is None and self.drip is None and not self.jitter:
            return []
        shapes: list[Shape] = [partial(sliced, most=self.piece_size(rate, MAX_PIECE))]
        if bucket is not None:
            shapes.append(partial(paced, bucket=bucket))
        if self.jitter:
            pauses = iter(lambda: rng.uniform(0, self.jitter), None)
            shapes.append(partial(unsteady, pauses=pauses))
        return shapes
