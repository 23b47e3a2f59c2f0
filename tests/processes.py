"""Server processes for the integration tests: started, watched and stopped, with a bounded wait for everything."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

#: The limit, in seconds, for every wait in a test.
PATIENCE = 30
#: For tests that take long: where everything is installed, as for .ci/run, they run; elsewhere they are skipped.
takes_long = pytest.mark.skipif("FAKEFILES_SKIP_NOTHING" not in os.environ, reason="takes long: .ci/run runs it")

_LISTENING = re.compile(r"is listening on (\S+)")


def program(name: str) -> str:
    """Return the path of a program that is installed beside this Python, as twistd is."""
    path = shutil.which(name, path=Path(sys.executable).parent)
    assert path, f"{name} is not installed"
    return path


def tool(name: str) -> str:
    """Return the path of a client program; skip the test where it is missing."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run_tool(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a client program in a folder; return what it printed and how it ended."""
    return subprocess.run(
        [tool(str(command[0])), *map(str, command[1:])],
        cwd=folder,
        timeout=PATIENCE,
        capture_output=True,
        text=True,
        check=False,
    )


class ServerProcess:
    """A running server: `url` is where it first listens, `log` the lines it has printed."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self.popen = popen
        self.pid = popen.pid
        self.log: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self.wait_for_line(_LISTENING)[1]
        self.port = int(self.url.rstrip("/").rpartition(":")[2]) if self.url.startswith("http") else 0

    def _read(self) -> None:
        assert self.popen.stdout
        with self.popen.stdout as stdout:
            for line in stdout:
                self._lines.put(line)
        self._lines.put(None)

    def wait_for_line(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Return the match of the first new line that matches; fail if none does in time."""
        deadline = time.monotonic() + PATIENCE
        while True:
            line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            assert line is not None, f"the server ended: {self.log}"
            self.log.append(line)
            if match := pattern.search(line):
                return match

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit status of the process."""
        self.popen.send_signal(sign)
        status = self.popen.wait(PATIENCE)
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.log.append(line)
        return status

    def join(self) -> None:
        """Wait until all that the process printed is read."""
        self._reader.join(PATIENCE)

    def memory(self) -> int:
        """Return the resident memory of the process, in bytes."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def cpu_ticks(self) -> int:
        """Return the processor time used by the process, in ticks of the kernel."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def wait_until_idle(self) -> None:
        """Wait until the process uses no processor time; fail when it goes on."""

        def idle() -> bool:
            before = self.cpu_ticks()
            time.sleep(0.2)
            return self.cpu_ticks() == before

        eventually(idle, "the server had nothing left to do")

    def connect(self) -> socket.socket:
        """Return a connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)


@contextmanager
def running(*command: str, environment: Mapping[str, str] | None = None) -> Iterator[ServerProcess]:
    """Run a server in a process of its own during a block; fail if it logs a traceback."""
    popen = subprocess.Popen(
        [program(command[0]), *command[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    server = None
    try:
        server = ServerProcess(popen)
        yield server
    finally:
        if popen.poll() is None and server is not None:
            server.stop()
        popen.kill()
        popen.wait(PATIENCE)
        if server is not None:
            server.join()
    assert not [line for line in server.log if "Traceback" in line or "Unhandled" in line], "".join(server.log)


def read_all(client: socket.socket) -> bytes:
    """Return all bytes until the other side closes."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; fail after a time limit."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def servers_with(argument: str) -> list[int]:
    """Return the processes of servers of test runs that were started with an argument."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if b"fakefiles.daemon.child" in words and argument.encode() in words:
                found.append(int(path.parent.name))
    return found
