"""docs/conformance-results.md: what well-known clients do, as `python -m tools.matrix` writes it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fakefiles.conformance.catalogue import CASE_SET, GROUPS, cases
from fakefiles.conformance.client import Client
from fakefiles.conformance.presets import presets
from fakefiles.conformance.reports.as_json import as_json
from samples import SESSION
from tools import matrix

TEXT = matrix.PAGE.read_text(encoding="utf-8")


def test_published() -> None:
    """It has at least twenty clients with their versions, and all cases of the set that there is."""
    clients = re.findall(r"^\| ([\w-]+) \| (\d[^|]*) \|", TEXT, re.MULTILINE)
    assert len(clients) >= 20
    assert {name for name, _ in clients} <= presets().keys()
    assert re.findall(r"^\| `([\w-]+)` \|", TEXT, re.MULTILINE) == [case.slug for case in cases()]
    assert f"(set {CASE_SET}, " in TEXT
    assert re.findall(r"^## (.*)$", TEXT, re.MULTILINE) == ["Clients", *GROUPS.values()]


def test_findings() -> None:
    """The cases that stand out are cases."""
    text = matrix.FINDINGS.read_text(encoding="utf-8")
    named = {word for line in re.findall(r"[Cc]ases?\s+(`[^.;]*`)", text) for word in re.findall(r"`([\w-]+)`", line)}
    assert len(named) >= 10
    assert named <= {case.slug for case in cases()}


def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure is bold, a warning italic, and the rest is short."""
    results = tmp_path / "results.json"
    results.write_text(json.dumps(as_json(SESSION)))
    monkeypatch.setattr(matrix, "PAGE", tmp_path / "page.md")
    assert matrix.main([str(results)]) == 0
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| curl | 8.0 |  |  | 1 | 1 | 1 |  | `curl -o {file} {url}` |" in text
    assert "| `close-early` | **CORRUPT** | **CORRUPT** |" in text
    assert "| `resume-gets-200` |  | *REFUSE WASTE* |" in text
    assert "| `not-found` | ○ | ○ |" in text


def test_newer_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later file replaces the results that it has."""
    old, new = as_json(SESSION), as_json(SESSION)
    new["results"] = [{**each, "status": "pass", "verdicts": []} for each in new["results"] if each["client"] == "curl"]
    for name, data in (("old", old), ("new", new)):
        (tmp_path / name).write_text(json.dumps(data))
    monkeypatch.setattr(matrix, "PAGE", tmp_path / "page.md")
    assert matrix.main([str(tmp_path / "old"), str(tmp_path / "new")]) == 0
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| `close-early` | ✓ | **CORRUPT** |" in text


def test_only_installed_clients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without results, it runs all clients that are installed, and tells of the others."""
    asked: list[list[str]] = []

    def check(options: list[str]) -> int:
        asked.append(options)
        Path(options[-1], "results.json").write_text(json.dumps(as_json(SESSION)))
        return 0

    absent = Client("absent", "/no/such {url}")
    monkeypatch.setattr(matrix, "presets", lambda: {"urllib": presets()["urllib"], "absent": absent})
    monkeypatch.setattr(matrix, "check_command", check)
    monkeypatch.setattr(matrix, "PAGE", tmp_path / "page.md")
    assert matrix.main([]) == 0
    assert asked[0][:2] == ["--client", "urllib"]
    assert "absent" not in asked[0]
    assert "the client absent cannot be started" in capsys.readouterr().err
