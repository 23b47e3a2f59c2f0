"""folder.py: each file of a folder is compared, and what is not there or too much is named."""

from __future__ import annotations

import json
import os
import socket
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import fakefiles
from fakefiles.files.kinds import ONES, RULER, ZEROS
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.verification import folder
from fakefiles.verification.folder import FolderReport, SurplusFile, WrongFile, compare_folder, printable
from fakefiles.verification.one_file import Report, compare_file
from processes import takes_long

#: No file system of the tests has this name as UTF-8.
ODD = b"caf\xe9\n"
ODD_NAME = ODD.decode("utf-8", "surrogateescape")
FILES = {
    "a.bin": VirtualFile(1000, RULER),
    "docs/deep/b.txt": VirtualFile(50, ONES),
    "docs/empty": VirtualFile(0, ONES),
    ODD_NAME: VirtualFile(3, ZEROS),
}


def write(root: Path, files: Mapping[str, VirtualFile]) -> None:
    """Put files into a folder."""
    for name, file in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content.read(0, file.size))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder that has all of FILES."""
    write(tmp_path / "set", FILES)
    return tmp_path / "set"


def report(root: Path, **keywords: Any) -> FolderReport:
    """Compare a folder with FILES."""
    return compare_folder(root, FILES, **keywords)


def test_identical(root: Path) -> None:
    """All files are there, and nothing else; empty folders do not count, and the folder itself may be a link."""
    (root / "docs" / "nothing").mkdir()
    (root.parent / "link").symlink_to(root)
    found = report(root.parent / "link")
    assert found == FolderReport(4, 1053)
    assert found.identical
    assert str(found) == "identical: 4 file(s), 1053 bytes"


def test_different(root: Path) -> None:
    """Wrong, missing and surplus files are named; of wrong ones, each has a report of its own."""
    (root / "a.bin").write_bytes(RULER.read(0, 900) + bytes(100))
    (root / "docs/deep/b.txt").unlink()
    (root / "docs/deep/c.txt").touch()
    (root / "docs/empty").write_bytes(b"1")
    found = report(root)
    assert not found.identical
    assert [(each.path, each.report and each.report.wrong_bytes) for each in found.wrong] == [
        ("a.bin", 100),
        ("docs/empty", 0),
    ]
    assert found.missing == ("docs/deep/b.txt",)
    assert found.surplus == (SurplusFile("docs/deep/c.txt", "file"),)
    assert str(found).splitlines() == [
        "different: of 4 file(s), 2 wrong and 1 missing; 1 surplus",
        "wrong: a.bin",
        "  different: the first wrong byte is 900",
        "  length: 1000 bytes, as it should be",
        "  1 wrong region(s), 100 bytes in all:",
        "    900-999 (100 bytes): zeros (a hole)",
        "wrong: docs/empty",
        "  different: the first wrong byte is 0",
        "  length: 1 bytes instead of 0: 1 too many",
        "missing: docs/deep/b.txt",
        "surplus: docs/deep/c.txt",
    ]


def test_json(root: Path) -> None:
    """As plain values it has the same."""
    (root / "a.bin").unlink()
    (root / "a.bin").mkdir()
    (root / "docs/empty").write_bytes(b"1")
    (root / os.fsdecode(ODD)).rename(root / "x")
    plain = json.loads(json.dumps(report(root).as_dict()))
    assert plain["wrong"][0] == {"path": "a.bin", "what": "folder", "report": None}
    assert plain["wrong"][1]["report"]["first_wrong_offset"] == 0
    del plain["wrong"]
    assert plain == {
        "identical": False,
        "file_count": 4,
        "size": 1053,
        "wrong_count": 2,
        "missing": [ODD_NAME],
        "missing_count": 1,
        "surplus": [{"path": "x", "what": "file"}],
        "surplus_count": 1,
    }


def test_no_files(root: Path) -> None:
    """What is in the place of a file, or surplus, may be anything; nothing of it is opened."""
    (root / "a.bin").unlink()
    os.mkfifo(root / "a.bin")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(root / "docs/socket"))
    (root / "docs/empty").unlink()
    (root / "docs/empty").symlink_to("/dev/null")
    found = report(root)
    assert found.wrong == (WrongFile("a.bin", "pipe"), WrongFile("docs/empty", "symbolic link"))
    assert found.surplus == (SurplusFile("docs/socket", "socket"),)
    assert "wrong: docs/empty (a symbolic link)" in str(found).splitlines()
    assert "surplus: docs/socket (a socket)" in str(found).splitlines()


def test_links_are_not_followed(root: Path) -> None:
    """A link is no file even if it leads to the right bytes; what is behind one is missing, and a loop is no loop."""
    (root / "docs").rename(root.parent / "docs")
    (root / "docs").symlink_to(root.parent / "docs")
    (root / "loop").symlink_to(root)
    found = report(root)
    assert found.missing == ("docs/deep/b.txt", "docs/empty")
    assert found.surplus == (SurplusFile("docs", "symbolic link"), SurplusFile("loop", "symbolic link"))
    assert not found.wrong


def test_a_file_is_where_a_folder_should_be(root: Path) -> None:
    """Then what should be in it is missing."""
    (root / "docs/deep/b.txt").unlink()
    (root / "docs/deep").rmdir()
    (root / "docs/deep").touch()
    found = report(root)
    assert (found.missing, found.surplus) == (("docs/deep/b.txt",), (SurplusFile("docs/deep", "file"),))


def test_optional(root: Path) -> None:
    """What may be there need not be; if it is, it has to be right."""
    padding = {".pad/3": VirtualFile(3, ZEROS), ".pad/4": VirtualFile(4, ZEROS)}
    write(root, {".pad/3": VirtualFile(3, ZEROS)})
    assert report(root, optional=padding) == FolderReport(4, 1053)
    write(root, {".pad/3": VirtualFile(3, ONES)})
    assert [each.path for each in report(root, optional=padding).wrong] == [".pad/3"]


def test_progress(root: Path) -> None:
    """It counts the bytes of all files, of missing ones, too."""
    done: list[int] = []
    (root / "docs/deep/b.txt").unlink()
    report(root, progress=done.append)
    assert done == sorted(done)
    assert {1000, 1050, 1053} <= {*done}
    assert done[-1] == 1053


def test_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of each sort are named, all are counted; and what is not shown is not explained."""
    explained: list[bytes] = []

    def noted(path: bytes, *arguments: Any) -> Report:
        explained.append(path)
        return real(path, *arguments)

    real = compare_file
    monkeypatch.setattr(folder, "compare_file", noted)
    wrong = {f"wrong/{number:03}": VirtualFile(1, ONES) for number in range(50)}
    write(tmp_path, dict.fromkeys(wrong, VirtualFile(1, ZEROS)))
    right = {f"x/{number}": VirtualFile(number, ONES) for number in range(3)}
    write(tmp_path, right)
    write(tmp_path, {f"surplus/{number:03}": VirtualFile(0, ONES) for number in range(40, 0, -1)})
    missing = {f"missing/{number:03}": VirtualFile(1, ONES) for number in range(30)}
    found = compare_folder(tmp_path, {**wrong, **right, **missing})
    assert (found.file_count, found.wrong_count, found.missing_count, found.surplus_count) == (83, 50, 30, 40)
    assert [each.path for each in found.wrong] == [*wrong][:20]
    assert [*found.missing] == [*missing][:20]
    assert [each.path for each in found.surplus] == [f"surplus/{number:03}" for number in range(1, 21)]
    assert len(explained) == 20
    words = str(found).splitlines()
    assert "  and 30 more wrong" in words
    assert "  and 10 more missing" in words
    assert words[-1] == "  and 20 more surplus"


def test_a_wrong_length_that_is_not_shown(tmp_path: Path) -> None:
    """It counts like wrong bytes."""
    files = {f"{number:02}": VirtualFile(2, ONES) for number in range(22)}
    write(tmp_path, dict.fromkeys(files, VirtualFile(1, ONES)))
    assert compare_folder(tmp_path, files).wrong_count == 22


class Endless(Mapping[str, VirtualFile]):
    """Very many files, none of which is kept."""

    def __iter__(self) -> Iterator[str]:
        return map(str, range(20_000))

    def __len__(self) -> int:
        raise AssertionError("nobody needs to know")

    def __getitem__(self, name: str) -> VirtualFile:
        if not name.isdecimal():
            raise KeyError
        return VirtualFile(int(name), ONES)


@takes_long
def test_memory(tmp_path: Path) -> None:
    """Neither the files that should be there nor those that are have to fit into memory."""
    for number in range(2000):
        (tmp_path / f"{'x' * 100}{number}").touch()
    compare_folder(tmp_path, FILES)
    tracemalloc.start()
    try:
        found = compare_folder(tmp_path, Endless())
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()
    assert (found.missing_count, found.surplus_count) == (20_000, 2000)


def test_not_a_folder(root: Path) -> None:
    """Then nothing can be said."""
    with pytest.raises(NotADirectoryError, match="not a folder"):
        report(root / "a.bin")
    with pytest.raises(FileNotFoundError):
        report(root / "nothing")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a b/ä.bin", "a b/ä.bin"),
        (ODD_NAME, r"caf\xe9\n"),
        ("back\\slash", r"back\\slash"),
        ("\x1b[31m\u202e", r"\x1b[31m\u202e"),
    ],
)
def test_printable(path: str, text: str) -> None:
    """A name on disk can do nothing to the terminal, and can be told from any other."""
    assert printable(path) == text


SET = "/set/a.bin=1000,docs:deep:b.txt=50,docs:empty=0,caf%C3%A9=3/demo"


@pytest.mark.parametrize(
    "url",
    [
        f"{SET}?content=ruler",
        f"{SET}/?content=ruler",
        f"http://localhost:8000{SET}.torrent?content=ruler&v=2",
        f"localhost:8000/tree/with/content=ruler{SET}.magnet",
        f"{SET}.meta4?content=ruler&mirrors=localhost",
        f"/with/content=ruler%26tag=x{SET}.metalink?piece=1m",
    ],
)
def test_urls(tmp_path: Path, url: str) -> None:
    """A set is verified by the URL of its folder, or of what describes it."""
    sizes = {"a.bin": 1000, "docs/deep/b.txt": 50, "docs/empty": 0, "café": 3}
    write(tmp_path, {name: VirtualFile(size, RULER) for name, size in sizes.items()})
    assert fakefiles.verify(tmp_path, url) == FolderReport(4, 1053)
    (tmp_path / "a.bin").write_bytes(b"1" * 1000)
    report: Any = fakefiles.verify(tmp_path, url)
    assert [(each.path, each.report.regions[0].identity) for each in report.wrong] == [("a.bin", "ones")]


def test_padding(tmp_path: Path) -> None:
    """A client that knows no padding stores it; only in a hybrid torrent there is any."""
    write(tmp_path, {"a": VirtualFile(10, ONES), "b": VirtualFile(1 << 14, ONES)})
    write(tmp_path, {".pad/16374": VirtualFile(16374, ZEROS)})
    assert fakefiles.verify(tmp_path, "/set/a=10,b=16k/x.torrent?v=hybrid&piece=16k").identical
    report: Any = fakefiles.verify(tmp_path, "/set/a=10,b=16k/x.torrent?piece=16k")
    assert report.surplus == (SurplusFile(".pad/16374", "file"),)
