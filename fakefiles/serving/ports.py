"""Ports that can be shut and opened again under the same number, so that clients find the connection refused."""

from __future__ import annotations

import os
import socket
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred, succeed

_HOST = "127.0.0.1"
_BACKLOG = 1024


class ReopenablePort:
    """Listens with a factory on a free port of 127.0.0.1, whose number is `port`."""

    def __init__(self, reactor: Any, factory: Any) -> None:
        self._reactor = reactor
        self._factory = factory
        self._listener: Any = reactor.listenTCP(0, factory, _BACKLOG, _HOST)
        self._reserved: socket.socket | None = None
        self._closed = False
        self.port: int = self._listener.getHost().port

    def refuse(self) -> Deferred[None]:
        """Refuse connections from when this fires on; those that there are go on.

        Fails with OSError in the unlikely case that somebody else takes the port in that moment.
        """
        if self._listener is None:
            return succeed(None)
        listener, self._listener = self._listener, None
        return maybeDeferred(listener.stopListening).addCallback(self._reserve)

    def _reserve(self, _: object) -> None:
        """Hold the number: a socket that is bound but does not listen refuses, and nobody else gets it."""
        if self._closed:
            return
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind((_HOST, self.port))

    def accept(self) -> None:
        """Let clients in again."""
        if self._reserved is not None:
            reserved, self._reserved = self._reserved, None
            with reserved:
                reserved.listen(_BACKLOG)
                os.set_blocking(reserved.fileno(), False)  # as the reactor expects it
                self._listener = self._reactor.adoptStreamPort(reserved.fileno(), socket.AF_INET, self._factory)

    def close(self) -> Deferred[None]:
        """Give the port up; fires when it is free."""
        self._closed = True

        def free(_: None) -> None:
            if self._reserved is not None:
                self._reserved.close()
                self._reserved = None

        return self.refuse().addCallback(free)


class Ports:
    """The doors of a server, by the numbers of their ports."""

    def __init__(self, reactor: Any, factory: Any) -> None:
        self._reactor = reactor
        self._factory = factory
        self._doors: dict[int, ReopenablePort] = {}

    def open(self) -> int:
        """Open one more; return its number. Raises CannotListenError when the system has no more ports."""
        door = ReopenablePort(self._reactor, self._factory)
        self._doors[door.port] = door
        return door.port

    def find(self, port: int) -> ReopenablePort | None:
        """Return the door of that number, if there is one."""
        return self._doors.get(port)

    def close(self, port: int) -> Deferred[None]:
        """Give one up. Raises KeyError when there is none of that number."""
        return self._doors.pop(port).close()
