"""ticks.py: short waits end together, none too early, and cancelled ones leave no timer behind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from fakefiles.serving.ticks import TICK, Ticks


@given(st.lists(st.floats(0.0001, 0.9), min_size=1, max_size=20), st.floats(0, 1e6))
def test_none_too_early_nor_late(delays: list[float], start: float) -> None:
    """Each call is made no earlier than its time, and at most a tick later."""
    clock, made = Clock(), dict[int, float]()
    clock.advance(start)
    ticks = Ticks(clock)
    for number, delay in enumerate(delays):
        ticks.callLater(delay, lambda number=number: made.setdefault(number, clock.seconds()))  # type: ignore[misc]
    while clock.calls:
        clock.advance(max(0.0, clock.calls[0].getTime() - clock.seconds()))
    for number, delay in enumerate(delays):
        assert start + delay - 1e-6 <= made[number] <= start + delay + TICK + 1e-6


def test_one_timer_for_a_tick() -> None:
    """Calls of the same tick share a timer of the reactor."""
    clock, made = Clock(), list[int]()
    ticks = Ticks(clock)
    for number in range(100):
        ticks.callLater(0.1 + number * 1e-6, lambda number=number: made.append(number))  # type: ignore[misc]
    assert len(clock.getDelayedCalls()) == 2
    clock.advance(0.11)
    assert made == list(range(100))


@pytest.mark.parametrize("delay", [0, 0.5, 3])
def test_cancel(delay: float) -> None:
    """A call that is cancelled is not made, and the last of a tick leaves no timer; others of its tick are made."""
    clock, made = Clock(), list[str]()
    ticks = Ticks(clock)
    one, other = (ticks.callLater(delay, lambda name=name: made.append(name)) for name in "ab")  # type: ignore[misc]
    one.cancel()
    assert (one.active(), other.active()) == (False, True)
    other.cancel()
    assert clock.getDelayedCalls() == []
    one, other = (ticks.callLater(delay, lambda name=name: made.append(name)) for name in "ab")  # type: ignore[misc]
    one.cancel()
    clock.advance(delay)
    assert made == ["b"]
    assert not other.active()


def test_cancelled_by_another_of_the_same_tick() -> None:
    """A call that is cancelled by another one of the same tick is not made."""
    clock, made = Clock(), list[str]()
    ticks = Ticks(clock)
    calls: list[Any] = []

    def give_up() -> None:
        calls[0].cancel()

    ticks.callLater(0.1, give_up)
    calls.append(ticks.callLater(0.1, lambda: made.append("later")))
    clock.advance(0.2)
    assert made == []
    assert clock.getDelayedCalls() == []


def test_a_call_that_fails(logged_failures: list[Failure]) -> None:
    """If a call raises, the others of its tick are still made, and the failure is logged."""
    clock, made = Clock(), list[str]()
    ticks = Ticks(clock)
    ticks.callLater(0.1, lambda: 1 // 0)
    ticks.callLater(0.1, lambda: made.append("b"))
    clock.advance(0.2)
    assert made == ["b"]
    assert logged_failures.pop().check(ZeroDivisionError)
