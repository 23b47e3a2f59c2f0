"""cli.py: `fakefiles verify`; serving is tested in processes of its own, in tests/integration."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from fakefiles.daemon import cli
from fakefiles.files.kinds import RULER


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file of 1000 bytes of ruler, in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x"
    path.write_bytes(RULER.read(0, 1000))
    return path


class Terminal(io.StringIO):
    """Standard error of a terminal."""

    def isatty(self) -> bool:
        return True


def run(*arguments: str) -> object:
    """Run the command; return its exit status."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["verify", *arguments])
    return caught.value.code


def test_same(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0, and a line."""
    assert run(str(path), "/1000?content=ruler") == 0
    assert capsys.readouterr() == ("identical: 1000 bytes\n", "")


def test_different(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1, and a report."""
    assert run(str(path), "/1001?content=ruler") == 1
    assert capsys.readouterr().out.startswith("different: the first wrong byte is 1000\n")


def test_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json is for machines."""
    assert run("--json", str(path), "/1001?content=ruler") == 1
    assert json.loads(capsys.readouterr().out) == {
        "identical": False,
        "first_wrong_offset": 1000,
        "expected_size": 1001,
        "actual_size": 1000,
        "regions": [],
        "region_count": 0,
        "wrong_bytes": 0,
        "edition": None,
        "stretches": [],
    }


def test_server_defaults(path: Path) -> None:
    """The options of the server can be given."""
    assert run("--content", "ruler", str(path), "/1000") == 0
    assert run("--content=random", "--seed=5", str(path), "/1000") == 1


def test_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a set of files, the folder is compared; the statuses are those of a file."""
    url = "http://localhost/set/a.bin=100,docs:b=5/demo.torrent"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/b").write_bytes(b"11111")
    (tmp_path / "a.bin").write_bytes(b"1" * 100)
    assert run(str(tmp_path), url) == 0
    assert capsys.readouterr() == ("identical: 2 file(s), 105 bytes\n", "")
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(cli, "_PROGRESS_INTERVAL", 0)
    (tmp_path / "a.bin").unlink()
    (tmp_path / "c\udcff").touch()
    assert run(str(tmp_path), url) == 1
    assert capsys.readouterr().out.splitlines() == [
        "different: of 2 file(s), 0 wrong and 1 missing; 1 surplus",
        "missing: a.bin",
        r"surplus: c\xff",
    ]
    assert terminal.getvalue().split("\r")[-2].startswith("100 % of 105 bytes, ")
    assert run("--json", str(tmp_path), url) == 1
    assert json.loads(capsys.readouterr().out)["surplus"] == [{"path": "c\udcff", "what": "file"}]
    assert run(str(tmp_path / "docs/b"), url) == 2


BAD = {
    ("x",): "required: URL",
    ("x", "/1000", "--nothing"): "unrecognized arguments",
    ("nothing", "/1000"): "No such file or directory: 'nothing'",
    (".", "/1000"): "not a regular file: '.'",
    ("x", "/abc"): "the URL names no file",
    ("/dev/null", "/1000"): "not a regular file: '/dev/null'",
    ("x", "/1x"): "not a size",
    ("x", "/1000.md5"): "names a checksum file",
    ("x", "/set/a=1000/demo"): "not a folder: 'x'",
    ("x", "/1000?content=nothing"): "content is one of ones, zeros, ruler, random",
    ("x", "/1000?seed=3"): "a seed goes with content=random, chance= or jitter= only",
    ("x", "/1000", "--seed", "x"): "seed is a whole number",
    ("x", "/1000", "--content", "nothing"): "content is one of",
    ("x", "http://[/1000"): "Invalid IPv6 URL",
}


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(("arguments", "message"), BAD.items(), ids=str)
def test_bad(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, and one line on stderr (with the usage before it, when that is what was wrong)."""
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err.splitlines()[-1]
    assert "Traceback" not in err


@pytest.mark.usefixtures("path")
def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """--help lists the exit statuses."""
    assert run("--help") == 0
    assert "2 if that could not be found out" in " ".join(capsys.readouterr().out.split())


def test_progress(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, a line shows the progress, and disappears at the end."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(cli, "_PROGRESS_INTERVAL", 0)
    path.write_bytes(RULER.read(0, 1_000_000))
    assert run(str(path), "/1000000?content=ruler") == 0
    *lines, last = terminal.getvalue().split("\r")[1:]
    assert lines[0].startswith("  0 % of 1000000 bytes, ")
    assert lines[-1].startswith("100 % of 1000000 bytes, ")
    assert last == "\x1b[K"
    monkeypatch.setattr(cli, "_PROGRESS_INTERVAL", 3600)
    terminal.truncate(0)
    run(str(path), "/1000001?content=ruler")
    assert terminal.getvalue().strip("\0") == "\r\x1b[K"
