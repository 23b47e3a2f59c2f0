"""Results as JSON: the format is that of docs/conformance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from fakefiles._version import __version__
from fakefiles.conformance.case import Case
from fakefiles.conformance.catalogue import CASE_SET, GROUPS, link_url, rule_url, rules
from fakefiles.conformance.client import Client
from fakefiles.conformance.evidence import Ending, Evidence, Run
from fakefiles.conformance.known import KnownFailures
from fakefiles.conformance.measures import shortest_wait, sizes_sent
from fakefiles.conformance.reports.wire import wire
from fakefiles.conformance.suite import Result
from fakefiles.conformance.verdicts import Status, Verdict
from fakefiles.conformance.words import by_hand, right_outcome, server_by_hand, set_up
from fakefiles.testing.assertions import chart

#: The version of the format. It changes when something in it changes its meaning or goes.
FORMAT = 1

# How much of the output of a client is kept, in characters from its end.
_TAIL = 1500


@dataclass(frozen=True, slots=True)
class Session:
    """All of a run: the clients with their versions, the cases, the results, the known failures, and when it was."""

    clients: Mapping[str, str]
    results: Sequence[Result]
    known: KnownFailures = field(default_factory=dict)
    started: str = ""
    seconds: float = 0.0
    strict: bool = False

    @property
    def cases(self) -> list[Case]:
        """The cases, each once, in their order."""
        return list({result.case.slug: result.case for result in self.results}.values())

    def of(self, client: str, slug: str) -> Result:
        """Return the result of a client and a case."""
        return next(each for each in self.results if (each.client.name, each.case.slug) == (client, slug))


def as_json(session: Session) -> dict[str, Any]:
    """Return a run as plain values."""
    commands = {result.client.name: result.client for result in session.results}
    return {
        "format": FORMAT,
        "case_set": CASE_SET,
        "fakefiles": __version__,
        "started": session.started,
        "seconds": round(session.seconds, 1),
        "strict": session.strict,
        "statuses": {status.word: status.means for status in Status},
        "verdicts": {verdict.name: {"kind": verdict.kind.value, "means": verdict.means} for verdict in Verdict},
        "groups": GROUPS,
        "rules": {name: {"says": says, "url": rule_url(name)} for name, says in rules().items()},
        "clients": [_client(commands[name], version) for name, version in session.clients.items() if name in commands],
        "cases": [_case(case) for case in session.cases],
        "results": [_result(result, session.known) for result in session.results],
    }


def _client(client: Client, version: str) -> dict[str, Any]:
    return {
        "name": client.name,
        "version": version,
        "command": client.command,
        "commands": dict(client.commands),
        "can": sorted(client.capabilities),
        "about": client.about,
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "slug": case.slug,
        "group": case.group,
        "server": case.server,
        "mistake": case.mistake,
        "set_up": set_up(case),
        "right": right_outcome(case),
        "needs": list(case.needs),
        "level": case.level.value,
        "rfc": list(case.rfc),
        "links": [link_url(link) for link in case.links],
        "by_hand": [server_by_hand(case), *by_hand(case)],
    }


def _result(result: Result, known: KnownFailures) -> dict[str, Any]:
    judgement = result.judgement
    excuse = known.get((result.client.name, result.case.slug))
    return {
        "client": result.client.name,
        "case": result.case.slug,
        "status": judgement.status.word,
        "reason": judgement.reason,
        "safety": str(judgement.safety) if judgement.safety else None,
        "service": [str(finding) for finding in judgement.service],
        "verdicts": [finding.verdict.name for finding in judgement.findings],
        "known": asdict(excuse) if excuse else None,
        "evidence": _evidence(result.evidence, result.case) if result.evidence else None,
    }


def _evidence(evidence: Evidence, case: Case) -> dict[str, Any]:
    wait = shortest_wait(evidence.records)
    return {
        "url": evidence.url,
        "commands": list(evidence.commands),
        "runs": [_run(run) for run in evidence.runs],
        "requests": evidence.requests,
        "sizes_sent": round(sizes_sent(evidence.records, case.bytes), 3),
        "shortest_wait": None if wait is None else round(wait, 2),
        "outside": list(evidence.outside),
        "wire": wire(evidence.records),
        "drawing": chart(evidence.records),
    }


def _run(run: Run) -> dict[str, Any]:
    return {"endings": [_ending(ending) for ending in run.endings], "files": [asdict(found) for found in run.files]}


def _ending(ending: Ending) -> dict[str, Any]:
    return {
        "status": ending.status,
        "ended_by": ending.ender.value,
        "seconds": round(ending.seconds, 2),
        "memory": ending.memory,
        "output": ending.output[-_TAIL:],
    }
