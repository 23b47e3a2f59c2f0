"""What documents show, run: console sessions against a server, and programs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from processes import PATIENCE, tool

#: A block of code in a document: its language and its text.
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BESIDE_PYTHON = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def check_session(session: str, port: int, folder: Path, **environment: str) -> None:
    """Run the commands of a session in a folder, against a server on a port; fail when one prints something else.

    "..." in what is shown stands for anything.
    """
    commands = _COMMAND.findall(session)
    assert commands
    _need_tools(session)
    for command, expected in commands:
        command_line = command.replace("localhost:8000", f"localhost:{port}")
        result = run(["bash", "-o", "pipefail", "-c", command_line], folder, **environment)
        pattern = re.escape(expected.rstrip("\n")).replace(r"\.\.\.", ".*")
        assert re.fullmatch(pattern, result.stdout.replace("\r", "").rstrip("\n")), f"{command}\n{result.stdout}"


def run_program(name: str, folder: Path) -> None:
    """Run a program in a folder; fail when it fails."""
    text = (folder / name).read_text()
    _need_tools(text)
    command, passed = how_to_run(name, text)
    result = run(command, folder)
    assert result.returncode == 0, result.stdout
    assert re.search(passed, result.stdout, re.DOTALL), result.stdout


def _need_tools(text: str) -> None:
    """Skip the test if a program, or a module, that a text uses is not installed."""
    for name in ("curl", "wget", "aria2c", "openssl", "sha256sum"):
        if re.search(rf"\b{name}\b", text):
            tool(name)
    if "import libtorrent" in text:
        pytest.importorskip("libtorrent")


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with the programs of this Python; return what it printed on both of its outputs."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    return subprocess.run(
        command,
        cwd=folder,
        env={**inherited, "PATH": BESIDE_PYTHON, **environment},
        timeout=PATIENCE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


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
