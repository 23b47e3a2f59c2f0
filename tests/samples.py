"""A run of the conformance suite as it could be: for the tests of reports."""

from __future__ import annotations

from fakefiles.conformance.catalogue import chosen
from fakefiles.conformance.client import Client
from fakefiles.conformance.evidence import Ending, Evidence, Found, Run
from fakefiles.conformance.judge import Finding, Judgement
from fakefiles.conformance.known import Known
from fakefiles.conformance.reports.as_json import Session
from fakefiles.conformance.suite import Result
from fakefiles.conformance.verdicts import Status, Verdict
from fakefiles.http.record import Record
from fakefiles.transfer.span import Span

CURL = Client("curl", "curl -o {file} {url}", can=("retry",), about="curl")
MINE = Client("mine", "mine {url} {file}", can=("resume",))
_RECORDS = [
    Record(method="GET", url="/100k/a.bin", status=503, started=1.0, ended=1.25, size=102400),
    Record(
        method="GET",
        url="/100k/a.bin",
        status=200,
        started=1.5,
        ended=2.0,
        size=102400,
        length=102400,
        body_sent=51200,
        given=[Span(0, 102400)],
        sent=[Span(0, 51200)],
        faults=["close@51200"],
    ),
]
_FOUND = Found("a.bin", 51200, good=51200, words="different: </script><b>51200 are missing")
_EVIDENCE = Evidence(
    (Run((Ending(0, 0.5, 1 << 20, "y" * 100 + "z" * 1500),), _FOUND),),
    _RECORDS,
    len(_RECORDS),
    outside=("/elsewhere",),
    commands=("curl -o a.bin http://127.0.0.1:1/100k/a.bin",),
    url="http://127.0.0.1:1/100k/a.bin",
)


def _results(client: Client) -> list[Result]:
    resume, early, missing = chosen(["close-early", "resume-gets-200", "not-found"])
    corrupt = Judgement(Status.FAIL, Finding(Verdict.CORRUPT, "run 1: success, but\x1b </script> no"))
    refused = Judgement(Status.WARN, service=(Finding(Verdict.REFUSE, "exit 1"), Finding(Verdict.WASTE, "twice")))
    void = Judgement(Status.VOID, reason="no answer had the status 404")
    lacking = Judgement(Status.NOT_APPLICABLE, reason="needs resume")
    by_case = {"resume-gets-200": lacking if client is CURL else refused, "not-found": void}
    found = {case.slug: by_case.get(case.slug, corrupt) for case in (resume, early, missing)}
    return [
        Result(client, case, found[case.slug], None if found[case.slug] is lacking else _EVIDENCE)
        for case in (early, resume, missing)
    ]


#: Two clients, three cases.
SESSION = Session(
    {"curl": "8.0", "mine": ""},
    [*_results(CURL), *_results(MINE)],
    {("curl", "close-early"): Known("8.0", "so"), ("mine", "resume-gets-200"): Known()},
    "2026-11-25T12:00:00+00:00",
    12.34,
)
