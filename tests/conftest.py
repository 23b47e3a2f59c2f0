"""Fixtures for every test: a logged Failure fails it, as in trial. In CI, a skipped test fails the run."""

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

# No deadline: a slow machine fails no test. In CI, every run has the same examples.
settings.register_profile("fakefiles", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("fakefiles")

# A shell makes background jobs, and all that they start, ignore SIGINT; some tests need that signal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run with a skipped test, if the environment says that everything is installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("FAKEFILES_SKIP_NOTHING") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@contextmanager
def logged(key: str) -> Iterator[list[Any]]:
    """Yield a list to which everything is added that Twisted logs under a key, during a block."""
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
def logged_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Return the list of the access log's lines, which grows; at the beginning of 1970, to the system's clock."""
    monkeypatch.setattr("twisted.web.http.time", lambda: 0.0)
    with logged("line") as lines:
        yield lines
