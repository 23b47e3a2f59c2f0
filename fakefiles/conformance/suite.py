"""Runs cases with clients, several at once, and hands out the results as they come."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fakefiles.conformance.case import Case
from fakefiles.conformance.client import Client
from fakefiles.conformance.evidence import Evidence
from fakefiles.conformance.folder import temporary_top
from fakefiles.conformance.judge import Judgement, judge, not_applicable
from fakefiles.conformance.trial import LIMIT, Trial
from fakefiles.conformance.verdicts import Status
from fakefiles.testing.journal_client import JournalClient
from fakefiles.testing.server import running

#: The options of the server; what a user gives to see a case by hand.
SERVER_OPTIONS = ("--journal", "100000")

# Seconds between two looks for signals.
_LOOK = 0.25


@dataclass(frozen=True, slots=True)
class Result:
    """One case with one client: the judgement, and the evidence, if it was run."""

    client: Client
    case: Case
    judgement: Judgement
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where trials take place: the server, its journal, and the event that stops them."""

    origin: str
    journal: JournalClient
    stopped: threading.Event

    def try_out(self, client: Client, case: Case, *, limit: float = LIMIT, strict: bool = False) -> Result:
        """Carry out a case with a client in a folder of its own, and judge it.

        Raises StartError if the client cannot be started, ServerError if the server is gone.
        """
        if missing := not_applicable(case, client.capabilities):
            return Result(client, case, missing)
        if self.stopped.is_set():
            return Result(client, case, Judgement(Status.NOT_RUN))
        with temporary_top() as top:
            trial = Trial(case, client, self.origin, self.journal, Path(top), limit, self.stopped)
            evidence = trial.carry_out()
        if self.stopped.is_set():
            return Result(client, case, Judgement(Status.NOT_RUN), evidence)
        return Result(client, case, judge(case, evidence, strict=strict), evidence)


@contextmanager
def place(stopped: threading.Event) -> Iterator[Place]:
    """Yield a place with a server of its own, which ends after the block. Raises ServerError if it does not start."""
    with running(*SERVER_OPTIONS) as server:
        yield Place(server.url.rstrip("/"), JournalClient(server.host, server.port), stopped)


def check(  # noqa: PLR0913  each is a keyword
    clients: Sequence[Client],
    cases: Iterable[Case],
    *,
    jobs: int | None = None,
    limit: float = LIMIT,
    strict: bool = False,
    told: Callable[[Result], object] = bool,
    stopped: threading.Event | None = None,
) -> list[Result]:
    """Run cases with clients; return the results, client by client, in the order of the cases.

    `jobs`: how many cases run at once, by default the number of processors. `limit`: seconds for each run of a client.
    `strict`: all that is not as it should be is a failure. `told` is called with each result when it is there, in this
    thread. When `stopped` is set, all clients are ended, and what was not finished has the status NOT_RUN.

    Raises StartError if a client cannot be started, ServerError if the server does not start. After any exception, too,
    no client is left.
    """
    todo = [(client, case) for client in clients for case in cases]
    with ExitStack() as stack:
        where = stack.enter_context(place(stopped or threading.Event()))
        pool = stack.enter_context(ThreadPoolExecutor(jobs or os.cpu_count() or 1))
        stack.callback(where.stopped.set)
        futures = [pool.submit(where.try_out, client, case, limit=limit, strict=strict) for client, case in todo]
        for future in _as_they_end(futures):
            told(future.result())
        return [future.result() for future in futures]


def _as_they_end(futures: Sequence[Future[Result]]) -> Iterator[Future[Result]]:
    """Yield futures as they end.

    as_completed() without a time limit may miss a signal that comes right before it blocks: Python would handle it only
    when the next future has ended.
    """
    left = set(futures)
    while left:
        done, left = wait(left, timeout=_LOOK, return_when=FIRST_COMPLETED)
        yield from done
