"""HTTP/1.1 for the perfect client: one request and its answer on a socket, read strictly, and no byte too much."""

from __future__ import annotations

import re
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

#: Seconds of silence after which a connection is given up; a pause may be shorter.
SILENCE = 3.0
# A transfer that is slower than this, in bytes per second over that many seconds, is given up.
_SLOWEST, _SLOW_TIME = 1000, 4.0
_BLOCK = 1 << 18
_SAFE = "".join(map(chr, range(0x21, 0x7F)))
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,40}")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]+)-([0-9]+)/([0-9]+|\*)", re.IGNORECASE)
_UNSATISFIED = re.compile(r"bytes \*/([0-9]+)", re.IGNORECASE)


class BrokenError(Exception):
    """The transfer broke: another try may help."""


class FailedError(Exception):
    """The download has failed for good."""


class Socket:
    """A connection to a server."""

    def __init__(self, host: str, port: int, silence: float) -> None:
        try:
            self._socket = socket.create_connection((host, port), silence)
        except OSError as error:
            raise BrokenError(str(error)) from None
        self.name = f"{host}:{port}"
        self._buffer = b""
        self.used = False

    def send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise BrokenError(str(error)) from None

    def receive(self) -> bytes:
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        try:
            return self._socket.recv(_BLOCK)
        except OSError as error:
            raise BrokenError(str(error)) from None

    def line(self) -> bytes:
        data = b""
        while b"\n" not in data:
            more = self.receive()
            if not more or len(data) > 1 << 20:
                raise BrokenError("the connection ended within a line")
            data += more
        line, _, self._buffer = data.partition(b"\n")
        return line.rstrip(b"\r")

    def exactly(self, count: int) -> Iterator[bytes]:
        while count:
            data = self.receive()
            if not data:
                raise BrokenError(f"the connection ended {count} bytes too early")
            data, self._buffer = data[:count], data[count:]
            count -= len(data)
            yield data

    def to_the_end(self) -> Iterator[bytes]:
        while data := self.receive():
            yield data

    @property
    def clean(self) -> bool:
        """Whether nothing has come that nobody asked for."""
        return not self._buffer

    def close(self) -> None:
        self._socket.close()


@dataclass
class Answer:
    """An answer: its status, its fields, and its body as it comes."""

    status: int
    version: str
    fields: list[tuple[str, str]]
    socket: Socket
    method: str = "GET"
    complete: bool = field(default=False)

    def get(self, name: str) -> str:
        return ", ".join(value for key, value in self.fields if key == name)

    @property
    def length(self) -> int | None:
        """The length of the body; None if the fields do not say. Raises FailedError if it is no number, or two."""
        if "chunked" in self.get("transfer-encoding").lower():
            return None
        said = {value.strip() for value in self.get("content-length").split(",") if value.strip()}
        if not said:
            return None
        if len(said) > 1 or not all(text.isascii() and text.isdigit() for text in said):
            raise FailedError(f"Content-Length is {said}")
        return int(said.pop())

    @property
    def content_range(self) -> tuple[int, int, int | None] | None:
        """The first byte, the one after the last, and the size if it is known; None if the field is not valid."""
        match = _CONTENT_RANGE.fullmatch(self.get("content-range").strip())
        if not match:
            return None
        first, last = int(match[1]), int(match[2])
        total = None if match[3] == "*" else int(match[3])
        return None if last < first or (total is not None and last >= total) else (first, last + 1, total)

    @property
    def unsatisfied(self) -> int | None:
        """The size that a 416 tells."""
        match = _UNSATISFIED.fullmatch(self.get("content-range").strip())
        return int(match[1]) if match else None

    def raw(self) -> Iterator[bytes]:
        """Yield the body as it is framed. Raises BrokenError if it is cut short."""
        if self.method == "HEAD" or self.status in {204, 304}:
            self.complete = True
            return
        length = self.length
        if "chunked" in self.get("transfer-encoding").lower():
            yield from self._chunks()
        elif length is not None:
            yield from self.socket.exactly(length)
        else:
            yield from self.socket.to_the_end()
        self.complete = True

    def _chunks(self) -> Iterator[bytes]:
        while True:
            text = self.socket.line().partition(b";")[0].strip()
            if not _CHUNK_SIZE.fullmatch(text) or int(text, 16) >= 1 << 63:
                raise FailedError(f"a chunk has the size {text[:40]!r}")
            size = int(text, 16)
            yield from self.socket.exactly(size)
            if not size:
                break
            if self.socket.line():
                raise FailedError("a chunk is longer than its size")
        while self.socket.line():
            pass

    def body(self) -> Iterator[bytes]:
        """Yield the body without its coding, at no less than a certain speed."""
        coding = self.get("content-encoding").lower()
        if coding in {"", "identity"}:
            yield from _not_too_slow(self.raw())
            return
        if coding not in {"gzip", "x-gzip"}:
            raise FailedError(f"nobody asked for {coding}")
        decoder = zlib.decompressobj(31)
        try:
            for data in _not_too_slow(self.raw()):
                yield decoder.decompress(data)
        except zlib.error as error:
            raise FailedError(f"that is no gzip: {error}") from None
        if not decoder.eof:
            raise BrokenError("the gzip stream is cut short")

    @property
    def reusable(self) -> bool:
        """Whether the connection can have another request."""
        said = self.get("connection").lower()
        framed = "chunked" in self.get("transfer-encoding").lower() or self.get("content-length") != ""
        return self.complete and framed and self.version == "HTTP/1.1" and "close" not in said and self.socket.clean


def _not_too_slow(pieces: Iterator[bytes]) -> Iterator[bytes]:
    since, got = time.monotonic(), 0
    for data in pieces:
        got += len(data)
        now = time.monotonic()
        if now - since > _SLOW_TIME:
            if got < _SLOWEST * (now - since):
                raise FailedError("too slow")
            since, got = now, 0
        yield data


def read_head(connection: Socket, method: str) -> Answer:
    """Return the next answer, of which the body is still to come."""
    version, status = _status(connection.line())
    return Answer(status, version, list(_fields(connection)), connection, method)


def ask(connection: Socket, url: str, method: str, fields: dict[str, str]) -> Answer:
    """Send a request; return the final answer, of which the body is still to come."""
    send(connection, url, method, fields)
    while (answer := read_head(connection, method)).status < 200:
        pass
    return answer


def send(connection: Socket, url: str, method: str, fields: dict[str, str]) -> None:
    """Send a request."""
    parts = urlsplit(url)
    target = quote(parts.path, safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        *(f"{name}: {text}" for name, text in fields.items()),
    ]
    connection.send("\r\n".join([*lines, "", ""]).encode())
    connection.used = True


def _status(line: bytes) -> tuple[str, int]:
    match = re.fullmatch(rb"(HTTP/1\.[01]) ([1-5][0-9]{2})(?: .*)?", line)
    if not match:
        raise BrokenError(f"that is no status line: {line[:40]!r}")
    return match[1].decode(), int(match[2])


def _fields(connection: Socket) -> Iterator[tuple[str, str]]:
    while line := connection.line():
        name, _, value = line.partition(b":")
        yield name.decode("latin-1").strip().lower(), _text(value.strip())


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
