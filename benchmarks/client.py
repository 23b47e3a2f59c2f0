"""The client of the benchmark: downloads that cost it next to nothing, so that the server is what is measured.

Run as a process of its own: `python -m benchmarks.client WHAT PORT PATH SIZE COUNT`. Its last line on stdout is JSON.
What goes on until it is told to stop ends when stdin does, so that no client outlives the benchmark.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

_HEAD_END = b"\r\n\r\n"
_PATIENCE = 60  # seconds for any one thing to happen
_BUFFER = bytearray(1 << 20)
# With this flag Linux drops what has come instead of copying it (tcp(7)).
_DROP = socket.MSG_TRUNC
# For a reader that stalls: the kernel then keeps little for it, and ten thousand fit.
_SMALL_BUFFER = 4096
# Segments as on a network: with those of loopback, 64 KiB, the kernel keeps half a megabyte for each stalled reader.
_MTU_1500 = 1460
# Connections opened at once: what fits into the shortest backlog of the servers that many connect to.
_BATCH = 40
_RECORD = 1 << 14  # the most in one record of TLS (RFC 8446, 5.1)
_STDIN = 0


class ClientError(Exception):
    """A server did not do what was asked of it."""


class Download:
    """A connection on which a file of `size` bytes is asked for, again and again if need be.

    `received` counts the bytes of bodies, `completed` the bodies. Raises ClientError when the server does not answer
    with 200 and that length.
    """

    def __init__(self, port: int, path: str, size: int) -> None:
        self._address = ("127.0.0.1", port)
        self._request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self._size = size
        self._left: int | None = None  # none before the end of the head
        self.received = self.completed = 0
        self.socket = socket.socket()
        self.socket.settimeout(_PATIENCE)

    def start(self) -> None:
        """Connect, and ask."""
        self.socket.connect(self._address)
        self.ask()
        self.socket.settimeout(0)

    def ask(self) -> None:
        """Send the request."""
        self._left = None
        self.socket.sendall(self._request)

    def read(self) -> bool:
        """Take of what has come, the socket being readable; return whether that was the end of a body."""
        if self._left is None:
            self._read_head()
        else:
            self._count(self.socket.recv_into(_BUFFER, min(self._left, len(_BUFFER)), _DROP))
        return self._left is not None and self._left <= 0

    def close(self) -> None:
        """Close the connection with a reset, which leaves no port behind that waits for a minute."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _read_head(self) -> None:
        seen = self.socket.recv(4096, socket.MSG_PEEK)
        if not seen:
            raise ClientError("the server closed the connection before an answer")
        end = seen.find(_HEAD_END)
        if end >= 0:
            self.socket.recv(end + len(_HEAD_END))
            self._check(seen[:end])

    def _check(self, head: bytes) -> None:
        status, *fields = head.lower().split(b"\r\n")
        if b" 200 " not in status or b"content-length: %d" % self._size not in fields:
            raise ClientError(f"the server answered {status.decode('latin-1')}, or with another length")
        self._left = self._size

    def _count(self, count: int) -> None:
        if not count:
            raise ClientError("the server closed the connection within a body")
        assert self._left is not None
        self.received += count
        self._left -= count
        self.completed += self._left <= 0


class SecureDownload(Download):
    """The same over TLS, for one file of more than a record: all after the first is dropped as it is, not decrypted.

    It is complete with as many bytes on the wire as the file has; TLS adds about one in 700.
    """

    def start(self) -> None:
        """Connect, shake hands with whoever it is, ask, and read the head."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket.connect(self._address)
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.ask()
        head = b""
        while _HEAD_END not in head:
            record = self.socket.recv(_RECORD)
            if not record:
                raise ClientError("the server closed the connection before an answer")
            head += record
        head, _, body = head.partition(_HEAD_END)
        self._check(head)
        self.received, self._left = len(body), self._size - len(body)
        self.socket = socket.socket(fileno=self.socket.detach())
        self.socket.settimeout(0)


def raise_descriptor_limit() -> int:
    """Allow as many descriptors as the system does; return how many that are."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def reading(downloads: Iterable[Download], *, stop: int | None = None) -> Iterator[tuple[Download, bool]]:
    """Read from downloads whatever comes, until the file descriptor `stop` becomes readable.

    Yields the download after each reading, and whether it has just completed a body.
    """
    with select.epoll() as poller:
        by_descriptor = {download.socket.fileno(): download for download in downloads}
        for descriptor in [*by_descriptor, *([] if stop is None else [stop])]:
            poller.register(descriptor, select.EPOLLIN)
        while True:
            events = poller.poll(_PATIENCE)
            if not events:
                raise ClientError(f"the server sent nothing for {_PATIENCE} s")
            for descriptor, _ in events:
                if descriptor == stop:
                    return
                download = by_descriptor[descriptor]
                yield download, download.read()


def fetch(downloads: Sequence[Download], _limit: float) -> dict[str, object]:
    """Download all once; return `seconds`, from the first connection to the last byte, and `cpu`, this process's."""
    started, cpu = time.perf_counter(), time.process_time()
    for download in downloads:
        download.start()
    left = len(downloads)
    for download, completed in reading(downloads):
        if completed:
            download.close()
            left -= 1
            if not left:
                break
    return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}


def load(downloads: Sequence[Download], limit: float) -> dict[str, object]:
    """Download again and again, until stdin ends; say "ready" when all have had a byte, or the time limit is over.

    Returns what came from then on: `seconds`, `received`, the bytes of each download, and `completed`, bodies in all.
    """
    for download in downloads:
        download.start()
    waiting, started, ready = set(downloads), time.perf_counter(), False
    for download, completed in reading(downloads, stop=_STDIN):
        if completed:
            download.ask()
        if ready:
            continue
        if download.received:
            waiting.discard(download)
        if not waiting or time.perf_counter() - started > limit:
            ready, started = True, time.perf_counter()
            for each in downloads:
                each.received = each.completed = 0
            print("ready", flush=True)
    return {
        "seconds": time.perf_counter() - started,
        "received": [download.received for download in downloads],
        "completed": sum(download.completed for download in downloads),
    }


def hold(downloads: Sequence[Download], _limit: float) -> dict[str, object]:
    """Ask for all and read nothing, until stdin ends; say "ready" when all are answered. Returns nothing."""
    for first in range(0, len(downloads), _BATCH):
        batch = downloads[first : first + _BATCH]
        for download in batch:
            download.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
            download.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _MTU_1500)
            download.start()
        for download in batch:
            if not _readable(download.socket, _PATIENCE):
                raise ClientError(f"the server sent nothing for {_PATIENCE} s")
    print("ready", flush=True)
    os.read(_STDIN, 1)
    for download in downloads:
        download.close()
    return {}


def _readable(waiting: socket.socket, seconds: float) -> bool:
    poller = select.poll()
    poller.register(waiting, select.POLLIN)
    return bool(poller.poll(1000 * seconds))


def probe(downloads: Sequence[Download], limit: float) -> dict[str, object]:
    """Download one after the other, until all are done or the time limit is over.

    Returns `seconds`, from connecting to the first byte of the answer, of each; the last may not have been answered.
    """
    seconds: list[float] = []
    for download in downloads:
        started = time.perf_counter()
        download.start()
        answered = _readable(download.socket, limit - sum(seconds))
        seconds.append(time.perf_counter() - started)
        if answered:
            download.read()  # and see that the answer is right
        download.close()
        if sum(seconds) >= limit:
            break
        time.sleep(0.002)
    return {"seconds": seconds}


WHATS: dict[str, Callable[[Sequence[Download], float], dict[str, object]]] = {
    what.__name__: what for what in (fetch, load, hold, probe)
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says. Raises SystemExit with one line when the server does not do its part."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client", description=__doc__)
    parser.add_argument("what", choices=WHATS)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("size", type=int, help="the bytes that the path has")
    parser.add_argument("count", type=int, help="how many downloads")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--limit", type=float, default=_PATIENCE, help="seconds that probe and load wait for answers")
    options = parser.parse_args(arguments)
    if options.tls and not (options.what == "fetch" and options.size > _RECORD):
        parser.error(f"--tls is for fetch, and files of more than {_RECORD} bytes")
    raise_descriptor_limit()
    kind = SecureDownload if options.tls else Download
    try:
        downloads = [kind(options.port, options.path, options.size) for _ in range(options.count)]
        report = WHATS[options.what](downloads, options.limit)
    except (ClientError, OSError) as error:
        sys.exit(f"{options.what}: {error}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
