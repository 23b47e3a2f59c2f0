"""TCP keepalive: notices clients that have vanished without a word, while nothing is sent to them."""

from __future__ import annotations

import socket
from typing import Any

# The kernel asks after so many seconds of silence, again at this interval, and gives up after so many questions: a
# client that has vanished is gone after two minutes. By default it would be after two hours.
_OPTIONS = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


def keep_alive(connection: Any) -> None:
    """Have the kernel ask now and then whether the client of this TCP socket is still there.

    A held or stalled download of a client that has vanished would otherwise stay for ever.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        option = getattr(socket, name, None)  # not every system has all of them
        if option is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
