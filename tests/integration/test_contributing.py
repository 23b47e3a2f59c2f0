"""The worked examples of CONTRIBUTING.md: applied to a copy of the project, each passes its tests and is served."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from documents import BLOCK, check_session, run
from processes import running, takes_long

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    section.partition("\n")[0]: BLOCK.findall(section)
    for section in (ROOT / "CONTRIBUTING.md").read_text().split("\n### ")[1:]
}
COPIED = ("ARCHITECTURE.md", "docs", "fakefiles", "pyproject.toml", "README.md", "tests", "tools", "twisted")
NEW = re.compile(r"# (at the end of|the new file) (\S+)\n(.*)", re.DOTALL)
#: Tests of the project as a whole.
ALL_THE_SAME = ("tests/unit/urls/test_keywords.py", "tests/test_architecture.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the project, as far as the examples change and use it."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def changed(text: str, changes: str) -> str:
    """Return a text after some changes, each of which must fit exactly one place of it."""
    for change in changes.split("@@\n"):
        lines = change.splitlines(keepends=True)
        assert all(line[0] in " +-\n" for line in lines), change
        # A line that is empty on both sides may have lost its blank.
        before, after = ("".join(line[1:] or "\n" for line in lines if line[0] not in other) for other in "+-")
        assert text.count(before) == 1, f"not in one place:\n{before}"
        text = text.replace(before, after)
    return text


def apply(language: str, block: str, project: Path) -> str:
    """Apply one block of an example; return the name of the file that it changes."""
    if language == "diff":
        first, _, changes = block.partition("\n")
        name = first.removeprefix("--- ")
        path = project / name
        path.write_text(changed(path.read_text(), changes))
        return name
    match = NEW.fullmatch(block)
    assert match, f"the first line says no file: {block}"
    place, name, text = match.groups()
    path = project / name
    assert path.exists() == (place == "at the end of"), name
    path.write_text(f"{path.read_text()}\n\n{text}" if path.exists() else text)
    return name


@takes_long
@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, copy: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each has code, documents and a test; its tests pass, and the server does what its session shows."""
    blocks = EXAMPLES[name]
    files = [apply(language, block, copy) for language, block in blocks if language != "console"]
    tests = [file for file in files if file.startswith("tests/")]
    assert tests
    assert any(file.startswith("fakefiles/") for file in files)
    # What imports cost is no matter of an example; and who has no new module does not change the map.
    chosen = "not import_costs" if "ARCHITECTURE.md" in files else "not import_costs and not test_map"
    for command in (
        ["-m", "tools.derive"],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *ALL_THE_SAME, "-k", chosen],
    ):
        result = run([sys.executable, *command], copy, PYTHONPATH=str(copy))
        assert result.returncode == 0, result.stdout
    with running("fakefiles", "--port", "0", environment={"PYTHONPATH": str(copy)}) as server:
        sessions = [block for language, block in blocks if language == "console"]
        assert sessions
        for session in sessions:
            check_session(session, server.port, tmp_path_factory.mktemp("session"), PYTHONPATH=str(copy))


def test_examples() -> None:
    """There is one for each thing that people add most."""
    assert [*EXAMPLES] == ["Add a content kind", "Add a fault", "Add a sidecar", "Add a page"]


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        (" one\n+1.5\n", "one\n1.5\n\ntwo\nthree\n"),
        (" one\n\n-two\n+2\n", "one\n\n2\nthree\n"),
        ("-one\n@@\n-two\n+2\n three\n", "\n2\nthree\n"),
    ],
)
def test_changed(changes: str, result: str) -> None:
    """A change replaces what it shows as it was."""
    assert changed("one\n\ntwo\nthree\n", changes) == result


def test_changed_where_it_does_not_fit() -> None:
    """What is not there, or there twice, is an error of the document."""
    for changes in ("-three\n", " o\n+x\n"):
        with pytest.raises(AssertionError, match="not in one place"):
            changed("o\no\n", changes)
