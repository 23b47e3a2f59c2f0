"""The hashes of a torrent: those of its pieces (BEP 3), and the trees of v2 (BEP 52)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, NamedTuple

from fakefiles.bittorrent.layout import BLOCK, Entry, Layout
from fakefiles.files.content import Content, Tile
from fakefiles.files.digests import SMALL, STEP, Steps
from fakefiles.files.pieces import Digests, piece_digests
from fakefiles.files.virtual_file import VirtualFile

if TYPE_CHECKING:
    from hashlib import _Hash

    from typing_extensions import Buffer

#: The bytes of a hash of v2.
HASH_SIZE = 32
_V1 = 20
# As long as it takes to hash so many bytes takes a hash in a tree.
_PER_HASH = 1 << 10


class FileTree(NamedTuple):
    """The root of the tree of a file, and its layer of pieces; a file of at most one piece has no layer."""

    root: bytes
    layer: bytes


class Hashes(NamedTuple):
    """The hashes of the pieces of v1, b"" without v1; and the trees of the files of v2, None for an empty one."""

    pieces: bytes
    trees: Sequence[FileTree | None]


@dataclass(frozen=True)
class TorrentHashing:
    """What a torrent needs to know of all its bytes. It is a Hashing of the row of its files."""

    layout: Layout

    @property
    def name(self) -> str:
        """A name that tells how the bytes are cut."""
        return f"torrent-{self.layout.identity}"

    def quick(self, file: VirtualFile) -> bool:  # noqa: ARG002  the layout has it
        """Return whether little has to be hashed."""
        return self.work <= SMALL

    @cached_property
    def work(self) -> int:
        """How many bytes have to be hashed, roughly: what repeats itself is hashed once, and trees count, too."""
        layout, work = self.layout, 0
        if layout.version != "2":
            work += layout.row.size - layout.piece * sum(run.stop - run.first - 1 for run in layout.runs)
        if layout.version != "1":
            work += sum(_tree_work(entry.file, layout.piece) for entry in layout.files)
        return work

    def steps(self, file: VirtualFile) -> Steps:  # noqa: ARG002  the layout has it
        """Return the steps of hashing, whose result unpacked() reads."""
        layout = self.layout
        parts = []
        if layout.version != "2":
            parts.append((yield from _pieces(layout)))
        since = 0
        for entry in layout.files if layout.version != "1" else ():
            since += entry.file.size
            if since > STEP:
                since = entry.file.size
                yield
            tree = yield from _tree(entry.file, layout.piece)
            parts.append(tree)
        return b"".join(parts)

    def blank(self, file: VirtualFile) -> bytes:  # noqa: ARG002  the layout has it
        """Return bytes as many as the result has; equal files have equal ones, as they have equal trees."""
        layout = self.layout
        parts = [bytes(self._pieces_size)]
        if layout.version != "1":
            for entry in layout.files:
                size = _tree_size(entry, layout.piece)
                told = f"{entry.file.content.identity}:{entry.file.size}"
                parts.append(sha256(told.encode()).digest() * (size // HASH_SIZE))
        return b"".join(parts)

    @cached_property
    def _pieces_size(self) -> int:
        return 0 if self.layout.version == "2" else _V1 * -(-self.layout.row.size // self.layout.piece)

    def unpacked(self, result: bytes) -> Hashes:
        """Return the hashes in a result."""
        at = self._pieces_size
        pieces, trees = result[:at], []
        for entry in self.layout.files if self.layout.version != "1" else ():
            end = at + _tree_size(entry, self.layout.piece)
            packed = result[at:end]
            trees.append(FileTree(packed[-HASH_SIZE:], packed[:-HASH_SIZE]) if packed else None)
            at = end
        return Hashes(pieces, trees)


def _pieces(layout: Layout) -> Digests:
    content, piece, at = layout.row.content, layout.piece, 0
    digests = []
    for run in layout.runs:
        start, second = run.first * piece, (run.first + 1) * piece
        digests.append((yield from piece_digests(content, at, start, piece, _sha1)))
        same = yield from piece_digests(content, start, second, piece, _sha1)
        digests.append(same * (run.stop - run.first))
        at = run.stop * piece
    digests.append((yield from piece_digests(content, at, layout.row.size, piece, _sha1)))
    return b"".join(digests)


def _sha1(data: Buffer) -> _Hash:
    return sha1(data, usedforsecurity=False)


def _tree_size(entry: Entry, piece: int) -> int:
    """Return the number of bytes of a packed tree: its layer, if it has one, and its root."""
    size = entry.file.size
    layer = -(-size // piece) if size > piece else 0
    return (layer + 1) * HASH_SIZE if size else 0


def _tree_work(file: VirtualFile, piece: int) -> int:
    """Return how many bytes are hashed for the tree of a file, roughly."""
    repeated = isinstance(file.content, Tile) and piece % len(file.content.pattern) == 0
    hashed = min(file.size, 2 * piece) if repeated else file.size
    return hashed + _PER_HASH * (file.size // piece)


def _tree(file: VirtualFile, piece: int) -> Digests:
    """Return the steps that hash a file of v2; the result is its layer of pieces, if it has one, and its root."""
    content, size = file.content, file.size
    if not size:
        return b""
    if size <= piece:
        leaves = yield from piece_digests(content, 0, size, BLOCK, sha256)
        return root_of(leaves, bytes(HASH_SIZE))
    layer = yield from _layer(content, size, piece)
    return layer + root_of(layer, filler_of(piece))


def _layer(content: Content, size: int, piece: int) -> Digests:
    """Return the steps that hash the layer of pieces: the roots of the trees of all pieces, joined."""
    whole, rest = divmod(size, piece)
    repeated = isinstance(content, Tile) and piece % len(content.pattern) == 0
    roots = []
    for start in range(0, (1 if repeated else whole) * piece, piece):
        if start and start % STEP == 0:
            yield
        roots.append((yield from _root(content, start, start + piece, piece)))
    if repeated:
        roots *= whole
    if rest:
        roots.append((yield from _root(content, size - rest, size, piece)))
    return b"".join(roots)


def _root(content: Content, start: int, stop: int, piece: int) -> Digests:
    """Return the steps that hash a piece; the result is the root of its tree."""
    leaves = yield from piece_digests(content, start, stop, BLOCK, sha256)
    return root_of(leaves.ljust(piece // BLOCK * HASH_SIZE, b"\0"), bytes(HASH_SIZE))


def filler_of(piece: int) -> bytes:
    """Return what stands in a layer of pieces for those behind the last one: the root over nothing but NULs."""
    return root_of(bytes(piece // BLOCK * HASH_SIZE), bytes(HASH_SIZE))


def root_of(hashes: bytes, filler: bytes) -> bytes:
    """Return the root of the tree over some hashes in a row; `filler` stands for those up to a power of two."""
    return tree_over(hashes, filler)[-1]


def tree_over(hashes: bytes, filler: bytes) -> list[bytes]:
    """Return the layers of the tree over some hashes in a row, from these up to the root, each in a row as well."""
    count = len(hashes) // HASH_SIZE
    layer = hashes + filler * ((1 << (count - 1).bit_length()) - count)
    tree = [layer]
    while len(layer) > HASH_SIZE:
        pairs = range(0, len(layer), 2 * HASH_SIZE)
        layer = b"".join(sha256(layer[at : at + 2 * HASH_SIZE]).digest() for at in pairs)
        tree.append(layer)
    return tree
