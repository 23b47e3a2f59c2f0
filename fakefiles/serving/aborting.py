"""How a connection is reset on purpose in the middle of an answer, so that its client still gets what came before."""

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

from fakefiles.serving.ticks import Call, Ticks

# A reset throws away what the client's side has not acknowledged. Look every so many seconds whether it has it all,
_LOOK_EVERY = 0.01
# and believe it when this many looks in a row say so: between two looks the transport hands on what it holds.
_LOOKS = 3


def reset_when_sent(transport: Any, clock: Ticks) -> Callable[[], None]:
    """Reset a connection when its client's side has all that was written; return what gives that up.

    Where no socket can be found below the transport, that is now.
    """
    socket = _socket_of(transport)
    looks = 0

    def look() -> None:
        nonlocal looks
        looks = 0 if _unsent(socket) else looks + 1
        if looks == _LOOKS:
            transport.abortConnection()

    looking = LoopingCall(look)
    looking.clock = clock  # type: ignore[assignment]  # it asks for no more than Ticks has
    if socket is None:
        transport.abortConnection()
    else:
        looking.start(_LOOK_EVERY, now=False)
    return lambda: looking.stop() if looking.running else None


def cancel(call: IDelayedCall | Call) -> None:
    """Cancel a call, unless it has been made or cancelled."""
    if call.active():
        call.cancel()


def _socket_of(transport: Any) -> Any:
    """Return the socket below a transport, which TLS or others may wrap; None if it has none, as in memory."""
    while transport is not None and not isinstance(transport, Connection):
        transport = getattr(transport, "transport", None)
    return transport and transport.getHandle()


def _unsent(socket: Any) -> int:
    """Return how many bytes in the socket's buffer the client's side has not acknowledged."""
    count = array("i", [0])
    # Not every system can be asked: then the looks are only a delay.
    with suppress(OSError):
        ioctl(socket, TIOCOUTQ, count)
    return count[0]
