"""The server in a process of its own: started on a socket that is already listening, and never left behind."""

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
#: Seconds in which a server has to be ready, and in which it has to be gone.
START_PATIENCE = 30.0
STOP_PATIENCE = 10.0

# Seconds in which a process that seems to be dead is.
_LAST_BREATH = 1.0
# What the kernel keeps of early clients; more would wait a second for their SYN to be sent again.
_BACKLOG = 1024
# How much of the end of its stderr is shown, in bytes.
_MOST_SHOWN = 1 << 14

# Among the options of the command; no abbreviation of --port is one, as there is --port-file.
_PORT = re.compile(r"(?:--port=|--port$|-q*p)(.*)", re.DOTALL)
_MAX_PORT = 65535


class ServerError(RuntimeError):
    """The server did not start, has died, or is stopped; the text says which, and shows the stderr of the process."""


def port_of(arguments: Sequence[str]) -> int:
    """Return the last --port among some options; 0, a free one, if there is none.

    It is 0 as well when the option is wrong: the server, which reads all of them, will say so.
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
    """Return the first of some files that can be read, or None when the time, in seconds, is over."""
    with selectors.DefaultSelector() as selector:
        for file in files:
            selector.register(file, selectors.EVENT_READ)
        ready = {key.fileobj for key, _ in selector.select(timeout)}
    return next((file for file in files if file in ready), None)


class ServerProcess:
    """A socket that listens on 127.0.0.1, and the process that serves on it once start() is called.

    The process has the reading end of a pipe, the lifeline, as its stdin, and ends when the writing end is closed: by
    cut(), or by the kernel when this process is gone, whatever ended it. `arguments` are options of the fakefiles
    command; without --port there is a free one. What clients send before start() waits in the kernel.

    Raises ServerError when the port cannot be had.
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
        """Start the process; return when it serves, or the lifeline is cut. Raises ServerError when it does not."""
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop(); a pipe could fill, or stay unread
        # Without the current directory in its path, as in the command pytest: a queue.py there is none of ours.
        safe_path = ["-P"] if sys.version_info >= (3, 11) else []
        self._popen = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, *safe_path, "-m", "fakefiles.daemon.child", str(self.socket.fileno()), *self._arguments],
            stdin=self.lifeline,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            pass_fds=[self.socket.fileno()],
            start_new_session=True,  # Ctrl-C is for those who use it; it ends after them
        )
        ready = first_ready(self._popen.stdout, self.lifeline, timeout=START_PATIENCE)
        if ready is None:
            self._popen.kill()
            raise ServerError(f"the fakefiles server was not ready within {START_PATIENCE:.0f} s{self._shown_stderr()}")
        if ready is self._popen.stdout and not os.read(self._popen.stdout.fileno(), 1):
            raise ServerError(self.obituary())

    def wait_for_death(self) -> bool:
        """Wait until a started process ends, and return True; or until the lifeline is cut, and return False."""
        assert self._popen is not None  # noqa: S101  for the types
        return first_ready(self.lifeline, self._popen.stdout) is not self.lifeline

    def obituary(self) -> str:
        """Return why the process is no more; nothing while it runs, or was never started."""
        if self._popen is None:
            return ""
        try:
            # Its stdout and its port, by which its end is noticed, close a moment before it is gone.
            status = self._popen.wait(_LAST_BREATH)
        except subprocess.TimeoutExpired:
            return ""
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return f"the fakefiles server {how}{self._shown_stderr()}"

    def _shown_stderr(self) -> str:
        assert self._stderr is not None  # noqa: S101  for the types
        if self._stderr.closed:
            return ""
        # Not by seek() and read(): the process writes where this file is at.
        descriptor = self._stderr.fileno()
        start = max(0, os.fstat(descriptor).st_size - _MOST_SHOWN)
        text = os.pread(descriptor, _MOST_SHOWN, start).decode(errors="replace").strip()
        return f"; it said:\n{text}" if text else ", and said nothing"

    def cut(self) -> None:
        """Close the end of the lifeline that is held here: the process, if there is one, will end."""
        if self._held_end >= 0:
            os.close(self._held_end)
            self._held_end = -1

    def stop(self) -> None:
        """End the process, and wait until it is gone; what was held for it is given back."""
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
        """In a fork of the process that holds this: hold neither the lifeline nor the port, however long it lives."""
        self.cut()
        self.socket.close()


_living: weakref.WeakSet[ServerProcess] = weakref.WeakSet()


def _let_go_in_fork() -> None:
    for process in tuple(_living):
        process.let_go()


os.register_at_fork(after_in_child=_let_go_in_fork)
