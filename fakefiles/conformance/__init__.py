"""The conformance suite for download clients: cases, clients, verdicts, and what runs them.

    for result in check([client_of("curl -fsS -o {file} {url}")], cases()):
        print(result.case.slug, result.judgement.status)

`fakefiles check` is the same from a command line, and the fixture fakefiles_case from pytest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakefiles._lazy import lazily

if TYPE_CHECKING:
    from fakefiles.conformance.case import Case
    from fakefiles.conformance.catalogue import CASE_SET, cases
    from fakefiles.conformance.client import Client, client_of
    from fakefiles.conformance.evidence import Evidence
    from fakefiles.conformance.judge import Finding, Judgement
    from fakefiles.conformance.presets import presets
    from fakefiles.conformance.suite import Result, check
    from fakefiles.conformance.verdicts import Level, Status, Verdict

_HOMES = {
    "case": ("Case",),
    "catalogue": ("CASE_SET", "cases"),
    "client": ("Client", "client_of"),
    "evidence": ("Evidence",),
    "judge": ("Finding", "Judgement"),
    "presets": ("presets",),
    "suite": ("Result", "check"),
    "verdicts": ("Level", "Status", "Verdict"),
}

__all__ = [
    "CASE_SET",
    "Case",
    "Client",
    "Evidence",
    "Finding",
    "Judgement",
    "Level",
    "Result",
    "Status",
    "Verdict",
    "cases",
    "check",
    "client_of",
    "presets",
]

__getattr__ = lazily(__name__, {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names})
