"""tables.py: tables become dataclasses, or an error says in one line what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from fakefiles.conformance.tables import TableError, read_toml, row, rows_of


class Colour(Enum):
    """For a field that is one of several words."""

    RED = 1
    DARK_BLUE = 2


@dataclass(frozen=True)
class Inner:
    """For a table in a table."""

    number: int = 0

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError("number is not negative")


@dataclass(frozen=True)
class Row:
    """One of each type of field."""

    name: str
    text: str
    flag: bool = False
    share: float | None = None
    colour: Colour = Colour.RED
    words: tuple[str, ...] = ()
    inner: Inner | None = None
    pairs: Mapping[str, str] = field(default_factory=dict)


def test_row() -> None:
    """Each value gets the type of its field; what is known already is not in the table."""
    table = {
        "text": "x",
        "flag": True,
        "share": 2,
        "colour": "dark_blue",
        "words": ["a", "b"],
        "inner": {"number": 3},
        "pairs": {"a": "b"},
    }
    made = row(Row, table, "here", name="n")
    assert made == Row(
        "n", "x", flag=True, share=2.0, colour=Colour.DARK_BLUE, words=("a", "b"), inner=Inner(3), pairs={"a": "b"}
    )
    assert isinstance(made.share, float)
    assert row(Row, {"text": "x"}, "here", name="n") == Row("n", "x")


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ({}, "here: text is missing"),
        (
            {"text": "x", "name": "n"},
            "here: unknown key 'name'; there are text, flag, share, colour, words, inner, pairs",
        ),
        ({"text": "x", "wodrs": []}, "here: unknown key 'wodrs'; did you mean words?"),
        ({"text": 1}, "here: text is a text"),
        ({"text": "x", "flag": 1}, "here: flag is true or false"),
        ({"text": "x", "share": True}, "here: share is a number"),
        ({"text": "x", "colour": "green"}, "here: colour is one of red, dark_blue"),
        ({"text": "x", "words": "a"}, "here: words is a list"),
        ({"text": "x", "words": [1]}, "here: words is a text"),
        ({"text": "x", "inner": 1}, "here: inner is a table"),
        ({"text": "x", "inner": {"number": "1"}}, "here: inner: number is a whole number"),
        ({"text": "x", "inner": {"number": -1}}, "here: inner: number is not negative"),
        ({"text": "x", "pairs": {"a": 1}}, "here: pairs.a is a text"),
    ],
)
def test_errors(table: dict[str, Any], error: str) -> None:
    """The error names the place, and what is wrong there, in one line."""
    with pytest.raises(TableError) as raised:
        row(Row, table, "here", name="n")
    assert str(raised.value) == error


def test_files(tmp_path: Path) -> None:
    """Of a file that is missing, or no TOML, or has no tables, the error says so in one line."""
    path = tmp_path / "a.toml"
    with pytest.raises(TableError, match=r"a\.toml: No such file"):
        read_toml(path)
    path.write_text("a = [\n")
    with pytest.raises(TableError, match=r"a\.toml: .+") as raised:
        read_toml(path)
    assert "\n" not in str(raised.value)
    path.write_text("a = 1")
    with pytest.raises(TableError, match=r"a\.toml: a is no table; write \[a\]"):
        rows_of(path)
    path.write_text("[a]\nb = 1")
    assert rows_of(path) == {"a": {"b": 1}}
