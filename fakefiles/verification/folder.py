"""Compares a folder on disk with the files that should be in it: each of them, and what else is there.

Files are told by their paths below the folder, like "docs/readme.txt". Symbolic links are not followed: one is no file,
and what is behind it is not in the folder. Folders count for nothing but the files in them.
"""

from __future__ import annotations

import errno
import os
import stat
from bisect import insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from fakefiles.files.content import Content
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.verification.one_file import Report, compare_file, same

#: The most wrong, missing and surplus files in a report, of each; their numbers count all of them.
MAX_FILES = 20

_FILE, _FOLDER = "file", "folder"
_KINDS = {
    stat.S_IFREG: _FILE,
    stat.S_IFLNK: "symbolic link",
    stat.S_IFDIR: _FOLDER,
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


class WrongFile(NamedTuple):
    """A file that is not as it should be: the report on it, or, without one, `what` else has its path."""

    path: str
    what: str
    report: Report | None = None


class SurplusFile(NamedTuple):
    """What should not be there: its path, and `what` it is, like "file" or "symbolic link"."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class FolderReport:
    """How a folder differs from what should be in it: `file_count` files, of `size` bytes together.

    `wrong` files are there, but have other bytes, or are no files. Of each sort, there are the first MAX_FILES, and the
    number of all. A path in it is a str even if it is not UTF-8; os.fsencode() gives its bytes.
    """

    file_count: int
    size: int
    wrong: tuple[WrongFile, ...] = ()
    wrong_count: int = 0
    missing: tuple[str, ...] = ()
    missing_count: int = 0
    surplus: tuple[SurplusFile, ...] = ()
    surplus_count: int = 0

    @property
    def identical(self) -> bool:
        """Whether the folder has exactly the right files."""
        return not (self.wrong_count or self.missing_count or self.surplus_count)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        wrong = [
            {"path": path, "what": what, "report": report and report.as_dict()} for path, what, report in self.wrong
        ]
        return {
            "identical": self.identical,
            "file_count": self.file_count,
            "size": self.size,
            "wrong": wrong,
            "wrong_count": self.wrong_count,
            "missing": self.missing,
            "missing_count": self.missing_count,
            "surplus": [each._asdict() for each in self.surplus],
            "surplus_count": self.surplus_count,
        }

    def __str__(self) -> str:
        """Return the report as text for people, in lines; what cannot be printed of a path stands there escaped."""
        if self.identical:
            return f"identical: {self.file_count} file(s), {self.size} bytes"
        wrong = f"{self.wrong_count} wrong and {self.missing_count} missing"
        lines = [f"different: of {self.file_count} file(s), {wrong}; {self.surplus_count} surplus"]
        for path, what, report in self.wrong:
            lines.append(f"wrong: {printable(path)}{_in_brackets(what)}")
            lines += [f"  {line}" for line in str(report).splitlines()] if report else []
        lines += _more(self.wrong, self.wrong_count, "wrong")
        lines += [f"missing: {printable(path)}" for path in self.missing]
        lines += _more(self.missing, self.missing_count, "missing")
        lines += [f"surplus: {printable(path)}{_in_brackets(what)}" for path, what in self.surplus]
        lines += _more(self.surplus, self.surplus_count, "surplus")
        return "\n".join(lines)


def printable(path: str) -> str:
    """Return a path with all that cannot be printed in it, and each backslash, escaped."""
    text = path.replace("\\", "\\\\").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _in_brackets(what: str) -> str:
    return "" if what == _FILE else f" (a {what})"


def _more(shown: Sequence[object], count: int, what: str) -> list[str]:
    return [f"  and {count - len(shown)} more {what}"] if count > len(shown) else []


def compare_folder(
    path: str | os.PathLike[str],
    files: Mapping[str, VirtualFile],
    optional: Mapping[str, VirtualFile] = MappingProxyType({}),
    others: Sequence[Content] = (),
    progress: Callable[[int], object] = bool,
) -> FolderReport:
    """Compare the folder at `path` with the files that should be in it, by their paths.

    `optional` files may be there, too. Both mappings are asked for one path at a time, so they need not be in memory.
    `others` are contents to look for in wrong places. `progress` is called with the number of bytes that are done; it
    ends at the size of all `files`.

    Raises OSError if the folder, or what is in it, cannot be read, or a file changes.
    """
    root = os.fsencode(path)
    if not stat.S_ISDIR(os.stat(root).st_mode):  # noqa: PTH116  a Path would do no more
        raise OSError(errno.ENOTDIR, "not a folder", os.fspath(path))
    found = _Findings(root, others, progress)
    for name, file in files.items():
        found.count(name, file)
    for name, file in optional.items():
        found.compare(name, file)
    for name, entry in _walk(root):
        if name not in files and name not in optional:
            found.add_surplus(name, entry)
    return found.report()


class _Findings:
    """What is found out about a folder, file by file."""

    def __init__(self, root: bytes, others: Sequence[Content], progress: Callable[[int], object]) -> None:
        self._root = root
        self._others = others
        self._progress = progress
        self._files = self._size = 0
        self._wrong: list[WrongFile] = []
        self._missing: list[str] = []
        self._surplus: list[SurplusFile] = []
        self._wrong_count = self._missing_count = self._surplus_count = 0

    def count(self, name: str, file: VirtualFile) -> None:
        """Compare a file that must be there."""
        if not self.compare(name, file):
            self._missing_count += 1
            if len(self._missing) < MAX_FILES:
                self._missing.append(name)
        self._files += 1
        self._size += file.size
        self._progress(self._size)

    def compare(self, name: str, file: VirtualFile) -> bool:
        """Compare a file; return whether anything is there."""
        what = _what_is_at(self._root, name)
        if what is None:
            return False
        wrong = WrongFile(name, what) if what != _FILE else self._compared(name, file)
        if wrong:
            self._wrong_count += 1
            if len(self._wrong) < MAX_FILES:
                self._wrong.append(wrong)
        return True

    def _compared(self, name: str, file: VirtualFile) -> WrongFile | None:
        path, before = os.path.join(self._root, _encoded(name)), self._size  # noqa: PTH118  names are bytes
        # To explain what is wrong takes time, which is for nothing when it is not shown.
        if len(self._wrong) == MAX_FILES:
            return None if same(path, file) else WrongFile(name, _FILE)
        report = compare_file(path, [file], self._others, lambda done: self._progress(before + done))
        return None if report.identical else WrongFile(name, _FILE, report)

    def add_surplus(self, name: str, entry: os.DirEntry[bytes]) -> None:
        """Add what should not be there; the first ones are those that are first in the alphabet."""
        self._surplus_count += 1
        if len(self._surplus) < MAX_FILES or name < self._surplus[-1].path:
            insort(self._surplus, SurplusFile(name, _kind_of(entry.stat(follow_symlinks=False))))
            del self._surplus[MAX_FILES:]

    def report(self) -> FolderReport:
        """Return all that was found."""
        return FolderReport(
            self._files,
            self._size,
            tuple(self._wrong),
            self._wrong_count,
            tuple(self._missing),
            self._missing_count,
            tuple(self._surplus),
            self._surplus_count,
        )


def _encoded(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _kind_of(status: os.stat_result) -> str:
    return _KINDS[stat.S_IFMT(status.st_mode)]


def _what_is_at(root: bytes, path: str) -> str | None:
    """Return what is at a path below a folder; None if nothing is, or if the way there leads over a link."""
    at = root
    what = _FOLDER
    for name in _encoded(path).split(b"/"):
        if what != _FOLDER:
            return None
        at = os.path.join(at, name)  # noqa: PTH118  names are bytes
        try:
            what = _kind_of(os.lstat(at))
        except FileNotFoundError:
            return None
    return what


def _walk(root: bytes) -> Iterator[tuple[str, os.DirEntry[bytes]]]:
    """Yield all that is below a folder, but for folders, in any order, with its path."""
    folders = [b""]
    while folders:
        folder = folders.pop()
        with os.scandir(os.path.join(root, folder)) as entries:  # noqa: PTH118  names are bytes
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(folder + entry.name + b"/")
                else:
                    yield (folder + entry.name).decode("utf-8", "surrogateescape"), entry
