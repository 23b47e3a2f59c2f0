"""known.py: failures that are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakefiles.conformance.catalogue import chosen
from fakefiles.conformance.client import Client
from fakefiles.conformance.judge import Judgement
from fakefiles.conformance.known import Known, outcome, read_known
from fakefiles.conformance.suite import Result
from fakefiles.conformance.tables import TableError
from fakefiles.conformance.verdicts import Status


def result(client: str, slug: str, status: Status) -> Result:
    """Return a result."""
    return Result(Client(client, "x {url}"), chosen([slug])[0], Judgement(status))


def test_read(tmp_path: Path) -> None:
    """The file has a table for each failure of each client."""
    path = tmp_path / "known.toml"
    path.write_text('[curl.close-early]\nversion = "8"\nwhy = "so"\nlink = "https://x"\n[wget.close-early]\n')
    assert read_known(path) == {
        ("curl", "close-early"): Known("8", "so", "https://x"),
        ("wget", "close-early"): Known(),
    }


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[curl.nothing]", "known.toml: curl.nothing: no case is called so"),
        ("[curl]\nclose-early = 1", r"known.toml: curl.close-early is no table; write \[curl.close-early\]"),
        ("[curl.close-early]\nverison = '1'", "did you mean version"),
        ("curl = 1", "curl is no table"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, error: str) -> None:
    """What is wrong is told with its place."""
    path = tmp_path / "known.toml"
    path.write_text(text)
    with pytest.raises(TableError, match=error):
        read_known(path)


def test_words() -> None:
    """A known failure in words has what is told of it."""
    assert str(Known("8", "so", "https://x")) == "so, version 8, https://x"
    assert str(Known()) == "known"


def test_outcome() -> None:
    """An unknown failure is bad, a known one is not, and one that passes now is bad again; what is void is neither."""
    failed, passed = result("curl", "close-early", Status.FAIL), result("wget", "close-early", Status.PASS)
    void, warned = result("axel", "close-early", Status.VOID), result("lftp", "close-early", Status.WARN)
    all_known = {(name, "close-early"): Known() for name in ("curl", "wget", "axel", "lftp")}
    unknown = outcome([failed, passed, void, warned], {})
    assert (unknown.unknown, unknown.known, unknown.passing, unknown.good) == ((failed,), (), (), False)
    compared = outcome([failed, passed, void, warned], all_known)
    assert (compared.unknown, compared.known, compared.passing) == ((), (failed,), (passed, warned))
    assert not compared.good
    assert outcome([failed, void], all_known).good
