"""How a body under way ends: once, whatever comes after."""

from __future__ import annotations

from typing import Protocol

from twisted.logger import Logger
from twisted.python.failure import Failure

from fakefiles.serving.outlet import Outlet
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.body import Cut
from fakefiles.transfer.record import End
from fakefiles.transfer.span import Span

_log = Logger()


class Observer(Protocol):
    """Is told what becomes of a transfer."""

    def progress(self, amount: int, span: Span | None) -> None:
        """Take note of bytes of the body that go out, as body.Progress."""

    def fired(self, fault: str) -> None:
        """Take note of a fault, like "reset@1048576"."""

    def ended(self, end: End) -> None:
        """Take note of the end: of one of them, or of the first of several."""


class Ending:
    """The end of a body in an outlet; with `over`, nothing more is sent.

    The observer is told before the outlet: finish() may begin the next answer on the connection.
    """

    def __init__(self, outlet: Outlet, observer: Observer) -> None:
        self._outlet = outlet
        self._observer = observer
        self.over = False

    def complete(self) -> None:
        """End an answer that was sent whole."""
        self._begin(End.COMPLETE)
        self._outlet.unregister()
        self._outlet.finish()

    def cut(self, cut: Cut, clock: Ticks) -> None:
        """End the connection here, as a fault: the client gets what came before."""
        self._begin(End.FAULT)
        if cut.reset:
            self._outlet.reset_when_sent(clock)
        else:
            self._outlet.unregister()
            self._outlet.close()

    def break_off(self, failure: Failure) -> None:
        """Reset the connection: the rest of the body cannot be had, and the client must not take it for complete."""
        _log.failure("the content of {name} failed", failure, name=self._outlet.name)
        self._begin(End.FAULT)
        self._outlet.reset()

    def client_left(self) -> None:
        """Take note that nobody is there to get more."""
        if not self.over:
            self._begin(End.CLIENT_LEFT)

    def _begin(self, end: End) -> None:
        self.over = True
        self._observer.ended(end)
