"""Gives memory back to the system when all clients have left."""

from __future__ import annotations

import gc
from collections.abc import Collection
from typing import Any

from twisted.internet.interfaces import IDelayedCall

# Seconds after the last client has left: others may come at once.
_PATIENCE = 3


class Thrift:
    """Gives the memory that busy times have taken back to the system, some seconds after the last connection is lost.

    The allocator of glibc keeps what is freed: after some minutes of busy clients, that was half of the memory. And the
    TLS transports of Twisted leave cycles, which are collected seldom (see garbage.py).
    """

    def __init__(self, reactor: Any, connections: Collection[object]) -> None:
        self._reactor = reactor
        self._connections = connections
        self._call: IDelayedCall | None = None

    def when_empty(self) -> None:
        """Take note that there is no connection."""
        if self._call is None:
            self._call = self._reactor.callLater(_PATIENCE, self._give_back)

    def _give_back(self) -> None:
        self._call = None
        if not self._connections:  # else it would keep those waiting who have come meanwhile
            give_back()


def give_back() -> None:
    """Collect garbage, and have the allocator give back what is free: malloc_trim(3), where there is that function."""
    import ctypes  # late: it takes some milliseconds

    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
