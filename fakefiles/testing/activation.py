"""A server that is started by its first client: for test runs of several processes, in the one that outlives them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

from fakefiles.testing.process import STOP_PATIENCE, ServerError, ServerProcess, first_ready

# Seconds that a client may take to say what it wants, when all it gets is a refusal; and how much it may say, in bytes.
_REFUSAL_PATIENCE = 2.0
_MOST_HEARD = 1 << 16


class Activation:
    """Listens at `url`; a thread starts the server when the first client is there, who waits in the kernel's queue.

    If the server cannot start, or dies, the thread answers whoever comes with 503 and the reason, so that nobody waits.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._process = ServerProcess(arguments)
        self.url = self._process.url
        self._thread = threading.Thread(target=self._run, name="fakefiles", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the server, if there is one, and stop listening."""
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
            # The client may be gone again.
            with suppress(OSError):
                _refuse(process.socket, reason)


def _refuse(listener: socket.socket, reason: str) -> None:
    """Answer one request with 503, having heard it out: to close with unread data would be to reset."""
    body = f"{reason}\n".encode()
    head = f"HTTP/1.1 503 Service Unavailable\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    client, _ = listener.accept()
    with client:
        client.settimeout(_REFUSAL_PATIENCE)
        heard = b""
        while b"\r\n\r\n" not in heard and len(heard) < _MOST_HEARD and (data := client.recv(4096)):
            heard += data
        client.sendall(head.encode("ascii") + body)
