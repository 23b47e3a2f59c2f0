"""The seam to what carries bytes to a client: a request of HTTP/1.1, a stream of HTTP/2, a peer of another protocol.

Above it nobody knows twisted.web: an Exchange decides what is sent, a pump when. Below it nobody knows files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure

from fakefiles.http.answers import Answer
from fakefiles.serving.ticks import Ticks


class Outlet(Protocol):
    """Carries the bytes of one body. It pauses the producer that is registered while it can take no more."""

    @property
    def name(self) -> str:
        """What is being sent, for the log."""

    @property
    def piece_size(self) -> int:
        """The most bytes in one write: a client that never reads leaves that much in memory."""

    def register(self, producer: IPushProducer) -> None:
        """Have a producer paused and resumed from now on; it may be paused at once."""

    def unregister(self) -> None:
        """Forget the producer."""

    def when_closed(self, callback: Callable[[], object]) -> None:
        """Call back if the client leaves before finish()."""

    def write(self, data: bytes) -> None:
        """Send bytes, or buffer them; pauses the producer, perhaps inside this call, when that was enough."""

    def finish(self) -> None:
        """End the answer: all of it was written. The producer must have been unregistered."""

    def close(self) -> None:
        """End the connection when what was written is sent: a FIN, where there is a connection to end."""

    def reset(self) -> None:
        """End the connection now; what its client has not got yet is lost: an RST."""

    def reset_when_sent(self, clock: Ticks) -> None:
        """Reset the connection when the client has all that was written."""


class HttpOutlet(Outlet, Protocol):
    """Carries one answer of HTTP."""

    def head(self, answer: Answer, data: bytes) -> None:
        """Send the status and the fields, and with them the first bytes of the body."""

    def tear_head(self, answer: Answer) -> None:
        """Send the first half of the head: what comes next must end the connection."""

    def fail(self, failure: Failure) -> None:
        """Answer 500, or end the connection if the head is sent: something here is broken."""

    def socket(self) -> SocketOutlet | None:
        """Return the way past the transport, if what is sent on the socket is what the client gets."""


class SocketOutlet(Outlet, Protocol):
    """An outlet on a plain socket, which can be asked how much it takes."""

    def send(self, data: bytes | memoryview) -> int:
        """Return how many bytes the socket took, perhaps none. A socket that is broken is reset, and takes none."""

    def wait(self) -> None:
        """Resume the producer when the socket takes bytes again."""
