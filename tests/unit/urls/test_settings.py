"""settings.py: what an operator decides, and how it is said on the command line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import RULER, Random
from fakefiles.urls.profiles import PROFILES
from fakefiles.urls.settings import CONTROLS, OPTIONS, Settings


def test_options() -> None:
    """Each setting has an option with help, but for what only Python has; a flag is for what is true or false."""
    assert {each.name for each in fields(Settings)} - OPTIONS.keys() == {"contents"}
    for name, option in OPTIONS.items():
        assert option.name in {
            name.replace("_", "-"),
            f"no-{name}",
            f"show-{name}",
            f"control-{name.removesuffix('s')}",
        }
        assert option.help.endswith(".")
        assert option.parse is not None or getattr(Settings(), name) is not option.name.startswith("show-")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_size", "1k", 1024),
        ("content", "x", "x"),
        ("seed", "7", 7),
        ("defaults", "rate=1", "rate=1"),
        ("journal", "0", 0),
        ("control", "off", "off"),
        ("hosts", "a.example", ("a.example",)),
    ],
)
def test_parsers(name: str, text: str, value: object) -> None:
    """What the command line says becomes a value."""
    parse = OPTIONS[name].parse
    assert parse is not None
    assert parse(text) == value


def test_profiles(tmp_path: Path) -> None:
    """They are read from a file."""
    path = tmp_path / "profiles.toml"
    path.write_text('busy = "status=503"\n', encoding="utf-8")
    parse = OPTIONS["profiles"].parse
    assert parse is not None
    assert parse(str(path)) == {"busy": "status=503"}


@pytest.mark.parametrize("hosts", [(), ("a",), ("fake_files", "A-1.example."), ["127.0.0.1"]])
@pytest.mark.parametrize("control", CONTROLS)
def test_control(control: str, hosts: Any) -> None:
    """Who may use /-/ is one of three words; host names are names."""
    Settings(control=control, hosts=hosts).check_control()


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", ".a", "a b", "a:80", "[::1]", "http://a", "*", "a\n", "\u00e4", "a/"]
)
def test_bad_hosts(name: str) -> None:
    """What can be in no Host, or means more than a name, is an error; so is a string instead of several."""
    for hosts in ((name,), ("a", name)):
        with pytest.raises(RequestError, match="a control host is a name like fakefiles"):
            Settings(hosts=hosts).check_control()
    names: Any = "fakefiles"
    with pytest.raises(RequestError, match="a control host is a name like fakefiles"):
        Settings(hosts=names).check_control()


def test_default_content() -> None:
    """It is found by its name, with its seed."""
    assert Settings(content="ruler").default_content is RULER
    assert Settings(content="random", seed=7).default_content == Random(7)
    with pytest.raises(RequestError, match="content is one of"):
        _ = Settings(content="nothing").default_content


def test_situations() -> None:
    """The operator's own go before ours."""
    assert Settings().situations == PROFILES
    assert Settings(profiles={"train": "rate=1"}).situations == {**PROFILES, "train": "rate=1"}
