"""How fast a body goes out: the parameters for it, and the shapes that slow the body down."""

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

#: A piece of a paced body has at most the bytes of this many seconds, so that a slow one does not come in bursts.
PIECE_TIME = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """The speed that a URL asks for. The fields are the parameters of the URL, in bytes, bytes/s and seconds.

    Raises RequestError for a bucket without a rate.
    """

    rate: int | None = parameter(SIZE, "Send N bytes per second.")
    duration: float | None = parameter(SOME_TIME, "The body takes this long, at an even speed.")
    delay: float = parameter(DURATION, "Wait this long before the headers.", default=0)
    jitter: float = parameter(
        DURATION, "A random wait, up to this long, before the headers and before each piece.", default=0
    )
    bucket: str = parameter(
        NAME, "Share one rate with all URLs that name this bucket and have the same tag.", default="", needs="rate"
    )
    drip: int | None = parameter(SIZE, "Write N bytes at a time.")

    def __post_init__(self) -> None:
        if self.bucket and self.rate is None:
            raise RequestError("bucket= shares a rate: say rate= too")

    def rate_of(self, length: int) -> float | None:
        """Return the rate in bytes/s for a body of `length` bytes; None for no limit."""
        return length / self.duration if self.duration and length else self.rate

    def piece_size(self, rate: float | None, most: int) -> int:
        """Return the size of a piece in bytes: `drip` if set, else what `rate` sends in PIECE_TIME, up to `most`."""
        if self.drip is not None:
            return self.drip
        return most if rate is None else min(most, max(1, int(rate * PIECE_TIME)))

    def shapes(self, rate: float | None, bucket: Bucket | None, rng: Random) -> list[Shape]:
        """Return the shapes for a body, in the order to apply them; none if it goes out at full speed.

        `bucket` limits the rate; `rng` draws the pauses of jitter=.
        """
        if rate is None and self.drip is None and not self.jitter:
            return []
        shapes: list[Shape] = [partial(sliced, most=self.piece_size(rate, MAX_PIECE))]
        if bucket is not None:
            shapes.append(partial(paced, bucket=bucket))
        if self.jitter:
            pauses = iter(lambda: rng.uniform(0, self.jitter), None)
            shapes.append(partial(unsteady, pauses=pauses))
        return shapes
