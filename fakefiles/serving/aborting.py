"""Resets a connection on purpose in the middle of an answer, so that its client still gets the bytes before that."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import Any

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import LoopingCall
from twisted.internet.tcp import Connection

from fakefiles.serving.ticks import Call

# A reset destroys bytes that the client's kernel has not acknowledged. So look this often, in seconds, whether any are
# left,
_LOOK_EVERY = 0.01
# and reset when this many looks in a row find none. One is not enough: the socket may be empty for a moment while the
# transport still has bytes for it.
_LOOKS = 3


def reset_when_sent(transport: Any, clock: Any, every: float = _LOOK_EVERY) -> Callable[[], None]:
    """Reset a connection when its client's kernel has all written bytes; return a function that gives that up.

    `clock` is a reactor or Ticks. `every`: how often to look, in seconds; the reset comes after three such looks. If
    there is no socket below the transport, reset it now.
    """
    connection = connection_of(transport)
    looks = 0

    def look() -> None:
        nonlocal looks
        looks = 0 if _unsent(connection) else looks + 1
        if looks == _LOOKS:
            transport.abortConnection()

    looking = LoopingCall(look)
    looking.clock = clock
    if connection is None:
        transport.abortConnection()
    else:
        looking.start(every, now=False)
    return lambda: looking.stop() if looking.running else None


def cancel(call: IDelayedCall | Call) -> None:
    """Cancel a call, unless it was made or cancelled already."""
    if call.active():
        call.cancel()


def connection_of(transport: Any) -> Connection | None:
    """Return the transport of a socket below a transport, which TLS may wrap; None for in-memory transports."""
    while transport is not None and not isinstance(transport, Connection):
        transport = getattr(transport, "transport", None)
    return transport


def _unsent(connection: Any) -> int:
    """Return how many bytes in a socket's send buffer the client's kernel has not acknowledged; 0 if unknown."""
    count = array("i", [0])
    # Not every system supports TIOCOUTQ on sockets: there, the looks are only a delay.
    with suppress(OSError):
        ioctl(connection.getHandle(), TIOCOUTQ, count)
    return count[0]
