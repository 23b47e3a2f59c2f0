"""Judges a client from the evidence alone: what it says, what is left on disk, and what the server saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fakefiles.conformance.case import Case
from fakefiles.conformance.conditions import FORBIDDEN, parse_condition
from fakefiles.conformance.evidence import Ender, Evidence, Run
from fakefiles.conformance.measures import shortest_wait, sizes_sent
from fakefiles.conformance.verdicts import Kind, Level, Status, Verdict
from fakefiles.files.units import parse_size
from fakefiles.testing.view import requests_in

# The clock of the server ticks, and a client may be a moment early by its own.
_EARLY = 0.05


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, and what shows it, in one line."""

    verdict: Verdict
    says: str

    def __str__(self) -> str:
        return f"{self.verdict.name}: {self.says}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of a case, with the finding about safety, those about service, and for void ones the reason."""

    status: Status
    safety: Finding | None = None
    service: tuple[Finding, ...] = ()
    reason: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, that about safety first."""
        return ((self.safety,) if self.safety else ()) + self.service

    @property
    def says(self) -> str:
        """All that there is to say, in one line."""
        return "; ".join([*filter(None, [self.reason]), *map(str, self.findings)])


def judge(case: Case, evidence: Evidence, *, strict: bool = False) -> Judgement:
    """Judge a client by the evidence. With `strict`, all that is not as it should be is a failure."""
    if reason := _void(case, evidence):
        return Judgement(Status.VOID, reason=reason)
    safety = next(_unsafe(case, evidence), None)
    service = tuple(_service(case, evidence, safe=safety is None))
    return Judgement(_status(case, safety, service, strict=strict), safety, service)


def not_applicable(case: Case, can: frozenset[str]) -> Judgement | None:
    """Return the judgement on a client that lacks what the case needs; None if it lacks nothing."""
    missing = [name for name in case.needs if name not in can]
    if not missing:
        return None
    return Judgement(Status.NOT_APPLICABLE, reason=f"needs {', '.join(missing)}")


def _status(case: Case, safety: Finding | None, service: tuple[Finding, ...], *, strict: bool) -> Status:
    if safety or (service and strict):
        return Status.FAIL
    if not any(finding.verdict.kind is Kind.SERVICE for finding in service):
        return Status.PASS
    return {Level.MUST: Status.FAIL, Level.SHOULD: Status.WARN, Level.MAY: Status.PASS}[case.level]


def _void(case: Case, evidence: Evidence) -> str:
    """Return why the case says nothing about this client, or ""."""
    if evidence.lost:
        return "the journal has lost requests, so that nothing is certain"
    reasons = (parse_condition(text).unmet(evidence.records) for text in case.came)
    reason = next(filter(None, reasons), "")
    if not reason:
        return ""
    last = evidence.runs[-1]
    return f"{reason} ({', '.join(map(str, last.endings))}; {_left(last)}; {evidence.requests} request(s))"


def _left(run: Run) -> str:
    if run.file is None:
        return "no file"
    return "the right file" if run.file.right else "a file that is not right"


def _unsafe(case: Case, evidence: Evidence) -> Iterator[Finding]:
    if evidence.outside:
        yield Finding(Verdict.NAME, f"written outside of the folder: {', '.join(evidence.outside)}")
    for number, run in enumerate(evidence.runs, 1):
        if run.success and (wrong := _wrong(case, run)):
            yield Finding(Verdict.CORRUPT, f"run {number}: success, but {wrong}")
    if case.keeps and not evidence.kept and not _won(case, evidence):
        yield Finding(Verdict.LOST, "the good bytes that were there are gone, and the file is not there")


def _wrong(case: Case, run: Run) -> str:
    """Return what is wrong with the files of a run, in the verifier's words; "" if nothing is."""
    wanted = [("the second file", run.second)] if case.second is not None else []
    if not case.about_second:
        wanted.insert(0, ("the file", run.file))
    for what, found in wanted:
        if found is None:
            return f"{what} is not there"
        if not found.right:
            return f"{what} is {' '.join(found.words.split())}"
    return ""


def _won(case: Case, evidence: Evidence) -> bool:
    last = evidence.runs[-1]
    return last.success and not _wrong(case, last)


def _service(case: Case, evidence: Evidence, *, safe: bool) -> Iterator[Finding]:
    yield from _progress(case, evidence, safe=safe)
    yield from _measured(case, evidence)


def _progress(case: Case, evidence: Evidence, *, safe: bool) -> Iterator[Finding]:
    """Yield what keeps the client from ending well: at most one finding."""
    count = evidence.requests
    hangs = any(ending.ender is Ender.LIMIT for run in evidence.runs for ending in run.endings)
    if count > case.most_requests:
        yield Finding(Verdict.LOOP, f"{count} requests; {case.most_requests} are enough")
    elif hangs:
        seconds = max(ending.seconds for run in evidence.runs for ending in run.endings)
        yield Finding(Verdict.HANG, f"ended after {seconds:.0f} s; it had sent {count} requests")
    elif case.outcome == "file" and safe and not _won(case, evidence):
        ends = ", ".join(str(ending) for run in evidence.runs for ending in run.endings)
        yield Finding(case.failure, f"{ends}: the client could have had the file")


def _measured(case: Case, evidence: Evidence) -> Iterator[Finding]:
    sent = sizes_sent(evidence.records, case.bytes)
    if case.most_sent is not None and sent > case.most_sent:
        yield Finding(Verdict.WASTE, f"{sent:.2f} times the file was sent; {case.most_sent:g} is enough")
    memory = max(ending.memory for run in evidence.runs for ending in run.endings)
    if case.most_memory and memory > parse_size(case.most_memory):
        yield Finding(Verdict.MEM, f"{memory >> 20} MiB of memory for a file of {case.bytes >> 20} MiB")
    wait = shortest_wait(evidence.records)
    if case.least_wait is not None and wait is not None and wait < case.least_wait - _EARLY:
        yield Finding(Verdict.MANNERS, f"asked again after {wait:.2f} s instead of {case.least_wait:g} s")
    for name in case.never:
        if any(FORBIDDEN[name](record) for record in requests_in(evidence.records)):
            yield Finding(Verdict.MANNERS, f"a request is what none may be: {name}")
