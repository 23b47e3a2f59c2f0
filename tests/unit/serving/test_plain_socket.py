"""plain_socket.py: pieces go past the transport, but never overtake its bytes. See test_span_pump.py, too."""

from __future__ import annotations

import errno
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.task import Clock

from doubles import FakeOutlet, turns
from fakefiles.serving.plain_socket import PlainSocketOutlet
from fakefiles.serving.pump import Pump
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.body import Piece


class Taker:
    """A socket, and the transport before it: it takes as many bytes of each send as it is told, or raises."""

    def __init__(self, *takes: int | OSError) -> None:
        self.takes = list(takes)
        self.calls: list[Any] = []
        self.producer: Any = None

    def getHandle(self) -> Taker:
        return self

    def send(self, data: bytes) -> int:
        take = self.takes.pop(0) if self.takes else len(data)
        if isinstance(take, OSError):
            raise take
        self.calls.append(("sent", data[:take]))
        return min(take, len(data))

    def write(self, data: bytes) -> None:
        self.calls.append(("buffered", data))

    def abortConnection(self) -> None:
        self.calls.append("abort")

    def unregisterProducer(self) -> None:
        self.producer = None

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: FBT001
        self.producer = producer
        if not streaming:
            producer.resumeProducing()


class ShapedTransfer:
    """A Pump and a PlainSocketOutlet between doubles; the head is not yet sent."""

    def __init__(self, taker: Taker, *pieces: Piece) -> None:
        self.clock, self.taker, self.ordinary = Clock(), taker, FakeOutlet()
        self.request: Any = SimpleNamespace(transport=taker, channel=SimpleNamespace(resumeProducing=lambda: None))
        self.request.sentLength = 0
        outlet = PlainSocketOutlet(self.request, self.ordinary)  # type: ignore[arg-type]  # a double
        observer: Any = SimpleNamespace(ended=lambda end: taker.calls.append(end.value))
        self.producer = Pump(outlet, iter(pieces), Ticks(self.clock), observer)
        self.producer.start()

    def empty(self) -> None:
        """Let the transport have sent what it has."""
        self.taker.producer.resumeProducing()
        turns(self.clock, 10)


class TestPieces:
    """A shaped body goes past the transport piece by piece, after the headers."""

    def test_order(self) -> None:
        """Nothing overtakes the headers, and at the end the channel is the producer of the transport again."""
        transfer = ShapedTransfer(Taker(), b"a", b"b")
        assert turns(transfer.clock, 10) == 0
        transfer.empty()
        assert transfer.taker.calls == [("sent", b"a"), ("sent", b"b"), "complete"]
        assert transfer.ordinary.calls == ["register", "unregister", "finish"]
        assert transfer.taker.producer is transfer.request.channel
        assert transfer.request.sentLength == 2

    @pytest.mark.parametrize(("take", "rest"), [(2, b"cd"), (BlockingIOError(errno.EAGAIN, "full"), b"abcd")])
    def test_what_the_socket_does_not_take(self, take: int | OSError, rest: bytes) -> None:
        """The rest of a piece goes through the transport, and the next piece waits for it."""
        transfer = ShapedTransfer(Taker(take), b"abcd", b"e")
        transfer.empty()
        assert transfer.taker.calls[-1] == ("buffered", rest)
        assert turns(transfer.clock, 10) == 0
        transfer.empty()
        assert transfer.taker.calls[-2:] == [("sent", b"e"), "complete"]

    def test_broken(self) -> None:
        """A socket that fails is reset, as if its client had left."""
        transfer = ShapedTransfer(Taker(BrokenPipeError(errno.EPIPE, "gone")), b"a", b"b")
        transfer.empty()
        assert transfer.taker.calls == ["abort"]
        transfer.producer.stopProducing()
        assert transfer.taker.calls == ["abort", "client left"]
        assert transfer.clock.getDelayedCalls() == []
