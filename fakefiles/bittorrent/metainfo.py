"""Torrents: the info dictionary and its hashes (BEP 3, BEP 52), and what stands around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha1, sha256
from typing import Any

from fakefiles.bittorrent.bencode import encode
from fakefiles.bittorrent.hashes import FileTree, Hashes, filler_of, tree_over
from fakefiles.bittorrent.layout import Entry, Layout
from fakefiles.bittorrent.trees import Tree

#: The key, in the info dictionary, of what is ours alone. Clients keep it, since their hash is of all of it.
OWN_KEY = "fakefiles"

#: The bytes of a piece of metadata (BEP 9).
METADATA_PIECE = 1 << 14


@dataclass(frozen=True)
class Torrent:
    """A torrent: how its bytes lie, their hashes, and `mark`, which tells it from others with the same bytes.

    Nothing of the server is in the info dictionary: no host, no tracker, no time. So its hash is the same on every
    replica, and after every restart.
    """

    layout: Layout
    hashes: Hashes
    mark: str = ""
    _trees: dict[bytes, Tree] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def info(self) -> bytes:
        """The info dictionary, bencoded."""
        layout, hashes = self.layout, self.hashes
        info: dict[str, Any] = {"name": layout.name, "piece length": layout.piece}
        if layout.version != "2":
            info["pieces"] = hashes.pieces
            if layout.single:
                info["length"] = layout.row.size
            else:
                info["files"] = [_file_of_v1(entry) for entry in layout.entries]
        if layout.version != "1":
            info["meta version"] = 2
            info["file tree"] = _file_tree(layout.files, hashes.trees)
        if self.mark:
            info[OWN_KEY] = self.mark
        return encode(info)

    @cached_property
    def v1(self) -> bytes | None:
        """The info-hash of v1, 20 bytes; None if the torrent is of v2 only."""
        return None if self.layout.version == "2" else sha1(self.info, usedforsecurity=False).digest()

    @cached_property
    def v2(self) -> bytes | None:
        """The info-hash of v2, 32 bytes; None if the torrent is of v1 only."""
        return None if self.layout.version == "1" else sha256(self.info).digest()

    @cached_property
    def info_hashes(self) -> list[bytes]:
        """The info-hashes as peers and trackers send them: of 20 bytes, to which that of v2 is cut."""
        return [each[:20] for each in (self.v1, self.v2) if each]

    @cached_property
    def layers(self) -> Mapping[bytes, bytes]:
        """The layers of pieces of v2 by the roots of their files, for those files that have one."""
        return {tree.root: tree.layer for tree in self.hashes.trees if tree and tree.layer}

    def tree(self, root: bytes) -> Tree | None:
        """Return the tree over the pieces of the file with this root; it is made once. None if there is none."""
        if root in self.layers and root not in self._trees:
            self._trees[root] = tree_over(self.layers[root], filler_of(self.layout.piece))
        return self._trees.get(root)

    def metainfo(self, trackers: Sequence[str], web_seeds: Sequence[str]) -> bytes:
        """Return the torrent as a file (BEP 12, BEP 19). The first tracker is that of clients that take only one."""
        parts: dict[str, Any] = {"created by": "fakefiles"}
        if trackers:
            parts["announce"] = trackers[0]
        if len(trackers) > 1:
            parts["announce-list"] = [[tracker] for tracker in trackers]
        if web_seeds:
            parts["url-list"] = web_seeds[0] if len(web_seeds) == 1 else list(web_seeds)
        if self.layout.version != "1":
            parts["piece layers"] = self.layers
        # The info dictionary must stand there byte for byte as it was hashed: encode() sorts it the same each time.
        items = {key.encode(): encode(value) for key, value in parts.items()} | {b"info": self.info}
        return b"".join([b"d", *(encode(key) + items[key] for key in sorted(items)), b"e"])


def _file_of_v1(entry: Entry) -> dict[str, Any]:
    padding = {"attr": "p"} if entry.pad else {}  # BEP 47
    return {"length": entry.file.size, "path": list(entry.path), **padding}


def _file_tree(files: Sequence[Entry], trees: Sequence[FileTree | None]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for entry, tree in zip(files, trees, strict=True):
        folder = root
        for name in entry.path:
            folder = folder.setdefault(name, {})
        folder[""] = {"length": entry.file.size, **({"pieces root": tree.root} if tree else {})}
    return root
