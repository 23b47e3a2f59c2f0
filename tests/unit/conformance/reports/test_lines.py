"""lines.py: results on a terminal."""

from __future__ import annotations

import sys

import pytest

from fakefiles.conformance.reports.lines import line, summary, telling
from samples import SESSION


def test_line() -> None:
    """A result is one line, which says what is known, and is not too long."""
    first, second, third, *_ = SESSION.results
    assert line(first, {}).startswith("fail    curl  close-early  CORRUPT: run 1")
    assert line(first, SESSION.known).startswith("fail    curl  close-early (known: so, version 8.0)  CORRUPT")
    assert line(second, {}) == "n/a     curl  resume-gets-200  needs resume"
    assert "\n" not in line(third, {})


def test_long_line() -> None:
    """What is said is cut if it is long."""
    from dataclasses import replace

    first = SESSION.results[0]
    long = replace(first, judgement=replace(first.judgement, reason="x" * 300))
    assert len(line(long, {})) < 250
    assert line(long, {}).endswith("...")


def test_summary() -> None:
    """Each client has a line, and changes against what is known have theirs."""
    assert summary(SESSION.results, SESSION.known).splitlines() == [
        "curl: 1 fail, 1 void, 1 n/a",
        "mine: 1 warn, 1 fail, 1 void",
        "1 failure(s) were known",
        "known to fail, but passes: mine resume-gets-200",
    ]
    assert summary(SESSION.results[:3], {}) == "curl: 1 fail, 1 void, 1 n/a"


def test_telling(capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere than on a terminal, and without rich, it prints lines."""
    with telling(1, {}, terminal=False) as told:
        told(SESSION.results[0])
    assert capsys.readouterr().out.startswith("fail    curl  close-early")


def test_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal it prints them with rich."""
    pytest.importorskip("rich")
    with telling(1, {}, terminal=True) as told:
        told(SESSION.results[0])
    assert "fail    curl  close-early" in capsys.readouterr().out


def test_without_rich(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rich is not installed, a terminal gets lines, too."""
    for name in ("rich", "rich.console", "rich.progress", "rich.text"):
        monkeypatch.setitem(sys.modules, name, None)
    with telling(1, {}, terminal=True) as told:
        told(SESSION.results[0])
    assert capsys.readouterr().out.startswith("fail    curl  close-early")
