"""Rounds of a measure, A B C A B C: what troubles the machine for a while troubles all, and ratios of a round hold."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.clients import MeasureError
from benchmarks.measures import Figures, Measure, Scale
from benchmarks.peers import PEERS, Peer
from benchmarks.servers import Fleet, ServerError

#: The server that the others are compared with.
OURS = next(iter(PEERS))


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, and their extremes."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Return it for at least one figure."""
        return cls(statistics.median(figures), min(figures), max(figures))


@dataclass(frozen=True, slots=True)
class Result:
    """What a measure found: the figures of each round by peer, and of those left out, why."""

    measure: Measure
    rounds: dict[str, list[Figures]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def spread(self, peer: str, quantity: str) -> Spread | None:
        """Return what a peer's rounds gave, or None if there are none."""
        rounds = self.rounds.get(peer)
        return Spread.of([figures[quantity] for figures in rounds]) if rounds else None

    def ratio(self, peer: str, quantity: str) -> Spread | None:
        """Return our figure divided by a peer's, taken in each round, or None if there is none."""
        pairs = zip(self.rounds.get(OURS, ()), self.rounds.get(peer, ()), strict=False)
        ratios = [ours[quantity] / theirs[quantity] for ours, theirs in pairs if theirs[quantity]]
        return Spread.of(ratios) if ratios else None


def run(
    measure: Measure,
    fleet: Fleet,
    scale: Scale,
    say: Callable[[str], object],
    peers: Mapping[str, Peer] = PEERS,
) -> Result:
    """Take all rounds of a measure; a peer that is not installed, or fails, is left out with the reason."""
    result = Result(measure)
    for name in measure.peers:
        if missing := peers[name].missing():
            result.left_out[name] = f"not installed: {missing}"
        else:
            result.rounds[name] = []
    for number in range(1, scale.rounds + 1):
        for name in list(result.rounds):
            say(f"{measure.name}: {name}, {number} of {scale.rounds}")
            try:
                result.rounds[name].append(measure.take(fleet, peers[name], measure.mode, scale))
            except (MeasureError, ServerError, OSError) as error:
                result.left_out[name] = f"failed: {error}"
                del result.rounds[name]
    return result
