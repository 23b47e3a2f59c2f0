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
PROGRAMS = {text.split()[1]: text for language, text in BLOCKS if language == "python"}
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
    beside_python = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command, expected in commands:
        result = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command.replace("localhost:8000", f"localhost:{server.port}")],
            cwd=folder,
            env={**os.environ, "PATH": beside_python},
            timeout=PATIENCE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        pattern = re.escape(expected.rstrip("\n")).replace(r"\.\.\.", ".*")
        assert re.fullmatch(pattern, result.stdout.replace("\r", "").rstrip("\n")), f"{command}\n{result.stdout}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_python(name: str, tmp_path: Path) -> None:
    """Each program runs: under pytest, trial or Python, whichever it is for."""
    text = PROGRAMS[name]
    (tmp_path / name).write_text(text)
    if "twisted.trial" in text:
        command, passed = ["-m", "twisted.trial", name.removesuffix(".py")], r"Ran 1 tests .*PASSED"
    elif "pytest" in text:
        command, passed = ["-m", "pytest", "-p", "no:cacheprovider", name], r"1 passed"
    else:
        command, passed = [name], r""
    result = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},
        timeout=PATIENCE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(passed, result.stdout, re.DOTALL)
