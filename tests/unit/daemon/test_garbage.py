"""garbage.py: how often the garbage collector runs."""

from __future__ import annotations

import gc

import pytest

from fakefiles.daemon.garbage import collect_less


def test_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects that exist already are frozen, and the collector runs less often."""
    told: list[object] = []
    monkeypatch.setattr(gc, "freeze", lambda: told.append("freeze"))
    monkeypatch.setattr(gc, "set_threshold", lambda *thresholds: told.append(thresholds))
    collect_less()
    assert told == ["freeze", (50_000, 20, 50)]
