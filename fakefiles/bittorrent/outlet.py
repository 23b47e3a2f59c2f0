"""The outlet of a peer: carries its bytes over the transport, encrypted if the peer wants that.

Bytes in plain text are offered to the socket at once, past the transport: see serving/plain_socket.py. What the socket
does not take, the transport sends; until then the producer is paused, so that nothing overtakes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.internet.tcp import Connection
from zope.interface import implementer

from fakefiles.bittorrent.encryption import Cipher
from fakefiles.serving.aborting import reset_when_sent
from fakefiles.serving.plain_socket import WhenEmpty
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.body import MAX_PIECE


@implementer(IPushProducer)
class PeerOutlet:
    """An Outlet on a transport of TCP; see serving/outlet.py. `cipher` is None for plain text."""

    piece_size = MAX_PIECE

    def __init__(self, transport: Any, name: str, cipher: Cipher | None) -> None:
        self.name = name
        self._transport = transport
        self._cipher = cipher
        self._give_up: Callable[[], object] | None = None
        self._producer: IPushProducer | None = None
        # Whether the transport has nothing left to send.
        self._empty = False

    def register(self, producer: IPushProducer) -> None:
        """Pause and resume this producer from now on."""
        if self._cipher is not None or not isinstance(self._transport, Connection):
            self._transport.registerProducer(producer, streaming=True)
            return
        self._producer = producer
        producer.pauseProducing()
        self._transport.registerProducer(WhenEmpty(self), streaming=False)
        self._transport.startWriting()

    def unregister(self) -> None:
        """Unregister the producer."""
        self._producer = None
        self._transport.unregisterProducer()

    def pauseProducing(self) -> None:
        """Do nothing: for the transport, this is a pull producer."""

    def resumeProducing(self) -> None:
        """Go past the transport from now on: it has sent everything, and the socket takes more."""
        self._empty = True
        if self._producer is not None:
            self._producer.resumeProducing()

    def stopProducing(self) -> None:
        """Stop the producer: the peer has left."""
        if self._producer is not None:
            self._producer.stopProducing()

    def when_closed(self, callback: Callable[[], object]) -> None:
        """Do nothing: the protocol itself stops the producer when the peer leaves."""

    def write(self, data: bytes) -> None:
        """Send or buffer bytes."""
        if self._cipher is not None:
            data = self._cipher.update(data)
        elif self._empty and self._producer is not None:
            data = data[self._offer(data) :]
            if not data:
                return
            self._empty = False
            self._producer.pauseProducing()
        self._transport.write(data)

    def _offer(self, data: bytes) -> int:
        """Return how many bytes the socket takes now."""
        try:
            sent: int = self._transport.getHandle().send(data)
        except OSError:
            return 0  # it takes none; or it is broken, which the transport will notice
        return sent

    def finish(self) -> None:
        """End the connection when all written bytes are sent."""
        self._transport.loseConnection()

    close = finish

    def reset(self) -> None:
        """End the connection now with an RST."""
        self._transport.abortConnection()

    def reset_when_sent(self, clock: Ticks) -> None:
        """Reset the connection when the peer has received all written bytes."""
        self._give_up = reset_when_sent(self._transport, clock)

    def lost(self) -> None:
        """Give up what is still to happen: the connection is no more."""
        self._producer = None
        if self._give_up is not None:
            self._give_up()
            self._give_up = None
