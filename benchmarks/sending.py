"""What the ways to send cost on this machine: a send of N bytes from memory, and sendfile. Prints a table.

Run `python -m benchmarks.sending`, in half a minute, on Linux. It has no server: one socket, as fast as it goes.
"""

from __future__ import annotations

import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

KIB, GIB = 1 << 10, 1 << 30
TOTAL = 2 * GIB
ROUNDS = 5
SIZES = (64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB, 1024 * KIB)

_READER = """
import socket, sys
server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
buffer = bytearray(1 << 20)
while server.recv_into(buffer):
    pass
"""


def cost(send: Callable[[socket.socket], int]) -> tuple[float, float]:
    """Return the CPU-seconds per GiB, and the GiB/s, of sending TOTAL bytes to a process that reads them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reader = subprocess.Popen([sys.executable, "-c", _READER, str(listener.getsockname()[1])])
        client, _ = listener.accept()
        with client, select.epoll() as poll:
            client.setblocking(False)
            poll.register(client, select.EPOLLOUT)
            started, used, sent = time.perf_counter(), time.process_time(), 0
            while sent < TOTAL:
                try:
                    sent += send(client)
                except BlockingIOError:
                    poll.poll()
            figures = (time.process_time() - used) / TOTAL * GIB, TOTAL / GIB / (time.perf_counter() - started)
        reader.wait()
    return figures


def main() -> None:
    """Measure, in interleaved rounds, and print the table."""
    tile = os.memfd_create("tile")
    os.write(tile, b"1" * max(SIZES))
    ways: dict[str, Callable[[socket.socket], int]] = {
        f"send of {size // KIB} KiB": partial(_send, b"1" * size) for size in SIZES
    }
    ways |= {f"sendfile of {size // KIB} KiB": partial(_sendfile, tile, size) for size in SIZES[2:]}
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            figures[name].append(cost(way))
    print("| way | CPU-s/GiB | GiB/s |\n|---|---|---|")
    for name, pairs in figures.items():
        cpu, speed = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"| {name} | {cpu:.3f} | {speed:.2f} |")


def _send(data: bytes, client: socket.socket) -> int:
    return client.send(data)


def _sendfile(tile: int, size: int, client: socket.socket) -> int:
    return os.sendfile(client.fileno(), tile, 0, size)


if __name__ == "__main__":
    main()
