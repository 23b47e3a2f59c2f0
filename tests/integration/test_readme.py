"""The README and the docs are true: their console sessions print what they show, and their Python runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from processes import PATIENCE, ServerProcess, tool

ROOT = Path(__file__).parents[2]
TEXTS = [path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", "\n".join(TEXTS), re.MULTILINE | re.DOTALL)
SESSIONS = [text for language, text in BLOCKS if language == "console"]
# The first line of a program is "# name", or "# name: command".
PROGRAMS = {text.split()[1].rstrip(":"): text for language, text in BLOCKS if language in {"python", "bash"}}
BESIDE_PYTHON = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which all sessions run, one after the other."""
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize("session", SESSIONS, ids=lambda text: text.split("\n")[0][2:40])
def test_console(session: str, server: ServerProcess, folder: Path) -> None:
    """Each command prints what stands below it; "..." stands for anything."""
    commands = COMMAND.findall(session)
    assert commands
    for name in ("curl", "wget", "aria2c", "openssl", "sha256sum"):
        if re.search(rf"\b{name}\b", session):
            tool(name)
    for command, expected in commands:
        result = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command.replace("localhost:8000", f"localhost:{server.port}")],
            cwd=folder,
            env={**os.environ, "PATH": BESIDE_PYTHON},
            timeout=PATIENCE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        pattern = re.escape(expected.rstrip("\n")).replace(r"\.\.\.", ".*")
        assert re.fullmatch(pattern, result.stdout.replace("\r", "").rstrip("\n")), f"{command}\n{result.stdout}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, tmp_path: Path) -> None:
    """Each program runs: under pytest, trial, unittest, Python or bash, whichever it is for, or by its own command."""
    text = PROGRAMS[name]
    (tmp_path / name).write_text(text)
    command, passed = how_to_run(name, text)
    result = subprocess.run(
        command,
        cwd=tmp_path,
        env={**{name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}, "PATH": BESIDE_PYTHON},
        timeout=PATIENCE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert re.search(passed, result.stdout, re.DOTALL), result.stdout


def how_to_run(name: str, text: str) -> tuple[list[str], str]:
    """Return the command for a program, and what it prints when all is well."""
    module, _, kind = name.partition(".")
    own_command = re.match(rf"# {re.escape(name)}: (.*)\n", text)
    if own_command:
        return own_command[1].split(), ""
    if kind == "sh":
        return ["bash", name], ""
    if "twisted.trial" in text:
        return [sys.executable, "-m", "twisted.trial", module], r"Ran [1-9].*PASSED"
    if "import unittest" in text:
        return [sys.executable, "-m", "unittest", module], r"Ran [1-9].*OK"
    if name.startswith("test_"):
        return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", name], r"[1-9]\d* passed"
    return [sys.executable, name], ""
