"""turns.py: the queue of greedy transfers."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from doubles import turns as run_turns
from fakefiles.serving import turns
from fakefiles.serving.ticks import Ticks
from fakefiles.serving.turns import Turns


class Greedy:
    """Sends the same number of bytes in each turn, and joins again for a given number of turns."""

    def __init__(self, queue: Turns, log: list[str], name: str, sends: int, most: int = 1000) -> None:
        self.queue, self.log, self.name, self.sends, self.most = queue, log, name, sends, most

    def take_turn(self) -> int:
        self.log.append(self.name)
        self.most -= 1
        if self.most:
            self.queue.join(self)
        return self.sends


@pytest.mark.parametrize(
    ("sends", "in_a_turn"), [(turns.BYTES, 1), (turns.BYTES // 4, 4), (turns.BYTES // 4 + 1, 4), (0, 128)]
)
def test_bytes_in_a_turn(sends: int, in_a_turn: int) -> None:
    """A turn of the reactor ends after N bytes, or after as many calls as cost the same."""
    clock, log = Clock(), list[str]()
    queue = Turns(Ticks(clock))
    for name in "abc":
        queue.join(Greedy(queue, log, name, sends))
    for count in range(1, 4):
        assert run_turns(clock, 1) == 1
        assert log == list("abc" * count * in_a_turn)[: count * in_a_turn]


def test_once() -> None:
    """Takers that do not join again have one turn each, in their order."""
    clock, log = Clock(), list[str]()
    queue = Turns(Ticks(clock))
    for name in "abc":
        queue.join(Greedy(queue, log, name, turns.BYTES, 1))
    for count in range(1, 4):
        assert run_turns(clock, 1) == 1
        assert log == list("abc")[:count]
    assert clock.getDelayedCalls() == []


def test_leaving() -> None:
    """A taker that left gets no turn, and the last one to leave cancels the timer."""
    clock, log = Clock(), list[str]()
    queue = Turns(Ticks(clock))
    first, second = Greedy(queue, log, "a", 1, 1), Greedy(queue, log, "b", 1, 1)
    for taker in (first, second):
        queue.join(taker)
    queue.leave(first)
    queue.leave(first)
    run_turns(clock, 5)
    assert log == ["b"]
    queue.leave(second)
    queue.join(first)
    queue.leave(first)
    assert clock.getDelayedCalls() == []
