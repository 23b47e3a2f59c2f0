"""presets.py: the clients that are known, and those of a user."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakefiles.conformance.client import common_values
from fakefiles.conformance.presets import preset, presets
from fakefiles.conformance.tables import TableError


def test_presets() -> None:
    """There are many; each tells its version, how it is installed, and a few words."""
    known = presets()
    assert len(known) >= 20
    assert {"curl", "wget", "aria2c", "aria2c-16", "chromium", "requests"} <= known.keys()
    assert all(client.version and client.about for client in known.values())
    assert all(client.install for name, client in known.items() if name not in {"urllib", "apt"})


def test_examples_are_there() -> None:
    """A preset that is an example names one that there is, and each example is a preset."""
    folder = Path(common_values()["examples"])
    words = {
        word
        for client in presets().values()
        for line in (client.command, *client.commands.values())
        for word in line.split()
    }
    named = {word.removeprefix("{examples}/") for word in words if word.startswith("{examples}/")}
    assert named == {path.name for path in folder.iterdir() if path.suffix in {".py", ".mjs", ".cjs"}}


def test_of_a_user(tmp_path: Path) -> None:
    """A file adds clients, and replaces some."""
    path = tmp_path / "mine.toml"
    path.write_text('[mine]\ncommand = "x {url}"\ncan = ["resume"]\n[curl]\ncommand = "curl {url}"\n')
    known = presets([path])
    assert known["mine"].capabilities == {"resume", "process"}
    assert known["curl"].command == "curl {url}"
    assert "wget" in known


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('[x]\nabout = "x"', "mine.toml: x: command is missing"),
        ('[x]\ncommand = "x"', r"mine.toml: x: the command has no \{url\}"),
        ('[x]\ncommand = "x {url}"\ncall = "y"', "mine.toml: x: unknown key 'call'"),
        ('[x]\ncommand = "x {url}"\ncan = ["fly"]', "mine.toml: x: no capability is called 'fly'"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, error: str) -> None:
    """What is wrong is told with the file and the name."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(TableError, match=error):
        presets([path])


def test_preset() -> None:
    """A name that nobody has is an error, which says what may be meant."""
    assert preset("curl", presets()).name == "curl"
    with pytest.raises(TableError, match="did you mean curl"):
        preset("crul", presets())
    with pytest.raises(TableError, match="there are curl, wget"):
        preset("zzzzzz", presets())
