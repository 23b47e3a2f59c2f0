"""When things go wrong: counts the requests of each URL, and draws lots, the same ones in every run."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from random import Random
from typing import NamedTuple
from weakref import WeakValueDictionary

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import Kind, number
from fakefiles.files.errors import RequestError
from fakefiles.transfer.bucket import Bucket

#: The most URLs whose requests are counted: of more, the one asked for least recently begins anew.
MOST_URLS = 4096

_PROBABILITY = re.compile(r"0?\.[0-9]{1,9}|[01](?:\.0{1,9})?", re.ASCII)


class Place(NamedTuple):
    """What is counted: requests of one method for a path, under a tag, with a query whose order is of no matter."""

    path: str
    tag: str
    query: frozenset[tuple[str, str]]
    method: str


class Occasion(NamedTuple):
    """One request: its number among those of its URL, from 1, and the lots that are drawn for it."""

    number: int
    rng: Random


def _chance(value: str) -> float:
    if not _PROBABILITY.fullmatch(value):
        raise RequestError("a number from 0 to 1, like 0.25")
    return float(value)


_REQUESTS = number(1, 1_000_000)
_CHANCE = Kind("NUMBER", _chance, "float | str")


@dataclass(frozen=True, slots=True)
class When:
    """On which requests of a URL things go wrong; the fields are its parameters. All of them if it says nothing."""

    fail: int | None = parameter(_REQUESTS, "Misbehave on the first N requests only.")
    every: int | None = parameter(_REQUESTS, "Misbehave on every N-th request only.")
    chance: float | None = parameter(_CHANCE, "Misbehave at random, with this probability, like 0.25.")

    def now(self, occasion: Occasion) -> bool:
        """Return whether things go wrong on an occasion; draws a lot if there is a chance."""
        if self.fail is not None:
            return occasion.number <= self.fail
        if self.every is not None:
            return occasion.number % self.every == 0
        return self.chance is None or occasion.rng.random() < self.chance


class Occasions:
    """What a server remembers of other requests: how many there were of each URL, and the buckets that are shared."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Place, int] = OrderedDict()
        self._buckets: WeakValueDictionary[tuple[str, str], Bucket] = WeakValueDictionary()

    def next(self, place: Place, seed: int) -> Occasion:
        """Count a request, and return its occasion; the lots depend on the seed and the number alone."""
        number = self._counts.pop(place, 0) + 1
        self._counts[place] = number
        if len(self._counts) > MOST_URLS:
            self._counts.popitem(last=False)
        return Occasion(number, Random(f"{seed} {number}"))  # noqa: S311  lots, not secrets

    def reset(self, *, tag: str | None = None) -> None:
        """Begin to count anew: of a tag, or of all."""
        for place in list(self._counts):
            if tag in {None, place.tag}:
                del self._counts[place]

    def bucket(self, tag: str, name: str, rate: float) -> Bucket:
        """Return the bucket of that name, under a tag; it is shared by all who hold it, and gone when nobody does.

        Raises RequestError when it has another rate.
        """
        bucket = self._buckets.get((tag, name)) or Bucket(rate)
        if bucket.rate != rate:
            raise RequestError(f"that bucket has rate={bucket.rate:.0f} now; all who share it say the same")
        self._buckets[tag, name] = bucket
        return bucket
