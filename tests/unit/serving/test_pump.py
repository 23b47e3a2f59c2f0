"""pump.py: one test for each rule that its docstring states."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from doubles import FakeOutlet, turns
from fakefiles.serving.pump import Pump
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.body import Cut, Deadline, Hold, Note, Pause, Piece, Take
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.record import End
from fakefiles.transfer.span import Span


def endless() -> Iterator[bytes]:
    """Yield pieces for ever."""
    while True:
        yield b"x" * 10


class Watcher:
    """Records the events of a transfer."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.ends: list[End] = []

    def progress(self, amount: int, span: Span | None) -> None:
        """Pieces made by hand tell nothing."""

    def fired(self, fault: str) -> None:
        self.faults.append(fault)

    def ended(self, end: End) -> None:
        self.ends.append(end)


def started(outlet: FakeOutlet, pieces: Iterator[Piece], watcher: Watcher | None = None) -> tuple[Pump, Clock]:
    """Return a started producer and the clock that drives it."""
    clock = Clock()
    producer = Pump(outlet, pieces, Ticks(clock), watcher or Watcher())
    producer.start()
    return producer, clock


def test_interface() -> None:
    """It is an IPushProducer."""
    assert verifyObject(IPushProducer, Pump(FakeOutlet(), endless(), Ticks(Clock()), Watcher()))


def test_body_in_order() -> None:
    """All pieces are written, in order, then the outlet is unregistered and finished, once."""
    outlet = FakeOutlet()
    _, clock = started(outlet, iter([b"a", b"b"]))
    turns(clock, 10)
    assert outlet.written == [b"a", b"b"]
    assert outlet.calls == ["register", "write", "write", "unregister", "finish"]
    assert clock.getDelayedCalls() == []


def test_one_piece_a_turn() -> None:
    """A consumer that never pauses gets one piece in each turn of the reactor."""
    outlet = FakeOutlet(buffer_size=None)
    _, clock = started(outlet, endless())
    assert outlet.written == []
    for count in range(1, 6):
        turns(clock, 1)
        assert len(outlet.written) == count


def test_resumes_do_not_add_up() -> None:
    """However often it is resumed, it writes one piece a turn."""
    outlet = FakeOutlet()
    producer, clock = started(outlet, endless())
    for _ in range(5):
        producer.resumeProducing()
    turns(clock, 1)
    assert len(outlet.written) == 1


def test_pause_inside_write() -> None:
    """A pause that arrives inside its own write() holds from then on."""
    outlet = FakeOutlet(buffer_size=15)
    _, clock = started(outlet, endless())
    turns(clock, 10)
    assert len(outlet.written) == 2
    assert clock.getDelayedCalls() == []
    outlet.drain()
    turns(clock, 10)
    assert len(outlet.written) == 4


def test_resume_inside_write() -> None:
    """A consumer that resumes within write gets no second piece in that turn."""
    outlet = FakeOutlet(buffer_size=5)
    producer, clock = started(outlet, endless())
    write = outlet.write

    def write_and_drain(data: bytes) -> None:
        write(data)
        producer.resumeProducing()

    outlet.write = write_and_drain  # type: ignore[method-assign]
    turns(clock, 3)
    assert len(outlet.written) == 3


@pytest.mark.parametrize("pauses", [1, 2, 5])
def test_pause_is_idempotent(pauses: int) -> None:
    """One resume ends any number of pauses: HTTPChannel sends one for each write over the buffer's limit."""
    outlet = FakeOutlet()
    producer, clock = started(outlet, endless())
    for _ in range(pauses):
        producer.pauseProducing()
    assert turns(clock, 5) == 0
    producer.resumeProducing()
    turns(clock, 1)
    assert len(outlet.written) == 1


def test_paused_before_the_first_turn() -> None:
    """A producer on a blocked transport waits."""
    outlet = FakeOutlet()
    producer, clock = started(outlet, iter([b"a"]))
    producer.pauseProducing()
    turns(clock, 10)
    assert outlet.calls == ["register"]


def test_does_not_finish_while_paused() -> None:
    """The outlet is finished only when the transport has taken the last piece."""
    outlet = FakeOutlet(buffer_size=0)
    _, clock = started(outlet, iter([b"a"]))
    turns(clock, 10)
    assert outlet.calls == ["register", "write"]
    outlet.drain()
    turns(clock, 10)
    assert outlet.calls == ["register", "write", "unregister", "finish"]


@pytest.mark.parametrize("told_by", ["stopProducing", "closed", "both"])
@pytest.mark.parametrize("paused", [False, True])
def test_client_leaves(told_by: str, paused: bool) -> None:  # noqa: FBT001
    """It stops at once, never calls the outlet again, leaves no timer, and drops the content."""
    outlet = FakeOutlet()
    closed = []

    def pieces() -> Iterator[bytes]:
        try:
            yield from endless()
        finally:
            closed.append(True)

    producer, clock = started(outlet, pieces())
    turns(clock, 2)
    if paused:
        producer.pauseProducing()
    if told_by != "closed":
        producer.stopProducing()
    if told_by != "stopProducing":
        outlet.closed()
    producer.resumeProducing()
    assert turns(clock, 5) == 0
    assert outlet.calls == ["register", "write", "write"]
    assert clock.getDelayedCalls() == []
    assert closed == [True]


def test_client_leaves_inside_write() -> None:
    """A disconnect that is noticed within its own write ends it, too."""
    outlet = FakeOutlet()
    producer, clock = started(outlet, endless())
    outlet.write = lambda data: producer.stopProducing()  # type: ignore[method-assign]  # noqa: ARG005
    turns(clock, 1)
    assert clock.getDelayedCalls() == []


def test_content_that_fails(logged_failures: list[Failure]) -> None:
    """The connection is reset, since the rest cannot be had, and the reason is logged."""

    def pieces() -> Iterator[bytes]:
        yield b"a"
        raise LookupError("no such byte")

    outlet = FakeOutlet()
    _, clock = started(outlet, pieces())
    turns(clock, 10)
    assert outlet.calls == ["register", "write", "reset"]
    assert clock.getDelayedCalls() == []
    assert logged_failures.pop().check(LookupError)


def ended_as(pieces: list[Piece], turns_run: int = 10) -> list[End]:
    """Return how a transfer of these pieces ends."""
    watcher = Watcher()
    _, clock = started(FakeOutlet(), iter(pieces), watcher)
    turns(clock, turns_run)
    return watcher.ends


def test_the_end_is_told_once() -> None:
    """A transfer ends complete, by a fault, or because the client left; what comes later changes nothing."""
    assert ended_as([b"a"]) == [End.COMPLETE]
    assert ended_as([b"a", Cut()]) == [End.FAULT]
    assert ended_as([b"a"], turns_run=1) == []
    watcher, outlet = Watcher(), FakeOutlet()
    producer, clock = started(outlet, endless(), watcher)
    turns(clock, 1)
    producer.stopProducing()
    outlet.closed()
    assert watcher.ends == [End.CLIENT_LEFT]


def test_pause_of_the_body() -> None:
    """A Pause holds back the next piece for its time, however often the transport resumes."""
    outlet = FakeOutlet()
    producer, clock = started(outlet, iter([b"a", Pause(2), b"b"]))
    turns(clock, 10)
    producer.resumeProducing()
    clock.advance(1.5)
    producer.pauseProducing()
    producer.resumeProducing()
    turns(clock, 10)
    assert outlet.written == [b"a"]
    clock.advance(0.5)
    assert outlet.written == [b"a", b"b"]


def test_pause_of_no_time() -> None:
    """A Pause of 0 seconds ends its turn, for others."""
    _, clock = started(FakeOutlet(), iter(lambda: Pause(0), None))
    assert turns(clock, 100) == 100


def test_pause_for_ever() -> None:
    """A Pause without an end leaves no timer behind; the client may leave."""
    watcher, outlet = Watcher(), FakeOutlet()
    producer, clock = started(outlet, iter([b"a", Pause(), b"b"]), watcher)
    turns(clock, 10)
    producer.resumeProducing()
    assert clock.getDelayedCalls() == []
    assert outlet.written == [b"a"]
    producer.stopProducing()
    assert watcher.ends == [End.CLIENT_LEFT]


def test_take() -> None:
    """A piece goes when its bucket allows it."""
    bucket, outlet = Bucket(100), FakeOutlet()
    _, clock = started(outlet, iter([Take(bucket, 50), b"a", Take(bucket, 50), b"b"]))
    for seconds, written in ((0.4, []), (0.2, [b"a"]), (0.3, [b"a"]), (0.2, [b"a", b"b"])):
        turns(clock, 10)
        clock.advance(seconds)
        assert outlet.written == written


def test_take_what_is_late() -> None:
    """A piece that is late does not wait for its bucket."""
    bucket, outlet = Bucket(100), FakeOutlet()
    _, clock = started(outlet, iter([Take(bucket, 1), b"a", Pause(2), Take(bucket, 1), b"b"]))
    for seconds, written in ((0.01, [b"a"]), (1.99, [b"a"]), (0.01, [b"a", b"b"])):
        turns(clock, 10)
        clock.advance(seconds)
        assert outlet.written == written
    assert clock.seconds() == pytest.approx(2.01)


def test_hold_and_release() -> None:
    """A held transfer goes on when it is released, and not before."""
    outlet = FakeOutlet()
    producer, clock = started(outlet, iter([b"a", Hold(), b"b"]))
    turns(clock, 10)
    producer.resumeProducing()
    turns(clock, 10)
    assert outlet.written == [b"a"]
    producer.release()
    turns(clock, 10)
    assert outlet.written == [b"a", b"b"]


def test_release_before_the_hold() -> None:
    """A test need not wait for the hold: a transfer released early passes its next hold, but not a second one."""
    outlet = FakeOutlet()
    producer, clock = started(outlet, iter([b"a", Hold(), b"b", Hold(), b"c"]))
    producer.release()
    turns(clock, 10)
    assert outlet.written == [b"a", b"b"]


def test_release_while_paused() -> None:
    """A transfer that is released while the transport is full waits for the transport."""
    outlet = FakeOutlet(buffer_size=0)
    producer, clock = started(outlet, iter([Hold(), b"b"]))
    turns(clock, 10)
    producer.pauseProducing()
    producer.release()
    turns(clock, 10)
    assert outlet.written == []
    outlet.drain()
    turns(clock, 10)
    assert outlet.written == [b"b"]


def test_note() -> None:
    """A Note takes no turn of its own."""
    watcher, outlet = Watcher(), FakeOutlet()
    _, clock = started(outlet, iter([Note("flip@0"), b"a"]), watcher)
    turns(clock, 1)
    assert (watcher.faults, outlet.written) == (["flip@0"], [b"a"])


@pytest.mark.parametrize(("reset", "calls"), [(False, ["unregister", "close"]), (True, ["reset when sent"])])
def test_cut(reset: bool, calls: list[str]) -> None:  # noqa: FBT001
    """The connection ends, and the rest is not sent."""
    outlet = FakeOutlet()
    _, clock = started(outlet, iter([b"a", Cut(reset=reset), b"b"]))
    turns(clock, 10)
    assert outlet.calls == ["register", "write", *calls]
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("state", [[], [Hold()], [Pause()], [Pause(99)]])
def test_deadline(state: list[Piece]) -> None:
    """When it comes, its events happen, whatever the body is doing; nothing is left behind."""
    outlet, watcher = FakeOutlet(), Watcher()
    late = Deadline(3, (Note("cut@3s"), Cut()))
    producer, clock = started(outlet, iter([late, b"a", *state, *[b"x"] * 2, Hold()]), watcher)
    turns(clock, 9)
    assert (watcher.ends, outlet.calls[-1]) == ([], "write")
    clock.advance(3)
    assert (watcher.faults, watcher.ends, outlet.calls[-1]) == (["cut@3s"], [End.FAULT], "close")
    producer.stopProducing()
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("leaves", [False, True])
def test_deadline_of_what_ends_before(leaves: bool) -> None:  # noqa: FBT001
    """It never comes."""
    outlet, watcher = FakeOutlet(), Watcher()
    producer, clock = started(outlet, iter([Deadline(3, (Cut(),)), b"a", *([Hold()] if leaves else [])]), watcher)
    turns(clock, 9)
    if leaves:
        producer.stopProducing()
    assert watcher.ends == [End.CLIENT_LEFT if leaves else End.COMPLETE]
    assert clock.getDelayedCalls() == []
