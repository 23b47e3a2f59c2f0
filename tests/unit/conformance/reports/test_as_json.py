"""as_json.py: results as plain values."""

from __future__ import annotations

import json

from fakefiles._version import __version__
from fakefiles.conformance.catalogue import CASE_SET
from fakefiles.conformance.reports.as_json import FORMAT, as_json
from samples import SESSION


def test_as_json() -> None:
    """It has the versions, the clients, the cases once each, and each result with its evidence."""
    data = json.loads(json.dumps(as_json(SESSION)))
    assert (data["format"], data["case_set"], data["fakefiles"]) == (FORMAT, CASE_SET, __version__)
    assert [(each["name"], each["version"]) for each in data["clients"]] == [("curl", "8.0"), ("mine", "")]
    slugs = [each["slug"] for each in data["cases"]]
    assert slugs == ["close-early", "resume-gets-200", "not-found"]
    assert len(data["results"]) == 6
    assert {each["status"] for each in data["results"]} <= data["statuses"].keys()
    assert {name for each in data["results"] for name in each["verdicts"]} <= data["verdicts"].keys()
    assert {section for each in data["cases"] for section in each["rfc"]} <= data["rules"].keys()
    assert {each["group"] for each in data["cases"]} <= data["groups"].keys()


def test_results() -> None:
    """A result has its verdicts in words; evidence only if it was run; and what is known."""
    first, second, *_ = as_json(SESSION)["results"]
    assert (first["status"], first["verdicts"], first["known"]) == (
        "fail",
        ["CORRUPT"],
        {"version": "8.0", "why": "so", "link": ""},
    )
    assert first["safety"].startswith("CORRUPT: ")
    evidence = first["evidence"]
    assert evidence["runs"][0]["endings"][0]["output"] == "z" * 1500
    assert evidence["runs"][0]["files"][0]["name"] == "a.bin"
    assert (evidence["requests"], evidence["sizes_sent"], evidence["shortest_wait"]) == (2, 0.5, 0.25)
    assert "GET /100k" in evidence["wire"]
    assert "sent so often" in evidence["drawing"]
    assert (second["status"], second["evidence"], second["reason"]) == ("n/a", None, "needs resume")


def test_of() -> None:
    """A session finds a result by its client and slug."""
    assert SESSION.of("mine", "not-found").case.slug == "not-found"
