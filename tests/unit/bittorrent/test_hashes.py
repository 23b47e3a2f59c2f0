"""hashes.py: the hashes of pieces, and the trees of v2, compared with those made in the plainest way."""

from __future__ import annotations

from hashlib import sha1, sha256

import pytest

from fakefiles.bittorrent.hashes import TorrentHashing, root_of, tree_over
from fakefiles.bittorrent.layout import BLOCK, layout_of
from fakefiles.files.digests import SMALL, result_of
from peers import about

SIZES = [1, BLOCK - 1, BLOCK, BLOCK + 1, 4 * BLOCK, 5 * BLOCK + 7, 300_000]
PIECES = [BLOCK, 4 * BLOCK]
TARGETS = [
    *(f"/{size}/a?content={kind}" for size in SIZES for kind in ("ruler", "ones")),
    "/set/a=100000,b:c=0,b:d=16384,e=5/demo?content=ruler",
    "/set/a=100000,b=100000,c=32768/demo?content=ones",
]


def hashing_of(target: str) -> TorrentHashing:
    """Return the hashing of the torrent of a URL."""
    return TorrentHashing(layout_of(about(target)))


def plain_root(data: bytes) -> bytes:
    """Return the root of the tree over some bytes, whose blocks are as many as a power of two, with zeros behind."""
    if len(data) <= BLOCK:
        return sha256(data).digest()
    half = BLOCK
    while 2 * half < len(data):
        half *= 2
    left, right = plain_root(data[:half]), padded_root(data[half:], half)
    return sha256(left + right).digest()


def padded_root(data: bytes, size: int) -> bytes:
    """Return the root of the tree over `size` bytes, of which those beyond the data are no leaves at all."""
    if size == BLOCK:
        return sha256(data).digest() if data else bytes(32)
    half = size // 2
    return sha256(padded_root(data[:half], half) + padded_root(data[half:], half)).digest()


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("target", TARGETS)
def test_pieces_and_trees(target: str, piece: int) -> None:
    """They are what the BEPs say, of any size and content, and as long as they are said to be."""
    for version in ("1", "2", "hybrid"):
        hashing = hashing_of(f"{target}&piece={piece}&v={version}")
        layout = hashing.layout
        row = layout.row.content.read(0, layout.row.size)
        assert len(row) == layout.row.size
        result = result_of(hashing.steps(layout.row))
        assert len(hashing.blank(layout.row)) == len(result)
        pieces, trees = hashing.unpacked(result)
        wanted = b"".join(sha1(row[at : at + piece]).digest() for at in range(0, len(row), piece))  # noqa: S324
        assert pieces == (b"" if version == "2" else wanted)
        files = layout.files if version != "1" else []
        for (_, file, _), tree in zip(files, trees, strict=True):
            data = file.content.read(0, file.size)
            if tree is None:
                assert data == b""
                continue
            assert tree.root == plain_root(data)
            parts = [data[at : at + piece] for at in range(0, len(data), piece)]
            layer = [padded_root(part, piece) for part in parts] if len(parts) > 1 else []
            assert tree.layer == b"".join(layer)


def test_steps() -> None:
    """A large file takes several steps, a small one is hashed at once; what repeats is hashed in no time."""
    for size, quick in ((SMALL, True), (SMALL + 1, False)):
        hashing = hashing_of(f"/{size}/a?content=ruler")
        assert hashing.quick(hashing.layout.row) is quick
    for version in ("1", "2"):
        large = hashing_of(f"/20m/a?content=ruler&piece=8m&v={version}")
        assert len(list(large.steps(large.layout.row))) >= 2
        many = hashing_of(f"/set/a=5m,b=5m,c=5m,d=5m/x?content=ruler&piece=8m&v={version}")
        assert len(list(many.steps(many.layout.row))) >= 2
        endless = hashing_of(f"/1t/a?piece=16m&v={version}")
        assert len(list(endless.steps(endless.layout.row))) <= 2


def test_names() -> None:
    """Hashings have one name only if they have one result for the same bytes."""
    targets = ["/100k/a", "/100k/a?v=2", "/100k/a?v=hybrid", "/100k/a?piece=64k", "/set/a=50k,b=50k/c"]
    targets += ["/set/a=100k/c?v=2", "/set/a=40k,b=60k/c", "/set/a=5,b=6/c?v=hybrid&piece=32k"]
    names = [hashing_of(target).name for target in targets]
    assert len({*names}) == len(names) - 1  # a set of one file is like that file
    assert hashing_of("/100k/b?content=ruler").name == names[0]


def test_outline() -> None:
    """Before anything is hashed, equal files have equal roots, so that as many layers stand in the torrent."""
    hashing = hashing_of("/set/a=100k,b=100k,c=99k,d=0/x?content=ruler&v=2")
    _, trees = hashing.unpacked(hashing.blank(hashing.layout.row))
    assert trees[3] is None
    roots = [tree.root for tree in trees if tree]
    assert (roots[0] == roots[1], roots[0] == roots[2]) == (True, False)


def test_layers() -> None:
    """A tree is filled up to a power of two; of one hash, that is the root."""
    one, two, filler = b"1" * 32, b"2" * 32, bytes(32)
    assert root_of(one, filler) == one
    assert tree_over(one + two, filler) == [one + two, sha256(one + two).digest()]
    bottom, middle, top = tree_over(one + two + one, filler)
    assert bottom == one + two + one + filler
    assert middle == sha256(one + two).digest() + sha256(one + filler).digest()
    assert top == sha256(middle).digest()


@pytest.mark.parametrize(
    ("target", "work"),
    [
        ("/1t/a?piece=16m", 16 << 20),  # one piece
        ("/1t/a?piece=16m&v=2", (32 << 20) + (1 << 26)),  # two pieces, and a tree of 65,536
        ("/1t/a?piece=16m&content=ruler", 1 << 40),
        ("/set/a=1g,b=1g/x?piece=1m", 1 << 20),  # in a row, they are one file
        ("/set/a=1g,b=1g/x?piece=1m&content=ruler", 1 << 31),
        ("/set/a=1,b=1/x?piece=256m&v=hybrid", (1 << 29) + 2),  # it is the padding that takes long
        ("/set/a=1000000001,b=5/x?piece=1m&v=hybrid", 3 * (1 << 20) + 5 + (2 << 20) + 953 * 1024),
    ],
)
def test_work(target: str, work: int) -> None:
    """It is what repeats itself once, and all else, padding too; and a kilobyte for each hash of a tree."""
    hashing = hashing_of(target)
    assert hashing.work == work
    assert hashing.quick(hashing.layout.row) is (work <= SMALL)


def test_repeated_pieces() -> None:
    """Pieces of repeated content have the hashes that they would have one by one, wherever files begin and end."""
    for files in ("a=100000,b=300000,c=5", "a=16384,b=1,c=200000", "a=0,b=65536,c=65536,d=7"):
        for query in ("", "&v=hybrid"):
            layout = hashing_of(f"/set/{files}/x?piece=16k{query}").layout
            data = layout.row.content.read(0, layout.row.size)
            wanted = b"".join(sha1(data[at : at + 16384]).digest() for at in range(0, len(data), 16384))  # noqa: S324
            hashing = TorrentHashing(layout)
            assert hashing.unpacked(result_of(hashing.steps(layout.row))).pieces == wanted
