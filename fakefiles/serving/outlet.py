"""Outlets: the interface to what carries bytes to a client, like a request of HTTP/1.1 or a stream of HTTP/2.

Code above it does not know twisted.web: an Exchange decides what is sent, a pump when. Code below it does not know
files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure

from fakefiles.http.answers import Answer
from fakefiles.serving.ticks import Ticks


class Outlet(Protocol):
    """Carries the bytes of one body. It pauses its producer while it can take no more."""

    @property
    def name(self) -> str:
        """A name for the body, for the log."""

    @property
    def piece_size(self) -> int:
        """The most bytes in one write: so much stays in memory if the client never reads."""

    def register(self, producer: IPushProducer) -> None:
        """Pause and resume this producer from now on; it may be paused inside this call."""

    def unregister(self) -> None:
        """Unregister the producer."""

    def when_closed(self, callback: Callable[[], object]) -> None:
        """Call `callback` if the client leaves before finish()."""

    def write(self, data: bytes) -> None:
        """Send or buffer bytes. If the buffer is full, pause the producer, perhaps inside this call."""

    def finish(self) -> None:
        """End a complete answer. The producer must be unregistered."""

    def close(self) -> None:
        """End the connection with a FIN when all written bytes are sent."""

    def reset(self) -> None:
        """End the connection now with an RST; bytes that the client has not received are lost."""

    def reset_when_sent(self, clock: Ticks) -> None:
        """Reset the connection when the client has received all written bytes."""


class HttpOutlet(Outlet, Protocol):
    """Carries one HTTP answer."""

    def head(self, answer: Answer, data: bytes) -> None:
        """Send the status and the fields, together with the first bytes of the body."""

    def early(self, data: bytes) -> None:
        """Send the heads of interim answers, ahead of the head. Only for HTTP/1.1."""

    def tear_head(self, answer: Answer) -> None:
        """Send the first half of the head only. The next call must end the connection."""

    def fail(self, failure: Failure) -> None:
        """Log the failure and answer 500; end the connection if the head is sent already."""

    def socket(self) -> SocketOutlet | None:
        """Return the shortcut past the transport, or None if bytes are transformed on their way to the socket (TLS)."""


class SocketOutlet(Outlet, Protocol):
    """An outlet on a plain socket, which says how many bytes it takes."""

    def send(self, data: bytes | memoryview) -> int:
        """Send bytes; return how many the socket took, perhaps 0. A broken socket is reset, and takes 0."""

    def wait(self) -> None:
        """Resume the producer when the socket takes bytes again."""
