"""pacing.py: buckets keep their rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.pacing import MOST_AHEAD, Bucket


def test_rate() -> None:
    """The first bytes go at once; each waits for those before it."""
    bucket = Bucket(100)
    assert bucket.take(10, now=5.0) == 0
    assert bucket.take(10, now=5.0) == pytest.approx(0.1 - MOST_AHEAD)
    assert bucket.take(10, now=5.0) == pytest.approx(0.2 - MOST_AHEAD)


@given(
    st.floats(1, 1e9),
    st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 10)), min_size=1, max_size=20),
)
def test_no_more_than_the_rate(rate: float, takes: list[tuple[int, float]]) -> None:
    """Whatever is taken, and whenever: before each piece no more has gone than the time allows, and MOST_AHEAD."""
    bucket, now, gone = Bucket(rate), 100.0, 0
    for amount, idle in takes:
        now += idle
        now += bucket.take(amount, now)
        assert gone <= rate * (now - 100.0 + MOST_AHEAD) * (1 + 1e-6) + 1e-6
        gone += amount
