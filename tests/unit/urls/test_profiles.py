"""profiles.py: situations by name."""

from __future__ import annotations

import pytest

from fakefiles.urls.profiles import PROFILES, parse_profiles
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
