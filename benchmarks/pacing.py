"""Whether thousands of paced downloads keep their rates, and what that costs the server. Prints a table.

Run `python -m benchmarks.pacing`, in half a minute, on Linux, with a limit of open files above the downloads.
"""

from __future__ import annotations

import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterable

RATE = 1 << 16  # bytes/s
SECONDS = 5.0
COUNTS = (500, 2000, 5000)
SETTLING = 4.0  # seconds

_REQUEST = f"GET /1g?rate={RATE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
_BUFFER = bytearray(1 << 18)


class Downloads:
    """A number of downloads, each on its own connection, and the bytes that each has received."""

    def __init__(self, port: int, count: int) -> None:
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self.received: dict[int, int] = {}
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", port))
            client.sendall(_REQUEST)
            client.setblocking(False)
            self._poll.register(client, select.EPOLLIN)
            self._sockets[client.fileno()], self.received[client.fileno()] = client, 0

    def read_for(self, seconds: float) -> float:
        """Read for this many seconds; return how long it really was."""
        started = time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            for descriptor, _ in self._poll.poll(0.02):
                self.received[descriptor] += self._sockets[descriptor].recv_into(_BUFFER)
        return elapsed

    def close(self) -> None:
        """Leave."""
        self._poll.close()
        for client in self._sockets.values():
            client.close()


def measure(
    port: int, pid: int, count: int, settling: float = SETTLING, seconds: float = SECONDS
) -> tuple[list[float], float]:
    """Return the rates kept, as multiples of RATE in order, and the share of a processor that the server used."""
    downloads = Downloads(port, count)
    downloads.read_for(settling)
    before, used = dict(downloads.received), _cpu(pid)
    seconds = downloads.read_for(seconds)
    used = _cpu(pid) - used
    downloads.close()
    return sorted(_rates(before.values(), downloads.received.values(), seconds)), used / seconds


def _rates(before: Iterable[int], after: Iterable[int], seconds: float) -> list[float]:
    return [(late - early) / seconds / RATE for early, late in zip(before, after, strict=True)]


def _cpu(pid: int) -> float:
    """Return the seconds of processor time that a process has used, as the scheduler counts them."""
    # Linux builds the clock of a process from its number so (clock_getcpuclockid(3)).
    return time.clock_gettime(~pid << 3 | 2)


def main() -> None:
    """Measure, and print the table."""
    print(f"| downloads at {RATE >> 10} KiB/s | slowest | median | fastest | within 5 % | CPU |")
    print("|---|---|---|---|---|---|")
    command = [sys.executable, "-c", "from fakefiles.daemon.cli import main; main()", "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = next(match[1] for line in server.stdout if (match := re.search(r"on http://127.0.0.1:(\d+)/", line)))
        try:
            for count in COUNTS:
                rates, cpu = measure(int(port), server.pid, count)
                within = sum(0.95 <= rate <= 1.05 for rate in rates) / count
                figures = f"{rates[0]:.3f} | {rates[count // 2]:.3f} | {rates[-1]:.3f} | {within:.1%} | {cpu:.0%}"
                print(f"| {count} | {figures} |", flush=True)
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
