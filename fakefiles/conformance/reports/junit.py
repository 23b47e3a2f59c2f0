"""Results as JUnit XML, for CI: a suite for each client, a test for each case."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from fakefiles.conformance.known import outcome
from fakefiles.conformance.reports.as_json import Session
from fakefiles.conformance.suite import Result
from fakefiles.conformance.verdicts import Status

_SKIPPED = {Status.VOID, Status.NOT_APPLICABLE, Status.NOT_RUN}


def junit(session: Session) -> str:
    """Return the XML. A known failure is skipped, and one that passes now is a failure."""
    compared = outcome(session.results, session.known)
    passing = {id(result) for result in compared.passing}
    top = ET.Element("testsuites", name="fakefiles check")
    for client in session.clients:
        results = [result for result in session.results if result.client.name == client]
        suite = ET.SubElement(top, "testsuite", name=client)
        tests = [_test(suite, result, session, passing=id(result) in passing) for result in results]
        suite.set("tests", str(len(tests)))
        suite.set("failures", str(sum(test.find("failure") is not None for test in tests)))
        suite.set("skipped", str(sum(test.find("skipped") is not None for test in tests)))
    ET.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"


def _test(suite: ET.Element, result: Result, session: Session, *, passing: bool) -> ET.Element:
    client, judgement = result.client.name, result.judgement
    seconds = sum(ending.seconds for run in result.evidence.runs for ending in run.endings) if result.evidence else 0
    name = f"fakefiles.{result.case.group}.{client}"
    test = ET.SubElement(suite, "testcase", classname=name, name=result.case.slug, time=f"{seconds:.3f}")
    excuse = session.known.get((client, result.case.slug))
    if passing:
        ET.SubElement(test, "failure", message=f"passes, but is known to fail: {excuse}")
    elif judgement.status is Status.FAIL and excuse:
        ET.SubElement(test, "skipped", message=f"known to fail: {excuse}")
    elif judgement.status is Status.FAIL:
        failure = ET.SubElement(test, "failure", message=_printable(judgement.says))
        failure.text = _printable(_details(result))
    elif judgement.status in _SKIPPED:
        ET.SubElement(test, "skipped", message=f"{judgement.status.word}: {_printable(judgement.reason)}")
    elif judgement.findings:
        ET.SubElement(test, "system-out").text = _printable(f"{judgement.status.word}: {judgement.says}")
    return test


def _details(result: Result) -> str:
    assert result.evidence is not None  # noqa: S101  what has failed was run
    outputs = [ending.output for run in result.evidence.runs for ending in run.endings]
    return "\n".join([result.case.mistake, *result.evidence.commands, *outputs])


def _printable(text: str) -> str:
    """Return a text without the characters that XML 1.0 does not have."""
    return "".join(char if char in "\n\t" or char.isprintable() else "?" for char in text)
