"""A client as a process: in a group of its own, with a time limit, its output bounded, and nothing left behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from fakefiles.conformance.evidence import Ender, Ending

#: The variable by which the processes of one case are known, even if they leave their group.
MARK_VARIABLE = "FAKEFILES_CASE"

# How much of its output is kept, in bytes.
_TAIL = 4096
# Seconds between the request to end and the end, and in which the last of the output must be read.
_GRACE = 1.0
# The unit of ru_maxrss, and of `ulimit -f`, in bytes.
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024
_LIMIT_UNIT = 512
# A disk that is full is a file that cannot grow: then write() fails, and no signal ends the process.
_SMALL_DISK = 'trap "" XFSZ; ulimit -f "$1"; shift; exec "$@"'


class StartError(ValueError):
    """A command cannot be started. The text says why."""


class ClientProcess:
    """A process that runs a command in a folder. Raises StartError if it cannot be started.

    `full_from`: no file can grow beyond so many bytes. The process and all that it starts end with end(), or when it
    ends itself.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], full_from: int | None = None
    ) -> None:
        words = [*command]
        if full_from is not None:
            words = ["sh", "-c", _SMALL_DISK, "sh", str(full_from // _LIMIT_UNIT), *words]
        self._mark = environment.get(MARK_VARIABLE, "")
        # A new process begins with the largest size of the one that has started it: only more is its own.
        self._floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._started = time.monotonic()
        self._ender = Ender.ITSELF
        self._over = threading.Event()
        self._ending: Ending | None = None
        self._tail: deque[bytes] = deque()
        try:
            self._popen = subprocess.Popen(  # noqa: S603  running commands is what the suite is for
                words,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise StartError(f"{words[0]} cannot be started: {error.strerror}") from None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._wait, daemon=True).start()

    def ending(self, timeout: float) -> Ending | None:
        """Return how the process ended; None if it has not, after `timeout` seconds."""
        self._over.wait(timeout)
        return self._ending

    def signal(self, number: int, ender: Ender = Ender.PLAN) -> None:
        """Send a signal to all processes of the group."""
        self._ender = ender
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

    def end(self, ender: Ender) -> Ending:
        """End the whole group: with SIGTERM, and a second later with SIGKILL; return how it ended.

        What has ended already stays as it is.
        """
        if self.ending(0) is None:
            self.signal(signal.SIGTERM, ender)
        if self.ending(_GRACE) is None:
            self.signal(signal.SIGKILL, ender)
        self._over.wait()
        assert self._ending is not None  # noqa: S101  for the types
        return self._ending

    def _read(self) -> None:
        """Read all output, and keep the end of it."""
        assert self._popen.stdout is not None  # noqa: S101  for the types
        size = 0
        with self._popen.stdout as output:
            while data := output.read(_TAIL):
                self._tail.append(data)
                size += len(data)
                while size - len(self._tail[0]) >= _TAIL:
                    size -= len(self._tail.popleft())

    def _wait(self) -> None:
        """Wait for the process. While it is a zombie, its group cannot be another one: then end what is left of it."""
        pid = self._popen.pid
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        seconds = time.monotonic() - self._started
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        self._popen.returncode = os.waitstatus_to_exitcode(status)
        _end_strays(self._mark)
        self._reader.join(_GRACE)
        output = b"".join(tuple(self._tail))[-_TAIL:].decode(errors="replace")
        memory = usage.ru_maxrss * _MEMORY_UNIT if usage.ru_maxrss > self._floor else 0
        self._ending = Ending(self._popen.returncode, seconds, memory, output, self._ender)
        self._over.set()


def _end_strays(mark: str) -> None:
    """End the processes that have left their group, where the system shows the environment of processes."""
    wanted = f"{MARK_VARIABLE}={mark}".encode()
    for path in Path("/proc").glob("[0-9]*/environ") if mark else ():
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0"):
                os.kill(int(path.parent.name), signal.SIGKILL)
