"""How many requests a URL serves at the same time, and what those beyond that get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import number, one_of
from fakefiles.files.errors import RequestError


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests a URL allows at the same time. The fields are the parameters of the URL.

    Raises RequestError for the consequences of a limit that is not there.
    """

    limit: int | None = parameter(number(1, 10_000), "Serve N requests at the same time, and no more.")
    limit_by: str = parameter(
        one_of("url", "tag"),
        "Count those of this URL, or of all URLs with its tag; the default is url.",
        default="",
    )
    over: str = parameter(
        one_of("503", "429", "reset", "hang", "html"),
        "What requests beyond the limit get; the default is 503.",
        default="",
    )

    def __post_init__(self) -> None:
        if self.limit is None and (self.limit_by or self.over):
            raise RequestError("limit_by= and over= go with limit=, like limit=2")

    @property
    def may_say_when(self) -> bool:
        """Whether requests beyond the limit get an answer that may have Retry-After."""
        return self.limit is not None and self.over in {"", "503", "429"}


class Seats:
    """Who is being served, by what they are counted under. What is not being served takes no memory."""

    def __init__(self) -> None:
        self._taken: Counter[Hashable] = Counter()

    def taken(self, key: Hashable) -> int:
        """Return how many seats are taken under a key."""
        return self._taken[key]

    def take(self, key: Hashable) -> Seat:
        """Take a seat; whoever takes it must leave it."""
        self._taken[key] += 1
        return Seat(self, key)

    def left(self, key: Hashable) -> None:
        """Take note that a seat is free again."""
        self._taken[key] -= 1
        if not self._taken[key]:
            del self._taken[key]

    def __len__(self) -> int:
        """Return under how many keys seats are taken."""
        return len(self._taken)


class Seat:
    """A place among those who are being served at the same time."""

    def __init__(self, seats: Seats, key: Hashable) -> None:
        self._seats: Seats | None = seats
        self._key = key

    def leave(self) -> None:
        """Make room for another one. Only the first call counts."""
        seats, self._seats = self._seats, None
        if seats is not None:
            seats.left(self._key)
