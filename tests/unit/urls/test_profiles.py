"""profiles.py: situations by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakefiles.behaviour.parameter import parameters_of
from fakefiles.urls.profiles import PROFILES, Situation, parse_profiles
from fakefiles.urls.query import check_settings
from fakefiles.urls.settings import Settings


def test_parse() -> None:
    """A line of TOML is a profile."""
    text = '# ours\ntrain = "rate=64k&stall=50%:20s"\n3g = "rate=40k"\n'
    assert parse_profiles(text) == {"train": "rate=64k&stall=50%:20s", "3g": "rate=40k"}
    assert parse_profiles("") == {}


@pytest.mark.parametrize(
    "text", ["train", "train = 1", "[train]\nrate = '64k'", "Train = 'rate=1'", "'a b' = 'rate=1'", "a = 'x'\na = 'y'"]
)
def test_bad(text: str) -> None:
    """What is something else is refused in one line."""
    with pytest.raises(ValueError) as caught:
        parse_profiles(text)
    assert "\n" not in str(caught.value)


def test_ours() -> None:
    """Each of ours makes sense, and each does something."""
    check_settings(Settings())
    assert all(PROFILES.values())


def test_docs() -> None:
    """The docs have a row for each of ours, with its parameters, in their order."""
    text = (Path(__file__).parents[3] / "docs" / "faults.md").read_text(encoding="utf-8")
    table = text.partition("<!-- profiles -->")[2].partition("<!-- end -->")[0]
    assert re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", table, re.MULTILINE) == [*PROFILES.items()]


def test_names() -> None:
    """A name has at most 64 characters."""
    longest = "x" * 64
    assert parse_profiles(f'{longest} = "rate=1"') == {longest: "rate=1"}
    with pytest.raises(ValueError, match="is no profile; write lines like train = "):
        parse_profiles(f'{longest}x = "rate=1"')


def test_situation() -> None:
    """A URL names a profile, or leaves out the defaults; defaults cannot leave out themselves."""
    assert (Situation().profile, Situation().defaults) == ("", "")
    profile, defaults = parameters_of(Situation)
    assert (profile.read("train"), profile.kind.takes, profile.url_only) == ("train", "NAME", False)
    assert (defaults.read("off"), defaults.url_only) == ("off", True)
