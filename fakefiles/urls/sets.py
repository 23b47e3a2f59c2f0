"""Sets of files in a URL: /set/{files}/{name}/..., like /set/a.bin=10m,docs:readme.txt=2k/demo.torrent.

All of a set is in its path, since BitTorrent clients append the names of files to the URL of a web seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from fakefiles.files.content import Content, sized
from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.files.file_set import Member
from fakefiles.files.units import parse_size
from fakefiles.files.virtual_file import VirtualFile

#: The first segment of a path that names a set.
ROOT = "set"
#: The most files in a set.
MOST_FILES = 1000

_HELP = "write a set like /set/a.bin=10m,docs:readme.txt=2k/demo.torrent"
_LONGEST_NAME = 255


class FileSet(NamedTuple):
    """The files of a set, in the order of the URL, and the name that stands for all of them."""

    name: str
    members: Sequence[Member]


def parse_set(files: str, name: str, content: Content, limit: int) -> FileSet:
    """Return the set in two segments of a path: the files with their sizes, and the name.

    Raises RequestError if one of them is wrong, or a file is larger than `limit` bytes.
    """
    entries = files.split(",")
    if len(entries) > MOST_FILES:
        raise RequestError(f"a set has at most {MOST_FILES} files")
    members = [_member(entry, content, limit) for entry in entries]
    paths = [member.path for member in members]
    folders = {path[:at] for path in paths for at, letter in enumerate(path) if letter == "/"}
    if len({*paths}) < len(paths) or folders & {*paths}:
        raise RequestError("each file of a set has a path of its own")
    if sum(member.file.size for member in members) > limit:
        raise RequestError(f"the files of a set are too large; together they have at most {limit} bytes")
    check_name(name)
    return FileSet(name, members)


def _member(entry: str, content: Content, limit: int) -> Member:
    path, equals, text = entry.rpartition("=")
    if not equals:
        raise RequestError(f"each file of a set has a size behind an equals sign; {_HELP}")
    names = path.split(":")
    for name in names:
        check_name(name)
    size = parse_size(text, limit)
    return Member("/".join(names), VirtualFile(size, sized(content, size), names[-1]))


def check_name(name: str) -> None:
    """Raise RequestError if a client could not store a file of this name in a folder, or its torrent not name it."""
    if name in {"", ".", ".."} or not name.isprintable() or "/" in name or "\\" in name:
        raise RequestError(
            "a name in a set, a torrent or a metalink is UTF-8, has no slash, backslash or control character,"
            " and is no dot"
        )
    if len(name.encode()) > _LONGEST_NAME:
        raise RequestError(f"a name in a set, a torrent or a metalink has at most {_LONGEST_NAME} bytes")


def has(found: FileSet, path: Sequence[str]) -> bool:
    """Return whether the rest of a path names a file of a set."""
    wanted = "/".join(path)
    return any(member.path == wanted for member in found.members)


def member_of(found: FileSet, path: Sequence[str]) -> Member:
    """Return the file of a set that the rest of a path names. Raises NotFoundError if it names none."""
    wanted = "/".join(path)
    for member in found.members:
        if member.path == wanted:
            return member
    raise NotFoundError(f"the set has no such file; below its name it has {len(found.members)} file(s); {_HELP}")


def set_path(files: Mapping[str, int | str], name: str) -> str:
    """Return the path of a set, like "/set/a.bin=10m/demo", of its files and their sizes."""
    entries = ",".join(f"{path.replace('/', ':')}={size}" for path, size in files.items())
    return f"/{ROOT}/{quote(entries, safe=',:=')}/{quote(name, safe='')}"
