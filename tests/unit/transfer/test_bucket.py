"""bucket.py: buckets keep their rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.transfer.bucket import Bucket


def test_rate() -> None:
    """Bytes go when their own time has passed: a fresh bucket gives no credit, whatever the clock says."""
    bucket = Bucket(100)
    assert bucket.take(10, now=5.0) == pytest.approx(0.1)
    assert bucket.take(10, now=5.0) == pytest.approx(0.2)
    assert bucket.take(10, now=5.2) == pytest.approx(0.1)


def test_exact() -> None:
    """The bytes of five seconds take five seconds."""
    bucket, now = Bucket(64 * 1024), 7.0
    for _ in range(50):
        now += bucket.take(6553, now)
    assert now - 7.0 == pytest.approx(50 * 6553 / (64 * 1024))


def test_what_is_late_is_made_up_for() -> None:
    """A short delay is caught up on, but at no more than twice the rate."""
    bucket, now = Bucket(100), 0.0
    now += bucket.take(10, now)
    now += 0.4
    waits = []
    for _ in range(10):
        waits.append(bucket.take(10, now))
        now += waits[-1]
    assert waits[:3] == [0, pytest.approx(0.05), pytest.approx(0.05)]
    assert now == pytest.approx(1.1)


def test_what_is_very_late_is_lost() -> None:
    """After a long stall of the client, a transfer catches up on half a second at most."""
    bucket, gone, now = Bucket(100), 0, 1000.0
    bucket.take(10, 0.0)
    while now < 1002:
        now += bucket.take(10, now)
        gone += 10
    assert gone == pytest.approx(2.5 * 100, abs=20)


def test_shared() -> None:
    """Two transfers that share a bucket have the rate together."""
    bucket = Bucket(100)
    nows, gone = [0.0, 0.0], 0
    while min(nows) < 5:
        which = nows.index(min(nows))
        nows[which] += bucket.take(10, nows[which])
        gone += 10
    assert gone == pytest.approx(500, rel=0.05)


@given(
    st.floats(1, 1e9),
    st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 10)), min_size=1, max_size=20),
)
def test_no_more_than_the_rate(rate: float, takes: list[tuple[int, float]]) -> None:
    """Whatever is taken, and whenever: never more bytes go than the rate allows."""
    bucket, now, gone = Bucket(rate), 100.0, 0
    for amount, idle in takes:
        now += idle
        wait = bucket.take(amount, now)
        assert wait >= 0
        now += wait
        gone += amount
        # A float has no more digits for the time.
        assert gone <= rate * (now - 100.0 + 1e-9) * (1 + 1e-6) + 1e-6
