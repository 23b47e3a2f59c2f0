"""judge.py: from the evidence to the judgement, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.conformance.case import Case
from fakefiles.conformance.evidence import Ender, Ending, Evidence, Found, Run
from fakefiles.conformance.judge import judge, not_applicable
from fakefiles.conformance.verdicts import Level, Status, Verdict
from fakefiles.http.record import Record

RIGHT = Found("a.bin", 100, right=True, good=100)
CUT = Found("a.bin", 50, good=50, words="different:\n  50 are missing")
GOOD, BAD = Ending(0), Ending(1)
LATE = Ending(-15, seconds=30.0, ender=Ender.LIMIT)
GET = Record(method="GET", status=200, body_sent=100)


def case(**fields: Any) -> Case:
    """Return a case with these fields."""
    return Case(**{"slug": "a-case", "group": "plain", "server": "Does.", "mistake": "Fails.", "size": "100", **fields})


def evidence(*runs: Run, **fields: Any) -> Evidence:
    """Return evidence of these runs; without one, of a good one."""
    values = {"runs": runs or (Run((GOOD,), RIGHT),), "records": [GET], **fields}
    return Evidence(**values, requests=len(values["records"]))


@pytest.mark.parametrize(
    ("fields", "given", "status", "verdicts"),
    [
        # The file is there, and the client says so.
        ({}, evidence(), Status.PASS, []),
        ({"outcome": "failure"}, evidence(), Status.PASS, []),
        ({"runs": 2}, evidence(Run((BAD,), CUT), Run((GOOD,), RIGHT)), Status.PASS, []),
        # Success, and no file, or another one; in any run, whatever else is right.
        ({}, evidence(Run((GOOD,))), Status.FAIL, [Verdict.CORRUPT]),
        ({"outcome": "failure"}, evidence(Run((GOOD,), CUT)), Status.FAIL, [Verdict.CORRUPT]),
        ({"level": Level.MAY}, evidence(Run((GOOD,), CUT)), Status.FAIL, [Verdict.CORRUPT]),
        ({"runs": 2}, evidence(Run((GOOD,), CUT), Run((GOOD,), RIGHT)), Status.FAIL, [Verdict.CORRUPT]),
        ({"together": 2}, evidence(Run((BAD, GOOD), CUT)), Status.FAIL, [Verdict.CORRUPT]),
        # A failure is right where the case allows it, and else depends on the level.
        ({"outcome": "failure"}, evidence(Run((BAD,), CUT)), Status.PASS, []),
        ({}, evidence(Run((BAD,), CUT)), Status.FAIL, [Verdict.REFUSE]),
        ({"level": Level.SHOULD}, evidence(Run((BAD,), RIGHT)), Status.WARN, [Verdict.REFUSE]),
        ({"level": Level.MAY}, evidence(Run((BAD,))), Status.PASS, [Verdict.REFUSE]),
        ({"failure": Verdict.STUCK}, evidence(Run((BAD,)), Run((BAD,))), Status.FAIL, [Verdict.STUCK]),
        # The end does not come, or the requests do not end.
        ({}, evidence(Run((LATE,), RIGHT)), Status.FAIL, [Verdict.HANG]),
        ({"level": Level.SHOULD, "outcome": "failure"}, evidence(Run((LATE,))), Status.WARN, [Verdict.HANG]),
        ({"most_requests": 2}, evidence(Run((LATE,)), records=[GET] * 3), Status.FAIL, [Verdict.LOOP]),
        ({"most_requests": 2}, evidence(records=[GET] * 3), Status.FAIL, [Verdict.LOOP]),
        # What was there is gone.
        ({"keeps": True, "outcome": "failure"}, evidence(Run((BAD,)), kept=False), Status.FAIL, [Verdict.LOST]),
        ({"keeps": True, "outcome": "failure"}, evidence(Run((BAD,)), kept=True), Status.PASS, []),
        ({"keeps": True, "outcome": "failure"}, evidence(kept=False), Status.PASS, []),
        # Files elsewhere come before all.
        ({}, evidence(Run((GOOD,), CUT), outside=("/x",)), Status.FAIL, [Verdict.NAME]),
        # What is measured.
        ({"most_sent": 0.5}, evidence(), Status.PASS, [Verdict.WASTE]),
        ({"most_sent": 1.0}, evidence(), Status.PASS, []),
        ({"most_memory": "1m"}, evidence(Run((Ending(0, memory=1 << 21),), RIGHT)), Status.PASS, [Verdict.MEM]),
        ({"most_memory": "1m"}, evidence(Run((Ending(0, memory=1 << 20),), RIGHT)), Status.PASS, []),
        (
            {"least_wait": 2},
            evidence(records=[Record(status=503, started=0, ended=0), Record(started=1.0)]),
            Status.PASS,
            [Verdict.MANNERS],
        ),
        (
            {"least_wait": 2},
            evidence(records=[Record(status=503, started=0, ended=0), Record(started=1.96)]),
            Status.PASS,
            [],
        ),
        ({"least_wait": 2}, evidence(), Status.PASS, []),
        (
            {"never": ("weak-if-range",)},
            evidence(records=[Record(headers_of=lambda: {"if-range": "W/"})]),
            Status.PASS,
            [Verdict.MANNERS],
        ),
        ({"never": ("weak-if-range",)}, evidence(), Status.PASS, []),
    ],
)
def test_judge(fields: dict[str, Any], given: Evidence, status: Status, verdicts: list[Verdict]) -> None:
    """The status, and the verdicts in their order; with strict, any verdict is a failure."""
    judgement = judge(case(**fields), given)
    assert (judgement.status, [finding.verdict for finding in judgement.findings]) == (status, verdicts)
    strict = judge(case(**fields), given, strict=True)
    assert strict.status is (Status.FAIL if verdicts else Status.PASS)
    assert all(verdict.name in judgement.says for verdict in verdicts)


def test_second_file() -> None:
    """Both files count, unless the case is about the second one only."""
    pair = case(second="", needs=("pair",))
    both = evidence(Run((GOOD,), CUT, RIGHT))
    assert "the file is different" in judge(pair, both).says
    assert judge(case(second="", needs=("pair",), about_second=True), both).status is Status.PASS
    assert "the second file is not there" in judge(pair, evidence(Run((GOOD,), RIGHT))).says


def test_void() -> None:
    """What did not come about says nothing, however it ended; and what the journal has lost neither."""
    fields: dict[str, Any] = {"came": ("status 416",)}
    void = judge(case(**fields), evidence(Run((GOOD,), CUT)), strict=True)
    assert void.status is Status.VOID
    assert void.findings == ()
    assert void.says == "no answer had the status 416 (exit 0; a file that is not right; 1 request(s))"
    assert "no file" in judge(case(**fields), evidence(Run((BAD,)))).says
    assert "the right file" in judge(case(**fields), evidence()).says
    assert judge(case(), evidence(lost=True)).reason == "the journal has lost requests, so that nothing is certain"


def test_words() -> None:
    """A finding is one line, with the words of the verifier."""
    judgement = judge(case(), evidence(Run((GOOD,), CUT)))
    assert judgement.says == "CORRUPT: run 1: success, but the file is different: 50 are missing"
    assert judgement.safety is not None
    assert judgement.service == ()


def test_not_applicable() -> None:
    """A case that needs what the client cannot does not apply, and says what that is."""
    needy = case(needs=("resume", "retry"))
    assert not_applicable(needy, frozenset({"resume", "retry"})) is None
    judgement = not_applicable(needy, frozenset({"resume"}))
    assert judgement is not None
    assert (judgement.status, judgement.says) == (Status.NOT_APPLICABLE, "needs retry")
