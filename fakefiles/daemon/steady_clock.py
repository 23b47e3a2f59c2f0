"""A clock for the reactor that never jumps, whatever happens to that of the system."""

from __future__ import annotations

import time
from typing import Any

from twisted.internet.base import ReactorBase


def keep_time(reactor: Any) -> None:
    """Give a reactor a clock that begins with the time of the system, and then goes on steadily, in seconds.

    Twisted's reads the time of the system at each turn. If that is set back by an hour, every timer waits for an hour
    more: paced bodies and delays would freeze. In-memory reactors of tests keep their own clocks.
    """
    if isinstance(reactor, ReactorBase):
        monotonic = time.monotonic  # looked up once: a busy reactor asks a hundred thousand times a second
        offset = time.time() - monotonic()
        # IReactorTime.seconds() is an attribute of each reactor, which all its timers read.
        reactor.seconds = lambda: monotonic() + offset
