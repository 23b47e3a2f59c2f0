"""keywords.py and the tables of the documentation: what is derived from the code is up to date."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest

from fakefiles.urls.keywords import SettingsKeywords, UrlOptions
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.settings import Settings
from tools import derive


@pytest.mark.parametrize(("path", "text"), derive.derived().items(), ids=lambda value: getattr(value, "name", ""))
def test_derived(path: Path, text: str) -> None:
    """`python -m tools.derive` would change nothing."""
    assert path.read_text(encoding="utf-8") == text


def test_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes what it derives."""
    monkeypatch.setattr(derive, "derived", lambda: {tmp_path / "a": "new"})
    derive.main()
    assert (tmp_path / "a").read_text(encoding="utf-8") == "new"


def test_keywords() -> None:
    """The typed keywords are the parameters that the server knows, and its settings, and no others."""
    assert get_type_hints(UrlOptions).keys() == PARAMETERS.keys()
    assert get_type_hints(SettingsKeywords).keys() == {each.name for each in fields(Settings)}
