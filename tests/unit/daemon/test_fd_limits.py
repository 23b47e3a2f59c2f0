"""fd_limits.py: the limit is raised as far as possible, and connections leave a reserve."""

from __future__ import annotations

import resource
from resource import RLIM_INFINITY

import pytest

from fakefiles.daemon.fd_limits import most_connections, raise_limit


@pytest.mark.parametrize(
    ("soft", "hard", "limit"),
    [
        (1024, 4096, 4096),
        (4096, 4096, 4096),
        (1024, 2**30, 2**20),
        (1024, RLIM_INFINITY, 2**20),
        (2**25, 2**30, 2**25),
        (RLIM_INFINITY, RLIM_INFINITY, 2**20),
    ],
)
def test_limit(soft: int, hard: int, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The soft limit is raised to the hard one, but not beyond a bound, and never lowered."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: told.append(limits))
    assert raise_limit() == limit
    assert told == ([(limit, hard)] if soft < limit and soft != RLIM_INFINITY else [])


def test_a_system_that_does_not_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the limit cannot be raised, the present one is used."""

    def refuse(*_: object) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert raise_limit() == 256


@pytest.mark.parametrize(("limit", "connections"), [(1024, 924), (20000, 19900), (150, 75), (20, 10)])
def test_connections(limit: int, connections: int) -> None:
    """A reserve of descriptors is left, even if there are few."""
    assert most_connections(limit) == connections
