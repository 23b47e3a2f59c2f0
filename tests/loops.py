"""A reactor driven by hand, and clients of it on real sockets, both in the thread of the test."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.pollreactor import PollReactor
from twisted.internet.selectreactor import SelectReactor

from doubles import Response, parse_response

#: The limit, in seconds, for every wait in a test.
PATIENCE = 20

REACTORS: dict[str, Callable[[], Any]] = {
    "epoll": EPollReactor,
    "poll": PollReactor,
    "select": SelectReactor,
    "asyncio": lambda: AsyncioSelectorReactor(asyncio.new_event_loop()),
}


class Loop:
    """A reactor that is not installed globally, and everything opened on it."""

    def __init__(self, kind: str = "epoll") -> None:
        self.reactor = REACTORS[kind]()
        self._own = set(self.reactor.getReaders())  # its waker
        self._ports: list[Any] = []
        self._clients: list[Client] = []

    def listen(self, factory: Any) -> int:
        """Listen on a free port of loopback; return its number."""
        self._ports.append(self.reactor.listenTCP(0, factory, interface="127.0.0.1"))
        number: int = self._ports[-1].getHost().port
        return number

    def listen_unix(self, path: str, factory: Any) -> None:
        """Listen on a UNIX socket."""
        self._ports.append(self.reactor.listenUNIX(path, factory))

    def connect(self, address: Any, *, buffer: int | None = None, context: ssl.SSLContext | None = None) -> Client:
        """Return a client of a port, or of a UNIX socket's path, with a receive buffer of this many bytes."""
        plain = socket.socket(socket.AF_INET if isinstance(address, int) else socket.AF_UNIX)
        if buffer is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.connect(("127.0.0.1", address) if isinstance(address, int) else address)
        plain.setblocking(False)  # noqa: FBT003  the socket's signature
        if context is not None:
            plain = context.wrap_socket(
                plain, server_hostname="localhost", do_handshake_on_connect=False, suppress_ragged_eofs=False
            )
        self._clients.append(Client(self, plain))
        return self._clients[-1]

    def turn(self, times: int = 1, seconds: float = 0) -> None:
        """Run some turns of the reactor; in each, wait for events up to this long."""
        for _ in range(times):
            self.reactor.iterate(seconds)

    def until(self, condition: Callable[[], bool]) -> None:
        """Run the reactor until a condition holds; fail after a time limit."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "it never happened"
            self.turn(seconds=0.005)

    def until_settled(self, value: Callable[[], object]) -> None:
        """Run the reactor until a value stays as it is for 60 turns: a kernel may put off an acknowledgement."""
        last, same = value(), 0
        deadline = time.monotonic() + PATIENCE
        while same < 60:
            assert time.monotonic() < deadline, "it never settled"
            self.turn(seconds=0.002)
            same = same + 1 if value() == last else 0
            last = value()

    def left(self) -> list[Any]:
        """Return what the reactor still watches or has scheduled, except for ports, and for the clock of a Site."""
        readers = set(self.reactor.getReaders()) - self._own - set(self._ports)
        calls = [call for call in self.reactor.getDelayedCalls() if "_updateLogDateTime" not in repr(call)]
        return [*readers, *self.reactor.getWriters(), *calls]

    def close(self) -> None:
        """Close everything."""
        for client in self._clients:
            client.socket.close()
        for port in self._ports:
            port.stopListening()
        self.turn(3)
        for descriptor in self.reactor.removeAll() + list(self._own):
            descriptor.connectionLost(None)
        if isinstance(self.reactor, AsyncioSelectorReactor):
            self.reactor._asyncioEventloop.close()  # it has no public way
        elif isinstance(self.reactor, EPollReactor):
            self.reactor._poller.close()  # nor this


class Client:
    """A client on a socket, which lets the reactor run while it waits."""

    def __init__(self, loop: Loop, socket_: Any) -> None:
        self.loop = loop
        self.socket = socket_
        self.unread = b""

    def shake_hands(self) -> Client:
        """Do the TLS handshake."""
        self._waiting(self.socket.do_handshake)
        return self

    def send(self, data: bytes) -> None:
        """Send all of the data, which is little."""
        assert self._waiting(lambda: self.socket.send(data)) == len(data)

    def get(self, target: str, *headers: str, method: str = "GET") -> Response:
        """Make a request, and return its response."""
        self.send("".join(f"{line}\r\n" for line in [f"{method} {target} HTTP/1.1", "Host: a", *headers, ""]).encode())
        return self.response(method)

    def response(self, method: str = "GET") -> Response:
        """Read one response, whose body has a length."""
        while b"\r\n\r\n" not in self.unread:
            self.unread += self.receive() or b"closed too early\r\n\r\n"
        head, _, _ = self.unread.partition(b"\r\n\r\n")
        empty, _ = parse_response(head + b"\r\n\r\n", "HEAD")
        length = 0 if method == "HEAD" else int(empty.headers.get("content-length", 0))
        raw = self.read(len(head) + 4 + length)
        return parse_response(raw, method)[0]

    def read(self, amount: int) -> bytes:
        """Return exactly N bytes."""
        pieces, got = [self.unread], len(self.unread)
        while got < amount:
            pieces.append(self.receive())
            assert pieces[-1], "closed too early"
            got += len(pieces[-1])
        data = b"".join(pieces)
        self.unread = data[amount:]
        return data[:amount]

    def read_until_reset(self) -> bytes:
        """Return the bytes before the connection is reset; fail if it is closed instead.

        With TLS, OpenSSL reports a reset only as an end without close_notify.
        """
        pieces = [self.unread]
        while True:
            try:
                pieces.append(self.receive())
            except (ConnectionResetError, ssl.SSLEOFError):
                return b"".join(pieces)
            assert pieces[-1], "closed, not reset"

    def read_until_closed(self) -> bytes:
        """Return the bytes before the other side closes; fail if it resets instead."""
        pieces = [self.unread]
        while piece := self.receive():
            pieces.append(piece)
        return b"".join(pieces)

    def read_what_is_there(self) -> bytes:
        """Return what comes until nothing does for 20 turns."""
        pieces, quiet = [self.unread], 0
        while quiet < 20:
            try:
                pieces.append(self.socket.recv(1 << 20))
            except BlockingIOError:  # noqa: PERF203  it is about waiting
                self.loop.turn(seconds=0.002)
                quiet += 1
        return b"".join(pieces)

    def receive(self, most: int = 1 << 20) -> bytes:
        """Return some bytes, or none when the other side has closed."""
        self.loop.turn()
        data: bytes = self._waiting(lambda: self.socket.recv(most))
        return data

    def leave(self, *, reset: bool = False) -> None:
        """Close the connection, or reset it."""
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _waiting(self, action: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return action()
            except (BlockingIOError, ssl.SSLWantReadError):  # noqa: PERF203  it is about waiting
                assert time.monotonic() < deadline, "nothing comes"
                self.loop.turn(seconds=0.005)


@contextmanager
def uncollected() -> Iterator[Loop]:
    """Run a loop, while Python collects no garbage: what is freed then was in no cycle."""
    loop = Loop()
    gc.collect()
    gc.disable()
    try:
        yield loop
    finally:
        gc.enable()
        loop.close()
