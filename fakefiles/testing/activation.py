"""A server that starts when its first client connects: for the controller of a test run with several processes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

from fakefiles.testing.process import STOP_PATIENCE, ServerError, ServerProcess, first_ready

# When a request gets only a 503: the seconds that each read of it may take, and the most bytes to read.
_REFUSAL_PATIENCE = 2.0
_MOST_HEARD = 1 << 16


class Activation:
    """Listens at `url`. A thread starts the server when the first client connects; it waits in the kernel's queue.

    If the server cannot start, or dies, the thread answers every request with 503 and the reason, so that no client
    waits in vain. Raises ServerError if the port is not available.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._process = ServerProcess(arguments)
        self.url = self._process.url
        self._thread = threading.Thread(target=self._run, name="fakefiles", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the server, if it was started, and stop listening."""
        self._process.cut()
        self._thread.join(STOP_PATIENCE)
        self._process.stop()

    def _run(self) -> None:
        process = self._process
        if first_ready(process.lifeline, process.socket) is process.lifeline:
            return
        try:
            process.start()
            if not process.wait_for_death():
                return
            reason = process.obituary()
        except (OSError, ServerError) as error:
            reason = str(error)
        while first_ready(process.lifeline, process.socket) is process.socket:
            # The client may have left already.
            with suppress(OSError):
                _refuse(process.socket, reason)


def _refuse(listener: socket.socket, reason: str) -> None:
    """Accept a client and answer 503. Its request is read first: close() with unread data would send an RST."""
    body = f"{reason}\n".encode()
    head = f"HTTP/1.1 503 Service Unavailable\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    client, _ = listener.accept()
    with client:
        client.settimeout(_REFUSAL_PATIENCE)
        heard = b""
        while b"\r\n\r\n" not in heard and len(heard) < _MOST_HEARD and (data := client.recv(4096)):
            heard += data
        client.sendall(head.encode("ascii") + body)
