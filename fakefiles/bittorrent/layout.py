"""How the files of a torrent lie in one row of bytes, which is cut into pieces; with padding, where they need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import NamedTuple

from fakefiles.files.content import Tile
from fakefiles.files.errors import RequestError
from fakefiles.files.file_set import Joined, Member
from fakefiles.files.kinds import ZEROS
from fakefiles.files.pieces import MOST_PIECES, usual_piece
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls.sets import check_name
from fakefiles.urls.sidecars import About

#: The size of the blocks that peers ask for, and of the leaves of the hash trees of v2 (BEP 52).
BLOCK = 1 << 14
# libtorrent refuses larger ones.
_LARGEST = 1 << 28


class Entry(NamedTuple):
    """A file of a torrent, with the names that lead to it, below that of the torrent. Padding has `pad`."""

    path: Sequence[str]
    file: VirtualFile
    pad: bool = False


class Run(NamedTuple):
    """Pieces that are all the same: the number of the first one, and that of the one behind the last."""

    first: int
    stop: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a torrent in their order, with padding between them; `version` is "1", "2" or "hybrid".

    `single`: whether the torrent is one file, and no folder. `piece`: the size of a piece in bytes.
    """

    name: str
    entries: Sequence[Entry]
    single: bool
    piece: int
    version: str

    @property
    def files(self) -> list[Entry]:
        """The entries that are no padding."""
        return [entry for entry in self.entries if not entry.pad]

    @property
    def row(self) -> VirtualFile:
        """All bytes in a row, as peers count them."""
        if self.single:
            return self.entries[0].file
        joined = Joined([entry.file for entry in self.entries])
        return VirtualFile(joined.size, joined, self.name)

    @property
    def identity(self) -> str:
        """A name of how the bytes are cut into pieces and files."""
        told = " ".join(f"{entry.file.size}{'p' * entry.pad}" for entry in self.entries)
        return f"{self.version}-{self.piece}-{blake2b(told.encode(), digest_size=12).hexdigest()}"

    @property
    def runs(self) -> list[Run]:
        """The runs of equal pieces, where content repeats itself; in a row, files of one and the same byte are one."""
        runs, at = [], 0
        for (content, _), group in groupby(self.entries, _repeated):
            start, at = at, at + sum(entry.file.size for entry in group)
            first, stop = -(-start // self.piece), at // self.piece
            if content and self.piece % len(content.pattern) == 0 and stop - first > 1:
                runs.append(Run(first, stop))
        return runs


def _repeated(entry: Entry) -> tuple[Tile | None, Sequence[str]]:
    """Return the content of a file if it repeats itself, and what tells it from that of the next file, if anything."""
    content = entry.file.content
    if not isinstance(content, Tile):
        return None, ()
    return content, () if len(content.pattern) == 1 else entry.path


def layout_of(about: About) -> Layout:
    """Return the layout that a URL asks for. Raises RequestError if there can be no such torrent."""
    torrents, file = about.options.torrents, about.file
    check_name(file.name)
    version = torrents.v
    size = file.size
    piece = _piece_of(about)
    if version != "1" and (piece & (piece - 1) or piece < BLOCK):
        raise RequestError("piece is a power of two from 16k on in a torrent of v=2 or hybrid")
    if not BLOCK <= piece <= _LARGEST:
        raise RequestError("piece is from 16k to 256m in a torrent")
    if not size:
        raise RequestError("a torrent has at least one byte")
    layout = Layout(file.name, entries_of(about), not about.members, piece, version)
    if -(-layout.row.size // piece) > MOST_PIECES:
        raise RequestError(f"a torrent has at most {MOST_PIECES} pieces; give it a larger piece=")
    return layout


def _piece_of(about: About) -> int:
    return about.options.torrents.piece or usual_piece(about.file.size)


def entries_of(about: About) -> list[Entry]:
    """Return the files of a torrent in their order, with padding between them."""
    if not about.members:
        return [Entry([about.file.name], about.file)]
    return _entries(about.members, _piece_of(about), about.options.torrents.v)


def _entries(members: Sequence[Member], piece: int, version: str) -> list[Entry]:
    """Return the entries of a set; those of v2 in the order of their names, each padded up to the end of a piece.

    A hybrid has padding behind the last file, too, as libtorrent makes it; in v2 alone, nothing would come of it.
    """
    entries = [Entry(member.path.split("/"), member.file) for member in members]
    if version == "1":
        return entries
    entries.sort(key=lambda entry: [name.encode("utf-8", "surrogateescape") for name in entry.path])
    padded: list[Entry] = []
    for entry in entries:
        padded.append(entry)
        if missing := -entry.file.size % piece:
            padded.append(Entry([".pad", str(missing)], VirtualFile(missing, ZEROS), pad=True))
    if padded[-1].pad and version == "2":
        padded.pop()
    return padded
