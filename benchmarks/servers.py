"""Running servers: started as a user would, metered by the operating system, and stopped whatever happens."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from benchmarks.peers import Mode, Peer, Place

_PATIENCE = 30  # seconds for a server to start
_LIBC = ctypes.CDLL(None, use_errno=True)


class ServerError(Exception):
    """A server does not start."""


class Server:
    """A running server: its `port`, its `pid`, and the seconds it took from exec until it listened, `started_in`.

    `log` is the file of what it prints. It is a process group of its own. Raises ServerError when it does not listen.
    """

    def __init__(self, peer: Peer, mode: Mode, folder: Path) -> None:
        self.peer = peer
        self.mode = mode
        self.port = free_port()
        self.log = folder / f"log-{self.port}"
        with self.log.open("wb") as output:
            started = time.perf_counter()
            self._popen = subprocess.Popen(
                peer.command(Place(self.port, folder), mode),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group to signal, which a Ctrl-C in the terminal does not reach
            )
        self.pid = self._popen.pid
        try:
            self._wait_until_listening()
        except BaseException:
            self.stop()
            raise
        self.started_in = time.perf_counter() - started

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._popen.poll() is not None or time.monotonic() > deadline:
                last = self.log.read_text(errors="replace").strip().rpartition("\n")[2]
                raise ServerError(f"{self.peer.name} does not start: {last or 'it says nothing'}")
            time.sleep(0.001)

    def cpu(self) -> float:
        """Return the seconds of processor time that the server and its children have used.

        It is the scheduler's own count (clock_getcpuclockid), in nanoseconds and with threads that have ended: utime
        and stime come in ticks of 10 ms, and schedstat forgets ended threads.
        """
        return sum(time.clock_gettime(_cpu_clock(pid)) for pid in _family(self.pid))

    def memory(self) -> int:
        """Return the bytes of memory that the server and its children have resident."""
        return sum(_resident(pid) for pid in _family(self.pid))

    def descriptors(self) -> int:
        """Return how many descriptors the server has open, without its children."""
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    def stop(self) -> None:
        """End all its processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()


class Fleet(ExitStack):
    """The servers of a run, each started when it is first asked for; they stop when the fleet is left.

    `folder` has what they serve.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._servers: dict[tuple[str, Mode], Server] = {}

    def server(self, peer: Peer, mode: Mode) -> Server:
        """Return a server that stays. Raises ServerError when it does not start."""
        key = (peer.name, mode)
        if key not in self._servers:
            self._servers[key] = self.enter_context(self.fresh(peer, mode))
        return self._servers[key]

    @contextmanager
    def fresh(self, peer: Peer, mode: Mode) -> Iterator[Server]:
        """Give a server that nobody else has used. Raises ServerError when it does not start."""
        server = Server(peer, mode, self._folder)
        try:
            yield server
        finally:
            server.stop()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    family = [pid]
    for member in family:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
                family += map(int, children.read_text().split())
    return family


def _cpu_clock(pid: int) -> int:
    clock = ctypes.c_int()
    if error := _LIBC.clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise OSError(error, os.strerror(error))
    return clock.value


def _resident(pid: int) -> int:
    # smaps_rollup is exact; the counters of statm lag behind.
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))
