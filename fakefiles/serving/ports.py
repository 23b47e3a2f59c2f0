"""Ports that can refuse connections for a while, and then listen again under the same number."""

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
        """Refuse new connections; open ones stay. Returns a Deferred that fires when connections are refused.

        It fails with OSError if another process takes the port in that moment, which is unlikely.
        """
        if self._listener is None:
            return succeed(None)
        listener, self._listener = self._listener, None
        return maybeDeferred(listener.stopListening).addCallback(self._reserve)

    def _reserve(self, _: object) -> None:
        """Keep the number: connections to a socket that is bound, but does not listen, are refused."""
        if self._closed:
            return
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind((_HOST, self.port))

    def accept(self) -> None:
        """Accept connections again."""
        if self._reserved is not None:
            reserved, self._reserved = self._reserved, None
            with reserved:
                reserved.listen(_BACKLOG)
                os.set_blocking(reserved.fileno(), False)  # as the reactor expects it
                self._listener = self._reactor.adoptStreamPort(reserved.fileno(), socket.AF_INET, self._factory)

    def close(self) -> Deferred[None]:
        """Give the port up. Returns a Deferred that fires when it is free."""
        self._closed = True

        def free(_: None) -> None:
            if self._reserved is not None:
                self._reserved.close()
                self._reserved = None

        return self.refuse().addCallback(free)


class Ports:
    """The reopenable ports of a server, by their numbers."""

    def __init__(self, reactor: Any, factory: Any) -> None:
        self._reactor = reactor
        self._factory = factory
        self._ports: dict[int, ReopenablePort] = {}

    def open(self) -> int:
        """Open another port; return its number. Raises CannotListenError if the system has no more ports."""
        port = ReopenablePort(self._reactor, self._factory)
        self._ports[port.port] = port
        return port.port

    def find(self, port: int) -> ReopenablePort | None:
        """Return the port of that number, or None."""
        return self._ports.get(port)

    def close(self, port: int) -> Deferred[None]:
        """Give a port up. Raises KeyError if there is none of that number."""
        return self._ports.pop(port).close()
