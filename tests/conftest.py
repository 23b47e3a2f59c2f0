"""What every test gets: a logged Failure fails it, as trial would have it. Where CI runs, no test is skipped."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import settings
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer

pytest_plugins = ["fakefiles.pytest_plugin", "pytester"]

# A slow machine fails no test; where CI runs, every run has the same examples.
settings.register_profile("fakefiles", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("fakefiles")

# A shell that runs pytest in the background has it, and all that it starts, ignore SIGINT; some tests are about that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped, where the environment says that everything is installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("FAKEFILES_SKIP_NOTHING") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@contextmanager
def logged(key: str) -> Iterator[list[Any]]:
    """Give, for the length of a block, what Twisted logs under a key, as it comes."""
    values: list[Any] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if event.get(key) is not None:
            values.append(event[key])

    globalLogPublisher.addObserver(observe)
    yield values
    globalLogPublisher.removeObserver(observe)


@pytest.fixture(autouse=True)
def logged_failures() -> Iterator[list[Failure]]:
    """Fail the test if Twisted logs a Failure in it; a test that expects some takes them out of this list."""
    with logged("log_failure") as failures:
        yield failures
    assert not failures, "\n".join(failure.getTraceback() for failure in failures)


@pytest.fixture
def logged_lines() -> Iterator[list[str]]:
    """Return the lines of the access log, as they come."""
    with logged("line") as lines:
        yield lines
