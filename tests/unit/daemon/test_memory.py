"""memory.py: what is given back when all have left."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from doubles import Connection
from fakefiles.daemon import memory
from fakefiles.daemon.memory import Thrift, give_back
from fakefiles.serving.site import site


def test_when_all_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is given back once, some seconds after the last one has left, and again after the next ones."""
    given: list[float] = []
    clock = Clock()
    monkeypatch.setattr(memory, "give_back", lambda: given.append(clock.seconds()))
    factory = site(reactor=clock)
    factory.when_empty = Thrift(clock, factory.connections).when_empty
    for _ in range(2):
        first, second = Connection(factory, clock), Connection(factory, clock)
        first.protocol.connectionLost(Failure(ConnectionError()))
        clock.advance(9)
        second.protocol.connectionLost(Failure(ConnectionError()))
        Connection(factory, clock).protocol.connectionLost(Failure(ConnectionError()))
        clock.pump([1] * 9)
    assert given == [12, 30]
    Connection(factory, clock).protocol.connectionLost(Failure(ConnectionError()))
    Connection(factory, clock)
    clock.pump([1] * 9)
    assert given == [12, 30]  # somebody is there again


def test_give_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The allocator is asked to keep nothing; one that cannot be asked is left alone."""
    asked: list[Any] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=asked.append))
    give_back()
    assert asked == [0]
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    give_back()
    assert asked == [0]
