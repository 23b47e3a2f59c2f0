"""evidence.py: what is known after a run."""

from __future__ import annotations

import pytest

from fakefiles.conformance.evidence import Ender, Ending, Found, Run


@pytest.mark.parametrize(
    ("ending", "success", "words"),
    [
        (Ending(0), True, "exit 0"),
        (Ending(3), False, "exit 3"),
        (Ending(-9), False, "signal 9"),
        (Ending(0, ender=Ender.LIMIT), False, "exit 0, ended by the time limit"),
        (Ending(-15, ender=Ender.PLAN), False, "signal 15, ended by the case"),
    ],
)
def test_ending(ending: Ending, words: str, *, success: bool) -> None:
    """Only a process that ended itself, with 0, says that all is well."""
    assert ending.success is success
    assert str(ending) == words


def test_run() -> None:
    """Of several processes one is enough for a success; files are the named ones, and the others."""
    file, other = Found("a.bin", 1), Found("b", 2)
    run = Run((Ending(1), Ending(0)), file, None, (other,))
    assert run.success
    assert run.files == (file, other)
    assert not Run((Ending(1),)).success
