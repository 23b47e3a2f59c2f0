"""What fakefiles wants to reach, as ratios of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.rounds import OURS, Result, Spread


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for a quantity of ours or, with a peer, for its ratio to the peer's."""

    measure: str
    quantity: str
    bound: float
    peer: str | None = None
    at_most: bool = True

    def measured(self, results: Mapping[str, Result]) -> Spread | None:
        """Return what was measured, or None."""
        result = results.get(self.measure)
        if result is None:
            return None
        return result.ratio(self.peer, self.quantity) if self.peer else result.spread(OURS, self.quantity)

    def met(self, results: Mapping[str, Result]) -> bool | None:
        """Return whether the median keeps to the bound, or None if nothing was measured."""
        measured = self.measured(results)
        if measured is None:
            return None
        return measured.median <= self.bound if self.at_most else measured.median >= self.bound


@dataclass(frozen=True, slots=True)
class Target:
    """A target: it is met when any of its goals is."""

    text: str
    goals: tuple[Goal, ...]

    def met(self, results: Mapping[str, Result]) -> bool | None:
        """Return whether it is met, or None if nothing was measured."""
        verdicts = [verdict for goal in self.goals if (verdict := goal.met(results)) is not None]
        return any(verdicts) if verdicts else None


def _target(text: str, *goals: Goal) -> Target:
    return Target(text, goals)


TARGETS = (
    _target("ones: CPU per GiB at most 1.2 x nginx", Goal("ones-1", "CPU-s/GiB", 1.2, "nginx")),
    _target("ones: CPU per GiB at most 1/15 of FastAPI", Goal("ones-1", "CPU-s/GiB", 1 / 15, "FastAPI")),
    _target("ones: throughput at least 0.8 x nginx", Goal("ones-1", "GiB/s", 0.8, "nginx", at_most=False)),
    _target(
        "random: at least 1 GiB/s, or 3 x FastAPI",
        Goal("random-1", "GiB/s", 1, at_most=False),
        Goal("random-1", "GiB/s", 3, "FastAPI", at_most=False),
    ),
    _target("TLS: throughput at least 3 x uvicorn", Goal("tls-1", "GiB/s", 3, "FastAPI", at_most=False)),
    _target("1 B: requests/s at least 2.5 x FastAPI", Goal("answers-32", "requests/s", 2.5, "FastAPI", at_most=False)),
    _target(
        "1 B: requests/s at least 0.8 x a bare twisted.web Resource",
        Goal("answers-32", "requests/s", 0.8, "bare Resource", at_most=False),
    ),
    _target("stalled clients: at most 16 KiB each", Goal("stalled", "KiB each", 16)),
    _target("first byte beside stalled clients: under 20 ms", Goal("stalled", "first byte, ms", 20)),
    _target("200 downloads: slowest at least half of fastest", Goal("fair", "slowest/fastest", 0.5, at_most=False)),
    _target("start-up at most 1.3 x twistd web", Goal("start", "ms", 1.3, "twistd web")),
)
