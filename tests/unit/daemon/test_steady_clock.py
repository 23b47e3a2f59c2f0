"""steady_clock.py: what a reactor takes for the time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock

import fakefiles
from fakefiles.daemon.steady_clock import keep_time
from loops import Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Return a loop."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_a_jump(loop: Loop, monkeypatch: pytest.MonkeyPatch, jump: int) -> None:
    """If the time of the system jumps, paced bodies and delays go on, and no timer comes too soon."""
    keep_time(loop.reactor)
    begun = loop.reactor.seconds()
    assert begun == pytest.approx(time.time(), abs=1)
    site = fakefiles.site(reactor=loop.reactor)
    client = loop.connect(loop.listen(site))
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump)
    assert len(client.get("/20k?rate=100k&delay=10ms").body) == 20 << 10
    (record,) = site.journal.records()
    assert record.ended
    assert 0.01 < record.ended - record.started < 20
    assert loop.reactor.seconds() - begun < 20


def test_other_clocks() -> None:
    """The clock of a test is left alone."""
    clock = Clock()
    keep_time(clock)
    assert clock.seconds() == 0
