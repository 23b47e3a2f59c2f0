"""How a body under way ends: exactly once, whatever happens after that."""

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
    """Observes a transfer."""

    def progress(self, amount: int, span: Span | None) -> None:
        """Note bytes of the body that go out; the arguments are those of body.Progress."""

    def fired(self, fault: str) -> None:
        """Note a fault, like "reset@1048576"."""

    def ended(self, end: End) -> None:
        """Note the end of the transfer. If it is called again, only the first call counts."""


class Ending:
    """Ends a body in an outlet. Once `over` is true, nothing more is sent.

    The observer is called before the outlet: finish() may begin the next answer on the connection.
    """

    def __init__(self, outlet: Outlet, observer: Observer) -> None:
        self._outlet = outlet
        self._observer = observer
        self.over = False

    def complete(self) -> None:
        """End an answer that was sent completely."""
        self._begin(End.COMPLETE)
        self._outlet.unregister()
        self._outlet.finish()

    def cut(self, cut: Cut, clock: Ticks) -> None:
        """End the connection here, as a fault; the client still receives the bytes before it."""
        self._begin(End.FAULT)
        if cut.reset:
            self._outlet.reset_when_sent(clock)
        else:
            self._outlet.unregister()
            self._outlet.close()

    def break_off(self, failure: Failure) -> None:
        """Log the failure, and reset the connection: the client must not take the part it has for the whole body."""
        _log.failure("the content of {name} failed", failure, name=self._outlet.name)
        self._begin(End.FAULT)
        self._outlet.reset()

    def client_left(self) -> None:
        """End the transfer because the client has left, unless it has ended already."""
        if not self.over:
            self._begin(End.CLIENT_LEFT)

    def _begin(self, end: End) -> None:
        self.over = True
        self._observer.ended(end)
