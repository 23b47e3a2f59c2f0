"""How fast content is made, hashed and verified, and what that costs others. Prints a Markdown table.

Run `python -m benchmarks.content`, in half a minute, on Linux. Everything stays on loopback and in a temporary folder.
"""

from __future__ import annotations

import http.client
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import fakefiles
from fakefiles.files.kinds import find_content
from fakefiles.transfer.body import MAX_PIECE

GIB = 1 << 30
ROUNDS = 5
PROBES = 300


def spread(measure: Callable[..., float], *arguments: object) -> tuple[float, float, float]:
    """Return the median, the least and the most of some rounds."""
    figures = [measure(*arguments) for _ in range(ROUNDS)]
    return statistics.median(figures), min(figures), max(figures)


def generating(kind: str) -> float:
    """Return the GiB/s at which content is made, in pieces as they are sent."""
    content, started, offset = find_content(kind, None, {}), time.perf_counter(), 0
    while time.perf_counter() - started < 0.3:
        content.read(offset, MAX_PIECE)
        offset += MAX_PIECE
    return offset / GIB / (time.perf_counter() - started)


def verifying(path: Path, url: str) -> float:
    """Return the GiB/s at which a file is verified."""
    started = time.perf_counter()
    fakefiles.verify(path, url)
    return path.stat().st_size / GIB / (time.perf_counter() - started)


@contextmanager
def running() -> Iterator[int]:
    """Run a server; give its port."""
    command = [sys.executable, "-c", "from fakefiles.daemon.cli import main; main()", "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = next(match[1] for line in server.stdout if (match := re.search(r"on http://127.0.0.1:(\d+)/", line)))
        try:
            yield int(port)
        finally:
            server.terminate()


def first_bytes(port: int) -> tuple[float, float]:
    """Return the median, and the 99th percentile, of the milliseconds to the first byte of a small file."""
    times = []
    for _ in range(PROBES):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        started = time.perf_counter()
        connection.request("GET", "/1")
        connection.getresponse().read()
        times.append(1000 * (time.perf_counter() - started))
        connection.close()
        time.sleep(0.002)
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def while_hashing(port: int, kind: str) -> tuple[float, float]:
    """Return first_bytes while the digest of 10 GiB is computed; its client leaves when they are measured."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/10g.sha512?content={kind}")
    time.sleep(0.1)  # until it is under way
    figures = first_bytes(port)
    connection.close()
    return figures


def main() -> None:
    """Measure, and print the table."""
    print("| what | median | spread |\n|---|---|---|")
    kinds = ("ones", "ruler", "random")
    for kind in kinds:
        print("| making `{}` | {:.2f} GiB/s | {:.2f} - {:.2f} |".format(kind, *spread(generating, kind)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        for kind in kinds:
            content = find_content(kind, None, {})
            with path.open("wb") as file:
                file.writelines(content.read(offset, MAX_PIECE) for offset in range(0, GIB, MAX_PIECE))
            figures = spread(verifying, path, f"/1g?content={kind}")
            print("| verifying `{}` | {:.2f} GiB/s | {:.2f} - {:.2f} |".format(kind, *figures))
    print("\n| first byte of a small file | median | 99 % |\n|---|---|---|")
    with running() as port:
        print("| nothing else going on | {:.2f} ms | {:.2f} ms |".format(*first_bytes(port)))
        for kind in kinds:
            print(
                "| beside a digest of 10 GiB of `{}` | {:.2f} ms | {:.2f} ms |".format(kind, *while_hashing(port, kind))
            )
    print(f"\nPython {platform.python_version()}, {platform.system()} {platform.machine()}.")


if __name__ == "__main__":
    main()
