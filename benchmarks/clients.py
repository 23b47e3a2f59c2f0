"""The processes that ask: our own client, wrk where it is installed, and what they found."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.servers import Server

_ROOT = Path(__file__).parent.parent
_PATIENCE = 120  # seconds for a client to end
_LONG = "60s"  # bounded, should nobody be left to stop it
WRK = shutil.which("wrk")


class MeasureError(Exception):
    """A client could not do its part with some server."""


@dataclass(frozen=True, slots=True)
class Task:
    """What our client is to do: one of client.WHATS, with `count` downloads of `size` bytes and a time limit."""

    what: str
    size: int
    count: int
    limit: float = 60
    content: str = ""

    def command(self, server: Server) -> list[str]:
        """Return the command that does it with a server."""
        path = server.peer.path.format(size=self.size) + (f"?content={self.content}" if self.content else "")
        numbers = [str(server.port), path, str(self.size), str(self.count), "--limit", str(self.limit)]
        tls = ["--tls"] if server.mode.tls else []
        return [sys.executable, "-m", "benchmarks.client", self.what, *numbers, *tls]


class Client:
    """Our client while it runs."""

    def __init__(self, task: Task, server: Server) -> None:
        self._popen = _start(task.command(server), stdin=subprocess.PIPE)
        self.report: dict[str, Any] = {}

    def wait_until_ready(self) -> None:
        """Wait for its word. Raises MeasureError when it ends instead."""
        assert self._popen.stdout
        if self._popen.stdout.readline() != "ready\n":
            self.stop()

    def stop(self) -> None:
        """Close its stdin, wait until it ends, and read its `report`. Raises MeasureError when that is an error."""
        output, error = _finish(self._popen)
        if self._popen.returncode:
            raise MeasureError(error.strip().rpartition("\n")[2])
        self.report = json.loads(output.strip().rpartition("\n")[2])

    def kill(self) -> None:
        """End it without a report."""
        self._popen.kill()
        self._popen.wait()


@contextmanager
def client(task: Task, server: Server) -> Iterator[Client]:
    """Run a client while the block runs, from when it is ready; its report is there afterwards.

    Raises MeasureError when the server does not do its part.
    """
    running = Client(task, server)
    try:
        running.wait_until_ready()
        yield running
        running.stop()
    finally:
        running.kill()


def ask(task: Task, server: Server) -> dict[str, Any]:
    """Run a client to its end; return its report. Raises MeasureError when the server does not do its part."""
    running = Client(task, server)
    try:
        running.stop()
    finally:
        running.kill()
    return running.report


def requests(server: Server, size: int, connections: int, seconds: float) -> tuple[int, float]:
    """Ask again and again on kept connections; return how many requests were answered, and in how many seconds.

    Raises MeasureError when the server does not do its part.
    """
    if WRK:
        return _wrk(WRK, server, size, connections, seconds)
    with client(Task("load", size, connections), server) as running:
        time.sleep(seconds)
    return running.report["completed"], running.report["seconds"]


def _wrk(wrk: str, server: Server, size: int, connections: int, seconds: float) -> tuple[int, float]:
    url = f"http://127.0.0.1:{server.port}{server.peer.path.format(size=size)}"
    running = _start([wrk, "-t1", f"-c{connections}", f"-d{_LONG}", url])
    try:
        time.sleep(seconds)
        running.send_signal(signal.SIGINT)  # it takes whole seconds only, but this stops it as well
        output, _ = _finish(running)
    finally:
        running.kill()
        running.wait()
    if trouble := re.search(r"Non-2xx.*|Socket errors.*", output):
        raise MeasureError(f"wrk: {trouble[0]}")
    count, rate = re.search(r"(\d+) requests in", output), re.search(r"Requests/sec: +([\d.]+)", output)
    assert count
    assert rate
    return int(count[1]), int(count[1]) / float(rate[1])


def _start(command: list[str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=_ROOT,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for us
    )


def _finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    try:
        return process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        raise MeasureError(f"no end after {_PATIENCE} s") from None
