"""junit.py: results for CI."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from fakefiles.conformance.reports.junit import junit
from samples import SESSION


def test_junit() -> None:
    """A suite for each client, a test for each case; what is known is skipped, and fails when it passes."""
    top = ET.fromstring(junit(SESSION))  # noqa: S314  our own
    suites = {suite.get("name"): suite for suite in top}
    assert {
        name: (suite.get("tests"), suite.get("failures"), suite.get("skipped")) for name, suite in suites.items()
    } == {
        "curl": ("3", "0", "3"),
        "mine": ("3", "2", "1"),
    }
    known, lacking, void = suites["curl"]
    assert known.find("skipped").get("message") == "known to fail: so, version 8.0"  # type: ignore[union-attr]
    assert lacking.find("skipped").get("message") == "n/a: needs resume"  # type: ignore[union-attr]
    assert (void.get("classname"), void.get("name"), void.get("time")) == (
        "fakefiles.status.curl",
        "not-found",
        "0.500",
    )
    failed, passing, _ = suites["mine"]
    failure = failed.find("failure")
    assert failure is not None
    assert "CORRUPT: run 1: success, but?" in (failure.get("message") or "")
    assert "curl -o a.bin" in (failure.text or "")
    assert passing.find("failure").get("message") == "passes, but is known to fail: known"  # type: ignore[union-attr]


def test_notes() -> None:
    """What is to be said of a case that is no failure is its output."""
    session = type(SESSION)(SESSION.clients, SESSION.results[4:5])
    top = ET.fromstring(junit(session))  # noqa: S314
    assert [element.text for element in top.iter("system-out")] == ["warn: REFUSE: exit 1; WASTE: twice"]
