"""How a connection is ended on purpose, in the middle of an answer."""

from __future__ import annotations

from array import array
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.internet.tcp import Connection
from twisted.web.http import Request

from fakefiles.serving.ticks import Call, Ticks

# A reset throws away what the client's side has not acknowledged: look so often, in seconds, whether it has it all,
_LOOK_EVERY = 0.01
# and believe it when it was so this many times in a row: between two looks the transport hands on what it holds.
_LOOKS = 3


def reset(request: Request) -> None:
    """Reset the connection of a request now; what its client has not got yet is lost."""
    # An HTTP/2 stream has no transport of its own, and is aborted by itself.
    transport: Any = request.transport or request.channel
    transport.abortConnection()


def reset_when_sent(request: Request, clock: IReactorTime | Ticks) -> None:
    """Reset the connection of a request, so that a client that reads has all that was written before."""
    socket = _socket_of(request.transport)
    if socket is None:
        reset(request)
        return
    looks = 0

    def look() -> None:
        nonlocal looks
        looks = 0 if _unsent(socket) else looks + 1
        if looks == _LOOKS:
            reset(request)

    looking = LoopingCall(look)
    looking.clock = clock  # type: ignore[assignment]  # it asks for no more than Ticks has
    looking.start(_LOOK_EVERY, now=False)
    # The client has left by itself, or was reset.
    request.notifyFinish().addErrback(lambda _: looking.stop())


def cancel(call: IDelayedCall | Call) -> None:
    """Cancel a call, unless it has been made or cancelled."""
    if call.active():
        call.cancel()


def _socket_of(transport: Any) -> Any:
    """Return the socket below a transport, or None: for HTTP/2, or in memory."""
    while transport is not None and not isinstance(transport, Connection):
        transport = getattr(transport, "transport", None)
    return transport and transport.getHandle()


def _unsent(socket: Any) -> int:
    """Return how many bytes in the socket's buffer the client's side has not acknowledged."""
    count = array("i", [0])
    # Not every system can be asked: then the looks are but a delay.
    with suppress(OSError):
        ioctl(socket, TIOCOUTQ, count)
    return count[0]
