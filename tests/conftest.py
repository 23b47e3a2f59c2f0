"""What every test gets: a logged Failure fails it, as trial would have it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer


@pytest.fixture(autouse=True)
def logged_failures() -> Iterator[list[Failure]]:
    """Fail the test if Twisted logs a Failure in it; a test that expects some takes them out of this list."""
    failures: list[Failure] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if event.get("log_failure") is not None:
            failures.append(event["log_failure"])

    globalLogPublisher.addObserver(observe)
    yield failures
    globalLogPublisher.removeObserver(observe)
    assert not failures, "\n".join(failure.getTraceback() for failure in failures)
