"""folder.py: what is there before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakefiles.conformance.case import Before, Case
from fakefiles.conformance.folder import Folder, temporary_top
from fakefiles.files.editions import second_content
from fakefiles.files.kinds import RULER

SIZE = 1000


def folder(tmp_path: Path, **fields: Any) -> Folder:
    """Return the folder of a case with these fields, prepared."""
    values = {"slug": "a-case", "group": "plain", "server": "Does.", "mistake": "Fails.", "size": str(SIZE), **fields}
    case = Case(**values)
    made = Folder(tmp_path / "top", case, "http://127.0.0.1:1" + case.target("m", "t"))
    made.prepare(made.work / "a.bin.part")
    return made


@pytest.mark.parametrize(
    ("before", "name", "data"),
    [
        (Before(), "a.bin.part", RULER.read(0, 500)),
        (Before(at="file", size="100%"), "a.bin", RULER.read(0, SIZE)),
        (Before(size="110%"), "a.bin.part", RULER.read(0, SIZE) + b"!" * 100),
        (Before("stale", "10"), "a.bin.part", second_content(RULER).read(0, 10)),
        (Before("stale", "150%"), "a.bin.part", second_content(RULER).read(0, SIZE) + b"!" * 500),
        (Before("garbage", "10"), "a.bin.part", b"!" * 10),
    ],
)
def test_before(tmp_path: Path, before: Before, name: str, data: bytes) -> None:
    """What is there before is under the name of the partial file, or of the file."""
    made = folder(tmp_path, before=before)
    assert {path.name: path.read_bytes() for path in made.work.iterdir()} == {name: data}
    assert made.kept()
    found = made.found(made.work / name, made.url)
    assert found is not None
    assert found.untouched


def test_nothing_before(tmp_path: Path) -> None:
    """Without that the folder is empty, and nothing can be lost."""
    made = folder(tmp_path)
    assert list(made.work.iterdir()) == []
    assert made.kept()
    assert made.newest() is None
    assert made.found(made.file, made.url) is None


def test_sparse(tmp_path: Path) -> None:
    """Very large files of zeros are holes."""
    made = folder(tmp_path, size="100m", query="content=zeros", before=Before(size="99m"))
    status = (made.work / "a.bin.part").stat()
    assert status.st_size == 99 << 20
    assert status.st_blocks * 512 < 1 << 20


def test_found(tmp_path: Path) -> None:
    """A file is right, or so many bytes of it are good, in the words of the verifier."""
    made = folder(tmp_path)
    made.file.write_bytes(RULER.read(0, SIZE))
    found = made.found(made.file, made.url)
    assert found is not None
    assert (found.name, found.size, found.right, found.good) == ("a.bin", SIZE, True, SIZE)
    made.file.write_bytes(RULER.read(0, 700))
    found = made.found(made.file, made.url)
    assert found is not None
    assert (found.right, found.good, found.untouched) == (False, 700, False)
    assert "300 are missing" in found.words
    found = made.found(made.file, "http://127.0.0.1:1/nothing")
    assert found is not None
    assert (found.right, found.words) == (False, "the URL names no file: it has no size, like /700m")


def test_others_and_newest(tmp_path: Path) -> None:
    """All other files are told; the newest is one that is new, or has changed."""
    made = folder(tmp_path, before=Before(at="file"))
    assert made.newest() is None
    (made.work / "sub").mkdir()
    (made.work / "sub" / "b").write_bytes(b"")
    (made.work / "link").symlink_to("/etc/passwd")
    assert made.newest() == made.work / "sub" / "b"
    assert [each.name for each in made.others(made.file)] == ["sub/b"]
    (made.work / "sub" / "b").unlink()
    made.file.write_bytes(b"new")
    assert made.newest() == made.file


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (Before(), RULER.read(0, 500), True),
        (Before(), RULER.read(0, 900), True),
        (Before(), RULER.read(0, SIZE), True),
        (Before(), RULER.read(0, 499), False),
        (Before(), b"", False),
        (Before("stale"), RULER.read(0, SIZE), True),
        (Before("stale"), second_content(RULER).read(0, 500), True),
        (Before("stale"), second_content(RULER).read(0, 499), False),
    ],
)
def test_kept(tmp_path: Path, before: Before, after: bytes, *, kept: bool) -> None:
    """What was good is kept if some file has it, under whatever name; an old file if it is the same."""
    made = folder(tmp_path, before=before)
    (made.work / "a.bin.part").unlink()
    (made.work / "renamed").write_bytes(after)
    assert made.kept() is kept


def test_outside(tmp_path: Path) -> None:
    """A file that is elsewhere in the folder of the case is outside, and so is what the case looks for."""
    made = folder(tmp_path, outside=(str(tmp_path / "{mark}.bin"),))
    for inside in (made.work, made.home, made.temporary):
        (inside / "x").touch()
    assert made.outside("m") == ()
    (made.work.parent / "y").touch()
    (tmp_path / "m.bin").touch()
    assert made.outside("m") == (str(made.work.parent / "y"), str(tmp_path / "m.bin"))
    made.remove_outside("m")
    made.remove_outside("m")
    assert not (tmp_path / "m.bin").exists()


def test_elsewhere(tmp_path: Path) -> None:
    """A partial file may be elsewhere, like in the home."""
    made = folder(tmp_path)
    found = made.found(Path(__file__), made.url)
    assert found is not None
    assert found.name == "test_folder.py"


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that a client has made unreadable is one that is not right, and not as it was."""
    made = folder(tmp_path, before=Before(at="file"))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("fakefiles.verification.verifier.verify", refuse)
    found = made.found(made.file, made.url)
    assert found is not None
    assert (found.right, found.untouched, found.words) == (False, False, "[Errno 13] Permission denied")


def test_temporary() -> None:
    """The folder of a case is gone after it."""
    with temporary_top() as top:
        assert Path(top).is_dir()
    assert not Path(top).exists()
