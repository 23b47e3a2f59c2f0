"""On which requests faults happen: counts the requests of each URL; draws random numbers, the same in every run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from time import monotonic
from typing import NamedTuple
from weakref import WeakValueDictionary

from fakefiles.behaviour.limits import Seats
from fakefiles.behaviour.links import Links
from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import CHANCE, number
from fakefiles.files.errors import RequestError
from fakefiles.transfer.bucket import Bucket

#: For how many URLs requests are counted. Beyond that, the URL not requested for longest is forgotten.
MOST_URLS = 4096

#: The largest number of a request that a parameter can name.
MOST_REQUESTS = 1_000_000


class Place(NamedTuple):
    """What a counter belongs to: method, path, tag and query. The order of the query's parameters does not matter.

    A counter of all methods has "" as its method.
    """

    path: str
    tag: str
    query: frozenset[tuple[str, str]]
    method: str

    @property
    def key(self) -> tuple[str, bytes]:
        """The tag, and a digest of the rest: thousands of the longest URLs would be 80 MB otherwise."""
        rest = repr((self.path, sorted(self.query), self.method))
        return self.tag, blake2b(rest.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Occasion(NamedTuple):
    """One request: its number among the requests of its URL, from 1, and its random numbers."""

    number: int
    rng: Random


_REQUESTS = number(1, MOST_REQUESTS)


@dataclass(frozen=True, slots=True)
class When:
    """On which requests of a URL its faults happen; on all, if no field is set. The fields are its parameters."""

    fail: int | None = parameter(_REQUESTS, "Misbehave on the first N requests only.")
    every: int | None = parameter(_REQUESTS, "Misbehave on every N-th request only.")
    chance: float | None = parameter(CHANCE, "Misbehave at random, with this probability, like 0.25.")

    def now(self, occasion: Occasion) -> bool:
        """Return whether the faults happen on this occasion. With chance=, this draws a random number."""
        if self.fail is not None:
            return occasion.number <= self.fail
        if self.every is not None:
            return occasion.number % self.every == 0
        return self.chance is None or occasion.rng.random() < self.chance


class Occasions:
    """What a server remembers: how many requests each URL had, which files were changed, the shared buckets in use.

    `links` are those that it has made, `seats` are taken by requests under way. `clock` returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.links = Links(clock)
        self.seats = Seats()
        self._counts: OrderedDict[tuple[str, bytes], int] = OrderedDict()  # by the keys of places
        self._changes: OrderedDict[tuple[str | None, str | None], None] = OrderedDict()  # of a tag, of a path
        self._buckets: WeakValueDictionary[tuple[str, str], Bucket] = WeakValueDictionary()

    def next(self, place: Place, seed: int) -> Occasion:
        """Count a request and return its occasion. Its random numbers depend only on `seed` and its number."""
        number = self.count(place)
        return Occasion(number, Random(f"{seed} {number}"))  # noqa: S311  reproducible on purpose, and no secret

    def count(self, place: Place) -> int:
        """Count a request and return its number."""
        key = place.key
        number = self._counts.pop(key, 0) + 1
        self._counts[key] = number
        if len(self._counts) > MOST_URLS:
            self._counts.popitem(last=False)
        return number

    def counted(self, place: Place) -> int:
        """Return how many requests were counted there."""
        return self._counts.get(place.key, 0)

    def change(self, *, tag: str | None = None, path: str | None = None) -> None:
        """Change the files whose URLs have change=, this tag and this path; None stands for all.

        The server remembers MOST_URLS of such calls. The oldest one is forgotten first.
        """
        self._changes[tag, path] = None
        if len(self._changes) > MOST_URLS:
            self._changes.popitem(last=False)

    def changed(self, place: Place) -> bool:
        """Return whether change() was called for the files of that path and tag."""
        return any((tag, path) in self._changes for tag in (None, place.tag) for path in (None, place.path))

    def reset(self, *, tag: str | None = None) -> None:
        """Start counting from 1 again, for the URLs with this tag; for all URLs if it is None.

        What change() has done for this tag is undone, too, and its links expire.
        """
        for key in [key for key in self._counts if tag in {None, key[0]}]:
            del self._counts[key]
        for change in [change for change in self._changes if tag in {None, change[0]}]:
            del self._changes[change]
        self.links.reset(tag=tag)

    def bucket(self, tag: str, name: str, rate: float) -> Bucket:
        """Return the bucket with this tag and name, with `rate` in bytes/s; a new one if no transfer uses it.

        Only weak references are kept here: a bucket lives as long as a transfer that uses it.

        Raises RequestError if the bucket is in use with another rate.
        """
        bucket = self._buckets.get((tag, name)) or Bucket(rate)
        if bucket.rate != rate:
            raise RequestError(f"that bucket has rate={bucket.rate:.0f} now; all who share it say the same")
        self._buckets[tag, name] = bucket
        return bucket
