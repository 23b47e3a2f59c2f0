"""The README, the docs and the examples are true: their console sessions print what they show, their Python runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import pytest

from documents import BLOCK, check_session, run_program
from processes import ServerProcess, takes_long

ROOT = Path(__file__).parents[2]
TEXTS = [path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
SESSIONS = [text for language, text in BLOCK.findall("\n".join(TEXTS)) if language == "console"]


def _programs_in(document: str) -> dict[str, str]:
    """Return the programs in a document by name. The first line of one is "# name", or "# name: command"."""
    blocks = BLOCK.findall(document)
    return {text.split()[1].rstrip(":"): text for language, text in blocks if language in {"python", "bash"}}


PROGRAMS = _programs_in("\n".join(TEXTS))
# Those of the docs are many, and each is a process: a test run of its own, mostly.
LONG = PROGRAMS.keys() - _programs_in(TEXTS[0]).keys()
LONG_SESSIONS = {
    text for text in SESSIONS if re.search("fakefiles check |aria2c .*torrent", text) and text not in TEXTS[0]
}
EXAMPLES = ROOT / "examples"


def _marked(all_of_them: Iterable[str], long: Container[str]) -> list[Any]:
    """Return them as parameters; those that take long are marked."""
    return [pytest.param(each, marks=takes_long) if each in long else each for each in all_of_them]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which all sessions run, one after the other."""
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize("session", _marked(SESSIONS, LONG_SESSIONS), ids=lambda text: text.split("\n")[0][2:40])
def test_console(session: str, server: ServerProcess, folder: Path) -> None:
    """Each command prints what stands below it; "..." stands for anything."""
    check_session(session, server.port, folder)


@pytest.mark.parametrize("name", _marked(PROGRAMS, LONG))
def test_program(name: str, tmp_path: Path) -> None:
    """Each program runs: under pytest, trial, unittest, Python or bash, whichever it is for, or by its own command."""
    (tmp_path / name).write_text(PROGRAMS[name])
    run_program(name, tmp_path)


@pytest.mark.parametrize("name", [path.name for path in sorted(EXAMPLES.glob("*.py"))])
def test_example(name: str, tmp_path: Path) -> None:
    """Each example runs, the others beside it, and begins with a line that says what it is and how it is run."""
    assert re.match(r"# .*[:.] .*(python|pytest|trial|unittest)\b.*\n(import|from) ", (EXAMPLES / name).read_text())
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    run_program(name, tmp_path / "examples")
