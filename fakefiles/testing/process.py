"""The server in a process of its own: it gets a socket that listens already, and ends with its parent process."""

from __future__ import annotations

import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Sequence
from typing import IO, Any

HOST = "127.0.0.1"
#: Seconds in which a server must be ready, and in which it must be gone after its lifeline is cut.
START_PATIENCE = 30.0
STOP_PATIENCE = 10.0

# Seconds to wait for the exit status of a process that seems to be dead.
_LAST_BREATH = 1.0
# How many clients may connect before the server accepts. More of them wait a second, until their SYNs are sent again.
_BACKLOG = 1024
# How many bytes of the end of its stderr are shown.
_MOST_SHOWN = 1 << 14

# Matches --port in all forms. It has no abbreviations: they would be ambiguous, because of --port-file.
_PORT = re.compile(r"(?:--port=|--port$|-q*p)(.*)", re.DOTALL)
_MAX_PORT = 65535


class ServerError(RuntimeError):
    """The server did not start, has died, or is stopped. The text says which, and shows its stderr if there is any."""


def port_of(arguments: Sequence[str]) -> int:
    """Return the last --port among some options; 0, for a free port, if there is none.

    A wrong value gives 0, too: the server, which parses the same options, reports it.
    """
    port, words = 0, iter(arguments)
    for word in words:
        if option := _PORT.match(word):
            value = option[1] or next(words, "")
            number = int(value) if re.fullmatch("[0-9]{1,5}", value) else 0
            port = number if number <= _MAX_PORT else 0
    return port


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=_BACKLOG)
    except OSError as error:
        raise ServerError(f"the server cannot listen on {HOST}:{port}: {os.strerror(error.errno or 0)}") from None


def first_ready(*files: Any, timeout: float | None = None) -> Any:
    """Wait until one of some files is readable or at its end; return the first such one, or None after `timeout`.

    `timeout` is in seconds; with None it waits for ever.
    """
    with selectors.DefaultSelector() as selector:
        for file in files:
            selector.register(file, selectors.EVENT_READ)
        ready = {key.fileobj for key, _ in selector.select(timeout)}
    return next((file for file in files if file in ready), None)


class ServerProcess:
    """A socket that listens on 127.0.0.1, and the process that serves on it after start().

    The stdin of the process is the read end of a pipe, the lifeline. It ends when the write end is closed: by cut(), or
    by the kernel when this process ends, even by SIGKILL. `arguments` are options of the fakefiles command; without
    --port, the port is a free one. Clients may connect before start(): the kernel keeps what they send.

    Raises ServerError if the port is not available.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self.socket = _listening(port_of(arguments))
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}/"
        self._arguments = tuple(arguments)
        self.lifeline, self._held_end = os.pipe()
        self._popen: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self.stopped = False
        _living.add(self)

    def start(self) -> None:
        """Start the process; return when it is ready, or the lifeline is cut. Raises ServerError if it fails."""
        # Not a pipe: nobody reads it while the server runs, and a full pipe would block the server.
        try:
            self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop()
        except OSError as error:
            reason = f"no temporary file for the log of the fakefiles server: {error.strerror or error}"
            raise ServerError(f"{reason}; set TMPDIR to a folder that can be written") from None
        # -P: leave the current directory out of sys.path. Otherwise a queue.py there would shadow the standard module.
        safe_path = ["-P"] if sys.version_info >= (3, 11) else []
        self._popen = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, *safe_path, "-m", "fakefiles.daemon.child", str(self.socket.fileno()), *self._arguments],
            stdin=self.lifeline,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            pass_fds=[self.socket.fileno()],
            start_new_session=True,  # so that Ctrl-C does not reach the server: the tests end first
        )
        ready = first_ready(self._popen.stdout, self.lifeline, timeout=START_PATIENCE)
        if ready is None:
            self._popen.kill()
            raise ServerError(f"the fakefiles server was not ready within {START_PATIENCE:.0f} s{self._shown_stderr()}")
        if ready is self._popen.stdout and not os.read(self._popen.stdout.fileno(), 1):
            raise ServerError(self.obituary())

    def wait_for_death(self) -> bool:
        """Wait until the process ends (return True) or the lifeline is cut (return False). It must be started."""
        assert self._popen is not None  # noqa: S101  for the types
        return first_ready(self.lifeline, self._popen.stdout) is not self.lifeline

    def obituary(self) -> str:
        """Return how the process ended, with its stderr; "" if it runs or was never started."""
        if self._popen is None:
            return ""
        try:
            # Callers notice the end by its stdout or its port, which close a moment before it can be waited for.
            status = self._popen.wait(_LAST_BREATH)
        except subprocess.TimeoutExpired:
            return ""
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return f"the fakefiles server {how}{self._shown_stderr()}"

    def _shown_stderr(self) -> str:
        assert self._stderr is not None  # noqa: S101  for the types
        if self._stderr.closed:
            return ""
        # pread(), not seek() and read(): the process shares the offset of this file, and would write elsewhere.
        descriptor = self._stderr.fileno()
        start = max(0, os.fstat(descriptor).st_size - _MOST_SHOWN)
        text = os.pread(descriptor, _MOST_SHOWN, start).decode(errors="replace").strip()
        return f"; it said:\n{text}" if text else ", and said nothing"

    def cut(self) -> None:
        """Close the write end of the lifeline: the process, if it was started, will end."""
        if self._held_end >= 0:
            os.close(self._held_end)
            self._held_end = -1

    def stop(self) -> None:
        """End the process, kill it after STOP_PATIENCE seconds, and wait until it is gone. Close everything."""
        self.stopped = True
        self.cut()
        self.socket.close()
        if self._popen is not None and self._stderr is not None and self._popen.stdout is not None:
            try:
                self._popen.wait(STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
            self._popen.stdout.close()
            self._stderr.close()
        if self.lifeline >= 0:
            os.close(self.lifeline)
            self.lifeline = -1

    def let_go(self) -> None:
        """Close the lifeline and the port in a fork of this process: it may outlive us, and must not keep them open."""
        self.cut()
        self.socket.close()


_living: weakref.WeakSet[ServerProcess] = weakref.WeakSet()


def _let_go_in_fork() -> None:
    for process in tuple(_living):
        process.let_go()


os.register_at_fork(after_in_child=_let_go_in_fork)
