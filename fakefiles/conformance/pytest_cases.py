"""What is behind the fixture fakefiles_case: which cases a test gets, and the trial of a callable."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakefiles.conformance.case import Case
from fakefiles.conformance.catalogue import cases, chosen
from fakefiles.conformance.client import Client
from fakefiles.conformance.judge import not_applicable
from fakefiles.conformance.known import Known, read_known
from fakefiles.conformance.suite import Place, Result
from fakefiles.conformance.tables import TableError
from fakefiles.conformance.trial import LIMIT
from fakefiles.conformance.verdicts import Status
from fakefiles.testing.journal_client import JournalClient
from fakefiles.testing.server import Server

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True


@dataclass(frozen=True, slots=True)
class Wish:
    """What a test wants: patterns of cases, and its client with its capabilities; which failures are known."""

    patterns: tuple[str, ...]
    client: Client
    known: Mapping[str, str]
    limit: float
    strict: bool

    def cases(self) -> list[Case]:
        """Return the cases that are wanted, and apply. Raises TableError if a pattern matches none."""
        return [case for case in chosen(self.patterns) if not not_applicable(case, self.client.capabilities)]


def wish_of(config: pytest.Config, marker: pytest.Mark | None) -> Wish:
    """Return what the marker of a test says, and where it is silent the ini file.

    Raises TableError if the known failures are wrong, TypeError for a keyword that the marker has not.
    """
    patterns = marker.args if marker else ()
    return _wish(config, patterns, **(marker.kwargs if marker else {}))


def _wish(  # noqa: PLR0913  the keywords of the marker
    config: pytest.Config,
    patterns: tuple[str, ...],
    *,
    can: tuple[str, ...] | list[str] | None = None,
    known: Mapping[str, str] | None = None,
    client: str = "pytest",
    partial: str = "{file}",
    limit: float = LIMIT,
    strict: bool = False,
) -> Wish:
    can = config.getini("fakefiles_can") if can is None else can
    slugs = {case.slug for case in cases()}
    for slug in known or {}:
        if slug not in slugs:
            raise TableError(f"known: no case is called {slug!r}")
    return Wish(
        tuple(patterns) or tuple(config.getini("fakefiles_cases")),
        Client(client, can=tuple(can), partial=partial, call=_not_yet),
        {**_known_in_file(config, client), **(known or {})},
        limit,
        strict,
    )


def _not_yet(url: str, path: str) -> None:
    """Stand in for the callable that the test gives to run()."""
    raise NotImplementedError(f"no callable yet for {url} and {path}")


def _known_in_file(config: pytest.Config, client: str) -> dict[str, str]:
    name = config.getini("fakefiles_known")
    if not name:
        return {}
    found: Mapping[tuple[str, str], Known] = read_known(Path(config.rootpath, name))
    return {slug: str(known) for (owner, slug), known in found.items() if owner == client}


def parameters(wish: Wish) -> list[Any]:
    """Return the parameters for a test: a case each; a known failure has to fail."""
    return [
        pytest.param(
            (case, wish),
            id=case.slug,
            marks=[pytest.mark.xfail(strict=True, reason=wish.known[case.slug])] if case.slug in wish.known else [],
        )
        for case in wish.cases()
    ]


def _awaited(value: Any) -> None:
    if inspect.iscoroutine(value):
        asyncio.run(value)


class FakefilesCase:
    """One case for a test: `case`. Its client is what run() is given."""

    def __init__(self, case: Case, wish: Wish, server: Server) -> None:
        self.case = case
        self._wish = wish
        self._place = Place(server.url.rstrip("/"), JournalClient(server.host, server.port), threading.Event())

    def run(self, download: Callable[[str, str], Any]) -> Result:
        """Let a callable download the file of a URL to a path, as often as the case wants; return the result.

        It fails if it raises; if it returns a coroutine, that is run by asyncio. The test fails if the client is not
        safe, or does not do what it must, and is skipped if the case is void. Raises ServerError if the server is gone.
        """
        client = replace(self._wish.client, call=lambda url, path: _awaited(download(url, path)))
        result = self._place.try_out(client, self.case, limit=self._wish.limit, strict=self._wish.strict)
        if result.judgement.status is Status.VOID:
            pytest.skip(f"void: {result.judgement.reason}")
        if result.judgement.status is Status.FAIL:
            pytest.fail(self._report(result), pytrace=False)
        return result

    def run_in_reactor(self, download: Callable[[str, str], Any]) -> Deferred[Result]:
        """Do the same with a callable of Twisted, which is called in the reactor; return a Deferred of the result.

        It may return a Deferred or a coroutine. The reactor goes on meanwhile.
        """
        from twisted.internet import reactor as installed
        from twisted.internet.defer import Deferred
        from twisted.internet.threads import blockingCallFromThread, deferToThread

        reactor: Any = installed

        def call(url: str, path: str) -> Any:
            value = download(url, path)
            return Deferred.fromCoroutine(value) if inspect.iscoroutine(value) else value

        return deferToThread(self.run, lambda url, path: blockingCallFromThread(reactor, call, url, path))

    def _report(self, result: Result) -> str:
        from fakefiles.conformance.reports.wire import wire
        from fakefiles.testing.assertions import chart

        assert result.evidence is not None  # noqa: S101  what has failed was run
        case, outputs = self.case, [end.output for run in result.evidence.runs for end in run.endings if end.output]
        lines = [result.judgement.says, f"The server: {case.server}", f"The mistake: {case.mistake}"]
        lines += [*outputs, result.evidence.url, wire(result.evidence.records), chart(result.evidence.records)]
        return "\n".join([*lines, f"`fakefiles check --explain {case.slug}` tells more."])
