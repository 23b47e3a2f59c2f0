"""A client that is a callable: it is called in this thread, and cannot be ended; but its transfers can."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from fakefiles.conformance.evidence import Ender, Ending

# Seconds between two tries to make it end, after the time limit.
_AGAIN = 0.25


class Call:
    """A call of a function of a URL and a path: a success unless it raises. `shake` ends its transfers."""

    def __init__(
        self, function: Callable[[str, str], Any], values: Mapping[str, str], limit: float, shake: Callable[[], object]
    ) -> None:
        self._limit, self._shake = limit, shake
        self._done = threading.Event()
        self._late = False
        threading.Thread(target=self._watch, daemon=True).start()
        started = time.monotonic()
        status, output = 0, ""
        try:
            function(values["url"], values["file"])
        except Exception as error:  # noqa: BLE001  whatever a client raises is its failure
            status, output = 1, f"{type(error).__name__}: {error}"
        finally:
            self._done.set()
        ender = Ender.LIMIT if self._late else Ender.ITSELF
        self._ending = Ending(status, time.monotonic() - started, 0, output, ender)

    def ending(self, timeout: float) -> Ending:
        """Return how it ended."""
        del timeout
        return self._ending

    def signal(self, number: int) -> None:
        """Do nothing: a callable is no process of its own, so that no case sends it a signal."""

    def end(self, ender: Ender) -> Ending:
        """Return how it ended."""
        del ender
        return self._ending

    def _watch(self) -> None:
        while not self._done.wait(_AGAIN if self._late else self._limit):
            self._late = True
            self._shake()
