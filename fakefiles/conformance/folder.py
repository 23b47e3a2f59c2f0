"""The folder of one case: what is in it before, what is in it afterwards, and what came into being around it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fakefiles.conformance.case import Before, Case
from fakefiles.conformance.evidence import Found
from fakefiles.files.editions import second_file
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls.settings import Settings
from fakefiles.verification import verifier

# Files that are looked at in one folder, and how much is read of a file at once.
_MOST_FILES = 50
_BLOCK = 1 << 20
# So deep is the folder of the client in that of the case: "../.." must still be within the latter.
_DEPTH = ("one", "two", "three", "four")
#: The longest stretch of a prefilled file that is not made as a hole.
_SPARSE = 1 << 26


@dataclass(slots=True)
class Folder:
    """The folder of one case below `top`: the client works in `work`, and has `home` and `temporary` for itself."""

    top: Path
    case: Case
    url: str
    second_url: str = ""
    work: Path = field(init=False)
    home: Path = field(init=False)
    temporary: Path = field(init=False)
    _before: dict[Path, str] = field(init=False, default_factory=dict)
    _good: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.work = self.top.joinpath(*_DEPTH)
        self.home, self.temporary = self.top / "home", self.top / "tmp"
        for folder in (self.work, self.home, self.temporary):
            folder.mkdir(parents=True)

    @property
    def file(self) -> Path:
        """Where the file has to be."""
        return self.work / self.case.local_name

    def prepare(self, partial: Path) -> None:
        """Put there what the case wants to be there before; `partial` is where the client keeps a partial file."""
        before = self.case.before
        if before is None:
            return
        path = self.file if before.at == "file" else partial
        path.parent.mkdir(parents=True, exist_ok=True)
        file = verifier.denoted_files(self.url, Settings())[0]
        _write(path, before, file)
        self._before[path] = _digest(path)
        if before.bytes == "right":
            self._good = min(before.length(file.size), file.size)

    def found(self, path: Path, url: str) -> Found | None:
        """Return what is under a name after a run; None if there is nothing."""
        if not path.is_file():
            return None
        size = path.stat().st_size
        untouched = self._is_untouched(path)
        try:
            report = verifier.verify(path, url)
        except (ValueError, OSError) as error:
            return Found(self._name(path), size, untouched=untouched, words=str(error))
        good = size if report.first_wrong_offset is None else report.first_wrong_offset
        return Found(self._name(path), size, report.identical, good, untouched, str(report))

    def newest(self) -> Path | None:
        """Return the newest file that was not there before, or has changed: that of a client that names it."""
        new = [path for path in self._files() if not self._is_untouched(path)]
        return max(new, key=lambda path: (path.stat().st_mtime_ns, path.stat().st_size), default=None)

    def others(self, *named: Path | None) -> tuple[Found, ...]:
        """Return what else is in the folder of the client."""
        rest = [path for path in self._files() if path not in named]
        return tuple(filter(None, (self.found(path, self.url) for path in rest)))

    def kept(self) -> bool:
        """Whether the good bytes that were there before are still in some file of the folder."""
        if not self._before:
            return True
        for path in self._files():
            found = self.found(path, self.url)
            if found and (found.right or (self._good and found.good >= self._good)):
                return True
            if not self._good and _digest(path) in self._before.values():
                return True
        return False

    def outside(self, mark: str) -> tuple[str, ...]:
        """Return the names of files that came into being outside of the folder of the client, and what is its own."""
        own = (self.work, self.home, self.temporary)
        inside = [path for path in _walk(self.top) if not any(path.is_relative_to(folder) for folder in own)]
        places = [Path(name.replace("{mark}", mark)) for name in self.case.outside]
        return tuple(str(path) for path in (*inside, *filter(os.path.lexists, places)))

    def remove_outside(self, mark: str) -> None:
        """Remove what a client has written where the case has looked for it."""
        for name in self.case.outside:
            with suppress(OSError):
                Path(name.replace("{mark}", mark)).unlink()

    def _is_untouched(self, path: Path) -> bool:
        return path in self._before and self._before[path] == _digest(path)

    def _files(self) -> list[Path]:
        return sorted(_walk(self.work))[:_MOST_FILES]

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self.work)) if path.is_relative_to(self.work) else path.name


def _walk(top: Path) -> Iterator[Path]:
    """Yield all regular files below a folder, and no links."""
    for folder, _, names in os.walk(top):
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _write(path: Path, before: Before, file: VirtualFile) -> None:
    """Write a file that is there before. Of zeros, a hole is as good."""
    length = before.length(file.size)
    if before.bytes == "right" and file.content.identity == "zeros" and length > _SPARSE:
        with path.open("wb") as output:
            output.truncate(length)
        return
    source = second_file(file) if before.bytes == "stale" else file
    with path.open("wb") as output:
        for start in range(0, length, _BLOCK):
            stop = min(start + _BLOCK, length)
            real = 0 if before.bytes == "garbage" else max(0, min(stop, file.size) - start)
            output.write(source.content.read(start, real) + b"!" * (stop - start - real))


def _digest(path: Path) -> str:
    """Return a digest of a file, of a very large one only its size and its first bytes; "" if it cannot be read."""
    with suppress(OSError), path.open("rb") as source:
        return f"{path.stat().st_size} {hashlib.sha256(source.read(_SPARSE)).hexdigest()}"
    return ""


def temporary_top() -> tempfile.TemporaryDirectory[str]:
    """Return a temporary folder for all cases of a run, which is removed in the end."""
    return tempfile.TemporaryDirectory(prefix="fakefiles-check-", ignore_cleanup_errors=True)
