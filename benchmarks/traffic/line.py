"""One connection of a client of the soak, plain or over TLS. The client may be as rude as it likes.

It is no stream of asyncio: those lose what came before a reset, and cannot stop to read.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from functools import cache
from typing import Any, NamedTuple

from fakefiles.files.content import Content

_PATIENCE = 2  # seconds for a connection to close
_SMALL_BUFFER = 4096
# The most that is kept unread; beyond it, the client reads no more from its socket.
_MOST_KEPT = 1 << 18
_ESTABLISHED = 1  # tcp_states.h


class WrongAnswerError(Exception):
    """The server did something else than what it promises."""


class WrongBytesError(WrongAnswerError):
    """A body has other bytes than its URL says."""


class TornError(Exception):
    """The connection ended before what was to come."""


class Head(NamedTuple):
    """The head of an answer; names of fields are in lower case."""

    status: int
    fields: dict[str, str]

    def expect(self, *statuses: int) -> None:
        """Raise WrongAnswerError unless the status is one of these."""
        if self.status not in statuses:
            raise WrongAnswerError(f"the status is {self.status}, and not {' or '.join(map(str, statuses))}")


@cache
def client_context() -> ssl.SSLContext:
    """Return what a client over TLS needs; it trusts everybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Line(asyncio.Protocol):
    """A connection. `ended` is whether no more comes, `checked` how many bytes of bodies were the right ones."""

    transport: Any

    def __init__(self) -> None:
        self.ended = False
        self.checked = 0
        self._came = bytearray()
        self._full = False
        self._news = asyncio.Event()
        self._lost = asyncio.Event()

    @classmethod
    async def open(cls, port: int, *, tls: bool, small: bool = False) -> Line:
        """Connect; `small`: the kernel keeps as little as it can for a client that does not read."""
        client = socket.socket()
        client.setblocking(False)
        if small:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(client, ("127.0.0.1", port))
            secure: dict[str, Any] = {"ssl": client_context(), "server_hostname": "localhost"} if tls else {}
            _, line = await loop.create_connection(cls, sock=client, **secure)
        except BaseException:
            client.close()
            raise
        return line

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what comes until it is read, and no more than a bit of it."""
        self._came += data
        if not self._full and len(self._came) > _MOST_KEPT:
            self._full = True
            self.transport.pause_reading()
        self._news.set()

    def eof_received(self) -> None:
        """Take note of the end."""
        self.ended = True
        self._news.set()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  a reset is an end, too
        """Take note of the end."""
        self.ended = True
        self._news.set()
        self._lost.set()

    # What a good client does.

    def ask(self, target: str, *fields: str, method: str = "GET") -> None:
        """Send a request without a body."""
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *fields, "", ""]
        self.send("\r\n".join(lines).encode())

    def send(self, data: bytes) -> None:
        """Send anything."""
        self.transport.write(data)

    async def read(self, most: int = 1 << 20) -> bytes:
        """Return some of what has come, at least a byte; none at the end."""
        while not self._came and not self.ended:
            self._news.clear()
            await self._news.wait()
        data = bytes(self._came[:most])
        del self._came[:most]
        if self._full and len(self._came) < _MOST_KEPT and not self.ended:
            self._full = False
            self.transport.resume_reading()
        return data

    async def read_all(self, count: int) -> bytes:
        """Return so many bytes. Raises TornError when they do not come."""
        data = b""
        while len(data) < count:
            piece = await self.read(count - len(data))
            if not piece:
                raise TornError(f"the connection ended after {len(data)} of {count} bytes")
            data += piece
        return data

    async def read_until(self, end: bytes) -> bytes:
        """Return all up to some bytes, and them. Raises TornError when they do not come."""
        while (at := self._came.find(end)) < 0:
            if self.ended:
                raise TornError(f"the connection ended after {len(self._came)} bytes of a head")
            self._news.clear()
            await self._news.wait()
        return await self.read(at + len(end))

    async def head(self) -> Head:
        """Return the head of an answer. Raises TornError when none comes."""
        first, *lines = (await self.read_until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines if line)
        return Head(int(first.split(" ")[1]), {name.lower(): value for name, value in fields.items()})

    async def pieces(self, head: Head) -> AsyncIterator[bytes]:
        """Yield the body of an answer as it comes. Raises TornError when its end does not come."""
        if "transfer-encoding" in head.fields:
            while size := int(await self.read_until(b"\r\n"), 16):
                async for piece in self._exactly(size):
                    yield piece
                await self.read_until(b"\r\n")
            await self.read_until(b"\r\n")
        elif "content-length" in head.fields:
            async for piece in self._exactly(int(head.fields["content-length"])):
                yield piece
        else:
            while piece := await self.read():
                yield piece

    async def _exactly(self, left: int) -> AsyncIterator[bytes]:
        while left:
            piece = await self.read(left)
            if not piece:
                raise TornError(f"the connection ended {left} bytes too soon")
            left -= len(piece)
            yield piece

    async def body(self, head: Head) -> bytes:
        """Return a whole body, a small one. Raises TornError when its end does not come."""
        return b"".join([piece async for piece in self.pieces(head)])

    async def check(self, head: Head, content: Content, start: int, stop: int) -> None:
        """Read a body, which must be these bytes of a content, from the first to the last one."""
        at = start
        async for piece in self.pieces(head):
            self.compare(piece, content, at)
            at += len(piece)
        if at != stop:
            raise WrongBytesError(f"the body ends at byte {at}, and not at {stop}")

    async def check_torn(self, head: Head, content: Content, start: int, stop: int) -> None:
        """Read a body, which must be these bytes of a content, and be torn after the last of them."""
        at = start
        try:
            async for piece in self.pieces(head):
                self.compare(piece, content, at)
                at += len(piece)
        except TornError:
            if at != stop:
                raise WrongBytesError(f"the body is torn at byte {at}, and not at {stop}") from None
        else:
            raise WrongAnswerError("the body is not torn")

    def compare(self, piece: bytes, content: Content, at: int) -> None:
        """Raise WrongAnswerError unless a piece is what a content has from an offset on."""
        if piece != content.read(at, len(piece)):
            raise WrongBytesError(f"there are some among those from {at} on")
        self.checked += len(piece)

    async def end(self) -> None:
        """Read all until the server ends the connection."""
        while await self.read():
            pass

    # What others do.

    def freeze(self) -> None:
        """Read nothing from now on, as a process that is stopped."""
        self._full = True
        self.transport.pause_reading()

    def half_close(self) -> None:
        """Send a FIN, and read on, unless the connection has ended already; over TLS, without a closing message."""
        if not self.transport.is_closing():
            self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Send an RST, unless the connection has ended already."""
        if self.transport.is_closing():
            return
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def vanish(self) -> None:
        """Close the socket without a closing message of TLS; with bytes unread, the kernel sends an RST."""
        self.transport.abort()

    @property
    def news(self) -> bool:
        """Whether something has come that is not read yet."""
        return bool(self._came)

    @property
    def alive(self) -> bool:
        """Whether the kernel knows of no end of the connection; that can be told without reading."""
        if self.transport.is_closing():
            return False
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        state: int = info[0]
        return state == _ESTABLISHED

    @property
    def _socket(self) -> Any:
        return self.transport.get_extra_info("socket")

    async def close(self) -> None:
        """Close the connection as one should; by force when that takes long."""
        self.transport.close()
        try:
            await asyncio.wait_for(self._lost.wait(), _PATIENCE)
        except asyncio.TimeoutError:
            self.transport.abort()
            await self._lost.wait()
